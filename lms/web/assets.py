"""Static files: one build hash in every address, so that modules and styles never go stale."""

import hashlib
from pathlib import Path

from flask import Flask, url_for
from whitenoise import WhiteNoise

from lms.settings import ROOT

STATIC = ROOT / "static"


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
    version = build_hash()
    app.config["ASSET_VERSION"] = version

    def static(path: str) -> str:
        """Return the address of a static file, e.g. static('css/app.css')."""
        return url_for("static", filename=f"{app.config['ASSET_VERSION']}/{path}")

    app.jinja_env.globals["static"] = static
    debug = app.config["SETTINGS"].debug
    served = WhiteNoise(
        app.wsgi_app,
        autorefresh=debug,
        max_age=0 if debug else 31_536_000,
        allow_all_origins=False,
        immutable_file_test=lambda path, url: not debug,
    )
    served.add_files(str(STATIC), prefix=f"/static/{version}/")
    # The bare prefix serves what has a fixed address, such as the icon browsers ask for by themselves.
    served.add_files(str(STATIC / "img"), prefix="/static/img/")
    app.wsgi_app = served  # type: ignore[method-assign]
