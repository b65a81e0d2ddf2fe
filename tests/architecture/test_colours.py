"""The colours of static/css/tokens.css: readable in both themes, and named in one place only."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CSS = ROOT / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text(encoding="utf-8")

LIGHT = ":root {"
DARK_BY_SYSTEM = ':root:not([data-theme="light"]) {'
DARK_BY_CHOICE = ':root[data-theme="dark"] {'

TONES = ("good", "warn", "bad", "info", "none")
GROUNDS = ("page", "surface", "sunken")

# Text needs 4.5 to 1 against what it stands on (WCAG 2.2, 1.4.3), borders and pictures 3 to 1 (1.4.11).
TEXTS = [
    *((text, ground) for text in ("ink", "ink-soft", "link", "clay", "good", "warn", "bad") for ground in GROUNDS),
    *((tone, f"{tone}-tint") for tone in TONES),
    *(("ink", f"{tone}-tint") for tone in (*TONES, "action")),
    ("action", "surface"),
    ("action", "page"),
    ("action", "action-tint"),
    ("ink-soft", "action-tint"),
    ("on-action", "action"),
    ("on-action", "action-hover"),
    ("on-bad-solid", "bad-solid"),
    ("on-deep", "deep"),
    ("on-deep", "deep-2"),
    ("on-deep-soft", "deep"),
    ("on-deep-soft", "deep-2"),
    ("saffron", "deep"),
    ("on-deep-action", "deep-action"),
]
PICTURES = [
    *((line, ground) for line in ("line-strong", "focus", "action") for ground in GROUNDS),
    *((f"{tone}-solid", ground) for tone in TONES for ground in ("surface", "sunken")),
]


def colours(opening: str) -> dict[str, str]:
    start = TOKENS.index(opening)
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})\b", TOKENS[start : TOKENS.index("}", start)]))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it, from sRGB."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


THEMES = {"light": colours(LIGHT), "dark": colours(LIGHT) | colours(DARK_BY_CHOICE)}


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_its_background(theme: str) -> None:
    named = THEMES[theme]
    faint = {f"{text} on {ground}": round(contrast(named[text], named[ground]), 2) for text, ground in TEXTS}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_border_and_picture_can_be_seen(theme: str) -> None:
    named = THEMES[theme]
    faint = {f"{line} on {ground}": round(contrast(named[line], named[ground]), 2) for line, ground in PICTURES}
    assert {pair: ratio for pair, ratio in faint.items() if ratio < 3} == {}


def test_black_on_white_is_21_to_1() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert contrast("#777777", "#ffffff") < 4.5 < contrast("#767676", "#ffffff")


def test_dark_is_the_same_chosen_or_by_the_system() -> None:
    assert colours(DARK_BY_SYSTEM) == colours(DARK_BY_CHOICE)
    assert colours(DARK_BY_CHOICE)


def test_no_other_style_sheet_has_colours_of_its_own() -> None:
    # Paper is black on white whatever the theme.
    sheets = [sheet for sheet in CSS.glob("*.css") if sheet.name not in ("tokens.css", "print.css", "on-paper.css")]
    literal = re.compile(r":[^;{]*(#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\()")
    assert {sheet.name: literal.findall(sheet.read_text(encoding="utf-8")) for sheet in sheets} == {
        sheet.name: [] for sheet in sheets
    }


def test_every_colour_used_is_one_of_the_tokens() -> None:
    defined = set(re.findall(r"(--[\w-]+):", TOKENS))
    for sheet in CSS.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        own = set(re.findall(r"(--[\w-]+):", text))
        assert set(re.findall(r"var\((--[\w-]+)", text)) - defined - own == set(), sheet.name
