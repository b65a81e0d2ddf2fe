"""Questions as Moodle XML. What Moodle cannot say stands in a comment beside the question, which it passes over."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from lms.quizzes.formats import extras, moodle, moodle_cloze
from lms.quizzes.formats.html import PLUGIN_FILE, from_plain
from lms.quizzes.formats.multilang import join
from lms.quizzes.formats.naming import title_of
from lms.quizzes.formats.numbers import write_share
from lms.quizzes.formats.pictures import pictures_of
from lms.quizzes.formats.tables import decimal_of
from lms.quizzes.formats.topics import category_of
from lms.quizzes.formats.wordings import write_markdown, write_one_language, write_plain
from lms.quizzes.formats.xml_tree import parse
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Choice,
    Cloze,
    Essay,
    FileAnswer,
    Graded,
    Matching,
    MultipleChoice,
    NumberQuestion,
    NumberRange,
    Ordering,
    ShortText,
    SingleChoice,
    TextPattern,
    TrueFalse,
)
from lms.quizzes.rules.wording import Wording
from lms.quizzes.source_structured import FILE_GROUPS

Media = Callable[[str], bytes | None]

_TYPES = {
    "single": "multichoice", "multiple": "multichoice", "truefalse": "truefalse", "number": "numerical",
    "text": "shortanswer", "matching": "matching", "ordering": "ordering", "cloze": "cloze",
    "essay": "essay", "file": "essay",
}  # fmt: skip
# XML has no way to write these, not even as an entity.
_NO_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_MARKUPS = {"plain": "plain_text", "html": "html", "markdown": "markdown"}


def write(questions: Iterable[AnyQuestion], media: Media) -> str:
    """Return the file; `media` gives the content of a picture of the course by its name, None where there is none."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<quiz>", f"<!-- {extras.MARK} -->"]
    topic = ""
    for question in sorted(questions, key=lambda one: (one.topic, one.key)):
        if question.topic != topic:
            topic = question.topic
            lines.append(f'<question type="category"><category>{_text(category_of(topic))}</category></question>')
        lines.append(_question(question, media))
    return "\n".join([*lines, "</quiz>", ""])


def _question(question: AnyQuestion, media: Media) -> str:
    written = [f'<question type="{_TYPES[question.type]}">', *_elements(question, media)]
    root, _ = parse("\n".join([*written, "</question>"]).encode())
    told = extras.difference(moodle.read_question(root, question.topic, "both", []), question)
    comment = [f"  <!-- {extras.MARK} {told} -->"] if told else []
    return "\n".join([*written, *comment, "</question>"])


def _elements(question: AnyQuestion, media: Media) -> list[str]:
    text = write_markdown(question.text)
    if isinstance(question, Cloze):
        text = moodle_cloze.write(question, write_one_language(question.text))
    chosen = {one.picture for one in getattr(question, "choices", ())}
    files = "".join(_file(name, media) for name in pictures_of(question) if name not in chosen)
    points = decimal_of(question.points, 7)
    lines = [
        f"  <name>{_text(title_of(question))}</name>",
        f'  <questiontext format="markdown">{_text(text)}{files}</questiontext>',
        _worded("generalfeedback", question.feedback or Wording.same("")),
        f"  <defaultgrade>{points:f}</defaultgrade>",
        "  <penalty>0</penalty>",
        "  <hidden>0</hidden>",
        f"  <idnumber>{_escaped(question.key)}</idnumber>",
        *_own(question, media),
    ]
    if not isinstance(question, TrueFalse | Graded):
        lines += [_worded(name, wording) for name, wording in
                  (("correctfeedback", question.feedback_right), ("incorrectfeedback", question.feedback_wrong))
                  if wording]  # fmt: skip
    lines += [_worded("hint", hint) for hint in question.hints]
    if question.tags:
        lines.append("  <tags>" + "".join(f"<tag>{_text(tag)}</tag>" for tag in question.tags) + "</tags>")
    return lines


def _own(question: AnyQuestion, media: Media) -> list[str]:
    match question:
        case SingleChoice() | MultipleChoice():
            return [
                f"  <single>{_boolean(isinstance(question, SingleChoice))}</single>",
                f"  <shuffleanswers>{_boolean(not question.keep_order)}</shuffleanswers>",
                "  <answernumbering>none</answernumbering>",
                *(_choice(one, media) for one in question.choices),
            ]
        case TrueFalse():
            said = {True: question.feedback_right, False: question.feedback_wrong}
            return [_answer(Fraction(word == question.answer), _text(_boolean(word)), said[word == question.answer],
                            "moodle_auto_format") for word in (True, False)]  # fmt: skip
        case NumberQuestion():
            return [*(_range(one) for one in question.accepted), *_units(question)]
        case ShortText():
            return [f"  <usecase>{int(question.case)}</usecase>", *map(_pattern, question.accepted)]
        case Matching():
            return ["  <shuffleanswers>true</shuffleanswers>", *_pairs(question)]
        case Ordering():
            grading = "RELATIVE_NEXT_EXCLUDE_LAST" if question.partial else "ALL_OR_NOTHING"
            return ["  <layouttype>VERTICAL</layouttype>", "  <selecttype>ALL</selecttype>",
                    "  <selectcount>0</selectcount>", f"  <gradingtype>{grading}</gradingtype>",
                    "  <showgrading>SHOW</showgrading>", "  <numberingstyle>none</numberingstyle>",
                    *_steps(question)]  # fmt: skip
        case Essay():
            limits = [
                f"  <{name}>{limit}</{name}>"
                for name, limit in (("minwordlimit", question.words_least), ("maxwordlimit", question.words_most))
                if limit
            ]
            return ["  <responseformat>editor</responseformat>", "  <responserequired>1</responserequired>",
                    "  <attachments>0</attachments>", *limits, *_sample(question)]  # fmt: skip
        case FileAnswer():
            return ["  <responseformat>noinline</responseformat>", "  <responserequired>0</responserequired>",
                    "  <attachments>1</attachments>", "  <attachmentsrequired>1</attachmentsrequired>",
                    f"  <maxbytes>{question.megabytes * 1024**2}</maxbytes>",
                    f"  <filetypeslist>{_endings(question)}</filetypeslist>", *_sample(question)]  # fmt: skip
    return []


def _choice(choice: Choice, media: Media) -> str:
    if not choice.picture:
        text, markup = write_plain(choice.text)
        return _answer(choice.weight, _text(text), choice.feedback, _MARKUPS[markup])
    words, _ = join(choice.text, from_plain)
    seen = from_plain(choice.text.read("id")[0]).replace('"', "&quot;").replace("<br>", " ")
    html = f'{words}<br><img src="{PLUGIN_FILE}{choice.picture}" alt="{seen}">'
    return _answer(choice.weight, _text(html) + _file(choice.picture, media), choice.feedback, "html")


def _pattern(one: TextPattern) -> str:
    return _answer(one.weight, _text(one.pattern), one.feedback, "moodle_auto_format")


def _range(one: NumberRange) -> str:
    middle = one.answer if one.answer is not None else (one.low + one.high) / 2
    return _answer(
        one.weight, _text(f"{middle:f}") + f"<tolerance>{one.high - middle:f}</tolerance>", one.feedback,
        "moodle_auto_format",
    )  # fmt: skip


def _units(question: NumberQuestion) -> list[str]:
    if question.unit is None:
        return []
    named = [(name, Decimal(1)) for name in question.unit.spellings()]
    named += [(name, round(1 / worth, 9)) for name, worth in question.other_units if worth]
    units = "".join(f"<unit><multiplier>{multiplier:f}</multiplier><unit_name>{_escaped(name)}</unit_name></unit>"
                    for name, multiplier in named)  # fmt: skip
    return [f"  <units>{units}</units>", "  <unitgradingtype>0</unitgradingtype>", "  <showunits>0</showunits>"]


def _pairs(question: Matching) -> list[str]:
    lines = []
    for pair in question.pairs:
        text, markup = write_plain(pair.left)
        right = _text(write_plain(pair.right)[0])
        lines.append(f'  <subquestion format="{_MARKUPS[markup]}">{_text(text)}<answer>{right}</answer></subquestion>')
    for one in question.extra:
        right = _text(write_plain(one.text)[0])
        lines.append(f'  <subquestion format="html"><text></text><answer>{right}</answer></subquestion>')
    return lines


def _steps(question: Ordering) -> list[str]:
    lines = []
    for place, step in enumerate(question.steps, start=1):
        text, markup = write_plain(step.text)
        lines.append(f'  <answer fraction="{place}" format="{_MARKUPS[markup]}">{_text(text)}</answer>')
    return lines


def _sample(question: Graded) -> list[str]:
    return [_worded("graderinfo", question.sample)] if question.sample else []


def _endings(question: FileAnswer) -> str:
    groups: Sequence[str] = [
        ",".join(dict.fromkeys(ending for kind in kinds for ending in kind.endings))
        for kinds in FILE_GROUPS.values() if {kind.value for kind in kinds} <= set(question.kinds)
    ]  # fmt: skip
    return ",".join(groups)


def _answer(share: Fraction, inside: str, feedback: Wording | None, markup: str) -> str:
    said = _worded("feedback", feedback).strip() if feedback else ""
    return f'  <answer fraction="{write_share(share)}" format="{markup}">{inside}{said}</answer>'


def _worded(tag: str, wording: Wording) -> str:
    text, markup = write_plain(wording)
    return f'  <{tag} format="{_MARKUPS[markup]}">{_text(text)}</{tag}>'


def _file(name: str, media: Media) -> str:
    content = media(name)
    if content is None:
        return ""
    return f'<file name="{_escaped(name)}" path="/" encoding="base64">{b64encode(content).decode()}</file>'


def _text(text: str) -> str:
    return f"<text>{_escaped(text)}</text>"


def _escaped(text: str) -> str:
    plain = _NO_XML.sub("", text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _boolean(value: bool) -> str:
    return "true" if value else "false"
