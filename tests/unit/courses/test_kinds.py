"""A file is what its content says, whatever it is called."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.kinds import fits_name, recognise, safe_filename
from lms.courses.rules import FileKind
from lms.kernel.errors import Problem


def zipped(*names: str, content: bytes = b"x") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", FileKind.PDF),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, FileKind.PNG),
        (b"\xff\xd8\xff\xe0", FileKind.JPEG),
        (b"GIF89a", FileKind.GIF),
        (b"RIFF\0\0\0\0WEBPVP8 ", FileKind.WEBP),
        (b"\0\0\0\x20ftypisom\0\0\x02\0", FileKind.MP4),
        (b"\x1aE\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x82\x84webm", FileKind.WEBM),
        (b"ID3\x04", FileKind.MP3),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), FileKind.PPTX),
        (zipped("[Content_Types].xml", "word/document.xml"), FileKind.DOCX),
        (zipped("[Content_Types].xml", "xl/workbook.xml"), FileKind.XLSX),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'.replace(b"/>", b"></svg>"), FileKind.SVG),
    ],
)
def test_a_kind_is_recognised_by_content(content: bytes, kind: FileKind) -> None:
    file = io.BytesIO(content)
    assert recognise(file) is kind
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\0", "file_unknown"),
        (b"<html><script>", "file_unknown"),
        (b"#!/bin/sh", "file_unknown"),
        (b"\0\0\0\x20ftypheic", "file_unknown"),
        (b"RIFF\0\0\0\0WAVEfmt ", "file_unknown"),
        (b"PK\x03\x04 broken", "file_damaged"),
        (zipped("evil.exe"), "file_unknown"),
        (zipped("word/document.xml"), "file_unknown"),
        (zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "file_with_macros"),
        (zipped("[Content_Types].xml", "word/document.xml", content=b"\0" * 20_000_000), "file_bomb"),
        (zipped("[Content_Types].xml", *(f"word/{number}" for number in range(10_001))), "file_bomb"),
        (b"<svg><script>alert(1)</script></svg>", "svg_active"),
        (b"<svg><a href='https://evil.example'>x</a></svg>", "svg_active"),
        (b"<svg><image href='//evil.example/x.png'/></svg>", "svg_active"),
        (b"<svg><style>@import 'x.css'</style></svg>", "svg_active"),
        (b"<svg><rect fill='url(http://evil.example/x)'/></svg>", "svg_active"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg></svg>", "file_unknown"),
        (b"<?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a 'b'>]><svg></svg>", "svg_active"),
        (b"<svg " + b" " * 1_100_000, "svg_too_large"),
        (b"<?xml version='1.0'?><html></html>", "file_unknown"),
    ],
)
def test_what_may_not_be_stored_is_refused_with_its_reason(content: bytes, code: str) -> None:
    found = recognise(io.BytesIO(content))
    assert isinstance(found, Problem)
    assert found.code == code


def test_an_svg_may_refer_to_its_own_parts() -> None:
    drawing = b"<svg><defs><marker id='p'/></defs><path marker-end='url(#p)'/><use href='#p'/></svg>"
    assert recognise(io.BytesIO(drawing)) is FileKind.SVG


@given(st.binary(max_size=200), st.sampled_from([b"", b"PK\x03\x04", b"<svg ", b"\x1aE\xdf\xa3", b"RIFF"]))
def test_no_content_makes_it_fall_over(content: bytes, head: bytes) -> None:
    assert isinstance(recognise(io.BytesIO(head + content)), FileKind | Problem)


def test_a_name_must_fit_the_content() -> None:
    assert fits_name(FileKind.JPEG, "Foto.JPEG")
    assert not fits_name(FileKind.PDF, "slides.pptx")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ('a"b\r\nX: y.pdf', "a b X y.pdf"),
        ("C:\\Users\\x\\slide.PDF", "slide.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("\u202efdp.exe", "fdp.exe.pdf"),
        ("", "lampiran.pdf"),
        ("x" * 300, "x" * 150 + ".pdf"),
    ],
)
def test_a_download_goes_by_a_safe_name(name: str, kept: str) -> None:
    assert safe_filename(name, FileKind.PDF) == kept
