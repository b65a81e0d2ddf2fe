"""A picture's size is what a browser shows, read from its first bytes; what does not tell is not guessed."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.courses.rules import PICTURES, FileKind, Size
from lms.courses.sizes import FILLS_A_LINE, MOST_PIXELS, measure

SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}><rect width="3" height="7"/></svg>'


def png(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">L", 13) + head + struct.pack(">L", zlib.crc32(head))


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0"


def jpeg(width: int, height: int, turned: int | None = None) -> bytes:
    """A JPEG's head as cameras write it; `turned` is the EXIF orientation."""
    exif = b""
    if turned is not None:
        tags = b"MM\0*" + struct.pack(">LHHHLHH", 8, 1, 0x0112, 3, 1, turned, 0) + b"\0\0\0\0"
        exif = b"\xff\xe1" + struct.pack(">H", len(tags) + 8) + b"Exif\0\0" + tags
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + exif + frame + b"\xff\xd9"


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<L", len(body) + 12) + b"WEBP" + kind + struct.pack("<L", len(body)) + body


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 320, 200) + b"\0" * 20)
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<L", (320 - 1) | (200 - 1) << 14) + b"\0" * 20)
EXTENDED = webp(b"VP8X", b"\0" * 4 + (320 - 1).to_bytes(3, "little") + (200 - 1).to_bytes(3, "little") + b"\0" * 20)


def size_of(content: bytes, kind: FileKind) -> Size | None:
    file = io.BytesIO(content)
    file.seek(5)
    size = measure(file, kind)
    assert file.tell() == 0
    return size


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(320, 200), FileKind.PNG),
        (gif(320, 200), FileKind.GIF),
        (jpeg(320, 200), FileKind.JPEG),
        (LOSSY, FileKind.WEBP),
        (LOSSLESS, FileKind.WEBP),
        (EXTENDED, FileKind.WEBP),
        (SVG.format('width="320" height="200"').encode(), FileKind.SVG),
    ],
)
def test_the_size_is_read_from_the_file(content: bytes, kind: FileKind) -> None:
    assert size_of(content, kind) == (320, 200)


@pytest.mark.parametrize("turned", range(1, 9))
def test_a_photograph_taken_on_its_side_is_as_large_as_it_is_shown(turned: int) -> None:
    expected = (200, 320) if turned >= 5 else (320, 200)
    assert size_of(jpeg(320, 200, turned), FileKind.JPEG) == expected


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('viewBox="0 0 64 55" width="640" height="550"', (640, 550)),
        ('width="10cm" height="1in"', (378, 96)),
        ('width="12.4px" height=" 7.6 "', (12, 8)),
        # A ratio alone fills the line it stands in, as in a browser.
        ('viewBox="0 0 24 16"', (1008, 672)),
        ('viewBox="0 0 1200 800"', (1200, 800)),
        ('viewBox="-5,-5 10,10" width="100%" height="100%"', (FILLS_A_LINE, FILLS_A_LINE)),
        ('viewBox="0 0 20 10" width="400"', (400, 200)),
        ('viewBox="0 0 20 10" height="400"', (800, 400)),
        ("", None),
        ('width="320"', None),
        ('width="2em" height="3em"', None),
        ('width="0" height="10"', None),
        ('width="1e9" height="10"', None),
        ('width="999999" height="10"', None),
        ('viewBox="0 0 20 10" preserveAspectRatio="none"', None),
        ('viewBox="0 0 0 10"', None),
        ('viewBox="0 0 -8 10"', None),
        ('viewBox="0 0 nan 10"', None),
        ('viewBox="0 0 1e300 1e-300"', None),
        ('viewBox="0 0 1 90"', None),
    ],
)
def test_a_drawing_says_its_size_or_its_ratio(attributes: str, size: tuple[int, int] | None) -> None:
    found = size_of(SVG.format(attributes).encode(), FileKind.SVG)
    assert found == (size and pytest.approx(size, abs=0.5))


def test_what_stands_before_a_drawing_or_breaks_off_after_its_head_does_not_matter() -> None:
    head = b"\xef\xbb\xbf<?xml version='1.0'?><!-- width='1' -->"
    assert size_of(head + b'<svg width="30" height="20"><g></svg>', FileKind.SVG) == (30, 20)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (png(0, 20), FileKind.PNG),
        (png(MOST_PIXELS + 1, 20), FileKind.PNG),
        (png(320, 200)[:18], FileKind.PNG),
        (gif(60_000, 20), FileKind.GIF),
        (b"\xff\xd8\xff\xe0", FileKind.JPEG),
        (b"RIFF\0\0\0\0WEBPVP8 ", FileKind.WEBP),
        (b"<svg", FileKind.SVG),
        (b"\0\0\0\x20ftypisom\0\0\x02\0", FileKind.MP4),
    ],
)
def test_a_size_that_is_not_told_is_not_guessed(content: bytes, kind: FileKind) -> None:
    assert size_of(content, kind) is None


@given(content=st.binary(max_size=300), kind=st.sampled_from(sorted(PICTURES)))
def test_no_content_breaks_the_reading(content: bytes, kind: FileKind) -> None:
    starts = {FileKind.JPEG: jpeg(9, 9, 6)[:20], FileKind.SVG: b"<svg ", FileKind.WEBP: EXTENDED[:16]}
    for whole in (content, starts.get(kind, b"") + content):
        size = size_of(whole, kind)
        assert size is None or (0 < size.width <= MOST_PIXELS and 0 < size.height <= MOST_PIXELS)
