"""Our dialect of Markdown: boxes, formulas, figures, task lists, fixed headings; raw HTML stays text."""

import html
import re
import xml.etree.ElementTree as etree
from collections.abc import Callable
from typing import Any

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.extensions.admonition import AdmonitionProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pymdownx.details import DetailsProcessor  # type: ignore[import-untyped]

from lms.courses import formulas
from lms.courses.cleaning import BOXES

BOX_TITLES = {
    "id": ("Catatan", "Kiat", "Informasi", "Perhatian", "Bahaya", "Contoh", "Pertanyaan", "Latihan"),
    "en": ("Note", "Tip", "Information", "Warning", "Danger", "Example", "Question", "Exercise"),
}
# Lexers of languages a course may show. Others exist whose patterns can be made to run for minutes.
CODE_LANGUAGES = frozenset(
    {"bash", "css", "diff", "html", "ini", "javascript", "js", "json", "python", "py", "sh", "sql", "toml", "xml"}
)
MOST_CODE = 10_000
MOST_FORMULAS = 200
MOST_NOTES = 100


def box_title(kind: str, language: str) -> str:
    """Return the heading of a box that was given none."""
    return BOX_TITLES.get(language, BOX_TITLES["en"])[BOXES.index(kind)]


def _kind(words: str | None) -> str:
    first = (words or "").lower().split(" ")[0]
    return first if first in BOXES else "note"


class Box(AdmonitionProcessor):
    """`!!! kind "Heading"` with one of eight kinds, headed in the lesson's language."""

    CLASSNAME = "box"
    CLASSNAME_TITLE = "box-title"
    language = "id"

    def get_class_and_title(self, match: re.Match[str]) -> tuple[str, str | None]:
        kind = _kind(match[1])
        title = match[2]
        return f"box-{kind}", (box_title(kind, self.language) if title is None else title or None)


class FoldableBox(DetailsProcessor):
    """`??? kind "Heading"`: the same boxes as `details`."""

    language = "id"

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        opening = self.START.search(blocks[0])
        super().run(parent, blocks)
        details = parent[-1] if len(parent) else None
        if opening is None or details is None or details.tag != "details":
            return
        kind = _kind(opening[2] or opening[4])
        details.set("class", f"box box-{kind}")
        summary = details.find("summary")
        if summary is not None and not opening[3]:
            summary.clear()
            summary.text = box_title(kind, self.language)


class InlineFormula(InlineProcessor):
    r"""`\( … \)`; a single dollar sign is money here (S$5)."""

    def __init__(self, md: Markdown, notes: "Notes") -> None:
        # The bounded length keeps a text full of openings linear.
        super().__init__(r"(?<!\\)\\\(([^\n]{1,600}?)\\\)", md)
        self.notes = notes

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        return self.notes.formula(m[1], display=False), m.start(0), m.end(0)


class BlockFormula(BlockProcessor):
    r"""`$$ … $$` or `\[ … \]` as a block of its own."""

    SHAPE = re.compile(r"\s*(?:\$\$(.+?)\$\$|\\\[(.+?)\\\])\s*", re.DOTALL)

    def __init__(self, md: Markdown, notes: "Notes") -> None:
        super().__init__(md.parser)
        self.notes = notes

    def test(self, parent: etree.Element, block: str) -> bool:
        return block.lstrip().startswith(("$$", "\\[")) and self.SHAPE.fullmatch(block) is not None

    def run(self, parent: etree.Element, blocks: list[str]) -> None:
        found = self.SHAPE.fullmatch(blocks.pop(0))
        if found is None:
            return
        wrapper = etree.SubElement(parent, "div", {"class": "formula"})
        wrapper.append(self.notes.formula((found[1] or found[2]).strip(), display=True))


class LineBreak(InlineProcessor):
    """`<br>`: the one tag people need, since a table cell knows no other way to a second line."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        return etree.Element("br"), m.start(0), m.end(0)


class MailAddress(InlineProcessor):
    """`<name@host>` as a plain link; Markdown's own version scrambles the address."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[etree.Element, int, int]:  # type: ignore[override]
        link = etree.Element("a", {"href": f"mailto:{m[1]}"})
        link.text = AtomicString(m[1])
        return link, m.start(0), m.end(0)


class Notes:
    """What rendering one text came across: the wishes it could not fulfil, told with the words they stand under."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []
        self.formulas = 0

    def add(self, code: str, target: str) -> None:
        if len(self.found) < MOST_NOTES:
            self.found.append((code, target))

    def formula(self, tex: str, *, display: bool) -> etree.Element:
        self.formulas += 1
        drawn = formulas.build(tex, display=display) if self.formulas <= MOST_FORMULAS else None
        if drawn is not None:
            return drawn
        self.add("formula_not_understood", tex)
        shown = etree.Element("span", {"class": "formula-source"})
        shown.text = AtomicString(tex)
        return shown


def draw_code(source: str, language: str | None, *_: Any, **__: Any) -> str:
    """Return a fenced block as HTML, coloured by classes where the language is one of ours."""
    name = (language or "").lower()
    if name in CODE_LANGUAGES and len(source) <= MOST_CODE:
        coloured = highlight(source, get_lexer_by_name(name), HtmlFormatter(nowrap=True))
    else:
        coloured = html.escape(source, quote=False)
    return f'<div class="highlight"><pre><code>{coloured.rstrip()}\n</code></pre></div>'


class Dialect(Extension):
    """Registers all of the above on one Markdown instance, and takes raw HTML out of it."""

    def __init__(self, *, language: str, notes: Notes, finish: Callable[[etree.Element], None]) -> None:
        super().__init__()
        self.language, self.notes, self.finish = language, notes, finish

    def extendMarkdown(self, md: Markdown) -> None:
        md.preprocessors.deregister("html_block")
        md.inlinePatterns.deregister("html")
        md.inlinePatterns.deregister("automail")
        box, foldable = Box(md.parser), FoldableBox(md.parser)
        box.language = foldable.language = self.language
        md.parser.blockprocessors.register(box, "box", 105)
        md.parser.blockprocessors.register(foldable, "foldable_box", 104)
        md.parser.blockprocessors.register(BlockFormula(md, self.notes), "block_formula", 103)
        # Before backslash escapes (180), after code (190).
        md.inlinePatterns.register(InlineFormula(md, self.notes), "formula", 185)
        md.inlinePatterns.register(LineBreak(r"<br ?/?>", md), "br", 95)
        md.inlinePatterns.register(MailAddress(r"<([^<>@\s]{1,64}@[A-Za-z0-9.-]{1,200})>", md), "mail", 110)
        # After the inline patterns (20) and the footnotes' own passes (15), before the escapes are resolved (0).
        md.treeprocessors.register(_Finish(md, self.finish), "finish", 12)


class _Finish(Treeprocessor):
    def __init__(self, md: Markdown, finish: Callable[[etree.Element], None]) -> None:
        super().__init__(md)
        self.finish = finish

    def run(self, root: etree.Element) -> None:
        self.finish(root)
