"""Text of other programs, in whatever mark-up it was written, as our wordings: Markdown for questions, else plain."""

import re

from lms.quizzes.formats import html as hyper
from lms.quizzes.formats.multilang import join, split
from lms.quizzes.rules.wording import Wording

_LOOKS_LIKE_HTML = re.compile(r"</?[A-Za-z][^<>]{0,200}>|&(?:[A-Za-z]{2,8}|#\d{1,7});")
_PLUGIN_FILE = re.compile(re.escape(hyper.PLUGIN_FILE) + r"([^\s)\"'>]+)")


def read_markdown(text: str, markup: str, plain: str) -> Wording | None:
    """Return a question's text as Markdown; `plain` is the language of text without a mark ("both" for all)."""
    match _sort(text, markup):
        case "markdown":
            return split(text, _with_media, plain)
        case "html":
            return split(text, hyper.as_markdown, plain)
    return split(text, hyper.escape_markdown, plain)


def read_plain(text: str, markup: str, plain: str) -> Wording | None:
    """Return a choice's or feedback's text without mark-up."""
    if _sort(text, markup) == "html":
        return split(text, hyper.as_plain, plain)
    return split(text, str.strip, plain)


def write_markdown(wording: Wording) -> str:
    """Return a question's text as Markdown, languages marked where they differ."""
    return join(wording, _with_plugin_file)[0]


def write_one_language(wording: Wording) -> str:
    """Return a text with gaps as Markdown in one language: a gap may stand in it only once."""
    is_same = wording.id == wording.en
    text, language = wording.read("id")
    return write_markdown(wording if is_same else Wording(**{language: text}))


def write_plain(wording: Wording) -> tuple[str, str]:
    """Return plain text and its mark-up: "plain" where both languages read the same, else "html" with marks."""
    if wording.id == wording.en and wording.id is not None:
        return wording.id, "plain"
    return join(wording, hyper.from_plain)[0], "html"


def looks_like_html(text: str) -> bool:
    """Return whether there are tags or named characters in the text."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def _sort(text: str, markup: str) -> str:
    if markup in ("html", "markdown", "plain"):
        return markup
    return "html" if looks_like_html(text) else "plain"


def _with_media(text: str) -> str:
    return _PLUGIN_FILE.sub(lambda one: f"media/{hyper.media_name(hyper.PLUGIN_FILE + one[1])}", text)


def _with_plugin_file(text: str) -> str:
    return re.sub(r"\]\(media/", f"]({hyper.PLUGIN_FILE}", text)
