"""Compressed pages: every reader can unpack them, and their length tells nothing."""

import gzip

from lms.web.compression import pack


def test_what_was_packed_is_read_again_by_any_gzip() -> None:
    page = ("<p>Pelayanan publik prima</p>" * 300).encode()
    assert gzip.decompress(pack(page)) == page
    assert len(pack(page)) < len(page) / 10


def test_the_same_page_has_many_lengths() -> None:
    """Else the length of an answer that repeats a guess would tell whether the guess stands in the page too."""
    lengths = {len(pack(b"secret" * 200)) for _ in range(200)}
    assert len(lengths) > 20
