"""Pure rules of recordings: what counts as watched, whose room a recording is of, how long a film plays."""

import struct
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import IO, Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from lms.kernel.errors import Invalid, Problem

# Stretches of a recording, in seconds of it.
Span = tuple[float, float]

# A player tells where it is a few times a second: a smaller gap between two stretches is no gap.
TOUCHING = 0.5
# Nobody follows a lecture faster than this, and the player offers no more.
FASTEST = 2.0
# Clocks of a browser and of ours differ, and a report takes its way.
LEEWAY = timedelta(seconds=5)
# An announced film that has not arrived by then will not come.
GIVEN_UP_AFTER = timedelta(days=2)
# A link that JaaS gives works for a day.
JAAS_LINK_LASTS = timedelta(hours=24)
LONGEST_FILM = timedelta(hours=24)


def union(spans: Sequence[Span]) -> list[Span]:
    """Return the spans merged: sorted, disjoint, neighbours that touch (or nearly do) joined."""
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if merged and start <= merged[-1][1] + TOUCHING:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def watched(spans: Sequence[Span]) -> float:
    """Return how many seconds of the recording these spans cover; what was played twice counts once."""
    return sum(end - start for start, end in union(spans))


def believable(told: Sequence[Span], since: timedelta) -> list[Span]:
    """Return what a player can have played since its last report: told spans in their order, cut off after that.

    In ten seconds nobody watches an hour, whatever the browser says.
    """
    left = (since + LEEWAY).total_seconds() * FASTEST
    found = []
    for start, end in told:
        if left <= 0:
            break
        played = min(end - start, left)
        if played > 0:
            found.append((start, start + played))
            left -= played
    return found


def add_played(kept: Sequence[Span], told: Sequence[Span], *, since: timedelta, length: float | None) -> list[Span]:
    """Return what counts as watched after another report; `length` is the recording's, where it is known."""
    end = length if length is not None else LONGEST_FILM.total_seconds()
    inside = [(max(0.0, a), min(b, end)) for a, b in believable(told, since)]
    tenths = [(round(a, 1), round(b, 1)) for a, b in union([*kept, *inside])]
    return [span for span in tenths if span[1] > span[0]]


def room_of(meeting_url: str) -> str:
    """Return the room a meeting's address ends in, lower-case; "" for an address without one."""
    return urlsplit(meeting_url).path.rstrip("/").rpartition("/")[2].lower()


def film_length(file: IO[bytes]) -> float:
    """Return how many seconds an MP4 plays. Raises Invalid (`recording_not_film`) for anything else.

    ISO/IEC 14496-12: a file is a row of boxes (32-bit size, four letters); `ftyp` comes first, and `mvhd` inside
    `moov` holds the time scale and the duration.
    """
    file.seek(0, 2)
    end = file.tell()
    if not any(kind == b"ftyp" for kind, _, _ in _boxes(file, 0, min(end, 4096))):
        raise Invalid(Problem.of("recording_not_film"))
    for kind, start, stop in _boxes(file, 0, end):
        if kind == b"moov":
            for inner, first, last in _boxes(file, start, stop):
                if inner == b"mvhd":
                    return _duration(file, first, last)
    raise Invalid(Problem.of("recording_not_film"))


def _boxes(file: IO[bytes], start: int, end: int) -> list[tuple[bytes, int, int]]:
    """Return (kind, where its content starts, where it ends) of the boxes in this stretch of the file."""
    found: list[tuple[bytes, int, int]] = []
    while start + 8 <= end and len(found) < 10_000:
        file.seek(start)
        size, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if size == 1:
            size, head = struct.unpack(">Q", file.read(8).ljust(8, b"\0"))[0], 16
        elif size == 0:
            size = end - start
        if size < head:
            break
        found.append((kind, start + head, min(start + size, end)))
        start += size
    return found


def _duration(file: IO[bytes], start: int, end: int) -> float:
    file.seek(start)
    body = file.read(min(end - start, 32)).ljust(32, b"\0")
    # Version 1 has 64-bit times before the scale.
    scale, length = struct.unpack_from(">IQ", body, 20) if body[0] == 1 else struct.unpack_from(">II", body, 12)
    if not scale or not 0 < length / scale <= LONGEST_FILM.total_seconds():
        raise Invalid(Problem.of("recording_not_film"))
    return length / scale


class PlayedDraft(BaseModel):
    """What a player played since its last report; empty when it has only begun."""

    spans: list[tuple[float, float]] = Field(max_length=500)

    @field_validator("spans")
    @classmethod
    def runs_forward(cls, spans: list[Span]) -> list[Span]:
        if any(not 0 <= start < end <= LONGEST_FILM.total_seconds() for start, end in spans):
            raise ValueError("recording_spans_form")
        return spans


class AnnouncedDraft(BaseModel):
    """What Jibri's metadata.json tells; whoever was there at the end is in it too, and is not kept."""

    meeting_url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class LinkDraft(BaseModel):
    """A recording that lies elsewhere, by its address."""

    model_config = ConfigDict(str_strip_whitespace=True)

    link: Annotated[str, StringConstraints(min_length=1, max_length=2000)]

    @field_validator("link")
    @classmethod
    def leads_somewhere(cls, link: str) -> str:
        parts = urlsplit(link)
        if parts.scheme != "https" or not parts.hostname or parts.username is not None:
            raise ValueError("recording_link_form")
        return link


class KeptUntilDraft(BaseModel):
    """The last day on which a recording may be watched."""

    until: date


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant at which this day is over there."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def read_spans(stored: Sequence[Any]) -> list[Span]:
    return [(float(start), float(end)) for start, end in stored]
