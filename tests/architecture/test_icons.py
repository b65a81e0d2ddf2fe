"""Every icon a template or script draws is in the sprite's list (setup/icons.txt), and no entry is idle."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LISTED = {
    line.strip()
    for line in (ROOT / "setup" / "icons.txt").read_text(encoding="utf-8").splitlines()
    if line.strip() and not line.startswith("#")
}


def drawn_icons() -> dict[str, str]:
    """Icons named where only an icon can stand, with the template that draws them."""
    found: dict[str, str] = {}
    patterns = (
        r"\b(?:icon|icon_after)=['\"]([\w-]+)['\"]",
        r"\b(?:icon|picture)\(['\"]([\w-]+)['\"]",
        r"'icon': '([\w-]+)'",
    )
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        for pattern in patterns:
            for name in re.findall(pattern, text):
                found[name] = str(template.relative_to(ROOT))
    return found


def quoted_words() -> set[str]:
    """Every quoted word of templates, scripts and Python that could be an icon's name."""
    words: set[str] = set()
    files = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "static" / "js").rglob("*.js"),
        *(ROOT / "lms").rglob("*.py"),
    ]
    for file in files:
        text = file.read_text(encoding="utf-8")
        words |= set(re.findall(r"['\"#`]([a-z0-9]+(?:-[a-z0-9]+)*)(?=['\"`])", text))
    return words


def test_every_drawn_icon_is_in_the_sprite() -> None:
    assert {name: where for name, where in drawn_icons().items() if name not in LISTED} == {}


def test_the_sprite_carries_no_icon_nobody_draws() -> None:
    assert sorted(LISTED - quoted_words()) == []
