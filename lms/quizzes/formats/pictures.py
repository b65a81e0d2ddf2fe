"""Pictures of questions: which are shown, and calling them otherwise."""

import re
from collections.abc import Mapping
from dataclasses import replace

from lms.quizzes.rules.questions import AnyQuestion, MultipleChoice, SingleChoice
from lms.quizzes.rules.wording import Wording

_SHOWN = re.compile(r"\]\(media/([^)]+?)(?:\s+\"[^\"]*\")?\)")


def pictures_of(question: AnyQuestion) -> list[str]:
    """Return the names of the course's media that the question shows, each once."""
    names = [name for text in question.text.spellings() for name in _SHOWN.findall(text)]
    if isinstance(question, SingleChoice | MultipleChoice):
        names += [one.picture for one in question.choices if one.picture]
    return list(dict.fromkeys(names))


def renamed(question: AnyQuestion, names: Mapping[str, str]) -> AnyQuestion:
    """Return the question with its pictures called by their new names; those not named stay."""
    if not names:
        return question

    def text(words: str | None) -> str | None:
        return words and _SHOWN.sub(lambda one: one[0].replace(one[1], names.get(one[1], one[1]), 1), words)

    changed = replace(question, text=Wording(text(question.text.id), text(question.text.en)))
    if isinstance(changed, SingleChoice | MultipleChoice):
        choices = (replace(one, picture=names.get(one.picture, one.picture)) if one.picture else one
                   for one in changed.choices)  # fmt: skip
        return replace(changed, choices=tuple(choices))
    return changed


def media_name(name: str) -> str:
    """Return the name in the form that media have: small letters, digits, points and hyphens."""
    stem, _, ending = name.rpartition("/")[2].lower().rpartition(".")
    plain = re.sub(r"[^a-z0-9_-]+", "-", stem).strip("-_")[:60].strip("-_") or "gambar"
    return f"{plain}.{re.sub(r'[^a-z0-9]', '', ending)[:5]}"
