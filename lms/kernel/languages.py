"""Which languages the site speaks: those that have a catalogue of messages. Another needs its catalogue and no code.

Content is another matter: courses, quizzes and titles are written in Indonesian and English (`CONTENT`), and a reader
of a third language gets pages in hers around texts in one of these two.
"""

from pathlib import Path

_CATALOGUES = Path(__file__).resolve().parent.parent / "locale"

# Indonesian and English first, as they are the ones most people here read; any other by its code.
_FIRST = ("id", "en")

DEFAULT_LANGUAGE = "id"
CONTENT = ("id", "en")


def languages_in(folder: Path) -> tuple[str, ...]:
    """Return the codes of the languages that have a catalogue in this folder: `ms/LC_MESSAGES/messages.po` gives ms."""
    found = {path.parents[1].name for path in folder.glob("*/LC_MESSAGES/messages.po")}
    return tuple(sorted(found, key=lambda code: (_FIRST.index(code) if code in _FIRST else len(_FIRST), code)))


LANGUAGES = languages_in(_CATALOGUES)


def known_language(code: str) -> str:
    """Return the code. Raises ValueError("input_literal_error") for a language the site does not speak."""
    if code not in LANGUAGES:
        raise ValueError("input_literal_error")
    return code
