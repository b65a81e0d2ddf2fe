"""On a slow line a picture comes late: what stands below it has its place already, and no choice moves."""

import shutil
import sqlite3
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.barriers import WATCH
from tests.browser.conftest import ROOT, DemoSite, Enter, environment

pytestmark = pytest.mark.browser

COURSE = "pelayanan-publik-prima"
QUESTION = """
[[question]]
key = "which-counter"
section = "counter"
type = "single"
text = { id = "Loket mana yang siap?", en = "Which counter is ready? ![The hall](media/hall.png)" }
choice = [
  { key = "tall", text = "A", picture = "tall.png", correct = true },
  { key = "wide", text = "B", picture = "wide.png" },
  { key = "drawn", text = "C", picture = "drawn.svg" },
  { key = "small", text = "D", picture = "small.png" },
]

[[question]]
"""
DRAWN = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 30 20"><rect width="30" height="20"/></svg>'
PLACES = """() => [...document.querySelectorAll(
  "main :is(p, h2, h3, li, figcaption, img, video, .choice, .choice input, .table-scroll, .quiz-question, button)"
)].filter((e) => e.checkVisibility()).map((e) => {
  const box = e.getBoundingClientRect();
  const numbers = [box.x, box.y + scrollY, box.width, box.height].map((n) => Math.round(n * 1000) / 1000);
  return `${e.localName}.${e.className} ${numbers}`;
})"""


def png(width: int, height: int) -> bytes:
    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + name + content + struct.pack(">L", zlib.crc32(name + content))

    lines = (b"\0" + b"\0" * ((width + 7) // 8)) * height
    head = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = part(b"IHDR", head), part(b"IDAT", zlib.compress(lines)), part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.fixture(scope="module")
def illustrated(demo_site: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """The demo, its course with a question whose choices are pictures, a film, and a picture within a line."""
    folder = Path(shutil.copytree(ROOT / "courses" / COURSE, tmp_path_factory.mktemp("courses") / COURSE))
    for name, size in {"tall": (900, 1200), "wide": (1600, 400), "small": (60, 40), "hall": (1200, 500)}.items():
        (folder / "media" / f"{name}.png").write_bytes(png(*size))
    (folder / "media" / "drawn.svg").write_text(DRAWN)
    (folder / "media" / "salam.mp4").write_bytes(b"\0\0\0\x20ftypisom\0\0\x02\0" + b"\0" * 5000)
    for lesson in folder.glob("01-*.md"):
        more = "![A film](media/salam.mp4)\n\nIn a line: ![a hall](media/hall.png) and on.\n\nThe last words.\n"
        lesson.write_text(f"{lesson.read_text()}\n\n{more}")
    quiz = folder / "quiz-practice.toml"
    quiz.write_text(quiz.read_text().replace("\n[[question]]\n", QUESTION, 1))
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "sync-courses", str(folder)]
    env = environment(demo_site.home)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    return demo_site


class Line:
    """A line on which files of the course wait until they are let through."""

    def __init__(self, page: Page) -> None:
        self.page, self.held = page, list[Route]()
        page.context.add_init_script(f"({WATCH})()")
        self.is_through = False
        page.route("**/media/**", self.pass_or_hold)

    def pass_or_hold(self, route: Route) -> None:
        if self.is_through:
            route.continue_()
        else:
            self.held.append(route)

    def go(self, address: str) -> None:
        """Go there without waiting for what does not come."""
        self.page.goto(address, wait_until="domcontentloaded")
        self.settle()

    def settle(self) -> None:
        self.page.evaluate("() => document.fonts.ready.then(() => true)")
        self.page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")

    def let_through(self) -> None:
        """Let everything come that waits, and wait until it is drawn."""
        self.is_through = True
        for route in self.held:
            route.continue_()
        pictures = "() => [...document.images].every((one) => one.complete && one.naturalWidth)"
        self.page.wait_for_function(pictures)
        self.settle()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_in_a_lesson_moves_when_its_pictures_come(illustrated: DemoSite, enter: Enter, width: int) -> None:
    page = enter("ayu", viewport={"width": width, "height": 900}).page
    line = Line(page)
    line.go(f"/courses/{COURSE}/sopan-santun")
    expect(page.locator(".lesson img")).to_have_count(2)
    before = page.evaluate(PLACES)
    assert len(line.held) >= 2, "nothing was held back"
    assert page.evaluate("() => [...document.querySelectorAll('.lesson img')].every((one) => !one.naturalWidth)")
    film = page.locator(".lesson video").bounding_box()
    assert film and film["width"] / film["height"] == pytest.approx(16 / 9, abs=0.02)
    page.evaluate("() => { window.moved = []; }")
    line.let_through()
    assert page.evaluate(PLACES) == before
    assert page.evaluate("() => moved") == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_choice_moves_when_the_choices_pictures_come(illustrated: DemoSite, enter: Enter, width: int) -> None:
    page = enter("budi", viewport={"width": width, "height": 3000}).page
    with sqlite3.connect(illustrated.home / "jembatan.sqlite", timeout=20) as connection:
        (quiz,) = connection.execute("SELECT id FROM quiz WHERE key = 'practice'").fetchone()
    line = Line(page)
    page.goto(f"/quizzes/{quiz}")
    page.locator("form[action$='/start'] button, a[href$='/take']").first.click()
    page.wait_for_url("**/take", wait_until="domcontentloaded")
    asked = page.locator(".quiz-question", has=page.locator(".quiz-picture"))
    asked.scroll_into_view_if_needed()
    expect(asked.locator(".quiz-picture")).to_have_count(4)
    page.wait_for_timeout(500)
    line.settle()
    assert len(line.held) >= 4, "nothing was held back"
    before = page.evaluate(PLACES)
    page.evaluate("() => { window.moved = []; }")
    line.let_through()
    assert page.evaluate(PLACES) == before
    assert page.evaluate("() => moved") == []
    # A tall one is not pressed flat: it keeps its shape within the room.
    shapes = asked.locator(".quiz-picture").evaluate_all(
        "(all) => all.map((e) => [getComputedStyle(e).objectFit, e.clientWidth <= 384, e.clientHeight <= 256])"
    )
    assert shapes == [["contain", True, True]] * 4
