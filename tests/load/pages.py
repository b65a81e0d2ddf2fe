"""Pages: how many a second against a bare Flask page, how many statements each takes, what its first view weighs."""

import gzip
import http.client
import re
from collections.abc import Callable
from urllib.parse import urljoin

from flask import Flask
from sqlalchemy import event

from lms import db as database
from lms.accounts import principal
from lms.app import create_app
from lms.settings import Settings
from tests.integration.live.serving import SECRET, Server, cookie
from tests.load.measuring import bare_server, median, requests_a_second, tell
from tests.load.stage import Class, Stage

ROUNDS = 5
SECONDS = 2.0
# The first answers compile templates and fill caches.
WARMING_SECONDS = 3.0

LINKED = re.compile(
    r"""<(?:script[^>]*\ssrc|link[^>]*\srel="(?:stylesheet|modulepreload|icon)"[^>]*\shref|img[^>]*\ssrc)="([^"]+)\""""
)
USED = re.compile(r"""<use[^>]*\shref="([^"#]+)#""")
IMPORTED = re.compile(r"""(?:from\s*|import\s*)["'](\.[^"']+)["']""")
TEXT = ("text/", "application/javascript", "image/svg", "application/json")


def pages_of(stage: Stage) -> dict[str, tuple[str, int | None]]:
    """Return what is measured: name → (path, who asks; None: a stranger)."""
    forty = stage.forty
    return {
        "sign_in": ("/sign-in", None),
        "home": ("/", forty.people[1]),
        "module": (stage.module_path, forty.people[1]),
        "register_of_40": (f"/sessions/{forty.lecture}/register", forty.coordinator),
        "matrix_40x20": (f"/batches/{forty.batch}/matrix", forty.coordinator),
    }


def measure_speed(stage: Stage, server: Server) -> None:
    """Print requests a second of each page, in rounds that alternate with the bare page's."""
    pages = pages_of(stage)
    found: dict[str, list[float]] = {name: [] for name in pages}
    ratios: dict[str, list[float]] = {name: [] for name in pages}
    bare_found = []
    with bare_server() as bare:
        for path, who in [("/", None), *pages.values()]:
            requests_a_second(bare if path == "/" and who is None else server, path, kept(who), WARMING_SECONDS)
        for _ in range(ROUNDS):
            before = requests_a_second(bare, "/", "", SECONDS)
            for name, (path, who) in pages.items():
                rate = requests_a_second(server, path, kept(who), SECONDS)
                found[name].append(rate)
                ratios[name].append(rate / before)
            bare_found.append(before)
    for name, rates in found.items():
        spread = [min(ratios[name]), max(ratios[name])]
        tell(
            f"page_{name}",
            median(rates),
            "requests/s",
            baseline=median(bare_found),
            ratio_lowest=round(spread[0], 3),
            ratio_highest=round(spread[1], 3),
        )


def kept(person: int | None) -> str:
    return "" if person is None else cookie(person)


def measure_statements(stage: Stage) -> None:
    """Print how many SQL statements each page takes, and that they do not grow with the rows."""
    environment = {"JEMBATAN_HOME": str(stage.site.home), "DATABASE_URL": stage.site.url, "SECRET_KEY": SECRET}
    app = create_app(Settings.read(environment))
    count = counter(app)
    for name, (path, who) in pages_of(stage).items():
        tell(f"statements_{name}", count(path, who), "statements")
    growing: dict[str, Callable[[Class], str]] = {
        "register": lambda of: f"/sessions/{of.lecture}/register",
        "matrix": lambda of: f"/batches/{of.batch}/matrix",
        "batch": lambda of: f"/batches/{of.batch}/people",
    }
    for name, path_of in growing.items():
        forty, ten = (count(path_of(of), of.coordinator) for of in (stage.forty, stage.ten))
        tell(f"statements_{name}_40_people", forty, "statements", baseline=ten, baseline_is="the same with 10 people")
    database.current().dispose()


def counter(app: Flask) -> Callable[[str, int | None], int]:
    """Return a function that asks for a page as somebody and returns its number of statements."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.upper().startswith(("BEGIN", "PRAGMA", "COMMIT")):
            seen.append(statement)

    for engine in (database.current().reader, database.current().writer):
        event.listen(engine, "before_cursor_execute", note)
    client = app.test_client(use_cookies=False)

    def count(path: str, who: int | None) -> int:
        headers = {"Cookie": kept(who)} if who is not None else {}
        # The second time, as between two clicks: what is kept of the asker is kept, what is not is asked for.
        for _ in range(2):
            seen.clear()
            assert client.get(path, headers=headers).status_code == 200, path
        return len(seen)

    principal.forget()
    return count


def measure_weight(stage: Stage, server: Server) -> None:
    """Print the compressed bytes of each page with everything its first view loads, and how many files that is."""
    for name, (path, who) in pages_of(stage).items():
        page, html = fetch(server, path, kept(who))
        text = html.decode()
        waiting = [urljoin(path, link) for link in {*LINKED.findall(text), *USED.findall(text)}]
        sizes: dict[str, int] = {}
        while waiting:
            link = waiting.pop()
            if link in sizes or not link.startswith("/"):
                continue
            sizes[link], body = fetch(server, link, kept(who))
            if link.endswith(".js"):
                waiting += [urljoin(link, found) for found in IMPORTED.findall(body.decode())]
        scripts = sum(size for link, size in sizes.items() if link.endswith(".js"))
        tell(
            f"first_view_{name}",
            page + sum(sizes.values()),
            "bytes compressed",
            html=page,
            scripts=scripts,
            files=len(sizes) + 1,
        )


def fetch(server: Server, path: str, kept: str) -> tuple[int, bytes]:
    """Return the size on the wire and the body; text that our server leaves plain, nginx in front compresses."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": kept, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, (path, answer.status)
    if answer.getheader("Content-Encoding") == "gzip":
        return len(body), gzip.decompress(body)
    is_text = (answer.getheader("Content-Type") or "").startswith(TEXT)
    return len(gzip.compress(body, 6)) if is_text else len(body), body
