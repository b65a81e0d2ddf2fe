"""The real thing for a browser: a server process with the demo, and people who sign in on it."""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from lms.demo.people import BATCHES, PASSWORD, STAFF

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = {person.key: person for people in (STAFF, *BATCHES.values()) for person in people}
START_SECONDS = 90


@dataclass
class DemoSite:
    """A server of this test's own with the demo loaded; `url` has no slash at its end."""

    url: str
    home: Path
    log: Path


@pytest.fixture(scope="session")
def loaded_demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo loaded, to be copied: loading it takes as long as many a file of tests.

    Loaded once by whichever of the processes that run tests at once comes first; the others wait for it.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    home, done = shared / "loaded-demo", shared / "loaded-demo.done"
    with (shared / "loaded-demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            load_demo(home, environment(home))
            done.touch()
    return home


@pytest.fixture(scope="module")
def demo_site(loaded_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """The platform as `./run demo` serves it, on a free port, with state that this file's tests share."""
    home = tmp_path_factory.mktemp("demo")
    shutil.copytree(loaded_demo, home, dirs_exist_ok=True)
    with served(home) as site:
        yield site


@contextmanager
def demo_served(home: Path, **settings: str) -> Iterator[DemoSite]:
    """Load the demo into this folder and serve it, with these settings beside its own."""
    load_demo(home, environment(home, **settings))
    with served(home, **settings) as site:
        yield site


def environment(home: Path, **settings: str) -> dict[str, str]:
    """Return the environment of a site with its state in this folder."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return env | {"JEMBATAN_HOME": str(home), "MAIL_URL": f"file:{home / 'mail'}", "GRACEFUL_TIMEOUT": "2", **settings}


def load_demo(home: Path, env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare", "--demo"]
    prepared = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert prepared.returncode == 0, prepared.stderr


@contextmanager
def served(home: Path, **settings: str) -> Iterator[DemoSite]:
    """Serve the site whose state lies in this folder, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", home / "server.log"
    env = environment(home, **({"PORT": str(port), "PUBLIC_URL": url} | settings))
    with log.open("wb") as output:
        command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.py", "wsgi:app"]
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    try:
        wait_until_it_answers(server, f"{url}/healthz", log)
        yield DemoSite(url, home, log)
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def wait_until_it_answers(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310 - an address of this machine
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server does not answer:\n{log.read_text()[-3000:]}")


@dataclass
class Visit:
    """Somebody's browser: the page, its context, and what the browser complained about (console, scripts, policy)."""

    page: Page
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)


Enter = Callable[..., Visit]


@pytest.fixture
def enter(demo_site: DemoSite, browser: Browser) -> Iterator[Enter]:
    """Gives a browser on which this person of the demo (None: nobody) has signed in; `by` is "email" or "nip"."""
    contexts: list[BrowserContext] = []

    def come(key: str | None, *, by: str = "email", **options: Any) -> Visit:
        options.setdefault("viewport", {"width": 1280, "height": 900})
        context = browser.new_context(base_url=demo_site.url, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        visit = Visit(page, context)
        page.on("console", lambda message: note_console(visit, message))
        page.on("pageerror", lambda error: visit.complaints.append(f"{page.url}: {error}"))
        if key is not None:
            sign_in(page, key, by)
        return visit

    yield come
    for context in contexts:
        context.close()


def note_console(visit: Visit, message: Any) -> None:
    """Note an error of the console: failed scripts and pictures, refusals of the content policy."""
    if message.type == "error":
        visit.complaints.append(f"{visit.page.url}: {message.text}")


def sign_in(page: Page, key: str, by: str = "email") -> None:
    """Sign in through the form, as this person would."""
    person = PEOPLE[key]
    login = person.nip if by == "nip" else person.email
    assert login is not None, f"{person.name} has no {by}"
    page.goto("/sign-in")
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/")
