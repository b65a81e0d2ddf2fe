"""The browser's files: lists with comments, one sprite out of many icons, no maps to ask for in vain."""

from pathlib import Path

import pytest

from setup import front_end

ICON = '<svg xmlns="x" width="16" fill="currentColor" class="bi" viewBox="0 0 16 16">\n  <path d="M1 2"/>\n</svg>\n'


def test_a_list_ignores_comments_and_empty_lines(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("# heading\n\nhouse  # the first page\n  person\n")
    assert front_end.listed(file) == ["house", "person"]


def test_a_sprite_holds_one_symbol_per_icon_named_as_the_icon(tmp_path: Path) -> None:
    (tmp_path / "house.svg").write_text(ICON)
    sprite = front_end.icon_sprite(tmp_path, ["house"])
    symbol = '<symbol id="house" viewBox="0 0 16 16" fill="currentColor"><path d="M1 2"/></symbol>'
    assert sprite == f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbol}\n</svg>\n'


def test_an_icon_that_does_not_exist_stops_the_set_up_by_name(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="nosuch"):
        front_end.icon_sprite(tmp_path, ["nosuch"])


@pytest.mark.parametrize("note", ["//# sourceMappingURL=a.js.map", "/*# sourceMappingURL=a.css.map */"])
def test_a_copied_file_does_not_name_its_map(tmp_path: Path, note: str) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_text(f"first\nlast\n{note}\n")
    front_end.copy_without_source_map(source, target)
    assert target.read_text() == "first\nlast\n"


def test_every_listed_icon_and_file_was_copied() -> None:
    names = [target for _, target in front_end.vendor_files()]
    assert [name for name in names if not (front_end.VENDOR / name).is_file()] == []
    sprite = (front_end.VENDOR / "icons.svg").read_text()
    assert [name for name in front_end.listed(front_end.ICONS) if f'<symbol id="{name}"' not in sprite] == []
