"""Pages compressed on their way out: most of their readers are on mobile data."""

import os
import struct
import zlib

from flask import Flask, Response, request

# Below this the header costs more than is won.
LEAST_BYTES = 600
_KINDS = frozenset(
    {"text/html", "text/plain", "text/csv", "text/calendar", "application/json", "image/svg+xml", "application/xml"}
)
_LONGEST_NAME = 100


def init_app(app: Flask) -> None:
    """Compress answers to browsers that can read it. Call before whatever else changes answers: it comes last then."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in _KINDS or response.direct_passthrough or response.is_streamed:
            return response
        response.vary.add("Accept-Encoding")
        is_taken = response.status_code < 200 or response.status_code in (204, 206, 304)
        if is_taken or "Content-Encoding" in response.headers or not _reads_gzip():
            return response
        content = response.get_data()
        if len(content) < LEAST_BYTES:
            return response
        response.set_data(pack(content))
        response.headers["Content-Encoding"] = "gzip"
        return response


def _reads_gzip() -> bool:
    return request.accept_encodings["gzip"] > 0


def pack(content: bytes) -> bytes:
    """Return the content as gzip (RFC 1952) of a length that varies at random.

    The length of a compressed page that repeats what was asked for tells, over many tries, what else stands in it,
    the form token for instance (the BREACH attack). A file name of random length, which every reader skips, makes
    those tries a guess: "Heal the Breach", Palacios et al., 2022.
    """
    name = os.urandom(1)[0] % _LONGEST_NAME * b"a"
    has_name = 0x08
    head = b"\x1f\x8b\x08" + struct.pack("<BIBB", has_name, 0, 0, 255) + name + b"\0"
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(content) + deflate.flush()
    return head + body + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
