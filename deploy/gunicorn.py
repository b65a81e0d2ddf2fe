"""How one web process is run: `gunicorn -c deploy/gunicorn.py wsgi:app`. More of them: docs/deploy.md.

Threads, not gevent: hashing, spreadsheets and SQLite would hold up a loop that everybody shares.
"""

import os
import threading
import time
from queue import Empty, SimpleQueue
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
# One: a WebSocket's second request would otherwise reach a worker that does not know it. Scale by more processes.
workers = 1
# Every open WebSocket holds one thread for as long as it lives; with as many sockets as threads, every page would
# wait for a socket to leave. So: the sockets one process may hold (1,060) and 40 for pages. Threads are made when
# first needed, so that a quiet process pays nothing for a large number.
threads = int(os.environ.get("THREADS", "1100"))
worker_connections = threads + 900
backlog = 2048
keepalive = 5
# A process busy with a thousand joins answers the arbiter late; that is no reason to shoot it.
timeout = 90
graceful_timeout = float(os.environ.get("GRACEFUL_TIMEOUT", "10"))
# Its path would be the same for every process of this account.
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
reload = os.environ.get("JEMBATAN_RELOAD") == "1"

CLOSERS = 8  # threads that say goodbye; one client that no longer reads must not hold up the others


def post_worker_init(worker: Any) -> None:
    """Start the watch that closes all sockets when this worker is told to stop.

    Without it a stop with open WebSockets takes the whole graceful_timeout. They are closed as connections
    (Engine.IO), not as sessions (Socket.IO): the browsers see a lost connection and come back by themselves,
    where after a Socket.IO disconnect they would stay away.
    """
    threading.Thread(target=close_sockets_at_the_end, args=(worker,), name="goodbye", daemon=True).start()


def close_sockets_at_the_end(worker: Any) -> None:
    while worker.alive:
        time.sleep(0.1)
    socketio = getattr(worker.wsgi, "extensions", {}).get("socketio")
    if socketio is None or socketio.server is None:
        return
    engine = socketio.server.eio
    # A handshake under way when the stop came becomes a socket a moment later: look again until the process ends.
    while True:
        leaving: SimpleQueue[str] = SimpleQueue()
        for sid in list(engine.sockets):
            leaving.put(sid)
        closers = [threading.Thread(target=say_goodbye, args=(engine, leaving), daemon=True) for _ in range(CLOSERS)]
        for closer in closers:
            closer.start()
        time.sleep(0.2)


def say_goodbye(engine: Any, leaving: SimpleQueue[str]) -> None:
    while True:
        try:
            engine.disconnect(leaving.get_nowait())
        except Empty:
            return
        except Exception:  # noqa: S112 - a socket that breaks while being closed is closed
            continue
