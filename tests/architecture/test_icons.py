"""Every icon a template or script draws is in the sprite's list (setup/icons.txt)."""

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


def test_every_drawn_icon_is_in_the_sprite() -> None:
    assert {name: where for name, where in drawn_icons().items() if name not in LISTED} == {}
