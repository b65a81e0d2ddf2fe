"""What leaves the site is small: pages and files compressed, one style sheet, files kept by the browser for a year."""

import gzip
from pathlib import Path

import brotli
from flask import Flask
from flask.testing import FlaskClient

from lms.web.assets import EVERY_PAGES_SCRIPT, ONE_SHEET, SHEETS, STATIC, build, modules_below


def test_a_page_is_compressed_for_whoever_can_read_it(client: FlaskClient) -> None:
    plain = client.get("/sign-in")
    packed = client.get("/sign-in", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert "</html>" in gzip.decompress(packed.data).decode()
    assert len(packed.data) < len(plain.data) / 2


def test_whoever_refuses_compression_gets_none(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/sign-in", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers


def test_static_files_are_sent_compressed_and_kept(client: FlaskClient, app: Flask) -> None:
    address = f"/static/{app.config['ASSET_VERSION']}/{ONE_SHEET}"
    answer = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert answer.status_code == 200
    assert answer.headers["Content-Encoding"] == "br"
    assert "immutable" in answer.headers["Cache-Control"]
    text = brotli.decompress(answer.data).decode()
    assert all((STATIC / sheet).read_text(encoding="utf-8").strip() in text for sheet in SHEETS)


def test_a_page_names_only_files_that_are_there(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    names = [part.split('"')[0] for part in page.split('href="/static/')[1:]]
    assert any(ONE_SHEET in name for name in names)
    for name in names:
        assert client.get(f"/static/{name.split('#')[0]}").status_code == 200, name


def test_a_second_build_of_the_same_files_makes_nothing_new(tmp_path: Path) -> None:
    first = build(tmp_path)
    made = (first / ONE_SHEET).stat().st_mtime_ns
    assert build(tmp_path) == first
    assert (first / ONE_SHEET).stat().st_mtime_ns == made
    assert [path.name for path in (tmp_path / "static").iterdir()] == [first.name]


def test_every_module_below_the_pages_script_is_named_once() -> None:
    found = modules_below(EVERY_PAGES_SCRIPT)
    assert "js/lib/time.js" in found
    assert len(found) == len(set(found))
    assert all((STATIC / name).is_file() for name in found)


def test_no_style_sheet_of_every_page_names_a_file_by_a_way_that_differs_in_one_sheet() -> None:
    """The one sheet stands in css/; a sheet of another folder must name nothing by relative address."""
    for sheet in SHEETS:
        if not sheet.startswith("css/"):
            assert "url(" not in (STATIC / sheet).read_text(encoding="utf-8").replace("url(data:", "")
