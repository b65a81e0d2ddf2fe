"""What the platform is measured against: the smallest Flask page and the smallest Flask-SocketIO event that serve.

Served by the same deploy/gunicorn.py (`bare:app`), so that what differs is ours.
"""

from typing import Any

from flask import Flask
from flask_socketio import SocketIO

from lms.web import sockets

app = Flask("bare")
io = SocketIO(app, async_mode="threading")
# The configuration's good order at the stop asks for it.
sockets._io = io


@app.get("/")
def page() -> str:
    return "<!doctype html><title>Bare</title><p>Nothing but a page.</p>"


@app.get("/healthz")
def healthz() -> str:
    return "ok"


@io.on("attendance:joined")
def joined(_payload: Any) -> dict[str, Any]:
    return {"ok": True}


@io.on("attendance:connected")
def connected(_payload: Any) -> dict[str, Any]:
    return {"ok": True}
