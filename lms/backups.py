"""Backups of a running site: the database as it is at one instant, the uploads, and nothing secret beside them."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from lms.settings import Settings

FORMAT = 1


class BackupFailed(RuntimeError):
    """A backup could not be written or put back; the message says why."""


def write(settings: Settings, target: Path) -> int:
    """Write the backup and return its size in bytes; the target appears whole or not at all.

    Raises BackupFailed. The secret key is not in it: a copied backup must not be able to sign cookies.
    """
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as folder:
        work = Path(folder)
        kind = _dump(settings, work)
        facts = {"format": FORMAT, "database": kind, "written_at": datetime.now(UTC).isoformat()}
        archive = work / "backup.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            body = json.dumps(facts).encode()
            head = tarfile.TarInfo("backup.json")
            head.size = len(body)
            tar.addfile(head, io.BytesIO(body))
            tar.add(work / "database", "database")
            if settings.uploads.is_dir():
                tar.add(settings.uploads, "uploads", filter=_finished)
        with open(archive, "rb") as file:
            os.fsync(file.fileno())
        os.chmod(archive, 0o600)
        os.replace(archive, target)
    return target.stat().st_size


def _finished(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Leave out uploads that are still arriving."""
    return None if Path(member.name).name.startswith("incoming-") else member


def _dump(settings: Settings, work: Path) -> str:
    if settings.database_url.startswith("sqlite"):
        source = Path(settings.database_url.removeprefix("sqlite:///"))
        if not source.exists():
            raise BackupFailed(f"no database at {source.name}: nothing to back up")
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(work / "database")) as copy:
            live.backup(copy)
        return "sqlite"
    _run_postgres("pg_dump", settings.database_url, ["--format=custom", f"--file={work / 'database'}"])
    return "postgresql"


def read(settings: Settings, source: Path) -> None:
    """Put a backup back. Raises BackupFailed before anything is touched if it does not fit this installation."""
    with tempfile.TemporaryDirectory(dir=settings.home) as folder:
        work = Path(folder)
        try:
            _unpack(source, work)
            facts = json.loads((work / "backup.json").read_text())
        except (tarfile.TarError, OSError, KeyError, ValueError) as error:
            raise BackupFailed(f"{source.name} is not a backup of ours: {error}") from error
        kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
        if facts.get("format") != FORMAT or facts.get("database") != kind:
            raise BackupFailed(f"{source.name} holds a {facts.get('database')} database; this site uses {kind}")
        _load(settings, work / "database")
        if (work / "uploads").is_dir():
            shutil.copytree(work / "uploads", settings.uploads, dirs_exist_ok=True)


def _unpack(source: Path, work: Path) -> None:
    """Write a backup's files below `work`. Raises ValueError for anything that is no plain file inside it.

    By hand, since `extractall(filter=…)` came with Python 3.11.4 and Debian 12 has 3.11.2.
    """
    with tarfile.open(source) as tar:
        for member in tar:
            place = (work / member.name).resolve()
            if not place.is_relative_to(work.resolve()):
                raise ValueError(f"{member.name} lies outside the backup")
            if member.isdir():
                place.mkdir(parents=True, exist_ok=True)
                continue
            content = tar.extractfile(member) if member.isreg() else None
            if content is None:
                raise ValueError(f"{member.name} is not a file")
            place.parent.mkdir(parents=True, exist_ok=True)
            with content, place.open("wb") as file:
                os.chmod(place, 0o600)
                shutil.copyfileobj(content, file)


def _load(settings: Settings, database: Path) -> None:
    if settings.database_url.startswith("sqlite"):
        place = Path(settings.database_url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(database)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupFailed("the database in the backup is damaged")
        if place.exists():
            # What another process left in the write-ahead log belongs to the old file.
            with closing(sqlite3.connect(place)) as old:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            os.replace(place, place.with_name(f"{place.name}.before-restore"))
        for suffix in ("-wal", "-shm"):
            place.with_name(place.name + suffix).unlink(missing_ok=True)
        shutil.copy2(database, place)
        return
    # In one transaction: a restore that fails halfway leaves what was there.
    how = ["--clean", "--if-exists", "--no-owner", "--single-transaction"]
    _run_postgres("pg_restore", settings.database_url, [*how, str(database)])


def _run_postgres(tool: str, url: str, arguments: list[str]) -> None:
    """Run a PostgreSQL tool; the password goes by environment, not by a command line anyone can list."""
    parts = urlsplit(url)
    environment = dict(os.environ)
    if parts.password:
        environment["PGPASSWORD"] = parts.password
    host = ["--host", parts.hostname] if parts.hostname else []
    port = ["--port", str(parts.port)] if parts.port else []
    user = ["--username", parts.username] if parts.username else []
    command = [tool, *host, *port, *user, "--no-password", "--dbname", parts.path.lstrip("/"), *arguments]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BackupFailed(f"{tool} is not installed: install PostgreSQL's client programs") from None
    if done.returncode:
        raise BackupFailed(f"{tool}: {done.stderr.strip()[-500:]}")
