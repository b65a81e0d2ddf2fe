"""The kinds of question that are answered in parts or read by somebody, from their tables in a quiz file."""

from collections import Counter
from fractions import Fraction
from typing import Any

from lms.courses.rules import FileKind
from lms.quizzes.located import Table
from lms.quizzes.rules.questions import (
    GAP_MARK,
    AnyQuestion,
    Cloze,
    Criterion,
    Essay,
    FileAnswer,
    Gap,
    Level,
    Matching,
    Named,
    Ordering,
    Pair,
)
from lms.quizzes.rules.wording import LANGUAGES, Wording
from lms.quizzes.source_pieces import read_part, read_patterns, read_ranges, read_single_choices, stable_key

MOST_PARTS = 26
MOST_GAPS = 40
MOST_CRITERIA = 12
MOST_MEGABYTES = 50

OWN_KEYS = {
    "matching": {"pair", "extra", "partial"},
    "ordering": {"step", "partial"},
    "cloze": {"gap"},
    "essay": {"criterion", "sample", "words_least", "words_most"},
    "file": {"criterion", "sample", "accept", "megabytes"},
}
FILE_GROUPS = {
    "pdf": (FileKind.PDF,),
    "word": (FileKind.DOCX,),
    "excel": (FileKind.XLSX,),
    "powerpoint": (FileKind.PPTX,),
    "picture": (FileKind.JPEG, FileKind.PNG, FileKind.WEBP),
    "video": (FileKind.MP4, FileKind.WEBM),
    "sound": (FileKind.MP3,),
}


def read_structured(kind: str, table: Table, common: dict[str, Any]) -> AnyQuestion:
    """Return the question; what is wrong with it stands in the table's report."""
    match kind:
        case "matching":
            return _matching(table, common)
        case "ordering":
            steps = _named(table, "step", least=2)
            return Ordering(**common, steps=steps, partial=table.boolean("partial", True))
        case "cloze":
            return _cloze(table, common)
        case "essay":
            least, most = table.whole("words_least", low=1, high=5000), table.whole("words_most", low=1, high=5000)
            if least is not None and most is not None and least > most:
                table.problem("words_least", "quiz_words_reversed")
            return Essay(**_graded(table, common), words_least=least, words_most=most)
    megabytes = table.whole("megabytes", low=1, high=MOST_MEGABYTES) or 10
    return FileAnswer(**_graded(table, common), kinds=_kinds(table), megabytes=megabytes)


def _matching(table: Table, common: dict[str, Any]) -> Matching:
    seen = set[str]()
    tables = table.tables("pair")
    if not 2 <= len(tables) <= MOST_PARTS:
        table.problem("pair", "quiz_parts_count", key="pair", least=2, most=MOST_PARTS)
    pairs = []
    for one in tables[:MOST_PARTS]:
        one.only({"key", "left", "right"})
        left, right = (one.wording(side, required=True, most=500) for side in ("left", "right"))
        pairs.append(Pair(stable_key(one, seen), left or Wording(), right or Wording()))
    extra = _named(table, "extra", least=0, seen=seen)
    question = Matching(**common, pairs=tuple(pairs), extra=extra, partial=table.boolean("partial", True))
    rights = {pair.right for pair in pairs}
    if any(one.text in rights for one in extra):
        table.problem("extra", "quiz_extra_fits")
    if len(question.options) < 2 and len(tables) >= 2:
        table.problem("pair", "quiz_pairs_one_option")
    return question


def _named(table: Table, key: str, *, least: int, seen: set[str] | None = None) -> tuple[Named, ...]:
    seen = set() if seen is None else seen
    tables = table.tables(key)
    if not least <= len(tables) <= MOST_PARTS:
        table.problem(key, "quiz_parts_count", key=key, least=least, most=MOST_PARTS)
    found = []
    for one in tables[:MOST_PARTS]:
        one.only({"key", "text"})
        text = one.wording("text", required=True, most=500)
        found.append(Named(stable_key(one, seen), text or Wording()))
    return tuple(found)


def _cloze(table: Table, common: dict[str, Any]) -> Cloze:
    tables, seen = table.tables("gap"), set[str]()
    if not 1 <= len(tables) <= MOST_GAPS:
        table.problem("gap", "quiz_parts_count", key="gap", least=1, most=MOST_GAPS)
    gaps = tuple(_gap(one, seen) for one in tables[:MOST_GAPS])
    wanted = Counter(gap.key for gap in gaps)
    for language in LANGUAGES:
        text = getattr(common["text"], language)
        if text is not None and Counter(GAP_MARK.findall(text)) != wanted:
            table.problem("text", "quiz_gaps_differ", language=language)
            break
    return Cloze(**common, gaps=gaps)


def _gap(table: Table, seen: set[str]) -> Gap:
    table.only({"key", "choice", "answer", "min", "max", "tolerance", "accept", "case", "weight"})
    key = stable_key(table, seen)
    weight = read_part(table)
    if weight == 0:
        table.problem("weight", "quiz_points_zero")
        weight = Fraction(1)
    if table.has("choice"):
        if table.has("answer"):
            table.problem("answer", "quiz_gap_choice_and_answer")
        return Gap(key, weight, choices=read_single_choices(table))
    answer = table.values.get("answer")
    if isinstance(answer, str | list) or not (_is_numeric(table) or any(map(_is_numeric, table.tables("accept")))):
        return Gap(key, weight, patterns=read_patterns(table), case=table.boolean("case", False))
    return Gap(key, weight, ranges=read_ranges(table))


def _is_numeric(table: Table) -> bool:
    has_words = isinstance(table.values.get("answer"), str | list)
    return not has_words and any(table.has(key) for key in ("answer", "min", "max"))


def _graded(table: Table, common: dict[str, Any]) -> dict[str, Any]:
    """Return `common` with rubric and sample; without points of its own it is worth what the rubric adds up to."""
    tables, seen = table.tables("criterion"), set[str]()
    if len(tables) > MOST_CRITERIA:
        table.problem("criterion", "quiz_parts_count", key="criterion", least=0, most=MOST_CRITERIA)
    rubric = tuple(_criterion(one, seen) for one in tables[:MOST_CRITERIA])
    most = sum((criterion.most for criterion in rubric if criterion.levels), Fraction(0))
    if rubric and most == 0 and not table.report.problems:
        table.problem("criterion", "quiz_points_zero")
    if most and not table.has("points"):
        common = common | {"points": most}
    return common | {"rubric": rubric, "sample": table.wording("sample")}


def _criterion(table: Table, seen: set[str]) -> Criterion:
    table.only({"key", "text", "level"})
    text, levels, keys = table.wording("text", required=True, most=300), table.tables("level"), set[str]()
    if not 2 <= len(levels) <= MOST_CRITERIA:
        table.problem("level", "quiz_parts_count", key="level", least=2, most=MOST_CRITERIA)
    found = []
    for one in levels[:MOST_CRITERIA]:
        one.only({"key", "text", "points"})
        points = one.number("points", low=0, high=1000)
        if not one.has("points"):
            one.problem(None, "quiz_key_missing", key="points")
        words = one.wording("text", required=True, most=500)
        found.append(Level(stable_key(one, keys), words or Wording(), Fraction(points or 0)))
    return Criterion(stable_key(table, seen), text or Wording(), tuple(found))


def _kinds(table: Table) -> tuple[str, ...]:
    groups = table.strings("accept", most=len(FILE_GROUPS), longest=20)
    if not set(groups) <= set(FILE_GROUPS):
        table.problem("accept", "quiz_option_unknown", key="accept", allowed=", ".join(FILE_GROUPS))
    return tuple(kind.value for group in groups if group in FILE_GROUPS for kind in FILE_GROUPS[group])


def groups_of(kinds: tuple[str, ...]) -> list[str]:
    """Return the words of `accept` that these media types come from, in their order."""
    groups = [group for group, own in FILE_GROUPS.items() if {kind.value for kind in own} <= set(kinds)]
    return sorted(groups, key=lambda group: kinds.index(FILE_GROUPS[group][0].value))
