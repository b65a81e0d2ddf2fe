r"""Formulas: TeX in, MathML elements out, built from an allow-list.

latex2mathml unescapes its text after serialising, so `\text{<img onerror=…>}` would come out as a tag.
Here its tree is copied element by element and its text stays text.
"""

import html
import re
import xml.etree.ElementTree as etree

from latex2mathml.converter import convert_to_element
from markdown.util import AtomicString

MOST_CHARACTERS = 600
MOST_BRACES = 20

MATHML = "http://www.w3.org/1998/Math/MathML"
LENGTH = re.compile(r"-?\d{0,3}(?:\.\d{1,4})?(?:em|ex|px|pt|%)?")
WORD = re.compile(r"[a-z-]{1,20}(?: [a-z-]{1,20}){0,20}")
# Only what browsers' MathML Core draws, and nothing that may hold HTML or a link.
ATTRIBUTES: dict[str, frozenset[str]] = {
    "math": frozenset({"display"}),
    "mfrac": frozenset({"linethickness"}),
    "mi": frozenset({"mathvariant"}),
    "mn": frozenset({"mathvariant"}),
    "mo": frozenset(
        {"fence", "form", "lspace", "maxsize", "minsize", "movablelimits", "rspace", "separator", "stretchy"}
    ),
    "mover": frozenset({"accent"}),
    "mpadded": frozenset({"width", "height", "depth"}),
    "mphantom": frozenset(),
    "mroot": frozenset(),
    "mrow": frozenset(),
    "mspace": frozenset({"width"}),
    "msqrt": frozenset(),
    "mstyle": frozenset({"displaystyle", "scriptlevel"}),
    "msub": frozenset(),
    "msubsup": frozenset(),
    "msup": frozenset(),
    "mtable": frozenset({"columnalign", "rowspacing", "columnspacing"}),
    "mtd": frozenset({"columnalign"}),
    "mtext": frozenset({"mathvariant"}),
    "mtr": frozenset(),
    "munder": frozenset({"accentunder"}),
    "munderover": frozenset(),
}


def build(tex: str, *, display: bool) -> etree.Element | None:
    """Return the formula as a `math` element, or None where it cannot be read or is out of proportion."""
    if len(tex) > MOST_CHARACTERS or _depth(tex) > MOST_BRACES:
        return None
    try:
        drawn = convert_to_element(tex, display="block" if display else "inline")
        return _copy(drawn)
    except Exception:  # the library raises whatever its walk runs into, IndexError and RecursionError included
        return None


def _copy(source: etree.Element) -> etree.Element:
    allowed = ATTRIBUTES.get(source.tag)
    # An unknown wrapper becomes a plain row, so that its content is still there.
    copied = etree.Element(source.tag if allowed is not None else "mrow")
    for name, value in source.attrib.items():
        if allowed and name in allowed and (LENGTH.fullmatch(value) or WORD.fullmatch(value)):
            copied.set(name, value)
    if source.text:
        copied.text = AtomicString(html.unescape(source.text))
    for child in source:
        copied.append(_copy(child))
    return copied


def _depth(tex: str) -> int:
    depth = deepest = 0
    for character in tex:
        if character == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif character == "}":
            depth -= 1
    return max(deepest, tex.count("\\left"), tex.count("\\begin"))
