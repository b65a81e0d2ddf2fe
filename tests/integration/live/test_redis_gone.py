"""Redis gone and back: it carries messages between processes and no facts, so none are lost, only told later."""

import contextlib
from urllib.parse import urlsplit

import pytest

from tests.integration.live.room_page import Register, RoomPage, pages
from tests.integration.live.serving import Site, wait_until
from tests.integration.live.wire import Wire

pytestmark = [pytest.mark.postgres, pytest.mark.redis]


def test_without_redis_everything_is_stored_and_watchers_catch_up_by_the_version(
    postgres_site: Site, queue_url: str
) -> None:
    site, parts = postgres_site, urlsplit(queue_url)
    broker = Wire(parts.port or 6379)
    site.redis = parts._replace(netloc=f"127.0.0.1:{broker.port}").geturl()
    try:
        one, other = site.start(), site.start()
        session = site.lecture()
        citra = Register(session, site.person("Citra Dewi", "coordinator"))
        ayu, budi, candra = (RoomPage(session, person) for person in site.people(3))
        with pages(citra, ayu, budi, candra):
            citra.watch(other)
            ayu.open(one).enter()
            citra.wait_for(ayu.person_id, "present")
            version = citra.ask("register:version")["version"]

            broker.close()
            for page in (budi, candra):
                assert page.open(one).enter()["new"]
            assert budi.tell("left")["ok"]
            assert site.line(session, candra.person_id).group == "present"
            for server in (one, other):
                assert server.status_of("/healthz") == 200 and server.status_of("/sign-in") == 200
                assert server.status_of(f"/sessions/{session}/register", citra.person_id) == 200
            # Every ten seconds a register page asks for the version, and fetches everything when it is another.
            assert citra.ask("register:version")["version"] != version
            citra._fill(citra.ask("register:watch"))
            assert citra.lines[candra.person_id]["group"] == "present"
            assert citra.lines[budi.person_id]["group"] == "connected"

            broker = Wire(parts.port or 6379, broker.port)

            citra.lines.clear()

            def pushed_again() -> bool:
                assert candra.tell("left")["ok"] and candra.tell("joined")["ok"]
                return candra.person_id in citra.lines

            wait_until(pushed_again)
            one.stop()
            other.stop()
    finally:
        with contextlib.suppress(OSError):
            broker.close()
    told = [fact.kind for fact in site.facts(session, budi.person_id)]
    assert told[:2] == ["joined", "left"]
