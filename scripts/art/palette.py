"""Natural colours, and the anchors that tie skin and hair colours to attribute values."""

from __future__ import annotations

# One tone for each step of the Monk scale: near its colour, but warm and alive in a flat drawing.
SKIN = {"1": "#f7dfd1", "2": "#f3d2bc", "3": "#efc7a3", "4": "#e6b98e", "5": "#d2a071", "6": "#b17c53", "7": "#8e5d40", "8": "#704635",
        "9": "#55372b", "10": "#402a23"}
HAIR = {"black": "#221d20", "dark_brown": "#46302a", "brown": "#7a5238", "blond": "#d9b26c", "red": "#b1502a", "gray_white": "#b9b6b4"}
COLORS = {
    "skin": list(SKIN.values()),
    "hair": [*HAIR.values(), "#2c2423", "#5b3d2c", "#8f6442", "#e6cb92", "#93391f", "#8b8886", "#e6e4e1"],
    "brows": ["#221d20", "#3a2822", "#5b3d2c", "#7a5238", "#a8834f", "#8f4426", "#8b8886"],
    "facialHair": ["#221d20", "#3f2b25", "#5b3d2c", "#7a5238", "#b98f52", "#93431f", "#9a9795", "#dedbd8"],
    "eyes": ["#5a3620", "#3b2418", "#7b5530", "#54703f", "#3f7aa3", "#6d8794", "#2f5f87"],
    "lips": ["#c8685f", "#b5534f", "#d67f76", "#a23a45", "#c23b4d", "#8a4038", "#e08a86"],
    "glasses": ["#26262b", "#4b332a", "#7d4a2a", "#8a8d92", "#b48a3c", "#2d4160", "#8c2f3c"],
    "clothes": ["#3c5a87", "#2a3440", "#6b7f5a", "#a6483f", "#d8a445", "#e9e4da", "#55486b", "#3f8a8c", "#8d6e5a", "#c77f92", "#565b63"],
    "headwear": ["#33475f", "#2b2c31", "#8c3b36", "#5f6f52", "#c9a15a", "#b98b7e", "#6d5a7c", "#3d7f80", "#d9d4c8"],
    "background": ["#cfe0ee", "#e9dccb", "#d9e6d5", "#eed6d2", "#dcd8ea", "#f1e6c8", "#d5dde2", "#c4dcd9"],
}
