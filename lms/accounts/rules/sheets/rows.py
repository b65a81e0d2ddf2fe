"""What one row of a sheet says about a person: values for the draft, what is wrong, what should be looked at."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from pydantic import ValidationError

from lms.accounts.rules.drafts import PersonDraft
from lms.accounts.rules.nip import Nip, NipKind, Sex, disagreements, normalise_nip, read_nip
from lms.accounts.rules.ranks import PPPK_GRADES, read_rank
from lms.accounts.rules.titles import read_name, read_titles_after, read_titles_before
from lms.kernel.errors import Invalid, Problem
from lms.kernel.headings import Body
from lms.kernel.languages import LANGUAGES

# A number that a spreadsheet keeps as a quantity: `1.98609262015052E+17`, with a comma in Indonesian.
_QUANTITY = re.compile(r"\d([.,]\d+)?E\+?\d+", re.IGNORECASE)
_SEXES = {
    "l": Sex.MALE, "laki laki": Sex.MALE, "lakilaki": Sex.MALE, "pria": Sex.MALE, "m": Sex.MALE, "male": Sex.MALE,
    "p": Sex.FEMALE, "perempuan": Sex.FEMALE, "wanita": Sex.FEMALE, "f": Sex.FEMALE, "female": Sex.FEMALE,
}  # fmt: skip
_NO_VALUE = {"-", "--", "–", "—", "n/a", "nihil", "tidak ada", "none"}
_MONTHS = (
    "januari january jan", "februari february feb", "maret march mar", "april apr", "mei may", "juni june jun",
    "juli july jul", "agustus august agu aug agt", "september sep sept", "oktober october okt oct",
    "november nov", "desember december des dec",
)  # fmt: skip
_MONTH = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_NAMES_OF_LANGUAGES = {"indonesia": "id", "bahasa indonesia": "id", "inggris": "en", "english": "en"}


@dataclass(frozen=True)
class Reading:
    """A row as it was understood. `values` holds only what the row says; units are words still, for the caller."""

    values: Mapping[str, str]
    agency: str = ""
    unit: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()

    @property
    def nip(self) -> str | None:
        return self.values.get("nip")

    @property
    def email(self) -> str | None:
        return self.values.get("email")


@dataclass
class _Notebook:
    values: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def is_nobody(line: Body) -> bool:
    """Return whether a line is no person's: a heading within the table, a date and a signature below it.

    Somebody whose number was forgotten still has a running number or two things told about them.
    """
    told = {name for name, cell in line.cells.items() if cell and name != "number"}
    has_number = line.cells.get("number", "").rstrip(".").isdigit()
    return not told & {"nip", "email"} and (len(told) < 2 and not (has_number and "name" in told))


def read_row(cells: Mapping[str, str], today: date) -> Reading:
    """Return what a row says. Nothing raises: what is wrong is in `problems`, by field."""
    told = {name: cell for name, cell in cells.items() if cell and cell.casefold() not in _NO_VALUE}
    book = _Notebook()
    _read_name(told, book)
    nip = _read_nip(told, book, today)
    _read_rank(told, book, nip)
    for plain in ("email", "phone", "position"):
        if plain in told:
            book.values[plain] = told[plain].lstrip("'") if plain != "position" else told[plain]
    if "language" in told:
        language = _NAMES_OF_LANGUAGES.get(told["language"].casefold(), told["language"].casefold())
        if language in LANGUAGES:
            book.values["language"] = language
    _check(book)
    return Reading(book.values, told.get("agency", ""), told.get("unit", ""), tuple(book.problems), tuple(book.notes))


def is_quantity(text: str) -> bool:
    """Return whether a spreadsheet kept this NIP as a number and lost its end: powers of ten, or a serial of zeros."""
    digits = normalise_nip(text)
    return bool(_QUANTITY.fullmatch(text.replace(" ", ""))) or (len(digits) == 18 and digits.endswith("000"))


def read_day(text: str) -> date | None:
    """Return the day of `1986-09-26`, `26/09/1986`, `26-9-86` or `26 September 1986`; None for anything else."""
    plain = " ".join(re.sub(r"[/.\-]", " ", text.casefold()).split())
    for pattern in ("%Y %m %d", "%d %m %Y"):
        try:
            return datetime.strptime(plain, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    parts = plain.split()
    if len(parts) == 3 and parts[1] in _MONTH and parts[0].isdigit() and parts[2].isdigit():
        try:
            return date(int(parts[2]), _MONTH[parts[1]], int(parts[0]))
        except ValueError:
            return None
    return None


def _read_name(told: Mapping[str, str], book: _Notebook) -> None:
    written = read_name(told.get("name", ""))
    book.values["name"] = written.name
    before = read_titles_before(told["title_before"]) if "title_before" in told else written.before
    after = read_titles_after(told["title_after"]) if "title_after" in told else written.after
    if before:
        book.values["title_before"] = before
    if after:
        book.values["title_after"] = after


def _read_nip(told: Mapping[str, str], book: _Notebook, today: date) -> Nip | None:
    text = told.get("nip")
    if text is None:
        return None
    digits = normalise_nip(text)
    if is_quantity(text):
        book.problems.append(Problem.of("nip_stored_as_number", field="nip"))
        return None
    try:
        nip = read_nip(digits, today)
    except Invalid as wrong:
        book.problems += wrong.problems
        return None
    book.values["nip"] = nip.digits
    book.notes += nip.warnings
    sex = _SEXES.get(re.sub(r"[^a-z]+", " ", told.get("sex", "").casefold()).strip())
    book.problems += disagreements(nip, born_on=read_day(told.get("born_on", "")), sex=sex)
    return nip


def _read_rank(told: Mapping[str, str], book: _Notebook, nip: Nip | None) -> None:
    """Take the grade (III/d) before the rank's name, since it is what people spell alike."""
    spelled = [told[name] for name in ("grade", "rank") if name in told]
    if not spelled:
        return
    read = [read_rank(text) for text in spelled]
    rank = next((one for one in read if one), None)
    if rank is None:
        book.problems.append(Problem.of("rank_unreadable", field="rank", text=spelled[0][:60]))
        return
    book.values["rank"] = rank
    if len({one for one in read if one}) > 1:
        book.notes.append(
            Problem.of("rank_and_grade_differ", field="rank", rank=spelled[-1][:60], grade=spelled[0][:60])
        )
    if nip is not None and (rank in PPPK_GRADES) != (nip.kind is NipKind.PPPK):
        book.notes.append(Problem.of("rank_of_other_kind", field="rank", rank=rank))


def _check(book: _Notebook) -> None:
    """Let the form's own draft judge the values, so that a sheet allows what the page allows; take its spellings."""
    known = {name: value for name, value in book.values.items() if name in PersonDraft.model_fields}
    if any(problem.field == "nip" for problem in book.problems):
        # The number is wrong already; that there is no login would only repeat it.
        known["email"] = known.get("email") or "stands-in@example.test"
    try:
        draft = PersonDraft.model_validate(known)
    except ValidationError as error:
        for found in error.errors():
            place = str(found["loc"][0]) if found["loc"] else None
            is_ours = found["type"] == "value_error"
            code = str(found["ctx"]["error"]) if is_ours else "cell_too_long"
            book.problems.append(Problem.of(code, field=place))
        return
    for name in book.values:
        if name in PersonDraft.model_fields:
            book.values[name] = getattr(draft, name) or ""
