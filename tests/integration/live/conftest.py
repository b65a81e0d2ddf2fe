"""Databases for tests that run real server processes: one a file of tests, migrated, with the five people in it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from tests.integration.live.serving import Server, Site, site_on


@pytest.fixture(scope="module")
def sqlite_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("live")
    with site_on(f"sqlite:///{home / 'live.sqlite'}", home) as site:
        yield site


@pytest.fixture(scope="module")
def server(sqlite_site: Site) -> Server:
    """A server on SQLite for tests that leave it standing."""
    return sqlite_site.start()


@pytest.fixture(scope="module")
def live_postgres_url(postgres_url: str) -> Iterator[str]:
    """Address of an empty database beside the one of the other tests: these shut theirs and end its connections."""
    parts = urlsplit(postgres_url)
    name = f"{parts.path.strip('/')}_live"
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name}")
    yield parts._replace(path=f"/{name}").geturl()
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def postgres_site(live_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_on(live_postgres_url, tmp_path_factory.mktemp("live")) as site:
        yield site


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """The site on the engine the test is parametrized with: see `on_both_engines`."""
    found: Site = request.getfixturevalue(f"{request.param}_site")
    return found


@pytest.fixture
def queue_url(redis_url: str) -> Iterator[str]:
    """Address of the Redis that carries messages between processes."""
    yield redis_url
    redis.Redis.from_url(redis_url).flushdb()
