"""How parameters are kept, and how long a failed delivery waits."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lms.kernel.errors import Said
from lms.outbox.jobs import Job, every
from lms.outbox.rules import MOST_ATTEMPTS, freeze, revive, wait_after


def test_what_is_kept_comes_back_as_it_was() -> None:
    params = {
        "name": "Ayu",
        "n": 3,
        "share": 0.8,
        "none": None,
        "starts_at": datetime(2026, 12, 1, 9, 0, tzinfo=ZoneInfo("Asia/Makassar")),
        "day": date(2026, 12, 1),
        "missed": timedelta(minutes=7),
        "why": Said("quiz_closed", {"at": datetime(2026, 12, 1, tzinfo=UTC)}),
    }
    assert revive(freeze(params), "id") == params


def test_a_bilingual_text_is_read_in_the_readers_language_or_else_the_other() -> None:
    kept = freeze({"title": {"id": "Layanan ramah", "en": "Friendly service"}, "place": {"id": "Aula", "en": ""}})
    assert revive(kept, "en") == {"title": "Friendly service", "place": "Aula"}
    assert revive(kept, "id") == {"title": "Layanan ramah", "place": "Aula"}


@pytest.mark.parametrize("value", [datetime(2026, 12, 1), object(), {"a": 1}, [1]])
def test_what_could_not_be_revived_is_refused_at_once(value: object) -> None:
    with pytest.raises(TypeError):
        freeze({"value": value})


def test_each_failure_waits_longer_until_it_is_given_up() -> None:
    waits = [wait_after(attempts) for attempts in range(1, MOST_ATTEMPTS + 1)]
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] is None
    known = [wait for wait in waits if wait is not None]
    assert known == sorted(known)
    assert known[-1] <= timedelta(hours=12)


def test_a_job_is_due_once_in_each_of_its_periods() -> None:
    start = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
    job = Job("sweep", 60, print)
    looks = [job.is_due(start + timedelta(seconds=5 * step)) for step in range(25)]
    assert [step for step, is_due in enumerate(looks) if is_due] == [0, 12, 24]


def test_a_period_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 5"):
        every(7)
