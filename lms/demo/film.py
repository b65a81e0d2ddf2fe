"""A film for the demo: silence with a soft bell every ten seconds, as an MP4 that browsers play. No picture.

Made by hand, so that the demo needs no recording of anybody: FLAC frames (RFC 9639) in the boxes of ISO/IEC 14496-12.
"""

import math
import struct
from itertools import accumulate

RATE = 8000
# Samples a frame; the format's code for it is 12.
BLOCK = 4096
BELL_EVERY = 10
_BELL_FRAMES = 3


def make(seconds: int) -> bytes:
    """Return an MP4 that plays this long (to half a second)."""
    count = max(1, round(seconds * RATE / BLOCK))
    frames = [_frame(number, _samples(number)) for number in range(count)]
    head = _box(b"ftyp", b"isom\0\0\2\0isomiso2mp41")
    moov = _moov(frames, 0)
    first = len(head) + len(moov) + 8
    return head + _moov(frames, first) + _box(b"mdat", *frames)


def _samples(number: int) -> bytes | None:
    """Return a frame's samples (8 bits, signed), or None for silence."""
    since = number % round(BELL_EVERY * RATE / BLOCK)
    if since >= _BELL_FRAMES:
        return None
    start = since * BLOCK
    return bytes(
        round(60 * math.exp(-(start + n) / 2500) * math.sin(2 * math.pi * 440 * (start + n) / RATE)) & 0xFF
        for n in range(BLOCK)
    )


def _frame(number: int, samples: bytes | None) -> bytes:
    """Return one FLAC frame: 4096 samples, 8 kHz, mono, 8 bits; constant or verbatim."""
    header = b"\xff\xf8\xc4\x02" + chr(number).encode("utf-8", "surrogatepass")
    body = header + bytes([_crc(header, 8, 0x07)]) + (b"\x00\x00" if samples is None else b"\x02" + samples)
    return body + struct.pack(">H", _crc(body, 16, 0x8005))


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    table = _table(bits, polynomial)
    mask, shift = (1 << bits) - 1, bits - 8
    value = 0
    for byte in data:
        value = ((value << 8) & mask) ^ table[(value >> shift) ^ byte]
    return value


_tables: dict[int, list[int]] = {}


def _table(bits: int, polynomial: int) -> list[int]:
    if bits not in _tables:
        rows = []
        for byte in range(256):
            value = byte << (bits - 8)
            for _ in range(8):
                value = (value << 1) ^ (polynomial if value >> (bits - 1) else 0)
                value &= (1 << bits) - 1
            rows.append(value)
        _tables[bits] = rows
    return _tables[bits]


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24 | flags), *parts)


def _moov(frames: list[bytes], first: int) -> bytes:
    """Return the box that tells what the film is and where its frames lie; `first` is where the first one does."""
    length = len(frames) * BLOCK
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    movie = struct.pack(">IIIIIH10x", 0, 0, RATE, length, 0x10000, 0x100) + matrix + bytes(24) + struct.pack(">I", 2)
    track = struct.pack(">IIIIIQHHHH", 0, 0, 1, 0, length, 0, 0, 0, 0x100, 0) + matrix + bytes(8)
    info = struct.pack(">HHBBB", BLOCK, BLOCK, 0, 0, 0) + b"\0\0\0" + _rate_channels_bits(length) + bytes(16)
    flac = _full(b"dfLa", b"\x80" + struct.pack(">I", len(info))[1:], info)
    entry = _box(b"fLaC", bytes(6), struct.pack(">H8xHHIHH", 1, 1, 16, 0, RATE, 0), flac)
    table = _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), entry),
        _full(b"stts", struct.pack(">III", 1, len(frames), BLOCK)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        _full(b"stsz", struct.pack(">II", 0, len(frames)), *(struct.pack(">I", len(one)) for one in frames)),
        _full(b"stco", struct.pack(">I", len(frames)), *(struct.pack(">I", place) for place in _places(frames, first))),
    )
    reference = _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1)))
    media = _box(
        b"mdia",
        _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, RATE, length, 0x55C4, 0)),
        _full(b"hdlr", b"\0\0\0\0soun", bytes(12), b"Bell\0"),
        _box(b"minf", _full(b"smhd", bytes(4)), reference, table),
    )
    return _box(b"moov", _full(b"mvhd", movie), _box(b"trak", _full(b"tkhd", track, flags=3), media))


def _rate_channels_bits(samples: int) -> bytes:
    """Return FLAC's 64 bits: 20 of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples."""
    return struct.pack(">Q", RATE << 44 | 0 << 41 | 7 << 36 | samples)


def _places(frames: list[bytes], first: int) -> list[int]:
    return list(accumulate((len(one) for one in frames[:-1]), initial=first))
