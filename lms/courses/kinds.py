"""What a file really is, told by its content. Pure reading of an open binary file; names are not believed."""

import re
import zipfile
from typing import IO

from lms.courses.rules import ENDINGS, FileKind
from lms.kernel.archives import DAMAGED_ZIP
from lms.kernel.errors import Problem

# An office file is a zip: refuse one that unpacks to far more than it weighs.
MOST_MEMBERS = 10_000
MOST_UNPACKED = 2 * 1024**3
MOST_RATIO = 200
RATIO_COUNTS_FROM = 10 * 1024**2
MOST_SVG = 1024**2

_OFFICE_PARTS = {
    "word/document.xml": FileKind.DOCX,
    "ppt/presentation.xml": FileKind.PPTX,
    "xl/workbook.xml": FileKind.XLSX,
}
# What an SVG must not hold, even though it is served so that nothing in it can run.
_SVG_ACTIVE = re.compile(
    rb"<!DOCTYPE|<!ENTITY|<\?xml-stylesheet|<(?:\w+:)?(?:script|foreignObject|iframe|embed|object|handler|listener)\b"
    rb"|[\s\"'/]on[a-z]+\s*=|javascript:|(?:href|src)\s*=\s*[\"']\s*(?!#|data:image/(?:png|jpeg|webp);)[^\"'\s]|@import|url\(\s*[\"']?(?!#)",
    re.IGNORECASE,
)
# What no file system or header likes, and the marks that make a name read backwards.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\"*/:<>?\\|\u202a-\u202e\u2066-\u2069]+")


def recognise(file: IO[bytes]) -> FileKind | Problem:
    """Return the file's kind, or the problem that forbids it (`file_unknown`, `file_bomb`, `file_damaged`, …).

    Leaves the file at its beginning.
    """
    try:
        file.seek(0)
        return _recognise(file)
    finally:
        file.seek(0)


def _recognise(file: IO[bytes]) -> FileKind | Problem:
    head = file.read(64)
    if not head:
        return Problem.of("file_empty")
    if head.startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return FileKind.GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return FileKind.WEBP
    if head[4:8] == b"ftyp":
        # Apple's picture formats share the container with MP4.
        return Problem.of("file_unknown") if head[8:12] in (b"heic", b"heix", b"mif1", b"avif") else FileKind.MP4
    if head.startswith(b"\x1aE\xdf\xa3"):
        return FileKind.WEBM if b"webm" in head else Problem.of("file_unknown")
    if head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"):
        return FileKind.MP3
    if head.startswith(b"PK\x03\x04"):
        return _recognise_office(file)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<svg", b"<!--")):
        return _recognise_svg(file)
    return Problem.of("file_unknown")


def _recognise_office(file: IO[bytes]) -> FileKind | Problem:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except DAMAGED_ZIP:
        return Problem.of("file_damaged")
    if len(members) > MOST_MEMBERS:
        return Problem.of("file_bomb")
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if unpacked > MOST_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * max(packed, 1)):
        return Problem.of("file_bomb")
    names = {member.filename for member in members}
    if "[Content_Types].xml" not in names:
        return Problem.of("file_unknown")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return Problem.of("file_with_macros")
    return next((kind for part, kind in _OFFICE_PARTS.items() if part in names), Problem.of("file_unknown"))


def _recognise_svg(file: IO[bytes]) -> FileKind | Problem:
    file.seek(0)
    content = file.read(MOST_SVG + 1)
    if len(content) > MOST_SVG:
        return Problem.of("svg_too_large", most=MOST_SVG)
    if not re.search(rb"<svg[\s>]", content):
        return Problem.of("file_unknown")
    if active := _SVG_ACTIVE.search(content):
        return Problem.of("svg_active", line=content.count(b"\n", 0, active.start()) + 1)
    return FileKind.SVG


def fits_name(kind: FileKind, name: str) -> bool:
    """Return whether a file of this kind may go by this name."""
    return name.lower().endswith(ENDINGS[kind])


def safe_filename(filename: str, kind: FileKind) -> str:
    """Return the name a download goes by: no path, no control characters, and the ending its content has."""
    name = re.sub(
        r"[\x00-\x1f\x7f\"*/:<>?\\|\u202a-\u202e\u2066-\u2069]+", " ", filename.replace("\\", "/").rpartition("/")[2]
    )
    name = " ".join(name.split()).strip(". ")[:150] or "lampiran"
    return name if name.lower().endswith(kind.endings) else f"{name}{kind.endings[0]}"
