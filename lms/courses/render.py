"""Markdown → safe HTML, at publication and in the editor's preview alike. Pure; never raises, never runs long."""

import math
import re
from collections import Counter

from markdown import Markdown

from lms.courses import cleaning
from lms.courses.finishing import Address, Finisher
from lms.courses.limits import find_excess, tidy
from lms.courses.markup import Dialect, Notes, draw_code
from lms.courses.rules import FindMedia, Rendered
from lms.kernel.errors import Problem

# Raise it when the same text renders differently: stored HTML of an older version is rendered again at the next sync.
VERSION = 3
WORDS_A_MINUTE = 180

_BACK = {"id": "Kembali ke catatan kaki {} di dalam teks", "en": "Back to footnote {} in the text"}


def render(markdown: str, *, language: str, find_media: FindMedia, module_url: Address = lambda _key: None) -> Rendered:
    """Return the lesson's HTML with its headings, reading time in minutes and problems.

    `find_media` and `module_url` turn the name of a media file and a module's key into what a page needs of
    it, or None when there is no such thing. A problem's parameter `line` counts from 1 in `markdown`. Text
    that Markdown would take too long over gives an empty page and one problem.
    """
    text = tidy(markdown)
    if (excess := find_excess(text)) is not None:
        return Rendered("", problems=(excess,))
    notes = Notes()
    finisher = Finisher(language, find_media, module_url, notes)
    parser = Markdown(
        extensions=[
            *("tables", "footnotes", "def_list", "sane_lists"),
            *("pymdownx.superfences", "pymdownx.tilde", "pymdownx.mark"),
            Dialect(language=language, notes=notes, finish=finisher.finish),
        ],
        extension_configs={
            "footnotes": {"BACKLINK_TITLE": _BACK.get(language, _BACK["en"])},
            "pymdownx.superfences": {"custom_fences": [{"name": "*", "class": "highlight", "format": draw_code}]},
            "pymdownx.tilde": {"subscript": False},
        },
    )
    try:
        html = parser.convert(text)
    except Exception:  # a text that breaks the parser (it recurses) is the author's to mend, not a broken page
        return Rendered("", problems=(Problem.of("text_not_understood", line=1),))
    return Rendered(cleaning.clean(html), tuple(finisher.headings), _minutes(text), _locate(notes, text))


def _minutes(text: str) -> int:
    return max(1, math.ceil(len(re.findall(r"\w+", text)) / WORDS_A_MINUTE))


def _locate(notes: Notes, text: str) -> tuple[Problem, ...]:
    """Return the notes as problems; the n-th note on the same words stands at their n-th place in the text."""
    seen: Counter[str] = Counter()
    problems = []
    for code, words in notes.found:
        at = -1
        for _ in range(seen[words] + 1):
            later = text.find(words, at + 1) if words else -1
            if later < 0:
                break
            at = later
        seen[words] += 1
        problems.append(Problem.of(code, line=text.count("\n", 0, max(at, 0)) + 1, target=words[:200]))
    return tuple(sorted(problems, key=lambda problem: problem.params["line"]))
