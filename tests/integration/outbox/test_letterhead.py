"""A letter as mail programs get it: words, the same words under the house's mark, and what is enclosed."""

import struct
import zlib
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

import pytest
from flask import Flask
from sqlalchemy import update

from lms.accounts.models import Person
from lms.db import writing
from lms.outbox.delivery import deliver_due
from lms.outbox.drawing import draw_png
from lms.outbox.letterhead import MARK, MARK_PIXELS, mark_png, page_of
from lms.outbox.service import send_later
from lms.settings import Settings
from lms.web.i18n import Reader, reading_as
from tests.factories import NINE, World
from tests.integration.outbox.conftest import Carrier

LINK = "http://localhost/sessions/7"


class Page(HTMLParser):
    """What a letter's HTML holds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def letter(app: Flask, settings: Settings, carrier: Carrier, world: World) -> EmailMessage:
    """An invitation in Indonesian, through the wire and back."""
    with writing() as db:
        db.execute(update(Person).where(Person.id == world.ayu).values(language="id"))
        send_later(db, world.ayu, "invitation", {"lasts_until": NINE}, "a", NINE, NINE, "/invitation/secret-token")
    with app.app_context():
        deliver_due(settings, at=NINE, by=carrier)
    sent = message_from_bytes(carrier.carried[0].as_bytes(), policy=policy.default)
    assert isinstance(sent, EmailMessage)
    return sent


def test_a_letter_comes_as_words_and_as_a_page_with_the_mark(letter: EmailMessage) -> None:
    assert letter.get_content_type() == "multipart/alternative"
    plain, rich = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None and rich is not None
    page = Page(rich.get_content())
    assert page.all("html") == [{"lang": "id"}]
    assert page.all("img")[0]["src"] == "cid:mark"
    (picture,) = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<mark>"
    assert picture.get_content() == mark_png()
    assert "Undangan ke Jembatan" in page.words
    # Every word of the plain letter stands on the page too.
    assert set(plain.get_content().split()) <= set(page.words.split())


def test_the_link_is_a_button_and_can_be_copied(letter: EmailMessage) -> None:
    rich = letter.get_body(("html",))
    assert rich is not None
    page = Page(rich.get_content())
    assert [link["href"] for link in page.all("a")] == ["http://localhost/invitation/secret-token"]
    assert "http://localhost/invitation/secret-token" in page.words


def test_nothing_of_a_letter_is_fetched_from_elsewhere(letter: EmailMessage) -> None:
    rich = letter.get_body(("html",))
    assert rich is not None
    page = Page(rich.get_content())
    sources = [
        value for _, attributes in page.tags for name, value in attributes.items() if name in ("src", "background")
    ]
    assert sources == ["cid:mark"]
    assert page.all("link") == page.all("script") == []
    assert len(letter.as_bytes()) < 20_000


def test_a_letter_stays_harmless_whatever_stands_in_its_words(app: Flask) -> None:
    with app.app_context(), reading_as(Reader("en")):
        text = page_of("<b>&", 'Dear <script>alert(1)</script>,\n\nSee https://a.test/?x=1&y="2. Bye\n\n' + LINK, LINK)
    page = Page(text)
    assert page.all("script") == []
    assert "<script>alert(1)</script>" in page.words
    assert [link["href"] for link in page.all("a")] == ["https://a.test/?x=1&y=", LINK]


def test_the_mark_is_a_png_that_shows_the_bridge() -> None:
    png = mark_png()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (MARK_PIXELS, MARK_PIXELS)
    rows = zlib.decompress(png[png.index(b"IDAT") + 4 : -16])
    width = MARK_PIXELS * 4 + 1

    def pixel(x: int, y: int) -> tuple[int, ...]:
        """The colour at a place of the 48 × 48 drawing."""
        start = y * 2 * width + 1 + x * 2 * 4
        return tuple(rows[start : start + 4])

    # The right shore in saffron, the deck in clay, the pillar in the action's colour, and nothing in the corners.
    assert pixel(42, 26) == (0xE0, 0xA0, 0x30, 255)
    assert pixel(28, 26) == (0xB0, 0x47, 0x2A, 255)
    assert pixel(24, 16) == (0x0A, 0x61, 0x68, 255)
    assert pixel(1, 1)[3] == pixel(46, 46)[3] == 0
    assert draw_png(MARK.read_text(), 24)[16:24] == struct.pack(">II", 24, 24)
