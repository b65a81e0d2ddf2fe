"""A questionnaire: blocks of items to be rated, and open questions; what an answer to it may be."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from lms.evaluations.rules.blocks import ready_blocks, usual_keys
from lms.kernel.errors import Invalid, Problem

# What everyone may say in her own words, last.
OPEN_QUESTIONS = (
    {"key": "good", "text": {"id": "Apa yang paling bermanfaat?", "en": "What was most useful?"}},
    {"key": "better", "text": {"id": "Apa yang perlu diperbaiki?", "en": "What should be better?"}},
)
LONGEST_TEXT = 2000
MOST_OWN = 30
# Said of an item that does not concern whoever answers: no lodging, no meal.
NOT_APPLICABLE = "na"


class QuestionnaireDraft(BaseModel):
    """A programme's questionnaire as its form says it: ready-made blocks, own questions, the scale.

    `own` has a line a question: Indonesian, a bar, English.
    """

    model_config = ConfigDict(str_strip_whitespace=True)

    blocks: list[Annotated[str, StringConstraints(max_length=40)]] = []
    own: Annotated[str, StringConstraints(max_length=8000)] = ""
    scale: Annotated[Literal["4", "5"], Field()] = "4"

    @field_validator("own")
    @classmethod
    def can_be_read(cls, text: str) -> str:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > MOST_OWN:
            raise ValueError("own_questions_too_many")
        if any(len(part) > 300 for line in lines for part in line.split("|")):
            raise ValueError("own_question_too_long")
        return text


def content_from(kind: str, draft: QuestionnaireDraft) -> dict[str, Any]:
    """Return the questionnaire's content. Raises Invalid where nothing would be asked."""
    level = 1 if kind in ("organiser", "instructor") else 3
    blocks = [block.stored() for block in ready_blocks(kind) if block.key in draft.blocks]
    own = _own_block(draft.own, level)
    if own:
        blocks.append(own)
    if not blocks:
        raise Invalid(Problem.of("questionnaire_empty", field="blocks"))
    return {"scale": int(draft.scale), "blocks": blocks, "open": [dict(one) for one in OPEN_QUESTIONS]}


def usual_content(kind: str) -> dict[str, Any]:
    """Return what a questionnaire of this kind asks where nobody set it up."""
    return content_from(kind, QuestionnaireDraft(blocks=list(usual_keys(kind))))


def draft_values(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored content as the values of its form."""
    own = next((block for block in content["blocks"] if block["key"] == "own"), None)
    lines = [" | ".join(filter(None, (item["text"]["id"], item["text"]["en"]))) for item in own["items"]] if own else []
    return {
        "blocks": [block["key"] for block in content["blocks"]],
        "own": "\n".join(lines),
        "scale": str(content["scale"]),
    }


def item_keys(content: Mapping[str, Any]) -> list[str]:
    """Return the keys of every item to be rated, in order."""
    return [item["key"] for block in content["blocks"] for item in block["items"]]


def read_answers(content: Mapping[str, Any], sent: Mapping[str, str]) -> dict[str, Any]:
    """Return what somebody answered: item key → 1…scale (left out where it does not concern her), and her own words.

    Raises Invalid naming each item that was passed over, or is no answer at all.
    """
    problems: list[Problem] = []
    marks: dict[str, int] = {}
    for key in item_keys(content):
        given = sent.get(f"item-{key}", "")
        if given == NOT_APPLICABLE:
            continue
        if not (given.isdecimal() and 1 <= int(given) <= content["scale"]):
            problems.append(Problem.of("answer_missing", field=f"item-{key}"))
        else:
            marks[key] = int(given)
    texts: dict[str, str] = {}
    for question in content["open"]:
        text = " ".join(sent.get(f"open-{question['key']}", "").split())
        if len(text) > LONGEST_TEXT:
            problems.append(Problem.of("answer_too_long", field=f"open-{question['key']}", most=LONGEST_TEXT))
        elif text:
            texts[question["key"]] = text
    if problems:
        raise Invalid(problems)
    return {"marks": marks, "texts": texts}


def scale_words(kind: str, scale: int) -> list[str]:
    """Return the codes that say what each step of the scale means, from the lowest."""
    family = "quality" if kind in ("organiser", "instructor") else "extent"
    steps = (2, 3, 4, 5) if scale == 4 and family == "quality" else range(1, scale + 1)
    return [f"scale_{family}_{step}" if family == "quality" else f"scale_{family}{scale}_{step}" for step in steps]


def _own_block(text: str, level: int) -> dict[str, Any] | None:
    items: list[dict[str, Any]] = []
    for line in filter(str.strip, text.splitlines()):
        in_id, _bar, in_en = (part.strip() for part in line.partition("|"))
        if in_id or in_en:
            items.append({"key": f"own-{len(items) + 1}", "text": {"id": in_id or in_en, "en": in_en}})
    if not items:
        return None
    title = {"id": "Pertanyaan program ini", "en": "Questions of this programme"}
    return {"key": "own", "level": level, "title": title, "items": items}


def levels_of(content: Mapping[str, Any]) -> Collection[int]:
    """Return the levels a questionnaire's blocks belong to."""
    return {block["level"] for block in content["blocks"]}
