"""What a page costs its reader, in a real browser on the demo: bytes and requests of a first and a later view, what
moves while it loads, and scripts that hold it up.

First view: nothing kept yet, straight after signing in on another machine. Later view: the same page again. The
baseline of both is the smallest Flask page, viewed in the same run by the same browser.
"""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.conftest import DemoSite, demo_served, sign_in
from tests.conftest import WHOLE_CHROMIUMS, find_chromium
from tests.load.measuring import bare_server, tell

# A phone of the kind most trainees have, as Lighthouse's mobile profile takes it.
PHONE: dict[str, Any] = {
    "viewport": {"width": 412, "height": 823},
    "device_scale_factor": 1.75,
    "is_mobile": True,
    "has_touch": True,
}
COURSE = "/courses/pelayanan-publik-prima"
# The budget (bytes, compressed): first view of home, and any view after that.
FIRST_HOME, LATER = 90_000, 15_000
SHIFT = """() => {
  window.shifted = 0;
  // "Recent input" is no excuse: nobody touches anything here, and to become a phone counts as input.
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""
BLOCKING = "() => document.querySelectorAll('script[src]:not([type=module]):not([defer]):not([async])').length"


# Addresses that do not depend on the demo's data: name → (who, path).
KNOWN: dict[str, tuple[str | None, str]] = {
    "sign_in": (None, "/sign-in"),
    "home_trainee": ("ayu", "/"),
    "calendar": ("ayu", "/calendar"),
    "programmes": ("ayu", "/programmes"),
    "course": ("ayu", COURSE),
    "module": ("ayu", f"{COURSE}/antrean"),
    "quizzes": ("ayu", "/quizzes"),
    "own_record": ("ayu", "/attendance"),
    "notices": ("ayu", "/notices"),
    "own_certificates": ("ayu", "/certificates"),
    "own_evaluations": ("ayu", "/evaluations"),
    "settings": ("ayu", "/settings"),
    "home_coordinator": ("citra", "/"),
    "people": ("citra", "/people"),
    "people_import": ("citra", "/people/import"),
    "excuses": ("citra", "/excuses"),
    "hours": ("citra", "/hours/people"),
    "number_books": ("citra", "/certificates/books"),
    "reports": ("citra", "/reports"),
    "home_instructor": ("iskandar", "/"),
    "editor": ("iskandar", f"{COURSE}/antrean/edit"),
    "questions": ("iskandar", f"{COURSE}/questions"),
    "new_quiz": ("iskandar", f"{COURSE}/quizzes/new"),
    "evaluations_taught": ("iskandar", "/evaluations/taught"),
    "home_unit_head": ("halimah", "/"),
    "home_admin": ("nurul", "/"),
    "units": ("nurul", "/units"),
    "styleguide": ("nurul", "/styleguide"),
}
# Addresses that only the demo knows, looked up as links: who → name → (page to look on, how the link ends or begins).
# A page to look on may stand below one found before it.
LINKED = {
    "ayu": {"room": ("/", "[href$='/room']"), "quiz": ("/quizzes", "[href^='/quizzes/']")},
    "citra": {
        "batch": ("/programmes", "[href^='/batches/']"),
        "register": ("/", "[href$='/register']"),
        "matrix": ("/", "[href$='/matrix']"),
        "programme": ("/programmes", "[href^='/programmes/']:not([href$='/new'])"),
        "visit": ("{programme}/study-visits", "[href^='/study-visits/']"),
    },
    "iskandar": {"results": ("/quizzes", "[href$='/results']")},
}
# Pages beside one of those: name → (beside which, its end, the end instead).
BESIDE = {
    "report": ("matrix", "/matrix", "/attendance"),
    "checks": ("register", "/register", "/checks"),
    "programme_report": ("programme", "", "/report"),
    "evaluation": ("programme", "", "/evaluation"),
    "batch_certificates": ("matrix", "/matrix", "/certificates"),
    "visit_scores": ("visit", "", "/ranking"),
}


def pages_of(site: DemoSite, browser: Browser) -> dict[str, tuple[str | None, str]]:
    """Return what is measured: name → (who, path), each role's main pages together."""
    found = dict(KNOWN)
    for who, links in LINKED.items():
        context = browser.new_context(base_url=site.url)
        page = context.new_page()
        sign_in(page, who)
        for name, (where, link) in links.items():
            page.goto(where.format_map({one: path for one, (_, path) in found.items()}))
            found[name] = (who, page.locator(f"main a{link}").first.get_attribute("href") or "")
        if "quiz" in links:
            page.goto(found["quiz"][1])
            page.locator("main form.form button[type=submit]").click()
            page.wait_for_url("**/attempts/**")
            found["taking_quiz"] = (who, page.url.removeprefix(site.url))
        context.close()
    for name, (other, end, instead) in BESIDE.items():
        who, path = found[other]
        found[name] = (who, path.removesuffix(end) + instead)
    return found


def measure_views(peers: dict[str, str]) -> None:
    """Print what each main page costs, and each peer's page (name → address that a stranger may see)."""
    with tempfile.TemporaryDirectory(prefix="jembatan-views-") as folder, demo_served(Path(folder)) as site:
        with sync_playwright() as playwright, bare_server() as bare:
            browser = playwright.chromium.launch(executable_path=find_chromium(WHOLE_CHROMIUMS), args=["--no-sandbox"])
            bare_first, bare_later = views_of(browser, f"http://127.0.0.1:{bare.port}/")
            base = (bare_first["bytes"], bare_later["bytes"])
            states: dict[str | None, Any] = {None: None}
            for name, (who, path) in pages_of(site, browser).items():
                if who not in states:
                    states[who] = signed_in(browser, site, who)
                tell_page(browser, name, site.url + path, states[who], base)
            for name, address in peers.items():
                tell_page(browser, f"peer.{name}", address, None, base)
            browser.close()


def signed_in(browser: Browser, site: DemoSite, who: str) -> Any:
    """Return the cookies of somebody who has signed in, so that a fresh browser need not."""
    context = browser.new_context(base_url=site.url)
    sign_in(context.new_page(), who)
    state = context.storage_state()
    context.close()
    return state


def tell_page(browser: Browser, name: str, address: str, state: Any, bare: tuple[float, float]) -> None:
    first, later = views_of(browser, address, state)
    ours = not name.startswith("peer.")
    budget = {"budget": FIRST_HOME} if name.startswith("home") else {}
    tell(f"view.first.{name}", first["bytes"], "bytes", baseline=bare[0], requests=first["requests"], **budget)
    budget = {"budget": LATER} if ours else {}
    tell(f"view.later.{name}", later["bytes"], "bytes", baseline=bare[1], requests=later["requests"], **budget)
    tell(f"view.shift.{name}", first["shift"], "score", blocking_scripts=first["blocking"])


def views_of(browser: Browser, address: str, state: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the first and a later view of the page, on a phone that has nothing kept before."""
    context = browser.new_context(storage_state=state, **PHONE)
    first, later = view(context, address), view(context, address)
    context.close()
    return first, later


def view(context: BrowserContext, address: str) -> dict[str, Any]:
    """Return what one view transfers over the line, headers included, and how far its parts moved."""
    page = context.new_page()
    page.add_init_script(f"({SHIFT})()")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    lengths: list[float] = []
    kept: set[str] = set()
    line.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    line.on("Network.loadingFinished", lambda event: lengths.append(event["encodedDataLength"]))
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None and answer.ok, f"{address}: {answer.status if answer else 'no answer'}"
    found = {
        "bytes": sum(lengths),
        "requests": sum(length > 0 for length in lengths),
        "shift": page.evaluate("() => window.shifted"),
        "blocking": page.evaluate(BLOCKING),
    }
    page.close()
    return found
