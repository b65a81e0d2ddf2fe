"""The letter as mail programs show it: the house's mark above, the link as a button, the words as they are.

Mail programs know tables and inline styles and little else; no picture comes from elsewhere, so that opening a
letter tells nobody anything. Colours are those of static/css/tokens.css in the light theme.
"""

import re
from email.message import EmailMessage
from functools import cache
from html import escape

from flask_babel import gettext

from lms.outbox.drawing import draw_png
from lms.settings import ROOT
from lms.web.i18n import reader

MARK = ROOT / "static" / "img" / "mark.svg"
MARK_PIXELS = 96
_MARK_ID = "mark"
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
_FONT = "font-family:'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
# For the eye alone: screen readers pass over these tables.
_TABLE = 'role="presentation" cellpadding="0" cellspacing="0" border="0"'
_INK, _SOFT, _PAGE, _SURFACE, _LINE, _ACTION, _SAFFRON = (
    "#17292c", "#4b5b5b", "#faf6ee", "#fffdf9", "#e3d8c5", "#0a6168", "#e0a030",
)  # fmt: skip


@cache
def mark_png() -> bytes:
    """Return the mark at twice the size it is shown in."""
    return draw_png(MARK.read_text(encoding="utf-8"), MARK_PIXELS)


def add_letterhead(mail: EmailMessage, subject: str, body: str, link: str) -> None:
    """Add the same words as HTML under the letterhead; call after the plain words, with the reader set."""
    mail.add_alternative(page_of(subject, body, link), subtype="html")
    *_, html = mail.iter_parts()
    html.add_related(mark_png(), "image", "png", cid=f"<{_MARK_ID}>", filename="jembatan.png", disposition="inline")


def page_of(subject: str, body: str, link: str) -> str:
    """Return a letter's words as HTML. A line that holds nothing but `link` becomes a button."""
    paragraphs = "\n".join(_paragraph(part, link) for part in re.split(r"\n\s*\n", body.strip()))
    tagline = escape(gettext("Learning between Balikpapan and Singapore."))
    return f"""<!doctype html>
<html lang="{escape(reader().language)}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light"><title>{escape(subject)}</title></head>
<body style="margin:0;padding:0;background-color:{_PAGE}">
<table width="100%" style="background-color:{_PAGE}" {_TABLE}><tr><td align="center" style="padding:24px 12px">
<table width="100%" {_TABLE}
 style="max-width:600px;background-color:{_SURFACE};border:1px solid {_LINE};border-radius:14px">
<tr><td style="padding:20px 28px 16px;border-bottom:3px solid {_SAFFRON}"><table {_TABLE}><tr>
<td width="48" style="padding-right:14px">
<img src="cid:{_MARK_ID}" width="48" height="48" alt="" style="display:block;border:0"></td>
<td style="{_FONT};color:{_INK}"><strong style="font-size:20px;line-height:26px">Jembatan</strong><br>
<span style="font-size:13px;line-height:18px;color:{_SOFT}">{tagline}</span></td>
</tr></table></td></tr>
<tr><td style="padding:24px 28px 28px;{_FONT};font-size:16px;line-height:25px;color:{_INK}">
{paragraphs}
</td></tr>
</table></td></tr></table>
</body>
</html>
"""


def _paragraph(text: str, link: str) -> str:
    """Return a paragraph, and the button it may hold, each on its own."""
    parts: list[str] = []
    words: list[str] = []
    for line in text.split("\n"):
        if line.strip() == link:
            parts += [_words(words), _button(link)]
            words = []
        else:
            words.append(line)
    return "\n".join(part for part in [*parts, _words(words)] if part)


def _words(lines: list[str]) -> str:
    if not lines:
        return ""
    return f'<p style="margin:0 0 16px">{"<br>".join(_linked(line) for line in lines)}</p>'


def _linked(line: str) -> str:
    """Return the line with its addresses as links."""
    done, place = [], 0
    for match in _ADDRESS.finditer(line):
        address = escape(match.group())
        done += [escape(line[place : match.start()]), f'<a href="{address}" style="color:{_ACTION}">{address}</a>']
        place = match.end()
    return "".join([*done, escape(line[place:])])


def _button(link: str) -> str:
    """Return the link as a button, and below it to be copied, as some programs take buttons away."""
    address = escape(link)
    look = f"display:inline-block;padding:12px 26px;{_FONT};font-size:16px;font-weight:600;color:#ffffff"
    return f"""<table style="margin:4px 0 8px" {_TABLE}><tr>
<td align="center" bgcolor="{_ACTION}" style="border-radius:11px">
<a href="{address}" style="{look};line-height:20px;text-decoration:none">{escape(gettext("Open"))}</a></td></tr></table>
<p style="margin:0 0 16px;font-size:13px;line-height:19px;color:{_SOFT};word-break:break-all">{address}</p>"""
