"""A brand's colour on our pages: shades of it that can be read (WCAG 2.2, 1.4.3). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MINIMUM: Final = 4.6
DEFAULT: Final = "#4450d6"
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_WHITE: Final = (255, 255, 255)
# The backgrounds that text stands on: the page, the surface, hovered and chosen rows.
_LIGHT: Final = ("#f6f6f7", "#ffffff", "#f0f1f3", "#eceffe")
_DARK: Final = ("#0d0e11", "#15171b", "#1d2026", "#232850")
_STEPS: Final = 100

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Shades:
    """What the accent becomes: as text on light and dark, and under white text."""

    light: str
    dark: str
    solid: str
    solid_hover: str


def is_colour(text: str) -> bool:
    """Whether it is written as #rrggbb, in small letters."""
    return _COLOUR.fullmatch(text) is not None


def shades(accent: str) -> Shades:
    """The nearest shades of the accent with enough contrast."""
    rgb = _rgb(accent)
    solid = _toward(rgb, (0, 0, 0), ["#ffffff"])
    return Shades(
        light=_hex(_toward(rgb, (0, 0, 0), _LIGHT)),
        dark=_hex(_toward(rgb, _WHITE, _DARK)),
        solid=_hex(solid),
        solid_hover=_hex(_mix(solid, (0, 0, 0), 0.12)),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    lights = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _toward(colour: Rgb, end: Rgb, backgrounds: Sequence[str]) -> Rgb:
    for step in range(_STEPS + 1):
        mixed = _mix(colour, end, step / _STEPS)
        if all(contrast(_hex(mixed), ground) >= MINIMUM for ground in backgrounds):
            return mixed
    return end


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(rgb: Rgb) -> float:
    parts = [value / 255 for value in rgb]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _rgb(text: str) -> Rgb:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _hex(rgb: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
