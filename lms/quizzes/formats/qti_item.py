"""One QTI item: its declarations, its body as HTML, its interactions."""

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from html import escape

from lms.kernel.errors import Said
from lms.quizzes.formats.found import Refused
from lms.quizzes.formats.html import PLUGIN_FILE, as_markdown, as_plain, pictures_in
from lms.quizzes.formats.numbers import read_decimal
from lms.quizzes.formats.xml_tree import Node
from lms.quizzes.rules.wording import LANGUAGES, Wording

INTERACTION = "Interaction"
SLASH = "\u2215"
"""Stands for the slashes of a picture's path until the package is asked which file it is."""

_HTML = {
    "p", "div", "br", "b", "strong", "i", "em", "sub", "sup", "ul", "ol", "li", "code", "pre", "table", "thead",
    "tbody", "tr", "td", "th", "blockquote", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
}  # fmt: skip
# Told to somebody else, or only after an answer.
_UNSEEN = {"rubricBlock", "feedbackInline", "feedbackBlock", "modalFeedback", "stylesheet", "templateInline"}


def is_item(root: Node) -> bool:
    return root.tag in ("assessmentItem", "qti-assessment-item")


def normal(node: Node) -> Node:
    """Return the item with the names of QTI 2, whichever version it is: 3.0 says `qti-choice-interaction`."""
    tag = _camel(node.tag.removeprefix("qti-")) if node.tag.startswith("qti-") else node.tag
    attributes = {_camel(name): value for name, value in node.attributes.items()}
    content: list[str | Node] = [one if isinstance(one, str) else normal(one) for one in node.content]
    return Node(tag, attributes, node.line, content)


def _camel(name: str) -> str:
    return re.sub(r"-([a-z])", lambda one: one[1].upper(), name)


@dataclass(frozen=True)
class Declared:
    """What an item says about a response: its right values, and what else is worth how much."""

    is_single: bool
    base_type: str
    correct: tuple[str, ...]
    mapped: tuple[tuple[str, Fraction, bool], ...]

    def shares(self) -> tuple[dict[str, Fraction], Fraction]:
        """Return each value's part of the points, and the points: of the mapping where there is one."""
        if not self.mapped:
            return dict.fromkeys(self.correct, Fraction(1)), Fraction(1)
        worth = {key: value for key, value, _ in self.mapped}
        positive = [value for value in worth.values() if value > 0]
        if not positive:
            raise Refused("qti_no_answer")
        points = max(positive) if self.is_single else sum(positive, Fraction(0))
        return {key: max(value / points, Fraction(-1)) for key, value in worth.items()}, points


@dataclass(frozen=True)
class Item:
    """An item in the language it is written in; what could not be taken over is noted."""

    root: Node
    language: str
    notes: list[Said]

    @cached_property
    def declared(self) -> dict[str, Declared]:
        return {one.attributes.get("identifier", ""): _declared(one) for one in self.root.all("responseDeclaration")}

    @cached_property
    def body(self) -> Node:
        body = self.root.first("itemBody")
        if body is None:
            raise Refused("import_only_text")
        return body

    @cached_property
    def interactions(self) -> list[Node]:
        tags = {node.tag for node in _everything(self.body) if node.tag.endswith(INTERACTION)}
        return list(self.body.inside(*tags)) if tags else []

    @cached_property
    def counts_exactly(self) -> bool:
        """Whether only the whole right response earns anything: the template `match_correct`, or no mapping used."""
        processing = self.root.first("responseProcessing")
        template = processing.attributes.get("template", "") if processing else ""
        uses_mapping = processing is not None and any(True for _ in processing.inside("mapResponse"))
        return not (template.rstrip("/").endswith("map_response") or uses_mapping)

    @cached_property
    def points(self) -> Fraction | None:
        """Return what the item says it is worth."""
        for one in self.root.all("outcomeDeclaration"):
            if one.attributes.get("identifier") == "SCORE" and one.attributes.get("normalMaximum"):
                return Fraction(read_decimal(one.attributes["normalMaximum"])) or None
        return None

    @cached_property
    def tolerance(self) -> Decimal:
        for one in self.root.inside("equal"):
            if one.attributes.get("toleranceMode") == "absolute":
                return read_decimal(one.attributes.get("tolerance", "0").split()[0])
        return Decimal(0)

    def response(self, interaction: Node) -> Declared:
        found = self.declared.get(interaction.attributes.get("responseIdentifier", ""))
        if found is None:
            raise Refused("qti_no_answer", line=interaction.line)
        return found

    def stem(self, gaps: dict[int, str] | None = None) -> Wording:
        """Return the body without its interactions, whose prompts belong to it; `gaps` names those that fill a gap."""
        html = "".join(_html(one, gaps or {}) for one in self.body.content)
        text = as_markdown(html)
        for name in (gaps or {}).values():
            text = text.replace(f"zgapz{name}zgapz", f"{{{{{name}}}}}")
        return self.worded(text) or Wording()

    def words(self, node: Node) -> tuple[Wording, str | None]:
        """Return the words in an element and the address of the first picture in it."""
        html = "".join(_html(one, {}) for one in node.content)
        shown = pictures_in(html)
        text = as_plain(html) or (shown[0][1] or shown[0][0] if shown else "")
        return self.worded(text) or Wording(), shown[0][0] if shown else None

    def worded(self, text: str) -> Wording | None:
        text = text.strip()
        languages = LANGUAGES if self.language == "both" else (self.language,)
        return Wording(**dict.fromkeys(languages, text)) if text else None

    def note(self, code: str) -> None:
        if all(one.code != code for one in self.notes):
            self.notes.append(Said(code))


def _everything(node: Node) -> list[Node]:
    found, stack = [], [node]
    while stack:
        one = stack.pop()
        found.append(one)
        stack += one.children
    return found


def _declared(node: Node) -> Declared:
    correct = node.first("correctResponse")
    mapping = node.first("mapping")
    entries = mapping.all("mapEntry") if mapping else []
    return Declared(
        node.attributes.get("cardinality", "single") == "single",
        node.attributes.get("baseType", "identifier"),
        tuple(" ".join(one.text.split()) for one in correct.all("value")) if correct else (),
        tuple(
            (" ".join(one.attributes.get("mapKey", "").split()),
             Fraction(read_decimal(one.attributes.get("mappedValue", "0"))),
             one.attributes.get("caseSensitive", "false") == "true")
            for one in entries
        ),
    )  # fmt: skip


def _html(one: "str | Node", gaps: dict[int, str]) -> str:
    """Return the content as HTML without what only QTI knows; an interaction that fills a gap leaves its name."""
    if isinstance(one, str):
        return escape(one, quote=False)
    if id(one) in gaps:
        return f"zgapz{gaps[id(one)]}zgapz"
    if one.tag.endswith(INTERACTION):
        prompt = one.first("prompt")
        return f"<p>{''.join(_html(part, gaps) for part in prompt.content)}</p>" if prompt else ""
    if one.tag in _UNSEEN:
        return ""
    address = one.attributes.get("src") or (one.attributes.get("data") if one.tag == "object" else "") or ""
    if one.tag == "img" or (one.tag == "object" and one.attributes.get("type", "").startswith("image/")):
        seen = escape(one.attributes.get("alt") or one.text.strip(), quote=True)
        if not address.startswith(("http:", "https:", "data:")):
            address = PLUGIN_FILE + address.replace("/", SLASH)
        return f'<img src="{escape(address, quote=True)}" alt="{seen}">'
    inner = "".join(_html(part, gaps) for part in one.content)
    if one.tag in ("br", "hr"):
        return f"<{one.tag}>"
    return f"<{one.tag}>{inner}</{one.tag}>" if one.tag in _HTML else inner
