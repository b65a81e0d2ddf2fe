"""Every main page in both languages, wide and on a phone: nothing fails, overflows or shuts people out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
COURSE = "/courses/pelayanan-publik-prima"
WIDE = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# What a page of somebody signed in links to, and some pages only reached by doing something.
FIRST_PAGES: dict[str | None, list[str]] = {
    None: ["/sign-in", "/forgotten", "/code", "/no-such-page"],
    "ayu": ["/", "/calendar", "/courses", COURSE, f"{COURSE}/sopan-santun", "/quizzes", "/programmes", "/attendance",
            "/notices", "/settings"],
    "iskandar": ["/", f"{COURSE}/edit", f"{COURSE}/antrean/edit", f"{COURSE}/antrean/attachments",
                 f"{COURSE}/antrean/revisions", "/courses/new", "/quizzes"],
    "citra": ["/", "/calendar", "/programmes", "/programmes/new", "/people", "/people/new", "/notices"],
    "nurul": ["/", "/units", "/people"],
}  # fmt: skip
# Pages whose address only the demo knows: (link to look for, page to look on).
FOUND_PAGES: dict[str | None, list[tuple[str, str]]] = {
    "ayu": [("/sessions/", "/calendar"), ("/room", "/"), ("/attendance/", "/attendance"), ("/quizzes/", "/quizzes")],
    "iskandar": [("/results", "/quizzes"), ("/preview", "/quizzes"), ("/register", "/")],
    "citra": [("/batches/", "/programmes"), ("/matrix", "/"), ("/register", "/"), ("/people/", "/people")],
}
# Below the pages found: what they lead to.
BELOW = {"/batches/": ["/people", "/enrol", "/edit", "/sessions/new"], "/register": ["/../sheet"]}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("key", list(FIRST_PAGES), ids=str)
def test_pages_work_and_shut_nobody_out(enter: Enter, key: str | None, language: str) -> None:
    visit = enter(key, **WIDE, locale={"id": "id-ID", "en": "en-SG"}[language])
    phone = visit.context.new_page()
    phone.set_viewport_size(PHONE["viewport"])
    choose_language(visit.page, language)
    trouble: list[str] = []
    for address in addresses(visit.page, key):
        answer = visit.page.goto(address)
        expected = 404 if address == "/no-such-page" else 200
        if answer is None or answer.status != expected:
            trouble.append(f"{address}: answered {answer.status if answer else 'nothing'}")
            continue
        if expected == 404:
            visit.complaints.clear()
        trouble += [f"{address}: {one}" for one in look_over(visit.page, language)]
        phone.goto(address)
        trouble += [f"{address} on a phone: {one}" for one in look_over(phone, language)]
        # The longest look of all; words do not change what it looks for, so each width has it in one language.
        trouble += [f"{address}: {one}" for one in barriers(visit.page if language == "id" else phone)]
    assert trouble + visit.complaints == []


def choose_language(page: Page, language: str) -> None:
    """Change to the language by the button that every page has, unless it is the page's already."""
    if page.url == "about:blank":
        page.goto("/sign-in")
    if page.locator("html").get_attribute("lang") != language:
        page.locator(".tool--language").click()
    page.locator(f"html[lang={language}]").wait_for(state="attached")


def addresses(page: Page, key: str | None) -> Iterator[str]:
    """Give the addresses to look at, each once."""
    seen: set[str] = set()
    for address in FIRST_PAGES[key]:
        seen.add(address)
        yield address
    for part, where in FOUND_PAGES.get(key, []):
        page.goto(where)
        links = page.locator("a").evaluate_all("all => all.map((a) => new URL(a.href).pathname)")
        for link in [one for one in links if part in one and one not in seen and one.rstrip("/") != part][:2]:
            # A sheet carries whole NIPs and is the coordinator's.
            further = [] if key == "iskandar" and part == "/register" else BELOW.get(part, [])
            for below in ["", *further]:
                address = link.replace("/register", "/sheet") if below == "/../sheet" else f"{link}{below}"
                if address not in seen and not address.endswith((".ics", ".csv", ".xlsx")):
                    seen.add(address)
                    yield address


def look_over(page: Page, language: str) -> list[str]:
    """Return what is wrong with the page as it stands."""
    page.wait_for_load_state("load")
    found = page.evaluate(
        """() => ({
          language: document.documentElement.lang,
          wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          pictures: [...document.images].filter((i) => i.complete && !i.naturalWidth).map((i) => i.src),
          icons: [...document.querySelectorAll('svg use')]
            .filter((u) => !u.getBBox().width && u.getClientRects().length)
            .map((u) => u.getAttribute('href').split('#')[1]),
          codes: document.body.innerText.match(/\\b[a-z]+(?:_[a-z]+)+\\b/g) ?? [],
          headings: document.querySelectorAll('h1').length,
        })"""
    )
    wrong = []
    if found["language"] != language:
        wrong.append(f"in {found['language']}")
    if found["wide"] > 0:
        wrong.append(f"scrolls sideways by {found['wide']} pixels")
    wrong += [f"picture missing: {source}" for source in found["pictures"]]
    wrong += [f"icon missing: {name}" for name in found["icons"]]
    wrong += [f"a code instead of words: {code}" for code in found["codes"]]
    if found["headings"] != 1:
        wrong.append(f"{found['headings']} main headings")
    return wrong


def barriers(page: Page) -> list[str]:
    """Return what axe finds serious or critical. It is run as the page's own code: its policy lets nothing else in."""
    page.evaluate(AXE.read_text())
    result: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']} ({node['target'][0]})"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"][:3]
    ]
