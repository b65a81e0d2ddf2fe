"""Both languages are complete: every sentence a page or a code can say has its words, and no words are left over."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from lms.kernel.languages import LANGUAGES
from lms.settings import ROOT

# English sentences stand in the pages themselves; every other language has words of its own for each.
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")

KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "say": None}

# A code in Python: the first argument of whatever carries one.
CODE = re.compile(
    r"(?:Problem\.of|Said|Conflict|NotFound|Forbidden|ValueError|JitsiRefused|_wrong|problem|warn|report\.\w+|notes?\.\w+)"
    r'\(\s*(?:[\w.\[\]"]+,\s*)?"([a-z][a-z0-9]*(?:_[a-z0-9]+)+)"'
)


def catalogue(language: str) -> Catalog:
    path = ROOT / "lms" / "locale" / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def key(message: str | tuple[str, ...]) -> str:
    return message if isinstance(message, str) else message[0]


@pytest.fixture(scope="module")
def said_in_pages() -> dict[str, str]:
    """Message → where it is said, from every template and every gettext call."""
    found: dict[str, str] = {}
    for folder, method in (("lms", [("**.py", "python")]), ("templates", [("**.html", "jinja2")])):
        for file, line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder), method, options_map={"**.html": {"silent": "false"}}, keywords=KEYWORDS
        ):
            if key(message):
                found.setdefault(key(message), f"{folder}/{file}:{line}")
    return found


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    """Code → the file that uses it."""
    return {
        match.group(1): str(path.relative_to(ROOT))
        for path in python_files()
        for match in CODE.finditer(path.read_text())
    }


def python_files() -> Iterator[Path]:
    return (path for path in (ROOT / "lms").rglob("*.py") if "migrations" not in path.parts)


def words_of(catalogue: Catalog) -> dict[str, bool]:
    """Return message key → whether every form of it has words."""
    return {
        key(message.id): all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)
        for message in catalogue
        if message.id
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_sentence_of_a_page_has_words(said_in_pages: dict[str, str], language: str) -> None:
    have = words_of(catalogue(language))
    missing = {place: message for message, place in said_in_pages.items() if not have.get(message)}
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_in_both_languages(codes: dict[str, str], language: str) -> None:
    have = words_of(catalogue(language))
    assert {code: place for code, place in codes.items() if not have.get(code)} == {}


class Anything(dict[str, str]):
    """Every parameter there can be."""

    def __missing__(self, name: str) -> str:
        return name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_can_be_filled_in(codes: dict[str, str], language: str) -> None:
    """`say` fills in parameters, so a bare percent sign in a code's words would break the page that says it."""
    broken = []
    for message in catalogue(language):
        if not message.id or key(message.id) not in codes:
            continue
        for form in message.string if isinstance(message.string, (tuple, list)) else (message.string,):
            try:
                form % Anything()
            except (ValueError, TypeError):
                broken.append(form)
    assert broken == []


def test_all_catalogues_know_the_same_messages() -> None:
    known = {language: set(words_of(catalogue(language))) for language in LANGUAGES}
    assert all(messages == known["en"] for messages in known.values())


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same_in_every_wording(language: str) -> None:
    placeholder = re.compile(r"%\((\w+)\)s")
    wrong = []
    english = {key(m.id): m for m in catalogue("en") if m.id}
    for message in catalogue(language):
        if not message.id:
            continue
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        other = english[key(message.id)].string
        reference = " ".join(other) if isinstance(other, (tuple, list)) else other
        ids = " ".join(message.id) if isinstance(message.id, (tuple, list)) else message.id
        allowed = set(placeholder.findall(reference or ids)) | set(placeholder.findall(ids))
        for form in forms:
            if set(placeholder.findall(form)) - allowed - {"num", "n"}:
                wrong.append((key(message.id), form))
    assert wrong == []


def test_no_words_are_left_over(said_in_pages: dict[str, str]) -> None:
    """A message nobody says any more is dead weight for translators. Codes may be put together (`status_` ~ x)."""
    text = "\n".join(
        path.read_text() for folder in ("lms", "templates", "static/js") for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".py", ".html", ".js") and "vendor" not in path.parts
    )  # fmt: skip
    prefixes = set(re.findall(r'["\']([a-z][a-z0-9]*_(?:[a-z0-9]+_)*)["\']\s*~', text))
    prefixes |= set(re.findall(r'f"([a-z][a-z0-9]*_(?:[a-z0-9]+_)*)\{', text))
    left = [
        message
        for message in words_of(catalogue("id"))
        if message not in said_in_pages
        and f'"{message}"' not in text
        and f"'{message}'" not in text
        and not any(message.startswith(prefix) for prefix in prefixes)
    ]
    assert left == []
