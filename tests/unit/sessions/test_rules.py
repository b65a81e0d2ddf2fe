"""What the form of a session accepts, when its doors are open, what it is worth, and how its room is named."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from lms.kernel.intervals import Interval
from lms.sessions.rules import (
    Phase,
    Policy,
    PolicyDraft,
    SessionDraft,
    doors,
    lesson_hours,
    move_breaks,
    new_room_name,
    phase,
    read_breaks,
    stored_breaks,
)

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)  # 09.00 WITA
END = NINE + timedelta(minutes=90)
FORM = {
    "mode": "teleconference",
    "title_id": "Layanan yang ramah",
    "zone": "Asia/Makassar",
    "on": "2026-12-01",
    "starts": "09:00",
    "ends": "10:30",
}


def minutes(start: int, end: int) -> Interval:
    return Interval(NINE + timedelta(minutes=start), NINE + timedelta(minutes=end))


def refusals(**changed: Any) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        SessionDraft.model_validate(FORM | changed)
    return [
        (str(found["loc"][0]) if found["loc"] else "", str(found["ctx"]["error"]))
        for found in refused.value.errors()
        if "error" in found.get("ctx", {})
    ]


def test_times_are_read_in_the_zone_they_name() -> None:
    draft = SessionDraft.model_validate(FORM)
    assert (draft.starts_at, draft.ends_at) == (NINE, END)
    western = SessionDraft.model_validate(FORM | {"zone": "Asia/Jakarta"})
    assert western.starts_at == NINE + timedelta(hours=1)


def test_a_time_may_be_written_with_a_dot() -> None:
    assert SessionDraft.model_validate(FORM | {"starts": "09.00"}).starts_at == NINE


def test_breaks_are_read_and_empty_lines_of_the_form_left_out() -> None:
    draft = SessionDraft.model_validate(FORM | {"break_starts": ["", "09:30", ""], "break_ends": ["", "09:45", ""]})
    assert draft.breaks == [minutes(30, 45)]


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"ends": "09:00"}, "ends", "session_ends_before_start"),
        ({"mode": "in_person"}, "place", "session_place_missing"),
        ({"mode": "study_visit", "place": "  "}, "place", "session_place_missing"),
        ({"zone": "Mars/Olympus"}, "zone", "zone_unknown"),
        ({"zone": "../../etc/passwd"}, "zone", "zone_unknown"),
        ({"break_starts": ["09:30", ""], "break_ends": ["", "09:45"]}, "break_ends", "session_break_half"),
        ({"break_starts": ["09:30"], "break_ends": []}, "break_ends", "session_break_half"),
        ({"break_starts": ["08:30"], "break_ends": ["09:15"]}, "break_ends", "session_break_outside"),
        ({"break_starts": ["09:45"], "break_ends": ["09:30"]}, "break_ends", "session_break_outside"),
        ({"break_starts": ["09:00"], "break_ends": ["10:30"]}, "", "session_all_break"),
    ],
)
def test_nonsense_is_refused_at_its_field(changed: dict[str, Any], field: str, code: str) -> None:
    assert refusals(**changed) == [(field, code)]


def test_stored_breaks_come_back_merged() -> None:
    assert read_breaks(stored_breaks([minutes(50, 60), minutes(30, 55)])) == [minutes(30, 60)]


def test_breaks_move_with_the_session_and_end_with_it() -> None:
    old, new = minutes(0, 90), minutes(60, 120)
    assert move_breaks([minutes(30, 45), minutes(80, 90)], old=old, new=new) == [minutes(90, 105)]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (-16, Phase.EARLY),
        (-15, Phase.OPEN),
        (0, Phase.OPEN),
        (89, Phase.OPEN),
        (90, Phase.OVERRUN),
        (119, Phase.OVERRUN),
        (120, Phase.OVER),
    ],
)
def test_the_doors_are_open_from_fifteen_minutes_before_to_thirty_after(at: int, expected: Phase) -> None:
    moment = NINE + timedelta(minutes=at)
    assert phase(starts_at=NINE, ends_at=END, cancelled=False, at=moment) is expected
    inside = doors(NINE, END)
    assert (inside.start <= moment < inside.end) == (expected in (Phase.OPEN, Phase.OVERRUN))
    assert phase(starts_at=NINE, ends_at=END, cancelled=True, at=moment) is Phase.CANCELLED


def test_a_session_is_worth_the_whole_lesson_hours_it_counts() -> None:
    assert lesson_hours(NINE, END, []) == 2
    assert lesson_hours(NINE, END, [minutes(40, 55)]) == 1
    assert lesson_hours(NINE, NINE + timedelta(minutes=44), []) == 0


@pytest.mark.parametrize("slug", ["pelayanan-prima", "", "ÄÖÜ ###", "x" * 80, "-a-"])
def test_a_room_name_is_lower_case_unguessable_and_short_enough_for_every_server(slug: str) -> None:
    name = new_room_name(slug)
    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", name)
    assert re.fullmatch(r"[a-z0-9]{16}", name.rpartition("-")[2])
    assert new_room_name(slug) != name


def test_a_policy_survives_its_storage_and_older_ones_take_defaults() -> None:
    policy = Policy(minimum_share=0.75, grace_seconds=60)
    assert Policy.of(policy.stored()) == policy
    assert Policy.of({"minimum_share": 0.9, "gone": 1}) == Policy(minimum_share=0.9)
    assert [problem.code for problem in Policy(minimum_share=0).problems()] == ["policy_share_out_of_range"]


def test_the_form_of_a_policy_speaks_minutes_and_percent() -> None:
    draft = PolicyDraft.model_validate(
        {
            "minimum_percent": "75",
            "late_after_minutes": "5",
            "left_early_minutes": "10",
            "grace_seconds": "60",
            "bridged_limit_minutes": "8",
        }
    )
    assert draft.policy == Policy(0.75, 60, 480, 300, 600)
