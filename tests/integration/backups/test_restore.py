"""A backup taken and put back, on both databases."""

import io
import os
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from lms import backups
from lms.migrating import upgrade
from lms.settings import Settings
from tests.factories import World


@pytest.fixture
def settings(app: Flask) -> Settings:
    """The site's settings; PostgreSQL only where its own programs are there to dump it."""
    found: Settings = app.config["SETTINGS"]
    if not found.database_url.startswith("sqlite") and shutil.which("pg_dump") is None:
        pytest.fail("pg_dump is missing: install PostgreSQL's client programs")
    return found


@pytest.fixture
def other_place(settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """A second installation on the same kind of database: migrated, with nobody in it."""
    home = tmp_path / "other"
    home.mkdir()
    if settings.database_url.startswith("sqlite"):
        url = f"sqlite:///{home / 'jembatan.sqlite'}"
        upgrade(url)
        yield replace(settings, home=home, database_url=url)
        return
    base, _, name = settings.database_url.rpartition("/")
    server = create_engine(f"{base}/postgres", isolation_level="AUTOCOMMIT")
    other = f"{name}_restored_{os.getpid()}"
    with server.connect() as db:
        db.execute(text(f"drop database if exists {other}"))
        db.execute(text(f"create database {other}"))
    try:
        upgrade(f"{base}/{other}")
        yield replace(settings, home=home, database_url=f"{base}/{other}")
    finally:
        with server.connect() as db:
            db.execute(text(f"drop database {other} with (force)"))
        server.dispose()


def names_in(settings: Settings) -> list[str]:
    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as db:
            return sorted(db.execute(text("select name from person")).scalars())
    finally:
        engine.dispose()


def test_what_is_restored_elsewhere_is_what_was_backed_up(
    world: World, settings: Settings, other_place: Settings, tmp_path: Path
) -> None:
    settings.uploads.mkdir(exist_ok=True)
    (settings.uploads / "slides").write_bytes(b"slides")
    (settings.uploads / "incoming-1").write_bytes(b"half a fil")
    target = tmp_path / "backup.tar.gz"
    assert backups.write(settings, target) == target.stat().st_size
    assert names_in(other_place) == []
    backups.read(other_place, target)
    assert names_in(other_place) == names_in(settings) != []
    assert (other_place.uploads / "slides").read_bytes() == b"slides"
    assert not (other_place.uploads / "incoming-1").exists()
    # Once more over what is there now.
    backups.read(other_place, target)
    assert names_in(other_place) == names_in(settings)


def test_a_backup_holds_no_secret_key_and_is_for_its_owner_alone(
    world: World, settings: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "backup.tar.gz"
    backups.write(settings, target)
    with tarfile.open(target) as tar:
        assert not any("secret" in name for name in tar.getnames())
    assert target.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/../../outside"])
def test_an_archive_that_reaches_outside_is_refused_and_nothing_is_touched(
    world: World, settings: Settings, other_place: Settings, tmp_path: Path, name: str
) -> None:
    bad = tmp_path / "bad.tar.gz"
    with tarfile.open(bad, "w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = 2
        tar.addfile(member, io.BytesIO(b"no"))
    with pytest.raises(backups.BackupFailed):
        backups.read(other_place, bad)
    assert not (other_place.home / "outside").exists() and names_in(other_place) == []


def test_a_link_in_an_archive_is_refused(settings: Settings, other_place: Settings, tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    with tarfile.open(bad, "w:gz") as tar:
        link = tarfile.TarInfo("database")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(backups.BackupFailed):
        backups.read(other_place, bad)


def test_the_commands_say_in_a_sentence_what_is_wrong(app: Flask, settings: Settings, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense"
    nonsense.write_text("this is no archive")
    run = app.test_cli_runner().invoke
    refused = run(args=["restore", "--yes", str(nonsense)])
    assert refused.exit_code == 1 and "not a backup of ours" in refused.output
    nowhere = run(args=["backup", str(tmp_path / "missing" / "backup.tar.gz")])
    assert nowhere.exit_code == 1 and "missing" in nowhere.output and "Traceback" not in nowhere.output
