"""Cost of a picture: our program composes, reads and draws its SVG; librsvg reads and draws the SVG of DiceBear's core.

    .deps/venv/bin/python scripts/measure_styles.py [AVATARS]

Needs the build of preset dev or release (tool draw_avatars) and the Python packages of scripts/requirements-train.txt.
One line a style: ms of ours, ms of librsvg alone, their ratio; means over the avatars of the best of 15 times each.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/cli"))

from styles import FACE_STYLES, core_svg, draw, random_options, style_file  # noqa: E402


def main(avatars: int) -> None:
    ours = theirs = 0.0
    worst = 0.0
    for style in FACE_STYLES:
        rng = random.Random(style)
        natives = [random_options(style, rng) for _ in range(avatars)]
        answers, = draw([{"definition": str(style_file(style)), "natives": natives, "repeat": 15,
                          "others": [core_svg(style, options) for options in natives]}])
        mine, other = (sum(answer[key] for answer in answers) / avatars for key in ("ours", "theirs"))
        print(f"{style:20} {mine:6.2f} {other:6.2f} {mine / other:6.3f}")
        ours, theirs, worst = ours + mine, theirs + other, max(worst, mine / other)
    count = len(FACE_STYLES)
    print(f"{'all':20} {ours / count:6.2f} {theirs / count:6.2f} {ours / theirs:6.3f}   worst style {worst:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
