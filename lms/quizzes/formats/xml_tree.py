"""A small XML tree that knows its lines, read by expat with everything refused that makes XML dangerous.

No document type, hence no entities of a file's own, inside or outside; no depth and number of elements beyond reason.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from lms.quizzes.formats.encodings import decode
from lms.quizzes.formats.found import MOST_BYTES, refuse_file

DEEPEST = 80
MOST_NODES = 100_000
MOST_COMMENT = 200_000


class _Forbidden(Exception):
    pass


@dataclass
class Node:
    """An element by its local name; `content` holds its text and elements in their order, `comments` what was noted."""

    tag: str
    attributes: dict[str, str]
    line: int
    content: list["str | Node"] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def children(self) -> list["Node"]:
        return [one for one in self.content if isinstance(one, Node)]

    def all(self, tag: str) -> list["Node"]:
        return [one for one in self.children if one.tag == tag]

    def first(self, tag: str) -> "Node | None":
        return next((one for one in self.children if one.tag == tag), None)

    def inside(self, *tags: str) -> Iterator["Node"]:
        """Return every element of these names, however deep, in the order of the file."""
        stack = list(reversed(self.children))
        while stack:
            node = stack.pop()
            if node.tag in tags:
                yield node
            stack += reversed(node.children)

    @property
    def own_text(self) -> str:
        return "".join(one for one in self.content if isinstance(one, str))

    @property
    def text(self) -> str:
        """Return all text in the element, that of elements within included."""
        pieces: list[str] = []
        stack: list[str | Node] = [self]
        while stack:
            one = stack.pop()
            if isinstance(one, str):
                pieces.append(one)
            else:
                stack += reversed(one.content)
        return "".join(pieces)

    def text_of(self, tag: str, default: str = "") -> str:
        child = self.first(tag)
        return default if child is None else child.text.strip()


def parse(content: bytes) -> tuple[Node, str]:
    """Return the root element and the encoding. Raises Invalid for what is no XML, or XML that is not taken."""
    if len(content) > MOST_BYTES:
        raise refuse_file("import_large", megabytes=MOST_BYTES // 1024**2)
    text, encoding = decode(content)
    building = _Building()
    # What we decoded is UTF-8 now, whatever the file declares.
    parser = expat.ParserCreate("utf-8", " ")
    building.attach(parser)
    try:
        parser.Parse(text.lstrip().encode("utf-8"), True)
    except expat.ExpatError as error:
        skipped = text[: len(text) - len(text.lstrip())].count("\n")
        raise refuse_file("import_xml", line=error.lineno + skipped, reason=expat.ErrorString(error.code)) from None
    except _Forbidden as forbidden:
        raise refuse_file(str(forbidden), line=parser.CurrentLineNumber) from None
    return building.root, encoding


class _Building:
    def __init__(self) -> None:
        self.root = Node("", {}, 1)
        self.open: list[Node] = []
        self.count = 0

    def attach(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = self._comment
        parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_declared: object) -> None:
        raise _Forbidden("import_doctype")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_NODES or len(self.open) >= DEEPEST:
            raise _Forbidden("import_deep")
        node = Node(_local(name), {_local(key): value for key, value in attributes.items()},
                    self.parser.CurrentLineNumber)  # fmt: skip
        if self.open:
            self.open[-1].content.append(node)
        else:
            self.root = node
        self.open.append(node)

    def _end(self, _name: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        if self.open:
            self.open[-1].content.append(text)

    def _comment(self, text: str) -> None:
        if self.open and len(text) < MOST_COMMENT:
            self.open[-1].comments.append(text.strip())


def _local(name: str) -> str:
    return name.rpartition(" ")[2]
