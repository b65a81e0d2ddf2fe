r"""Moodle's sentences with gaps: `Rain falls in {1:MULTICHOICE:=January#Yes~July} and {2:NUMERICAL:=3:0.5}.`"""

import re
from fractions import Fraction
from math import lcm
from typing import Any

from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.moodle_parts import Reading
from lms.quizzes.formats.numbers import read_decimal, read_share, write_share
from lms.quizzes.formats.wordings import write_plain
from lms.quizzes.formats.xml_tree import Node
from lms.quizzes.rules.questions import GAP_MARK, Choice, Cloze, Gap, NumberRange, TextPattern
from lms.quizzes.rules.wording import Wording

_CHOICES = {"MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH",
            "MULTICHOICE_S", "MCS", "MULTICHOICE_VS", "MCVS", "MULTICHOICE_HS", "MCHS"}  # fmt: skip
_SHORT = {"SHORTANSWER", "SA", "MW"}
_EXACT = {"SHORTANSWER_C", "SAC", "MWC"}
_NUMBERS = {"NUMERICAL", "NM"}

_GAP = re.compile(r"\{(?P<weight>\d{0,4}):(?P<kind>[A-Z_]{2,20}):(?P<answers>(?:[^\\{}]|\\.)*)\}", re.DOTALL)
_ANSWER = re.compile(
    r"\s*(?P<mark>=|%(?P<percent>-?[\d.,]{1,20})%)?(?P<own>(?:[^\\#]|\\.)*)(?:#(?P<said>.*))?", re.DOTALL
)


def read(node: Node, reading: Reading, common: dict[str, Any]) -> Cloze:
    """Return the question: each code in the text becomes a gap, in each language its own order of the same codes."""
    inner = node.first("questiontext")
    raw = inner.first("text") if inner else None
    if inner is None or raw is None:
        raise Refused("import_no_gaps")
    codes: dict[str, int] = {}

    def mark(found: re.Match[str]) -> str:
        codes.setdefault(found[0], len(codes) + 1)
        # What the text is made of passes through HTML and Markdown; letters and digits come out as they went in.
        return f"zgapz{codes[found[0]]}zgapz"

    marked = Node(
        "questiontext", inner.attributes, inner.line, [Node("text", {}, raw.line, [_GAP.sub(mark, raw.text)])]
    )
    text = reading.markdown(marked) or Wording()
    gaps = [_gap(_GAP.fullmatch(code), f"g{at}", reading) for at, code in enumerate(codes, start=1)]
    if not gaps:
        raise Refused("import_no_gaps")
    most = max(weight for _, weight in gaps)
    named = {language: re.sub(r"zgapz(\d+)zgapz", r"{{g\1}}", words)
             for language in ("id", "en") if (words := getattr(text, language)) is not None}  # fmt: skip
    shared = tuple(Gap(gap.key, Fraction(weight, most), gap.choices, gap.patterns, gap.ranges, gap.case)
                   for gap, weight in gaps)  # fmt: skip
    return Cloze(**(common | {"text": Wording(**named)}), gaps=shared)


def write(question: Cloze, text: str) -> str:
    """Return the text, written in one language, with a code for each gap."""
    scale = lcm(*(gap.weight.denominator for gap in question.gaps))
    codes = {gap.key: f"{{{int(gap.weight * scale)}:{_answers(gap)}}}" for gap in question.gaps}
    return GAP_MARK.sub(lambda one: codes.get(one[1], one[0]), text)


def _gap(found: re.Match[str] | None, key: str, reading: Reading) -> tuple[Gap, int]:
    if found is None:
        raise Refused("import_no_gaps")
    weight, kind = int(found["weight"] or 1) or 1, found["kind"]
    answers = [_answer(one, reading) for one in re.split(r"(?<!\\)~", found["answers"])]
    answers = [one for one in answers if one[0]]
    if kind in _CHOICES:
        choices = tuple(Choice(f"c{at}", reading.bare(text) or Wording(), max(share, Fraction(0)), said)
                        for at, (text, share, said) in enumerate(answers, start=1))  # fmt: skip
        return Gap(key, choices=choices), weight
    if kind in _SHORT | _EXACT:
        patterns = tuple(TextPattern(text, max(share, Fraction(0)), said) for text, share, said in answers
                         if share > 0 or text.replace("*", "").strip())  # fmt: skip
        return Gap(key, patterns=patterns, case=kind in _EXACT), weight
    if kind in _NUMBERS:
        return Gap(key, ranges=tuple(_range(*one) for one in answers if one[0] != "*")), weight
    raise Refused("import_gap_kind", kind=kind)


def _answer(raw: str, reading: Reading) -> tuple[str, Fraction, Wording | None]:
    found = _ANSWER.fullmatch(raw)
    if found is None:
        raise Refused("import_no_gaps")
    share = read_share(found["percent"]) if found["percent"] else Fraction(found["mark"] == "=")
    said = reading.bare(_unescaped(found["said"])) if found["said"] else None
    return _unescaped(found["own"]).strip(), share, said


def _range(text: str, share: Fraction, said: Wording | None) -> NumberRange:
    answer, _, tolerance = text.partition(":")
    middle, around = read_decimal(answer), read_decimal(tolerance or "0")
    return NumberRange(middle - around, middle + around, middle, max(share, Fraction(0)), said)


def _answers(gap: Gap) -> str:
    if gap.choices:
        return "MULTICHOICE:" + _joined((_bare(one.text), one.weight, one.feedback) for one in gap.choices)
    if gap.ranges:
        return "NUMERICAL:" + _joined((_number(one), one.weight, one.feedback) for one in gap.ranges)
    kind = "SHORTANSWER_C" if gap.case else "SHORTANSWER"
    return f"{kind}:" + _joined((one.pattern, one.weight, one.feedback) for one in gap.patterns)


def _joined(answers: Any) -> str:
    written = []
    for text, share, said in answers:
        is_plainly_wrong = not share and not text.startswith(("=", "%"))
        mark = "=" if share == 1 else "" if is_plainly_wrong else f"%{write_share(share)}%"
        written.append(f"{mark}{_escaped(text)}" + (f"#{_escaped(_bare(said))}" if said else ""))
    return "~".join(written)


def _number(one: NumberRange) -> str:
    middle = one.answer if one.answer is not None else (one.low + one.high) / 2
    return f"{middle:f}:{one.high - middle:f}"


def _bare(wording: Wording) -> str:
    return write_plain(wording)[0]


def _escaped(text: str) -> str:
    return re.sub(r"([\\~#{}])", r"\\\1", text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\([\\~#{}\"/])", r"\1", text)
