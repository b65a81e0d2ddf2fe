"""The Markdown of a quiz → safe HTML, once, when a version is stored."""

from collections.abc import Callable
from typing import Any

from lms.courses import render
from lms.quizzes.rules.questions import AnyQuestion, MultipleChoice, SingleChoice
from lms.quizzes.rules.wording import LANGUAGES, Wording

MediaUrl = Callable[[str], str | None]

RENDERER = render.VERSION
"""Stored beside the HTML: what an older renderer made is made again at the next sync."""


def no_media(_name: str) -> str | None:
    """Return no address for any media file."""
    return None


def render_wording(wording: Wording | None, media_url: MediaUrl) -> dict[str, str]:
    """Return the HTML of each language that is there."""
    if wording is None:
        return {}
    return {
        language: render.render(text, language=language, media_url=media_url).html
        for language in LANGUAGES
        if (text := getattr(wording, language)) is not None
    }


def render_question(question: AnyQuestion, media_url: MediaUrl) -> dict[str, Any]:
    """Return the HTML of the question's text by language and, under "pictures", its choices' addresses by key.

    A picture that is not in the course's media folder has no address and is not shown.
    """
    html: dict[str, Any] = dict(render_wording(question.text, media_url))
    if isinstance(question, SingleChoice | MultipleChoice):
        addresses = {one.key: media_url(one.picture) for one in question.choices if one.picture}
        if found := {key: address for key, address in addresses.items() if address}:
            html["pictures"] = found
    return html
