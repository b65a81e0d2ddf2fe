"""What a page costs its reader, in a real browser on the demo: bytes and requests of a first and a later view, what
moves while it loads, and scripts that hold it up.

First view: nothing kept yet, straight after signing in on another machine. Later view: the same page again.
"""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.browser.conftest import DemoSite, demo_served, sign_in
from tests.conftest import find_chromium
from tests.load.measuring import tell

# A phone of the kind most trainees have, as Lighthouse's mobile profile takes it.
PHONE = {"viewport": {"width": 412, "height": 823}, "device_scale_factor": 1.75, "is_mobile": True, "has_touch": True}
COURSE = "/courses/pelayanan-publik-prima"
# The budget (bytes, compressed): first view of home, and any view after that.
FIRST_HOME, LATER = 90_000, 15_000
# First views measured for this project the same way on the same machine.
PEERS = {"Moodle 4.5": 1_200_000, "Kolibri 0.19": 2_900_000}
SHIFT = """() => {
  window.shifted = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
}"""
BLOCKING = "() => document.querySelectorAll('script[src]:not([type=module]):not([defer]):not([async])').length"


def pages_of(site: DemoSite, browser: Browser) -> dict[str, tuple[str | None, str]]:
    """Return what is measured: name → (who, path). Addresses that only the demo knows are looked up on its pages."""
    found: dict[str, tuple[str | None, str]] = {
        "sign_in": (None, "/sign-in"),
        "home_trainee": ("ayu", "/"),
        "home_coordinator": ("citra", "/"),
        "calendar": ("ayu", "/calendar"),
        "course": ("ayu", COURSE),
        "module": ("ayu", f"{COURSE}/antrean"),
        "quizzes": ("ayu", "/quizzes"),
        "own_record": ("ayu", "/attendance"),
        "settings": ("ayu", "/settings"),
        "people": ("citra", "/people"),
    }
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    sign_in(page, "citra")
    for name, end in (("register", "/register"), ("matrix", "/matrix")):
        found[name] = ("citra", page.locator(f"main a[href$='{end}']").first.get_attribute("href") or "/")
    found["attendance"] = ("citra", found["matrix"][1].replace("/matrix", "/attendance"))
    context.close()
    return found


def measure_views() -> None:
    """Print what each main page costs; a peer's first view is the baseline of home's."""
    with tempfile.TemporaryDirectory(prefix="jembatan-views-") as folder, demo_served(Path(folder)) as site:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
            states: dict[str | None, Any] = {None: None}
            for name, (who, path) in pages_of(site, browser).items():
                if who not in states:
                    states[who] = signed_in(browser, site, who)
                tell_page(browser, site, name, path, states[who])
            browser.close()


def signed_in(browser: Browser, site: DemoSite, who: str) -> Any:
    """Return the cookies of somebody who has signed in, so that a fresh browser need not."""
    context = browser.new_context(base_url=site.url)
    sign_in(context.new_page(), who)
    state = context.storage_state()
    context.close()
    return state


def tell_page(browser: Browser, site: DemoSite, name: str, path: str, state: Any) -> None:
    context = browser.new_context(base_url=site.url, storage_state=state, **PHONE)
    first, later = view(context, path), view(context, path)
    context.close()
    budget = {"budget": FIRST_HOME} if name.startswith("home") else {}
    tell(f"view.first.{name}", first["bytes"], "bytes", requests=first["requests"], **budget)
    tell(f"view.later.{name}", later["bytes"], "bytes", requests=later["requests"], budget=LATER)
    tell(f"view.shift.{name}", first["shift"], "score", blocking_scripts=first["blocking"])
    if name == "home_trainee":
        for peer, weight in PEERS.items():
            tell("view.first.home", first["bytes"], "bytes", baseline=weight, against=peer)


def view(context: BrowserContext, path: str) -> dict[str, Any]:
    """Return what one view transfers over the line, headers included, and how far its parts moved."""
    page = context.new_page()
    page.add_init_script(f"({SHIFT})()")
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    lengths: list[float] = []
    kept: set[str] = set()
    line.on("Network.requestServedFromCache", lambda event: kept.add(event["requestId"]))
    line.on("Network.loadingFinished", lambda event: lengths.append(event["encodedDataLength"]))
    page.goto(path, wait_until="networkidle")
    found = {
        "bytes": sum(lengths),
        "requests": sum(length > 0 for length in lengths),
        "shift": page.evaluate("() => window.shifted"),
        "blocking": page.evaluate(BLOCKING),
    }
    page.close()
    return found
