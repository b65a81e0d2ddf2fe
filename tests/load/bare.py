"""What the platform is measured against: the smallest Flask page and the smallest Flask-SocketIO event that serve.

Served by the same deploy/gunicorn.py (`bare:app`), so that what differs is ours.
"""

import os
import sqlite3
import tempfile
import threading
from typing import Any

from flask import Flask, jsonify, request
from flask_socketio import SocketIO

from lms.web import sockets

app = Flask("bare")
io = SocketIO(app, async_mode="threading")
# The configuration's good order at the stop asks for it.
sockets._io = io


@app.get("/")
def page() -> str:
    return "<!doctype html><title>Bare</title><p>Nothing but a page.</p>"


_kept = threading.local()


def _table() -> sqlite3.Connection:
    """Return this thread's connection, as durable as the platform's own (WAL, synchronous=FULL)."""
    if not hasattr(_kept, "db"):
        path = os.path.join(tempfile.gettempdir(), f"bare-{os.getpid()}.sqlite")
        _kept.db = sqlite3.connect(path, timeout=30, isolation_level=None)
        _kept.db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE IF NOT EXISTS answer (item INTEGER, seq INTEGER, response TEXT)"
        )
    found: sqlite3.Connection = _kept.db
    return found


@app.post("/answer")
def answer() -> Any:
    for one in request.get_json()["answers"]:
        _table().execute("INSERT INTO answer VALUES (?, ?, ?)", (one["item"], one["seq"], one["response"]))
    return jsonify(ok=True)


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@io.on("attendance:joined")
def joined(_payload: Any) -> dict[str, Any]:
    return {"ok": True}


@io.on("attendance:connected")
def connected(_payload: Any) -> dict[str, Any]:
    return {"ok": True}
