"""How one web process is run: `gunicorn -c deploy/gunicorn.py wsgi:app`. More of them: docs/deploy.md.

Threads, not gevent: hashing, spreadsheets and SQLite would hold up a loop that everybody shares.
"""

import os
import threading
import time
from typing import Any

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
# One: a WebSocket's second request would otherwise reach a worker that does not know it. Scale by more processes.
workers = 1
# Every open WebSocket holds one thread for as long as it lives; with as many sockets as threads, every page would
# wait for a socket to leave. So: the sockets one process may hold (1,060; further ones are refused) and 40 for pages.
# Threads are made when first needed, so that a quiet process pays nothing for a large number.
threads = int(os.environ.get("THREADS", "1100"))
threads_for_pages = min(40, threads // 2)
worker_connections = threads + 900
backlog = 2048
keepalive = 5
# A process busy with a thousand joins answers the arbiter late; that is no reason to shoot it.
timeout = 90
graceful_timeout = int(os.environ.get("GRACEFUL_TIMEOUT", "10"))
# Its path would be the same for every process of this account.
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = os.environ.get("GUNICORN_LOG_LEVEL", "warning")
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1,::1")
reload = os.environ.get("JEMBATAN_RELOAD") == "1"


def post_worker_init(worker: Any) -> None:
    """Start what this process does beside answering, and the watch that ends it all when the worker is told to stop.

    Features leave what they want called in `app.extensions["at_start"]` and `["at_stop"]`: only a process that
    serves calls it, never the arbiter, a command or a test.
    """
    from lms.web import sockets

    sockets.allow_at_most(threads - threads_for_pages)
    app = worker.wsgi
    for start in app.extensions.get("at_start", []):
        start()
    serving.set()
    threading.Thread(target=stop_in_good_order, args=(worker, app), name="stop", daemon=True).start()


# In the serving process: set once it serves, and once its features have been told of the stop.
serving, told = threading.Event(), threading.Event()


def worker_exit(_arbiter: Any, _worker: Any) -> None:
    """Let the features finish: a worker without open sockets would be gone before they have written their last word."""
    if serving.is_set():
        told.wait(timeout=5)


def stop_in_good_order(worker: Any, app: Any) -> None:
    """Wait for the stop, tell the features, close the sockets.

    Without it a stop with open WebSockets takes the whole graceful_timeout. They are closed as connections
    (Engine.IO), not as sessions (Socket.IO): the browsers see a lost connection and come back by themselves,
    where after a Socket.IO disconnect they would stay away.
    """
    from lms.web import sockets

    while worker.alive:
        time.sleep(0.05)
    for stop in app.extensions.get("at_stop", []):
        try:
            stop()
        except Exception:
            worker.log.exception("what should happen at the stop failed")
    told.set()
    # A handshake under way when the stop came becomes a socket a moment later: look again until the process ends.
    while True:
        sockets.close_all()
        time.sleep(0.2)
