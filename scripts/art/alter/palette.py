"""Colours of the engine `alter`; skin tones and hair colours mean the same as in `tiktok`, fabrics are brighter."""

from __future__ import annotations

from palette import COLORS as FIRST
from palette import HAIR

# One tone for each step of the Monk scale; a little lighter than it should look, for the shading takes some of it away.
SKIN = {"1": "#fae4d8", "2": "#f6d6c2", "3": "#f3ccab", "4": "#eabf95", "5": "#d8a677", "6": "#b98357", "7": "#966343", "8": "#7d513d",
        "9": "#664435", "10": "#52382e"}
COLORS = FIRST | {
    "skin": list(SKIN.values()),
    "clothes": ["#4f7fd9", "#2c3a55", "#6fae6c", "#e2604f", "#f2b441", "#f2efe8", "#7a62c9", "#35a6a3", "#a9714f", "#ea86a8", "#5d6470", "#1f2126"],
    "headwear": ["#3f66b5", "#26282f", "#d2483f", "#5f9a63", "#e0a94a", "#e79fae", "#7d5fb5", "#2f9b98", "#ece7dc"],
    "glasses": ["#24242a", "#5a3a2b", "#9a5a2e", "#9aa0a8", "#c79a43", "#2f4d86", "#b03347"],
    "background": ["#8fc4f2", "#f7c58b", "#a9dba3", "#f4a8a4", "#c3b3f0", "#f6dc86", "#b5c6d6", "#86d3cf"],
}
__all__ = ["COLORS", "HAIR", "SKIN"]
