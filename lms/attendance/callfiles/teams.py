"""Teams' attendance report: numbered sections, of which the second tells who came and the third every coming and
going.

Its headings are in the language of whoever exported it, so columns are known by what stands in them: the first two
that hold moments are coming and going, the one after them the length, and addresses are what has an @.
"""

import re
from collections.abc import Sequence
from datetime import date

from lms.attendance.callfiles.moments import read_written
from lms.attendance.callfiles.rows import CallFile, Provider
from lms.attendance.callfiles.stays import Draft, read_stays
from lms.attendance.callfiles.table import Row

_SECTION = re.compile(r"^([1-9])\.\s*\S")
_ADDRESS = re.compile(r"^[^@\s]+@[^@\s]+$")
# So many rows are looked at to find the columns.
_LOOKED_AT = 50
_PEOPLE, _ACTIVITIES = "2", "3"
_OLD_HEADING = {"full name", "join time", "leave time"}


def find_sections(rows: Sequence[Row]) -> dict[str, list[Row]] | None:
    """Return section number → its rows, heading included; None if this is not Teams' file.

    The layout of before 2022 has no numbers: its one table is taken for the third section.
    """
    sections: dict[str, list[Row]] = {}
    current: list[Row] | None = None
    for index, row in enumerate(rows):
        title = _SECTION.match(row.cells[0])
        if title and not any(row.cells[1:]):
            current = sections.setdefault(title.group(1), [])
        elif current is not None:
            current.append(row)
        elif {cell.casefold() for cell in row.cells} >= _OLD_HEADING:
            return {_ACTIVITIES: list(rows[index:])}
    return sections if _PEOPLE in sections or _ACTIVITIES in sections else None


def read(sections: dict[str, list[Row]], near: date) -> CallFile:
    """Return what the sections say. Whoever stands in the third is read there alone; the others, whom it may leave
    out, from the second."""
    activities = _drafts(sections.get(_ACTIVITIES, []), with_length=False)
    known = {_who(draft) for draft in activities}
    people = [draft for draft in _drafts(sections.get(_PEOPLE, []), with_length=True) if _who(draft) not in known]
    stays, problems = read_stays([*activities, *people], near)
    return CallFile(Provider.TEAMS, _title(sections.get("1", [])), stays, problems=problems)


def _who(draft: Draft) -> str:
    return draft.email.casefold() or draft.name.casefold()


def _drafts(section: Sequence[Row], *, with_length: bool) -> list[Draft]:
    body = section[1:]
    columns = _columns(body)
    if columns is None:
        # Nothing in it reads like a moment: each row is named as one that cannot be used.
        return [Draft(row.line, row.cells[0], "", "", "") for row in body]
    came, went = columns
    found = []
    for row in body:
        cells = (*row.cells, *[""] * (went + 2 - len(row.cells)))
        email = next((cell for cell in cells[1:] if _ADDRESS.match(cell)), "")
        found.append(
            Draft(row.line, cells[0], email, cells[came], cells[went], cells[went + 1] if with_length else None)
        )
    return found


def _columns(body: Sequence[Row]) -> tuple[int, int] | None:
    """Return where coming and going stand: the first two columns in which most cells are moments."""
    looked_at = body[:_LOOKED_AT]
    width = max((len(row.cells) for row in looked_at), default=0)
    moments = [
        place
        for place in range(1, min(width, 20))
        if 2 * sum(place < len(row.cells) and read_written(row.cells[place]) is not None for row in looked_at)
        >= len(looked_at)
    ]
    return (moments[0], moments[1]) if len(moments) > 1 else None


def _title(summary: Sequence[Row]) -> str:
    """Return the meeting's title: the value of the summary's first line."""
    return summary[0].cells[1] if summary and len(summary[0].cells) > 1 else ""
