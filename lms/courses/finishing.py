"""What a parsed lesson still needs to stand in a page: outline, addresses, figures, table scopes, boxes to tick."""

import re
import xml.etree.ElementTree as etree
from collections import Counter
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from markdown.util import AtomicString

from lms.courses import cleaning
from lms.courses.markup import Notes
from lms.courses.rules import SLUG, FindMedia, Heading

Address = Callable[[str], str | None]

TABLE_LABELS = {"id": "Tabel", "en": "Table"}

_MODULE_FILE = re.compile(rf"(?:\d\d-)?({SLUG})\.(?:id|en)\.md(#[\w-]*)?")
_OUTSIDE = re.compile(r"(?:https?://[^/]|mailto:|tel:)", re.IGNORECASE)
_FILM = re.compile(r"\.(?:mp4|webm)$")
_TASK = re.compile(r"\[([ xX])\]\s+")
_ESCAPED = re.compile("\x02(\\d+)\x03")


class Finisher:
    """Finishes one tree; afterwards `headings` holds its outline, and what could not be done is in `notes`."""

    def __init__(self, language: str, find_media: FindMedia, module_url: Address, notes: Notes) -> None:
        self.language, self.find_media, self.module_url, self.notes = language, find_media, module_url, notes
        self.headings: list[Heading] = []

    def finish(self, root: etree.Element) -> None:
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag == "a":
                    self._finish_link(child)
                elif child.tag == "img":
                    self._finish_picture(child)
                elif child.tag == "table":
                    self._finish_table(parent, child)
                elif child.tag == "li":
                    _finish_task(child)
        for parent in list(root.iter()):
            for child in list(parent):
                if child.tag == "p" and len(child) == 1 and child[0].tag in ("img", "video") and not _has_text(child):
                    _make_figure(child)
        self._finish_headings(root)

    def _finish_headings(self, root: etree.Element) -> None:
        """The page owns h1; below it no level is left out, whatever the author jumped."""
        found = [element for element in root.iter() if re.fullmatch(r"h[1-6]", str(element.tag))]
        shift = 1 if any(element.tag == "h1" for element in found) else 0
        above, taken = 1, Counter[str]()
        for element in found:
            above = min(int(element.tag[1]) + shift, above + 1, 6)
            element.tag = f"h{above}"
            text = " ".join(_plain(element).split())
            base = "-".join(re.findall(r"\w+", text.lower()))[:60] or "bagian"
            taken[base] += 1
            anchor = cleaning.prefix(base if taken[base] == 1 else f"{base}-{taken[base]}")
            element.set("id", anchor)
            self.headings.append(Heading(above, anchor, text))

    def _finish_link(self, link: etree.Element) -> None:
        target = _plain_text(link.get("href", ""))
        if target.startswith("#") or _OUTSIDE.match(target):
            if not target.startswith("#") and not _parses(target):
                self._drop_link(link, "link_not_allowed", target)
            return
        if target.startswith("media/"):
            file, code = self.find_media(target.removeprefix("media/")), "media_missing"
            address = file.address if file else None
        elif module := _MODULE_FILE.fullmatch(target):
            address, code = self.module_url(module[1]), "module_missing"
            address = address and address + (f"#{cleaning.prefix(module[2][1:])}" if module[2] else "")
        else:
            address, code = None, "link_not_allowed"
        if address is None:
            self._drop_link(link, code, target)
        else:
            link.set("href", address)

    def _drop_link(self, link: etree.Element, code: str, target: str) -> None:
        self.notes.add(code, target)
        link.tag = "span"
        link.attrib.clear()

    def _finish_picture(self, picture: etree.Element) -> None:
        target = _plain_text(picture.get("src", ""))
        alt = _plain_text(picture.get("alt", ""))
        title = picture.get("title")
        name = target.removeprefix("media/")
        shown = self.find_media(name) if target.startswith("media/") else None
        if shown is None:
            self.notes.add("media_missing" if target.startswith("media/") else "picture_from_outside", target)
            picture.attrib.clear()
            picture.tag, picture.text = "em", AtomicString(alt)
            return
        if not alt.strip():
            self.notes.add("picture_without_description", target)
        picture.attrib.clear()
        if _FILM.search(name):
            picture.tag = "video"
            picture.attrib.update({"src": shown.address, "controls": "controls", "preload": "metadata"})
            picture.set("aria-label", alt)
        else:
            # Not lazily: on a bad line it should have come when one reads on to it.
            picture.attrib.update({"src": shown.address, "alt": alt})
            if shown.size:
                # Its room is kept before it arrives: what one is reading is not pushed away.
                picture.attrib.update({"width": str(shown.size.width), "height": str(shown.size.height)})
        if title:
            picture.set("title", title)

    def _finish_table(self, parent: etree.Element, table: etree.Element) -> None:
        for cell in table.iter():
            if cell.tag in ("th", "td"):
                # Markdown says alignment as a style, which the page's content policy would not apply.
                style = cell.attrib.pop("style", "")
                if aligned := re.fullmatch(r"text-align: (left|right|center);", style):
                    cell.set("class", f"align-{aligned[1]}")
                if cell.tag == "th":
                    cell.set("scope", "col")
                    if not _has_text(cell) and len(cell) == 0:
                        cell.tag = "td"
                        cell.attrib.pop("scope")
        # A wide table scrolls by itself, by keyboard too, instead of pushing the page aside.
        scroller = etree.Element("div", {"class": "table-scroll", "role": "group", "tabindex": "0"})
        scroller.set("aria-label", TABLE_LABELS.get(self.language, TABLE_LABELS["en"]))
        scroller.tail, table.tail = table.tail, None
        parent[list(parent).index(table)] = scroller
        scroller.append(table)


def _make_figure(paragraph: etree.Element) -> None:
    shown = paragraph[0]
    caption = shown.attrib.pop("title", None)
    paragraph.tag, paragraph.text, shown.tail = "figure", None, None
    if caption:
        etree.SubElement(paragraph, "figcaption").text = caption


def _finish_task(item: etree.Element) -> None:
    holder = item[0] if len(item) and item[0].tag == "p" and not (item.text or "").strip() else item
    box = _TASK.match(holder.text or "")
    if box is None:
        return
    is_done = box[1] != " "
    mark = etree.Element("span", {"class": "task-done" if is_done else "task-open"})
    mark.text = "\u2611" if is_done else "\u2610"
    mark.tail = " " + (holder.text or "")[box.end() :]
    holder.text = None
    holder.insert(0, mark)
    item.set("class", "task")


def _has_text(element: etree.Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)


def _plain(element: etree.Element) -> str:
    return _plain_text("".join(part for part in _texts(element)))


def _texts(element: etree.Element) -> Iterator[str]:
    if element.tag == "sup" and element.get("id", "").startswith("fnref"):
        return
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""


def _plain_text(text: str) -> str:
    """Return text as the reader sees it: Markdown keeps an escaped character as a number between two marks."""
    return _ESCAPED.sub(lambda found: chr(int(found[1])), text)


def _parses(target: str) -> bool:
    try:
        return bool(urlsplit(target).scheme)
    except ValueError:
        return False
