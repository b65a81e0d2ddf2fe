"""The Markdown of a quiz → safe HTML, once, when a version is stored."""

from typing import Any

from lms.courses import render
from lms.courses.rules import FindMedia, Shown
from lms.quizzes.rules.questions import AnyQuestion, MultipleChoice, SingleChoice
from lms.quizzes.rules.wording import LANGUAGES, Wording

RENDERER = render.VERSION
"""Stored beside the HTML: what an older renderer made is made again at the next sync."""


def no_media(_name: str) -> Shown | None:
    """Find no media file, whatever its name."""
    return None


def render_wording(wording: Wording | None, find_media: FindMedia) -> dict[str, str]:
    """Return the HTML of each language that is there."""
    if wording is None:
        return {}
    return {
        language: render.render(text, language=language, find_media=find_media).html
        for language in LANGUAGES
        if (text := getattr(wording, language)) is not None
    }


def render_question(question: AnyQuestion, find_media: FindMedia) -> dict[str, Any]:
    """Return the HTML of the question's text by language, and what is needed of its choices' pictures, by key:
    under "pictures" the address, under "sizes" width and height in pixels where they are known.

    A picture that is not in the course's media folder has no address and is not shown.
    """
    html: dict[str, Any] = dict(render_wording(question.text, find_media))
    if isinstance(question, SingleChoice | MultipleChoice):
        pictures = {one.key: find_media(one.picture) for one in question.choices if one.picture}
        if found := {key: shown for key, shown in pictures.items() if shown}:
            html["pictures"] = {key: shown.address for key, shown in found.items()}
        if sizes := {key: list(shown.size) for key, shown in found.items() if shown.size}:
            html["sizes"] = sizes
    return html
