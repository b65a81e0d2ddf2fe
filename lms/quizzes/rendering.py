"""The Markdown of a quiz → safe HTML, once, when a version is stored."""

from collections.abc import Callable

from lms.courses import render
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
