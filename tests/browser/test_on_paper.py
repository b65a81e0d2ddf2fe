"""A page on paper: dark words on white, nothing to press, nothing that is the reader's secret, no half-empty sheet."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import DemoSite, Enter
from tests.browser.demo_places import every_place

pytestmark = pytest.mark.browser

# What can be pressed or filled in, and words too pale to be read once the ground they stand on is not printed.
ON_PAPER = """() => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length
    && !e.closest('.visually-hidden, svg');
  const name = (e) => `${e.localName}.${e.className} ${(e.textContent || '').trim().slice(0, 30)}`;
  const light = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const contrast = (color) => {
    paint.fillStyle = '#fff';
    paint.fillRect(0, 0, 1, 1);
    paint.fillStyle = color;
    paint.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map((value) => light(value / 255));
    return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
  };
  const trouble = [...document.querySelectorAll('button, input, select, textarea')].filter(seen)
    .map((e) => `to be pressed: ${name(e)}`);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const holder = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !seen(holder)) continue;
    const is = contrast(getComputedStyle(holder).color);
    if (is < 4.5) trouble.push(`pale (${is.toFixed(1)}): ${name(holder)}`);
  }
  return trouble;
}"""
PLACES: dict[str | None, tuple[str, ...]] = {
    "ayu": ("/", "/attendance", "/calendar", "/hours", "/courses/pelayanan-publik-prima/kebersihan", "/quizzes"),
    "citra": ("/", "/people", "/hours", "{register}", "{matrix}", "{report}", "{certificates}"),
    "iskandar": ("/", "{results}"),
    # Whoever checked a certificate keeps a sheet of what was found.
    None: ("{certificate}",),
}


@pytest.fixture(scope="module")
def found(demo_site: DemoSite) -> dict[str, str]:
    """Addresses of the demo by the word they end with, and one where a certificate is verified."""
    places = every_place(demo_site.home)
    named = {place.rpartition("/")[2]: place for place in places}
    return named | {"certificate": next(place for place in places if place.startswith("/verify/"))}


@pytest.mark.parametrize("key", PLACES, ids=str)
def test_what_is_printed_is_read_and_not_pressed(enter: Enter, found: dict[str, str], key: str | None) -> None:
    # Whoever looks at dark pages prints on white paper all the same.
    page, trouble = enter(key, color_scheme="dark").page, []
    for place in PLACES[key]:
        address = place.format_map(found)
        page.goto(address)
        page.emulate_media(media="print")
        trouble += [f"{address}: {one}" for one in page.evaluate(ON_PAPER)]
        page.emulate_media(media="screen")
    assert trouble == []


def test_a_sheet_is_filled_before_the_next_is_begun(enter: Enter) -> None:
    page = enter("ayu").page
    page.goto("/attendance")
    assert sheets(page) == 1
    page.goto("/no-such-page")
    assert sheets(page) == 1


def sheets(page: Page) -> int:
    """Return the number of A4 sheets the page takes."""
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))


def test_the_address_of_ones_own_calendar_is_not_printed(enter: Enter) -> None:
    page = enter("ayu").page
    page.goto("/calendar")
    assert page.locator("#feed").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#own-calendar").is_hidden()
