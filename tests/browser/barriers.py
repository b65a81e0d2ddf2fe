"""Looking at a page as people with other eyes, hands or screens meet it: what axe finds, and whether it fits."""

from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, ViewportSize

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
# Rules that axe leaves out unless asked: targets of at least 24 pixels are WCAG 2.2 AA (2.5.8).
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Lines outside the window are laid out by and by (content-visibility). Axe measures over several frames, and would find
# some of them where they had been before others grew: they are all laid out first, as whoever scrolls to them has them.
LOOK = """([where, options]) => {
  const all = new CSSStyleSheet();
  all.replaceSync('* { content-visibility: visible !important }');
  document.adoptedStyleSheets = [all];
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
    .then(() => axe.run(where ?? document, options));
}"""
# 320 pixels, a window of 1280 at 200 % (WCAG 1.4.10, 1.4.4), and a tablet lying, where the bar of places is fullest.
TIGHT = (1120, 640, 320)
SIDEWAYS = """() => {
  const page = document.documentElement;
  if (page.scrollWidth <= page.clientWidth) return null;
  const clips = (e) => getComputedStyle(e).overflowX !== 'visible';
  const within = (e) => e.parentElement && (clips(e.parentElement) || within(e.parentElement));
  const wide = [...document.body.querySelectorAll('*')]
    .filter((e) => e.getBoundingClientRect().right > page.clientWidth + 0.5 && !within(e));
  return `by ${page.scrollWidth - page.clientWidth} at ${page.clientWidth}: ` +
    wide.slice(-3).map((e) => `${e.localName}.${e.className}`).join(', ');
}"""


# What the page moved while it came. Parts of the browser's own, such as the controls of a film, are nameless.
WATCH = """() => {
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const nodes = entry.sources.map((source) => source.node).filter(Boolean);
      if (nodes.length) moved.push([entry.value, nodes.map((e) => `${e.nodeName}.${e.className}`).join(", ")]);
    }
  }).observe({ type: "layout-shift", buffered: true });
}"""


def bring_axe(context: BrowserContext) -> None:
    """Let every page of this browser have axe. As a script of the browser's own: the pages' policy lets none in."""
    context.add_init_script(path=AXE)
    watch_movements(context)


def watch_movements(context: BrowserContext) -> None:
    """Note on every page of this browser what moves while it loads, for `movements`."""
    context.add_init_script(f"({WATCH})()")


# Layout shift is told in hundredths: what is less than half of one counts as none. A page painted while it is still
# read may settle by a pixel.
STILL = 0.005


def movements(page: Page) -> list[str]:
    """Return what moved since the page began to load, by how much of the window; ask before anything is changed."""
    moved = page.evaluate("() => moved")
    return [f"moves while it loads: {value:.4f} by {what}" for value, what in moved if value >= STILL]


def barriers(page: Page, within: str | None = None) -> list[str]:
    """Return everything axe finds, minor or not, each with the first elements concerned; in all the page or `within`.

    The browser should ask for reduced motion: what fades in is faint while it does.
    """
    result: dict[str, Any] = page.evaluate(LOOK, [within, OPTIONS])
    return [
        f"{violation['id']}: {node['target'][0]}: {node['failureSummary'].splitlines()[-1].strip()}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]


UNFOLD = "() => document.querySelectorAll('main details:not(.menu)').forEach((one) => { one.open = true; })"
# One of each kind of menu: a list may have the same one in every line.
MENUS = """() => {
  const kinds = new Set();
  return [...document.querySelectorAll('main details.menu')].filter((menu) => {
    const kind = [...menu.querySelectorAll('*')].map((e) => `${e.localName}.${e.className}`).join(' ');
    return menu.checkVisibility() && !kinds.has(kind) && kinds.add(kind);
  }).map((menu, number) => { menu.dataset.looked = number; return `[data-looked="${number}"]`; });
}"""


def hidden_barriers(page: Page) -> list[str]:
    """Return what axe finds in what opens over the page: each dialog and each kind of menu, one after the other."""
    found = []
    for name in page.locator("dialog[id]").evaluate_all("all => all.map((one) => one.id)"):
        page.evaluate("(id) => document.getElementById(id).showModal()", name)
        found += [f"dialog {name}: {one}" for one in barriers(page, f"#{name}")]
        page.evaluate("(id) => document.getElementById(id).close()", name)
    for menu in page.evaluate(MENUS):
        page.evaluate("(menu) => { document.querySelector(menu).open = true; }", menu)
        found += [f"menu: {one}" for one in barriers(page, menu)]
        page.evaluate("(menu) => { document.querySelector(menu).open = false; }", menu)
    return found


def overflows(page: Page) -> list[str]:
    """Return where the page scrolls sideways on a narrow screen or enlarged; leaves the window narrow."""
    found = []
    for width in TIGHT:
        page.set_viewport_size({"width": width, "height": 800})
        if wide := page.evaluate(SIDEWAYS):
            found.append(f"scrolls sideways {wide}")
    return found


FOCUS = """() => {
  const it = document.activeElement;
  if (it === document.body) return null;
  const words = it.innerText || it.getAttribute('aria-label') || it.name || '';
  // What looks like the element may be its label (radio cards, file drops).
  const shown = [it, it.closest('label'), it.closest('.drop'), it.parentElement].filter(Boolean);
  const hasRing = (e) => {
    const style = getComputedStyle(e);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  const box = it.getBoundingClientRect();
  const on = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 20));
  const itself = (e) => it.contains(e) || e.contains(it) || it.labels?.[0]?.contains(e);
  return {
    name: `${it.localName}.${it.className} ${words.slice(0, 30)}`.replace(/\\s+/g, ' '),
    ring: shown.some(hasRing),
    covered: box.width > 0 && box.height > 0 && on && !itself(on),
    inside: box.bottom > 0 && box.top < innerHeight,
  };
}"""


def focus_troubles(page: Page, most: int = 60) -> list[str]:
    """Return what goes wrong on the way through the page by Tab: no ring to be seen, or the focus hidden or covered."""
    found: list[str] = []
    steps = 0
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    for steps in range(most):  # noqa: B007 - counted for below
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        if not focus["ring"]:
            found.append(f"no ring around {focus['name']}")
        if focus["covered"] or not focus["inside"]:
            found.append(f"covered or outside: {focus['name']}")
    return found if steps > 3 else [*found, f"Tab reaches {steps} places only"]
