"""A zip that somebody made: its files by name, with everything refused that makes zips dangerous."""

import io
import lzma
import zipfile
import zlib
from pathlib import PurePosixPath

from lms.kernel.archives import DAMAGED_ZIP
from lms.quizzes.formats.found import refuse_file

MOST_FILES = 2_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_RATIO = 200
RATIO_COUNTS_FROM = 5 * 1024 * 1024

_NOISE = ("__MACOSX/", ".DS_Store", "Thumbs.db")


class Package:
    """An opened zip. No file in it is ever written to disk, so a name is only a name."""

    def __init__(self, content: bytes) -> None:
        """Raises Invalid for a damaged or locked zip, one with names that leave it, or one that unpacks to too much."""
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            members = [one for one in self._archive.infolist() if not one.is_dir()]
        except DAMAGED_ZIP:
            raise refuse_file("file_damaged") from None
        members = [one for one in members if not any(noise in one.filename for noise in _NOISE)]
        unpacked = sum(one.file_size for one in members)
        packed = max(sum(one.compress_size for one in members), 1)
        is_bomb = unpacked > MOST_UNPACKED or (unpacked > RATIO_COUNTS_FROM and unpacked > MOST_RATIO * packed)
        if len(members) > MOST_FILES or is_bomb:
            raise refuse_file("file_bomb")
        for one in members:
            if one.flag_bits & 1:
                raise refuse_file("import_zip_locked")
            if not _stays_inside(one.filename) or (one.external_attr >> 28) == 0xA:
                raise refuse_file("import_zip_path", name=one.filename[:80])
        self._members = {one.filename: one for one in members}
        self._left = MOST_UNPACKED

    @property
    def names(self) -> list[str]:
        return sorted(self._members)

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises Invalid where it is damaged, KeyError where there is none of this name.

        What the zip tells about sizes may be a lie: no more is unpacked than all files together may have.
        """
        member = self._members[name]
        try:
            with self._archive.open(member) as file:
                content = file.read(self._left + 1)
        except (*DAMAGED_ZIP, zlib.error, lzma.LZMAError):
            raise refuse_file("file_damaged") from None
        self._left -= len(content)
        if self._left < 0:
            raise refuse_file("file_bomb")
        return content


def _stays_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not (path.is_absolute() or ".." in path.parts or "\\" in name or ":" in path.parts[0])


def beside(file: str, address: str) -> str:
    """Return the name within the zip that an address in a file means, "" for one that leaves it."""
    parts: list[str] = list(PurePosixPath(file).parent.parts)
    for part in PurePosixPath(address).parts:
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in (".", "/"):
            parts.append(part)
    return "/".join(parts)
