"""Finding a table in a sheet: the line of headings below letterheads, and which column is which, in any wording."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lms.kernel.sheets import Cell, Page, text_of

# Letterheads, titles and notes stand above a table; below so many lines it is something else.
DEEPEST_HEADING = 60


@dataclass(frozen=True)
class Body:
    """A line below the headings: its number on its page (from 1), and the cells of the known columns as text."""

    page: str
    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table that was found: where each field stands (field → heading as written), other headings, and its lines."""

    page: str
    heading_line: int
    columns: Mapping[str, str]
    others: tuple[str, ...]
    lines: tuple[Body, ...]


def plain_heading(text: str) -> str:
    """Return a heading as it is compared: letters and digits in lower case, what stands in brackets left out."""
    without = re.sub(r"\([^)]*\)", " ", text.casefold())
    return " ".join(re.sub(r"[^a-z0-9]+", " ", without).split())


def find_table(page: Page, names: Mapping[str, Collection[str]], needed: Collection[Collection[str]]) -> Table | None:
    """Return the page's table, or None where no line names the needed columns.

    `names`: field → its headings, plain. `needed`: of each group one field must be there. The line that names most
    fields is the heading; where headings stand on two lines (a merged one above), the lower counts first.
    """
    known = {heading: field for field, headings in names.items() for heading in headings}
    rows = _filled(page, horizontally=True)
    best: tuple[int, int, int, dict[int, str]] | None = None
    for y, row in enumerate(rows[:DEEPEST_HEADING]):
        for height in (1, 2):
            found = _fields(row, rows[y + 1] if height == 2 and y + 1 < len(rows) else (), known)
            has_needed = all(set(group) & set(found.values()) for group in needed)
            if has_needed and (best is None or len(found) > best[0]):
                best = (len(found), y, height, found)
    if best is None:
        return None
    _count, y, height, found = best
    return _cut(page, rows, y, height, found)


def _fields(upper: tuple[Cell, ...], lower: tuple[Cell, ...], known: Mapping[str, str]) -> dict[int, str]:
    """Return which column holds which field; the first column of two with the same heading."""
    found: dict[int, str] = {}
    for x in range(max(len(upper), len(lower))):
        for row in (lower, upper):
            field = known.get(plain_heading(text_of(row[x]))) if x < len(row) else None
            if field is not None and field not in found.values():
                found[x] = field
                break
    return found


def _cut(page: Page, rows: list[tuple[Cell, ...]], y: int, height: int, found: dict[int, str]) -> Table:
    heads = {x: _heading(rows, y, height, x) for x in range(max(len(row) for row in rows[y : y + height]))}
    body = _filled(page, horizontally=False)
    lines = []
    for number in range(y + height, len(body)):
        row = body[number]
        cells = {field: text_of(row[x]) if x < len(row) else "" for x, field in found.items()}
        # Sheets repeat their headings on every printed page, and number their columns below them.
        is_heading = _same_headings(cells, heads, found) or _only_numbers(cells)
        if any(cells.values()) and not is_heading:
            lines.append(Body(page.name, number + 1, cells))
    others = tuple(dict.fromkeys(head for x, head in heads.items() if x not in found and head))
    columns = {field: heads[x] for x, field in sorted(found.items())}
    return Table(page.name, y + 1, columns, others, tuple(lines))


def _heading(rows: list[tuple[Cell, ...]], y: int, height: int, x: int) -> str:
    parts = [text_of(rows[y + down][x]) for down in range(height) if y + down < len(rows) and x < len(rows[y + down])]
    return parts[-1] or parts[0] if parts else ""


def _same_headings(cells: Mapping[str, str], heads: Mapping[int, str], found: Mapping[int, str]) -> bool:
    same = [plain_heading(cells[field]) == plain_heading(heads[x]) for x, field in found.items() if cells[field]]
    return bool(same) and all(same)


def _only_numbers(cells: Mapping[str, str]) -> bool:
    """Return whether this is the line (1) (2) (3) that official tables have below their headings."""
    given = [cell.strip("() .") for cell in cells.values() if cell]
    return len(given) > 1 and all(cell.isdigit() and len(cell) < 3 for cell in given)


def _filled(page: Page, *, horizontally: bool) -> list[tuple[Cell, ...]]:
    """Return the rows with merged areas filled: to the right for headings, else only downwards.

    A unit written once beside its ten people is the unit of all ten; a note across the whole table is nobody's name.
    """
    rows = [list(row) for row in page.rows]
    for (top, left), (bottom, right) in page.merged:
        if top >= len(rows) or left >= len(rows[top]):
            continue
        if not horizontally and right > left:
            continue
        for y in range(top, min(bottom + 1, len(rows))):
            for x in range(left, min((right if horizontally else left) + 1, len(rows[y]))):
                rows[y][x] = rows[top][left]
    return [tuple(row) for row in rows]
