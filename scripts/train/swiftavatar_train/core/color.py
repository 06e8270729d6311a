"""Colours: hex strings, CIE L*a*b* and the CIEDE2000 difference (Sharma, Wu and Dalal 2005)."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np


def from_hex(text: str) -> tuple[int, int, int]:
    """"#rrggbb" to 8-bit R, G, B."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def to_hex(rgb: tuple[float, float, float]) -> str:
    """8-bit R, G, B (clamped, rounded) to "#rrggbb"."""
    return "#" + "".join(f"{min(255, max(0, round(channel))):02x}" for channel in rgb)


def to_linear(values: np.ndarray) -> np.ndarray:
    """sRGB 0..1 as linear light 0..1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_srgb(light: np.ndarray) -> np.ndarray:
    """Linear light 0..1 as sRGB 0..1."""
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 0.0031308) ** (1 / 2.4) - 0.055)


@lru_cache(maxsize=65536)
def to_lab(color: str) -> tuple[float, float, float]:
    """L*, a*, b* (D65) of an sRGB "#rrggbb"."""
    r, g, b = to_linear(np.array(from_hex(color)) / 255).tolist()
    xyz = ((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047,
           0.2126729 * r + 0.7151522 * g + 0.0721750 * b,
           (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883)
    fx, fy, fz = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in xyz)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def from_lab(lab: tuple[float, float, float]) -> str:
    """"#rrggbb" nearest to an L*a*b* colour: channels outside sRGB are clamped."""
    fy = (lab[0] + 16) / 116
    x, y, z = (t ** 3 if t ** 3 > 216 / 24389 else (116 * t - 16) * 27 / 24389
               for t in (fy + lab[1] / 500, fy, fy - lab[2] / 200))
    x, z = x * 0.95047, z * 1.08883
    linear = (3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
              -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
              0.0556434 * x - 0.2040259 * y + 1.0572252 * z)
    return to_hex(tuple((255 * to_srgb(np.clip(linear, 0, 1))).tolist()))


def ciede2000(first: str, second: str) -> float:
    """Perceived difference of two "#rrggbb" colours; about 2 is just noticeable in a picture."""
    l1, a1, b1 = to_lab(first)
    l2, a2, b2 = to_lab(second)
    mean_c7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - math.sqrt(mean_c7 / (mean_c7 + 25.0 ** 7)))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    hue = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    delta_l, delta_c = l2 - l1, c2 - c1
    delta_h = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(hue / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + hue / 2) % 360
    t = (1 - 0.17 * math.cos(math.radians(mean_h - 30)) + 0.24 * math.cos(math.radians(2 * mean_h))
         + 0.32 * math.cos(math.radians(3 * mean_h + 6)) - 0.20 * math.cos(math.radians(4 * mean_h - 63)))
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / math.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    rotation = (-2 * math.sqrt(mean_c ** 7 / (mean_c ** 7 + 25.0 ** 7))
                * math.sin(math.radians(60 * math.exp(-(((mean_h - 275) / 25) ** 2)))))
    return math.sqrt((delta_l / s_l) ** 2 + (delta_c / s_c) ** 2 + (delta_h / s_h) ** 2
                     + rotation * (delta_c / s_c) * (delta_h / s_h))
