"""Every word shown to people comes from a catalogue: none stands in a template or a script itself."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from lms.settings import ROOT

# Names that are the same in every language, and signs that are no words.
NAMES = {"Jembatan", "Jembatan · Jembatan", "WhatsApp", "JP", "NIP", "English", "Bahasa Indonesia", "Angkatan I"}
NAMES |= {
    "Asia/Makassar",
    "Asia/Singapore",
    "Asia/Jakarta",
    "Asia/Jayapura",
    "MB",
    "kB",
    "SHA-256",
    "Ctrl",
    "Enter",
    "Rp",
}
# Titles before a name, in the macro that draws initials, and the style guide's samples of type and names.
NAMES |= {"Balikpapan", "Jakarta", "Jayapura"}
NAMES |= {"Dr", "Ir", "Drs", "Dra", "Prof", "Hj", "Drg", "Dr."}
# Paper that is Indonesian whatever the reader's language: a form of the city's administration.
INDONESIAN_PAPER = {"attendance/sheet.html", "attendance/instructor_sheet.html", "delegations/travel_order.html"}
SPOKEN = {"title", "aria-label", "placeholder", "alt", "aria-description", "aria-roledescription", "content"}
WORD = re.compile(r"[^\W\d_]{2,}")
# What stands for an expression while the page's own text is read.
HOLE = "\ufffc"
TRANSLATES = {"_", "gettext", "ngettext", "say", "lazy_gettext"}
# Calls whose words are names of things (endpoints, files, classes), and filters that take formats.
TECHNICAL = {"url_for", "static", "icon", "picture", "namespace", "replace", "map", "selectattr", "rejectattr", "split"}


class Spoken(HTMLParser):
    """Collects the words a page's own HTML says, in text and in attributes that are read out or shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "code"):
            self.silent += 1
        named = dict(attrs)
        for name, value in attrs:
            is_meta = name == "content" and named.get("name") != "description"
            if name in SPOKEN and not is_meta and value and WORD.search(value.replace(HOLE, " ")):
                self.found.append((self.getpos()[0], f"{name}={value}"))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "code") and self.silent:
            self.silent -= 1

    def handle_data(self, text: str) -> None:
        if not self.silent and WORD.search(text.replace(HOLE, " ")):
            self.found.append((self.getpos()[0], " ".join(text.split())))


def own_html(source: str) -> str:
    """Return the template's own HTML, every expression a hole, on the lines it stands on."""
    # Blocks that hold a class rather than words.
    source = re.sub(r"{% block (?:width|orientation) %}\w*{% endblock %}", "", source)
    parts: list[str] = []
    before, is_translated = "", False
    for _line, kind, value in Environment(extensions=["jinja2.ext.i18n"], autoescape=True).lex(source):
        if kind == "name" and before == "block_begin" and value in ("trans", "endtrans"):
            is_translated = value == "trans"
        if kind != "whitespace":
            before = kind
        if kind == "data" and not is_translated:
            parts.append(value)
        elif kind == "variable_begin":
            # A tag whose name is an expression.
            parts.append("x-hole" if parts and parts[-1].endswith(("<", "</")) else HOLE)
        else:
            parts.append("\n" * value.count("\n"))
    return "".join(parts)


def words_in_expressions(source: str) -> Iterator[tuple[int, str]]:
    """Give the line and text of each string in the template's expressions that reads like words of its own."""

    def walk(node: nodes.Node) -> Iterator[tuple[int, str]]:
        if (
            isinstance(node, nodes.Call)
            and isinstance(node.node, nodes.Name)
            and node.node.name in TRANSLATES | TECHNICAL
        ):
            return
        if isinstance(node, nodes.Filter) and node.name in TECHNICAL:
            if node.node is not None:
                yield from walk(node.node)
            return
        if isinstance(node, (nodes.TemplateData, nodes.Compare, nodes.Getitem, nodes.Import, nodes.FromImport)):
            return
        if isinstance(node, nodes.Const) and isinstance(node.value, str) and reads_like_words(node.value):
            yield node.lineno, node.value
        for child in node.iter_child_nodes():
            yield from walk(child)

    yield from walk(Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source))


def reads_like_words(text: str) -> bool:
    """Return whether people would read this string: a capital first or words with spaces; not a class or an address."""
    plain = text.strip()
    if plain in NAMES or "--" in plain or plain.startswith((".", "#", "/", "<")):
        return False
    return bool(re.match(r"[A-Z][a-z]", plain) or re.search(r"[a-z]{2,} [a-z]{2,} [a-z]", plain))


def all_names(text: str) -> bool:
    """Return whether a finding holds nothing but names, beside what expressions say."""
    name, _, value = text.partition("=")
    parts = (value if name in SPOKEN else text).split(HOLE)
    return all(not WORD.search(part) or part.strip(" ·,:()…") in NAMES for part in parts)


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def named(path: Path) -> str:
    return path.relative_to(ROOT / "templates").as_posix()


# People and places of the style guide's examples.
EXAMPLES = re.compile(
    r"Aa 0|eyebrow$|Citra Maharani$|(Dr\. (Hj\. )?)?Siti |Pelayanan|Ayu Lestari$|Dinas |Budi$|Bidang "
)


@pytest.mark.parametrize("path", [path for path in TEMPLATES if named(path) not in INDONESIAN_PAPER], ids=named)
def test_a_template_has_no_words_of_its_own(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    page = Spoken()
    page.feed(own_html(source))
    page.close()
    # A macro that writes part of a tag: attributes, which the reader of HTML takes for text.
    found = [(line, text) for line, text in page.found if "--" not in text and '="' not in text]
    said = [(line, text) for line, text in found if not all_names(text)]
    found = [*said, *words_in_expressions(source)]
    if named(path) == "styleguide.html":
        found = [(line, text) for line, text in found if not EXAMPLES.match(text)]
    assert found == []


SCRIPTS = sorted(path for path in (ROOT / "static" / "js").rglob("*.js"))
STRING = re.compile(r"""(?P<quote>["'`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL)
COMMENT = re.compile(r"^\s*//.*$|/\*.*?\*/", re.MULTILINE | re.DOTALL)
# Lines whose strings nobody is shown: for developers, or for the machine.
SILENT = re.compile(r"\bconsole\.|\bnew (?:Error|TypeError|RangeError)\(|\bimport\b|querySelector|closest\(|matches\(")


def strings_of(source: str) -> Iterator[str]:
    for line in COMMENT.sub("", source).splitlines():
        if not SILENT.search(line):
            yield from (match.group("text") for match in STRING.finditer(line))


def is_shown(text: str) -> bool:
    """Return whether a script's string reads like words: a sentence, or a capital first (but not a name of the DOM)."""
    plain = re.sub(r"\$\{[^}]*\}", " ", text).strip()
    if re.search(r"[\[\]#=>{}]|^\.|--", plain):
        return False
    return bool(re.match(r"[A-Z][a-z]+ [a-z]", plain) or re.search(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}", plain))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(ROOT / "static" / "js").as_posix())
def test_a_script_has_no_words_of_its_own(path: Path) -> None:
    """Words for scripts stand in the page, in hidden nodes and data- attributes, where the catalogue fills them in."""
    assert [text for text in strings_of(path.read_text(encoding="utf-8")) if is_shown(text)] == []


def test_words_that_are_hard_coded_would_be_found() -> None:
    page = Spoken()
    page.feed(own_html('<p>{{ _("Hello") }} there</p><img alt="A bridge"><b>{{ x }}</b><a title="{{ _("Go") }}">·</a>'))
    assert [text for _, text in page.found] == [f"{HOLE} there", "alt=A bridge"]
    assert list(words_in_expressions("{{ ui.button('Save it') }}{{ ui.button(_('Save')) }}")) == [(1, "Save it")]
    assert is_shown("The line is back again") and not is_shown("menu-panel menu-panel--left")
    assert list(strings_of('show("Please wait a moment");\n// "not this one here"')) == ["Please wait a moment"]
