"""What counts as watched, and how long a film plays."""

import io
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.demo import film
from lms.kernel.errors import Invalid
from lms.sessions.recordings.rules import Span, add_played, believable, film_length, room_of, union, watched

LONG = timedelta(hours=3)
_second = st.floats(0, 3600, allow_nan=False)
_spans = st.lists(st.tuples(_second, _second).map(lambda ends: (min(ends), max(ends))), max_size=12)


def test_what_played_twice_counts_once() -> None:
    assert watched([(0, 60), (30, 90), (200, 210)]) == 100


def test_a_player_that_reports_in_pieces_leaves_no_gaps() -> None:
    assert union([(0, 10), (10.3, 20), (25, 30)]) == [(0, 20), (25, 30)]


@given(_spans, _spans)
def test_watching_more_never_takes_anything_away_and_never_exceeds_the_film(kept: list[Span], told: list[Span]) -> None:
    before = add_played([], kept, since=LONG, length=1800)
    after = add_played(before, told, since=LONG, length=1800)
    assert watched(before) - 0.2 <= watched(after) <= 1800
    assert after == sorted(after)
    assert all(end - start > 0 for start, end in after)


@given(_spans, st.timedeltas(timedelta(), timedelta(minutes=10)))
def test_nobody_watches_more_than_twice_the_time_that_passed(told: list[Span], since: timedelta) -> None:
    played = sum(end - start for start, end in believable(told, since))
    assert played <= (since.total_seconds() + 5) * 2 + 0.001


def test_what_lies_behind_the_end_of_the_film_does_not_count() -> None:
    assert add_played([], [(50, 80)], since=LONG, length=60) == [(50, 60)]


@pytest.mark.parametrize(
    ("address", "room"),
    [
        ("https://meet.example/Kelas-7", "kelas-7"),
        ("https://meet.example/tenant/kelas-7/?x=1#y", "kelas-7"),
        ("https://meet.example", ""),
        ("kelas-7", "kelas-7"),
    ],
)
def test_a_meeting_is_known_by_the_end_of_its_address(address: str, room: str) -> None:
    assert room_of(address) == room


@pytest.mark.parametrize("seconds", [1, 30, 600])
def test_a_film_says_how_long_it_plays(seconds: int) -> None:
    assert film_length(io.BytesIO(film.make(seconds))) == pytest.approx(seconds, abs=0.6)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\0\0\0\x14ftypisom" + bytes(8), film.make(5)[:40]])
def test_what_is_no_film_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid, match="recording_not_film"):
        film_length(io.BytesIO(content))


@given(st.binary(max_size=400))
def test_any_bytes_after_a_films_beginning_give_a_length_or_a_refusal(rest: bytes) -> None:
    try:
        assert 0 < film_length(io.BytesIO(film.make(1)[:28] + rest)) <= 86400
    except Invalid as refusal:
        assert refusal.code == "recording_not_film"
