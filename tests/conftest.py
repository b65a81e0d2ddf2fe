"""What every test gets: no way out of this machine, and markers that skip, with a reason, what it cannot run.

`JEMBATAN_TEST_STRICT=1` turns every skip into a failure: where everything is installed, nothing may be missing.
"""

import functools
import ipaddress
import os
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import pytest

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
STRICT = os.environ.get("JEMBATAN_TEST_STRICT") == "1"
WHOLE_CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The same engine without windows: a page of a fresh profile takes it less than half the processor's time.
CHROMIUMS = ("chromium-headless-shell", *WHOLE_CHROMIUMS)


class OutsideCall(RuntimeError):
    """A test tried to reach another machine. Not an OSError: code that survives a dead network must not swallow it."""


# The folders whose tests wait for other processes, by when they begin: they take long, and at the end they would run
# alone.
WAITING = {"browser": 0, "live": 1}
# How it reads when a wait ends without what was waited for: Playwright's words and those of `serving.wait_until`.
WAITED_IN_VAIN = ["TimeoutError", "(Locator|Page) expected", "did not come true", "does not answer", "Timeout .*ms"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what waits for browsers and servers, and let it try once more (docs/decisions/0011)."""
    for item in items:
        if not WAITING.keys().isdisjoint(item.path.parts):
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=WAITED_IN_VAIN))
    items.sort(key=lambda item: min((WAITING[part] for part in item.path.parts if part in WAITING), default=2))


@pytest.fixture(scope="session")
def process_number() -> int:
    """0 for the first of the processes that run tests at once, 1 for the second; 0 when there is only one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser to drive."""
    path = find_chromium()
    if path is None:
        pytest.fail("this test uses Chromium and is not marked `browser`")
    return path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any], chromium: str) -> dict[str, Any]:
    """pytest-playwright's arguments: the system's Chromium, which neither asks for updates nor needs a sandbox."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]
    return browser_type_launch_args | {"executable_path": chromium, "args": flags}


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of an empty PostgreSQL database that this test process has for itself, until its end."""
    import psycopg

    # Named after the process, so that two runs at once do not drop each other's.
    name = f"jembatan_test_{os.getpid()}"
    server = POSTGRES_URL.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture
def redis_url(process_number: int) -> str:
    """Address of an empty Redis database that this test process has for itself."""
    import redis

    first = int(urlsplit(REDIS_URL).path.strip("/") or 0)
    address = urlsplit(REDIS_URL)._replace(path=f"/{first + process_number}").geturl()
    redis.Redis.from_url(address).flushdb()
    return address


@functools.cache
def find_chromium(names: Sequence[str] = CHROMIUMS) -> str | None:
    """Return the path of the browser to test with: what CHROMIUM names, else the first of these that is installed."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, names) if path), None)


@functools.cache
def why_no_browser() -> str:
    return (
        ""
        if find_chromium()
        else "no Chromium. Get it: apt-get install chromium-headless-shell, or chromium (or set CHROMIUM to its path)"
    )


@functools.cache
def why_no_postgres() -> str:
    import psycopg

    try:
        psycopg.connect(POSTGRES_URL.replace("+psycopg", ""), connect_timeout=3).close()
    except psycopg.Error as error:
        return (
            f"no PostgreSQL at {without_password(POSTGRES_URL)} ({' '.join(str(error).split())}). "
            "Get it: apt-get install postgresql, and set TEST_POSTGRES_URL to a role that may create databases"
        )
    return ""


@functools.cache
def why_no_redis() -> str:
    import redis

    try:
        redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        return (
            f"no Redis at {without_password(REDIS_URL)} ({error}). "
            "Get it: apt-get install redis-server (or set TEST_REDIS_URL)"
        )
    return ""


NEEDS: dict[str, Callable[[], str]] = {
    "browser": why_no_browser,
    "postgres": why_no_postgres,
    "redis": why_no_redis,
}


def without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, why_not in NEEDS.items():
        if item.get_closest_marker(marker) and (reason := why_not()):
            pytest.skip(reason)


def skip_reasons(reporter: Any) -> dict[str, int]:
    """How many tests each reason skipped."""
    counts: dict[str, int] = {}
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        counts[reason] = counts.get(reason, 0) + 1
    return counts


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if STRICT and reporter and session.exitstatus == pytest.ExitCode.OK and skip_reasons(reporter):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = skip_reasons(terminalreporter)
    if not reasons:
        return
    title = "NOT RUN, which JEMBATAN_TEST_STRICT=1 counts as a failure" if STRICT else "NOT RUN on this machine"
    terminalreporter.section(title, sep="!", red=STRICT, yellow=not STRICT)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} test{'s' if count > 1 else ''}: {reason}")


def stays_here(host: Any) -> bool:
    """Whether this host name or address is this machine's own."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(name).split("%", 1)[0]).is_loopback
    except ValueError:
        return False


def guard_connect(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not stays_here(address[0]):
            raise OutsideCall(f"a test tried to connect to {address}")
        return real(self, address)

    return connect


@pytest.fixture(scope="session", autouse=True)
def no_way_out() -> Iterator[None]:
    """Connections and look-ups beyond this machine are refused, in every thread a test starts."""
    real_look_up = socket.getaddrinfo

    def look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if not stays_here(host):
            raise OutsideCall(f"a test tried to look up {host!r}")
        return real_look_up(host, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        # The class every Python socket is made of cannot be patched in C; its Python child can.
        patch.setattr(socket.socket, "connect", guard_connect(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guard_connect(socket.socket.connect_ex))
        yield
