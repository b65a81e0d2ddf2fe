"""HTML of other programs as Markdown or plain text. Cleaned first by an HTML5 parser, so the rest meets sound tags."""

import re
from html import unescape
from urllib.parse import unquote

import nh3

_TAGS = {
    "p", "div", "br", "b", "strong", "i", "em", "u", "s", "del", "sub", "sup", "ul", "ol", "li", "img", "a", "code",
    "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "td", "th", "blockquote", "hr",
}  # fmt: skip
_ATTRIBUTES = {"img": {"src", "alt"}, "a": {"href"}}
_BLOCKS = {"p", "div", "ul", "ol", "table", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "s": "~~", "del": "~~"}
_TOKEN = re.compile(
    r"<(?P<close>/?)(?P<tag>[a-z0-9]+)(?P<attributes>(?:\s+[a-z]+=\"[^\"]*\")*)\s*/?>|(?P<text>[^<]+|<)"
)
_ATTRIBUTE = re.compile(r"([a-z]+)=\"([^\"]*)\"")
# What would be taken for a mark of Markdown; a hyphen, plus or number only where a line begins.
_SPECIAL = re.compile(r"([\\`*_\[\]<>~|$])")
_AT_START = re.compile(r"(?m)^(\s*)(#{1,6}\s|[-+]\s|\d+[.)]\s|!{3}|\?{3})")
PLUGIN_FILE = "@@PLUGINFILE@@/"


def as_plain(html: str) -> str:
    """Return the words of HTML, line breaks kept."""
    return _tidy(_Plain().write(_clean(html)))


def as_markdown(html: str) -> str:
    """Return HTML as Markdown; pictures of the file become pictures of the course's media."""
    return _tidy(_Marked().write(_clean(html)))


def from_plain(text: str) -> str:
    """Return plain text as HTML that reads the same."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped.replace("\n", "<br>")


def escape_markdown(text: str) -> str:
    """Return plain text so that Markdown shows it as it is."""
    return _AT_START.sub(lambda one: f"{one[1]}\\{one[2]}" if not one[2][0].isdigit()
                         else one[1] + re.sub(r"([.)])", r"\\\1", one[2]), _marked(text))  # fmt: skip


def pictures_in(html: str) -> list[tuple[str, str]]:
    """Return the pictures shown in HTML: name and what is seen."""
    found = []
    for one in _TOKEN.finditer(_clean(html)):
        if one["tag"] == "img":
            attributes = dict(_ATTRIBUTE.findall(one["attributes"] or ""))
            if name := media_name(unescape(attributes.get("src", ""))):
                found.append((name, unescape(attributes.get("alt", ""))))
    return found


def media_name(address: str) -> str:
    """Return the name of a file that travels with the question, "" for an address elsewhere."""
    if address.startswith((PLUGIN_FILE, "media/")):
        return unquote(address.removeprefix(PLUGIN_FILE).removeprefix("media/")).rpartition("/")[2]
    return ""


def _clean(html: str) -> str:
    # What stands where something else was taken out of a line break must not become one word.
    html = html.replace("\0", "")
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None, url_schemes={"https", "http", "mailto"})


def _marked(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _tidy(text: str) -> str:
    text = re.sub(r"[ \t]+\n", "\n", text.replace("\xa0", " "))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Plain:
    """Writes the text between tags; blocks and breaks end a line."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, html: str) -> str:
        for one in _TOKEN.finditer(html):
            if one["text"] is not None:
                self.text(re.sub(r"[ \t]*\n\s*", " ", unescape(one["text"])))
            elif one["close"]:
                self.close(one["tag"])
            else:
                self.open(one["tag"], dict(_ATTRIBUTE.findall(one["attributes"] or "")))
        return "".join(self.pieces)

    def text(self, text: str) -> None:
        self.pieces.append(text)

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "br" or (tag in _BLOCKS | {"li", "tr"} and self.pieces):
            self.pieces.append("\n")

    def close(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")


class _Marked(_Plain):
    """Writes Markdown."""

    def __init__(self) -> None:
        super().__init__()
        self.lists: list[str] = []
        self.links: list[str] = []
        self.is_code = False
        self.cells = self.rows = 0

    def text(self, text: str) -> None:
        self.pieces.append(text if self.is_code else _marked(text))

    def open(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _MARKS:
            self.pieces.append(_MARKS[tag])
            self.is_code = self.is_code or tag == "code"
        elif tag == "br":
            self.pieces.append("  \n")
        elif tag in ("ul", "ol"):
            self.pieces.append("\n\n" if not self.lists else "\n")
            self.lists.append("1. " if tag == "ol" else "- ")
        elif tag == "li":
            self.pieces.append("\n" + "    " * (len(self.lists) - 1) + (self.lists[-1] if self.lists else "- "))
        elif tag == "img":
            name, seen = media_name(unescape(attributes.get("src", ""))), unescape(attributes.get("alt", ""))
            address = f"media/{name}" if name else unescape(attributes.get("src", ""))
            self.pieces.append(f"![{_marked(seen)}]({address})" if address else seen)
        elif tag == "a":
            self.links.append(unescape(attributes.get("href", "")))
            self.pieces.append("[" if self.links[-1] else "")
        elif re.fullmatch(r"h[1-6]", tag):
            self.pieces.append("\n\n" + "#" * max(int(tag[1]), 2) + " ")
        elif tag == "tr":
            self.cells = 0
            self.pieces.append("\n| ")
        elif tag in _BLOCKS:
            self.rows = 0 if tag == "table" else self.rows
            self.pieces.append("\n\n")

    def close(self, tag: str) -> None:
        if tag in _MARKS:
            self.pieces.append(_MARKS[tag])
            self.is_code = self.is_code and tag != "code"
        elif tag in ("ul", "ol"):
            if self.lists:
                self.lists.pop()
            self.pieces.append("\n" if self.lists else "\n\n")
        elif tag == "a" and self.links:
            address = self.links.pop()
            self.pieces.append(f"]({address})" if address else "")
        elif tag in ("td", "th"):
            self.cells += 1
            self.pieces.append(" | ")
        elif tag == "tr":
            self.rows += 1
            # Markdown's tables have a head; here it is the first row, whatever it was.
            self.pieces.append("\n|" + " --- |" * self.cells if self.rows == 1 else "")
        elif tag in _BLOCKS:
            self.pieces.append("\n\n")
