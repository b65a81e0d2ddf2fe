"""The allow-list every rendered lesson passes once: what is not named here does not reach a reader.

Cleaning is idempotent: cleaned HTML cleaned again is the same text, which a property test holds it to.
"""

import re

import nh3
from pygments.token import STANDARD_TYPES

from lms.courses.formulas import ATTRIBUTES as MATH

# Ids and fragment links get a prefix, so that no heading can pose as an element of the page around it.
PREFIX = "b-"
BOXES = ("note", "tip", "info", "warning", "danger", "example", "question", "exercise")

_OUTSIDE = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)
_INSIDE = re.compile(r"/(?![/\\])")
_PIXELS = re.compile(r"[1-9][0-9]{0,4}")
_NOT_IN_ID = re.compile(r"[^\w:.-]+")

TAGS = {
    *("a", "blockquote", "br", "code", "dd", "del", "details", "div", "dl", "dt", "em", "figcaption", "figure"),
    *("h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "mark", "ol", "p", "pre", "span", "strong", "summary", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul", "video"),
    *MATH,
}
ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "title"},
    "details": {"open"},
    "div": {"aria-label"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "video": {"src", "aria-label"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "li": {"id"},
    "sup": {"id"},
    **{tag: set(names) for tag, names in MATH.items() if names},
}
FIXED_VALUES: dict[str, dict[str, set[str]]] = {
    "div": {"role": {"group"}, "tabindex": {"0"}},
    "th": {"scope": {"col"}},
    "video": {"controls": {"controls"}, "preload": {"metadata"}},
}
_ALIGNED = {"align-left", "align-center", "align-right"}
CLASSES: dict[str, set[str]] = {
    "a": {"footnote-ref", "footnote-backref"},
    "details": {"box", *(f"box-{box}" for box in BOXES)},
    "div": {"box", *(f"box-{box}" for box in BOXES), "footnote", "formula", "highlight", "table-scroll"},
    "li": {"task"},
    "p": {"box-title"},
    "span": {"formula-source", "task-open", "task-done", *(name for name in STANDARD_TYPES.values() if name)},
    "td": _ALIGNED,
    "th": _ALIGNED,
}


def filter_attribute(tag: str, name: str, value: str) -> str | None:
    """Return the attribute's value to keep, or None to drop it."""
    if name == "id":
        return prefix(value)
    if name == "href":
        if value.startswith("#"):
            return "#" + prefix(value[1:])
        return value if _OUTSIDE.match(value) or _INSIDE.match(value) else None
    if name == "src":
        # Pictures and films come from our own media route alone; the content policy would block others anyway.
        return value if _INSIDE.match(value) else None
    if tag == "img" and name in ("width", "height"):
        return value if _PIXELS.fullmatch(value) else None
    return value


def prefix(anchor: str) -> str:
    """Return the id under which an anchor of a lesson stands in the page."""
    anchor = _NOT_IN_ID.sub("-", anchor)
    return anchor if anchor.startswith(PREFIX) else PREFIX + anchor


_cleaner = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags={"script", "style"},
    attributes=ATTRIBUTES,
    attribute_filter=filter_attribute,
    tag_attribute_values=FIXED_VALUES,
    allowed_classes=CLASSES,
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel="noopener noreferrer",
    strip_comments=True,
)


def clean(html: str) -> str:
    """Return HTML that holds only what a lesson may hold."""
    return str(_cleaner.clean(html))
