r"""GIFT's characters with a meaning (`~ = # { } :`) and how they are written when they mean nothing: `\~`, `\n`."""

import re

_PLAIN = "\\~=#{}:\n"
# Noncharacters stand in for them while the text is taken apart; no file may bring them along.
_HIDDEN = "".join(chr(0xFDD0 + at) for at in range(len(_PLAIN)))
_TO_HIDDEN = dict(zip(_PLAIN[:-1] + "n", _HIDDEN, strict=True))
_TO_PLAIN = str.maketrans(_HIDDEN, _PLAIN)
_BREAK = _HIDDEN[-1]


def hide(text: str) -> str:
    """Return the text with escaped characters hidden, so that those left all have their meaning."""
    text = re.sub(f"[{_HIDDEN}]", "\ufffd", text)
    return re.sub(r"\\([\\~=#{}:n])", lambda one: _TO_HIDDEN[one[1]], text)


def show(text: str) -> str:
    """Return hidden text as it reads."""
    return text.translate(_TO_PLAIN)


def show_breaks(text: str) -> str:
    """Return hidden text of Moodle's own format as it reads: a break that was written is one."""
    return show(text.replace(_BREAK, "<br>"))


def escape(text: str) -> str:
    """Return the text as it is written in GIFT."""
    return re.sub(r"[\\~=#{}:]", lambda one: "\\" + one[0], text).replace("\n", "\\n")
