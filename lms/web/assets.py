"""Static files: one build hash in every address, so that modules and styles never go stale, and sent compressed."""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, url_for
from whitenoise import WhiteNoise

from lms.settings import ROOT, Settings

STATIC = ROOT / "static"
# The style sheets of every page, most general first; sent as one.
SHEETS = (
    "vendor/bootstrap-reboot.min.css",
    "css/tokens.css",
    "css/base.css",
    "css/frame.css",
    "css/forms.css",
    "css/parts.css",
    "css/charts.css",
    "css/tables.css",
    "css/on-paper.css",
)
ONE_SHEET = "css/every-page.css"
EVERY_PAGES_SCRIPT = "js/lib/page.js"
_TEXT = frozenset({".css", ".js", ".svg", ".json", ".txt", ".webmanifest"})
_IMPORT = re.compile(r"^\s*(?:import|export)\b[^;]*?[\"'](\./[^\"']+|\.\./[^\"']+)[\"']", re.MULTILINE)


def build_hash(folder: Path = STATIC) -> str:
    """Return a short hash over every static file's path, size and time of change."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path.relative_to(folder)}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:10]


def init_app(app: Flask) -> None:
    """Serve `static/` under `/static/<hash>/…` with far-future caching; call after Socket.IO wrapped the app."""
    settings: Settings = app.config["SETTINGS"]
    version = build_hash()
    app.config["ASSET_VERSION"] = version

    @cache
    def static(path: str) -> str:
        """Return the address of a static file, e.g. static('css/app.css')."""
        return url_for("static", filename=f"{app.config['ASSET_VERSION']}/{path}")

    app.jinja_env.globals.update(
        static=static,
        every_pages_sheets=SHEETS if settings.debug else (ONE_SHEET,),
        every_pages_modules=modules_below(EVERY_PAGES_SCRIPT),
    )
    served = WhiteNoise(
        app.wsgi_app,
        autorefresh=settings.debug,
        max_age=0 if settings.debug else 31_536_000,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: not settings.debug,
    )
    # The bare prefix serves what has a fixed address, such as the icon browsers ask for by themselves.
    served.add_files(str(STATIC / "img"), prefix="/static/img/")
    if settings.debug:
        served.add_files(str(STATIC), prefix=f"/static/{version}/")
        app.wsgi_app = served  # type: ignore[method-assign]
    else:
        app.wsgi_app = _BuiltWhenAsked(served, settings.home, version)  # type: ignore[method-assign]


class _BuiltWhenAsked:
    """The static server, whose compressed files are made before the first of them leaves: commands need none."""

    def __init__(self, served: WhiteNoise, home: Path, version: str) -> None:
        self.served, self.home, self.version = served, home, version
        self.prefix = f"/static/{version}/"
        self.is_built = False
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self.is_built and environ["PATH_INFO"].startswith(self.prefix):
            with self.lock:
                if not self.is_built:
                    self.served.add_files(str(build(self.home, self.version)), prefix=self.prefix)
                    self.is_built = True
        return self.served(environ, start_response)


def build(home: Path, version: str | None = None) -> Path:
    """Return the folder of static files as they are served, made if it is not there: each file with compressed
    copies beside it, which WhiteNoise prefers, and the style sheets of every page in one.

    In `home`, since a program's own folder may not be writable. Processes that start at once agree on one.
    """
    target = home / "static" / (version or build_hash())
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=target.parent))
    for path in sorted(STATIC.rglob("*")):
        if path.is_file():
            _put(fresh / path.relative_to(STATIC), path.read_bytes())
    # Files of vendor/ stand one folder aside, but name nothing by relative address.
    _put(fresh / ONE_SHEET, b"\n".join((STATIC / sheet).read_bytes() for sheet in SHEETS))
    fresh.chmod(0o755)
    try:
        fresh.rename(target)
    except OSError:
        # Another process was faster; it made the same.
        shutil.rmtree(fresh, ignore_errors=True)
    _keep_newest(target.parent)
    return target


def _put(target: Path, content: bytes) -> None:
    """Write a file, and where they are smaller its compressed copies."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    if target.suffix not in _TEXT:
        return
    # Without the time of making, so that the same file gives the same bytes.
    for ending, packed in (("gz", gzip.compress(content, 9, mtime=0)), ("br", brotli.compress(content, quality=11))):
        if len(packed) < len(content) * 0.95:
            target.with_name(f"{target.name}.{ending}").write_bytes(packed)


def _keep_newest(folder: Path, number: int = 3) -> None:
    """Remove builds of versions long gone; a process that is about to be replaced still serves the last but one."""
    builds = sorted((path for path in folder.iterdir() if path.is_dir()), key=os.path.getmtime, reverse=True)
    for old in builds[number:]:
        shutil.rmtree(old, ignore_errors=True)


def modules_below(script: str, folder: Path = STATIC) -> tuple[str, ...]:
    """Return the modules this script imports, and those they import, without itself: a browser told of them at once
    need not read each file to find the next."""
    found: list[str] = []
    waiting = [script]
    while waiting:
        current = waiting.pop(0)
        for target in _IMPORT.findall((folder / current).read_text(encoding="utf-8")):
            name = os.path.normpath(os.path.join(os.path.dirname(current), target))
            if name not in found and (folder / name).is_file():
                found.append(name)
                waiting.append(name)
    return tuple(found)
