"""When a report is sent next."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from lms.reports.rhythm import Rhythm, RhythmDraft, next_due

WITA = ZoneInfo("Asia/Makassar")
# A Tuesday, 09.00 WITA.
NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rhythm", "due"),
    [
        (Rhythm("weekly", 1), "2026-12-07T06:30"),
        (Rhythm("weekly", 2), "2026-12-08T06:30"),
        (Rhythm("weekly", 3), "2026-12-02T06:30"),
        (Rhythm("monthly", 1), "2027-01-01T06:30"),
        (Rhythm("monthly", 28), "2026-12-28T06:30"),
    ],
)
def test_the_next_report_is_on_the_next_such_day_before_work_begins(rhythm: Rhythm, due: str) -> None:
    found = next_due(rhythm, WITA, after=NINE)
    assert found == datetime.fromisoformat(due).replace(tzinfo=WITA)
    assert next_due(rhythm, WITA, after=found) > found


def test_only_rhythms_of_the_list_are_taken() -> None:
    assert RhythmDraft(rhythm="monthly-15").chosen() == Rhythm("monthly", 15)
    for text in ("monthly-31", "weekly-8", "daily-1", ""):
        with pytest.raises(ValidationError):
            RhythmDraft(rhythm=text)
