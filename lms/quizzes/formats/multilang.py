"""Both languages in one text, as Moodle's multi-language filter writes them: a span for each."""

import re
from collections.abc import Callable

from lms.quizzes.rules.wording import LANGUAGES, Wording

_SPAN = re.compile(
    r"<(?:span|lang)(?=[^>]{0,80}\bclass=[\"']multilang[\"']|[^>]{0,80}\blang=)[^>]{0,120}?"
    r"\blang=[\"'](?P<language>[A-Za-z-]{2,12})[\"'][^>]{0,80}>(?P<text>.*?)</(?:span|lang)>",
    re.DOTALL | re.IGNORECASE,
)
# The plugin "Multi-Language Content (v2)" writes it without HTML.
_BRACES = re.compile(r"\{mlang\s+(?P<language>[A-Za-z-]{2,12})\}(?P<text>.*?)\{mlang\}", re.DOTALL)


def split(text: str, make: Callable[[str], str], plain: str) -> Wording | None:
    """Return the text in its languages, each made readable by `make`; None where nothing is left.

    What stands outside the marks belongs to every language. Without marks it is in `plain`: "id", "en" or "both".
    """
    for marks in (_SPAN, _BRACES):
        found = [(one["language"].lower()[:2], one) for one in marks.finditer(text)]
        if any(language in LANGUAGES for language, _ in found):
            return _of({language: make(_read_as(text, found, language)) for language in LANGUAGES
                        if any(own == language for own, _ in found)})  # fmt: skip
    made = make(text)
    return _of(dict.fromkeys(LANGUAGES if plain == "both" else (plain,), made))


def join(wording: Wording, make: Callable[[str], str]) -> tuple[str, bool]:
    """Return the text with each language marked, and whether marks were needed: not where both read the same."""
    if wording.id == wording.en and wording.id is not None:
        return make(wording.id), False
    return "".join(
        f'<span lang="{language}" class="multilang">{make(text)}</span>'
        for language in LANGUAGES
        if (text := getattr(wording, language)) is not None
    ), True


def _read_as(text: str, found: list[tuple[str, re.Match[str]]], language: str) -> str:
    pieces, at = [], 0
    for own, one in found:
        pieces.append(text[at : one.start()])
        if own == language:
            pieces.append(one["text"])
        at = one.end()
    return "".join([*pieces, text[at:]])


def _of(texts: dict[str, str]) -> Wording | None:
    kept = {language: text.strip() for language, text in texts.items() if text.strip()}
    return Wording(**kept) if kept else None
