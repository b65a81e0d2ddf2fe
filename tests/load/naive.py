"""How others count, on the same traces: pings, rows, devices. Each is given the benefit of clipping to the session."""

from tests.load.daily_life import Stretch
from tests.load.told import Told

PING = 60.0


def inside(stretches: list[Stretch], counted: list[Stretch]) -> float:
    """Return the seconds of these stretches within the counted time, overlaps counted twice."""
    return sum(max(0.0, min(b, d) - max(a, c)) for a, b in stretches for c, d in counted)


def count_pings(told: Told, counted: list[Stretch]) -> float:
    """One row a minute from every open page, the lobby included, two pages twice; minutes are rows."""
    rows = 0
    for start, end in told.pages:
        moments = [start + PING * n for n in range(int((end - start) // PING) + 1)]
        rows += sum(any(a <= t < b for a, b in counted) for t in moments)
    return rows * PING


def sum_rows(told: Told, counted: list[Stretch]) -> float:
    """One row for each coming to the main room, added up; a breakout room is having left."""
    return inside([(start, end) for start, end, is_main in told.rows if is_main], counted)


def sum_devices(told: Told, counted: list[Stretch]) -> float:
    """What each device was in the meeting, added up, however many one person has."""
    return inside([stretch for stretches in told.devices for stretch in stretches], counted)
