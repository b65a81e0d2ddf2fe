"""Attendance as pictures show it: which places count, whose unit they are, and which weeks stand in the line."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from lms.reports.trends import Held, Places, Somebody, Trends, in_order, trends_of

WITA = ZoneInfo("Asia/Makassar")
MONDAY = datetime(2026, 2, 9, 1, 0, tzinfo=UTC)
TWO = (Held(1, "Sesi 1", "", MONDAY), Held(2, "Sesi 2", "", MONDAY + timedelta(days=15)))


def trends(*places: Places, held: tuple[Held, ...] = TWO, people: tuple[Somebody, ...] = (), **above: str) -> Trends:
    return trends_of(held, places, people, zone=WITA, above=above)


def test_places_without_a_verdict_do_not_lower_the_share() -> None:
    found = trends(
        Places(1, "A", "attended", 1),
        Places(1, "A", "excused", 1),
        Places(1, "B", "absent", 1),
        Places(2, "A", None, 1),
        Places(2, "A", "unknown", 1),
    )
    first, second = (one.tally for one in found.sessions)
    assert (first.attended, first.excused, first.absent, first.judged) == (1, 1, 1, 3)
    assert first.share == 1 / 3
    assert first.share_with_excused == 2 / 3
    assert (second.unknown, second.judged, second.share) == (2, 0, None)
    assert (found.whole.judged, found.whole.unknown) == (3, 2)


def test_places_at_sessions_to_come_are_not_counted() -> None:
    found = trends(Places(3, "A", None, 20))
    assert found.whole.unknown == 0
    assert trends(Places(1, "A", None, 20), held=()).sessions == ()


def test_weeks_begin_on_the_readers_monday_and_empty_ones_stand_between() -> None:
    late_sunday = datetime(2026, 2, 8, 15, 30, tzinfo=UTC)
    held = (Held(1, "", "", late_sunday), Held(3, "", "", late_sunday + timedelta(hours=1)), TWO[1])
    found = trends(*(Places(number, "A", "attended", 4) for number in (1, 3)), Places(2, "A", "absent", 4), held=held)
    assert [(week.monday, week.sessions) for week in found.weeks] == [
        (date(2026, 2, 2), 1),
        (date(2026, 2, 9), 1),
        (date(2026, 2, 16), 0),
        (date(2026, 2, 23), 1),
    ]
    assert [week.tally.share for week in found.weeks] == [1, 1, None, 0]


def test_people_are_counted_at_the_opd_above_their_unit() -> None:
    people = (Somebody("Puskesmas", True, False), Somebody("Kesehatan", False, False), Somebody("", True, True))
    places = (Places(1, "Puskesmas", "attended", 3), Places(2, "Kesehatan", "absent", 1))
    found = trends(*places, people=people, Puskesmas="Kesehatan")
    health, nobody = found.units
    assert (health.name, health.people, health.in_trouble, health.tally.share) == ("Kesehatan", 2, 1, 0.75)
    # Whoever has left still counts for her unit, and is nobody to speak with any more.
    assert (nobody.people, nobody.in_trouble, nobody.tally.share) == (1, 0, None)
    assert (found.people, found.in_trouble) == (2, 1)


def test_units_come_in_the_order_the_address_asks_for() -> None:
    places = (
        Places(1, "Beta", "attended", 2),
        Places(1, "alfa", "attended", 1),
        Places(2, "alfa", "absent", 1),
        Places(1, "Delta", "attended", 1),
        Places(2, "Delta", "absent", 1),
    )
    units = trends(*places, people=(Somebody("Gama", False, False),)).units
    assert [unit.name for unit in in_order(units, "")] == ["alfa", "Delta", "Beta", "Gama"]
    assert [unit.name for unit in in_order(units, "-share")] == ["Beta", "alfa", "Delta", "Gama"]
    assert [unit.name for unit in in_order(units, "-name")] == ["Gama", "Delta", "Beta", "alfa"]
    assert in_order(units, "nonsense") == in_order(units, "share")
