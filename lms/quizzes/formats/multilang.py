"""Both languages in one text, as Moodle's multi-language filter writes them: a span for each."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lms.quizzes.rules.wording import LANGUAGES, Wording

_SPANS = re.compile(r"<(?:span|lang)\b(?P<attributes>[^<>]{0,200})>|(?P<close></(?:span|lang)>)", re.IGNORECASE)
_LANGUAGE = re.compile(r"\blang=[\"']?([A-Za-z-]{2,12})", re.IGNORECASE)
# The plugin "Multi-Language Content (v2)" writes it without HTML.
_BRACES = re.compile(r"\{mlang(?:\s+(?P<language>[A-Za-z-]{2,12}))?\}")


@dataclass(frozen=True)
class _Part:
    """A stretch of the text in one language: from its mark's beginning to its end, and the words within."""

    language: str
    start: int
    end: int
    words: str


def split(text: str, make: Callable[[str], str], plain: str) -> Wording | None:
    """Return the text in its languages, each made readable by `make`; None where nothing is left.

    What stands outside the marks belongs to every language. Without marks it is in `plain`: "id", "en" or "both".
    """
    parts = _in_spans(text) or _in_braces(text)
    languages = [language for language in LANGUAGES if any(one.language == language for one in parts)]
    if languages:
        return _of({language: make(_read_as(text, parts, language)) for language in languages})
    return _of(dict.fromkeys(LANGUAGES if plain == "both" else (plain,), make(text)))


def join(wording: Wording, make: Callable[[str], str]) -> tuple[str, bool]:
    """Return the text with each language marked, and whether marks were needed: not where both read the same."""
    if wording.id == wording.en and wording.id is not None:
        return make(wording.id), False
    return "".join(
        f'<span lang="{language}" class="multilang">{make(text)}</span>'
        for language in LANGUAGES
        if (text := getattr(wording, language)) is not None
    ), True


def _in_spans(text: str) -> list[_Part]:
    """Return the stretches in spans with a language; spans within them, for colour or size, belong to their words.

    One walk over the tags: looking from each opening tag for its end takes for ever where there is none.
    """
    found: list[_Part] = []
    opened: re.Match[str] | None = None
    depth = 0
    for tag in _SPANS.finditer(text):
        if opened is None:
            if not tag["close"] and (named := _LANGUAGE.search(tag["attributes"])):
                opened, depth, language = tag, 1, named[1].lower()[:2]
            continue
        depth += -1 if tag["close"] else 1
        if depth == 0:
            found.append(_Part(language, opened.start(), tag.end(), text[opened.end() : tag.start()]))
            opened = None
    return found


def _in_braces(text: str) -> list[_Part]:
    found: list[_Part] = []
    opened: re.Match[str] | None = None
    for mark in _BRACES.finditer(text):
        if mark["language"]:
            opened = opened or mark
        elif opened is not None:
            words = text[opened.end() : mark.start()]
            found.append(_Part(opened["language"].lower()[:2], opened.start(), mark.end(), words))
            opened = None
    return found


def _read_as(text: str, parts: list[_Part], language: str) -> str:
    pieces, at = [], 0
    for one in parts:
        pieces.append(text[at : one.start])
        if one.language == language:
            pieces.append(one.words)
        at = one.end
    return "".join([*pieces, text[at:]])


def _of(texts: dict[str, str]) -> Wording | None:
    kept = {language: text.strip() for language, text in texts.items() if text.strip()}
    return Wording(**kept) if kept else None
