"""deploy/gunicorn.py: a server with open sockets stops at once and in good order, whoever asks."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import socketio

ROOT = Path(__file__).resolve().parents[3]
# The smallest application that the configuration can serve: what the features hang on it is what they would.
APPLICATION = """
from flask import Flask
from flask_socketio import SocketIO
from lms.web import sockets

app = Flask(__name__)
sockets._io = SocketIO(app, async_mode="threading")
note = lambda text: open("notes", "a").write(text + "\\n")
app.extensions["at_start"] = [lambda: note("start")]
count = lambda: note("open %d" % len(sockets.io().server.eio.sockets))
app.extensions["at_stop"] = [lambda: note("stop"), lambda: 1 / 0, count]
app.get("/healthz")(lambda: "ok")
"""
SOCKETS = 12


@contextlib.contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A running server and its port. Its grace is longer than any test may take: waiting it out fails."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "tiny.py").write_text(APPLICATION)
    env = os.environ | {"PORT": str(port), "GRACEFUL_TIMEOUT": "300", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.py"), "tiny:app"]
    server = subprocess.Popen(command, cwd=folder, env=env)
    try:
        while server.poll() is None and not answers(port):
            time.sleep(0.05)
        yield server, port
    finally:
        if server.poll() is None:
            server.kill()
        server.wait()


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_with_open_sockets_does_not_wait_for_the_grace_to_end(tmp_path: Path, ask: signal.Signals) -> None:
    with served(tmp_path) as (server, port), contextlib.ExitStack() as clients:
        for number in range(SOCKETS):
            client = socketio.Client(reconnection=False)
            client.connect(f"http://127.0.0.1:{port}", transports=["polling" if number == 0 else "websocket"])
            clients.callback(client.disconnect)
        server.send_signal(ask)
        assert server.wait(timeout=60) == 0
    assert (tmp_path / "notes").read_text().splitlines() == ["start", "stop", f"open {SOCKETS}"]
