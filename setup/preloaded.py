"""One process that prepares the installation and then is its server: `python -m setup.preloaded` under `.venv`.

Importing Flask, SQLAlchemy and the rest takes a second. Three commands would each take it; here it is taken once,
and the commands and the server's worker are forks that have it already. Forks, so that nothing a command leaves
behind (connections, caches, threads) reaches the server.
"""

import importlib
import os
import sys
from collections.abc import Callable
from typing import NoReturn

# What every command and page needs and what starts no thread and opens nothing when imported.
HEAVY = ["flask_babel", "flask_limiter", "flask_login", "flask_socketio", "flask_wtf.csrf", "gunicorn.app.wsgiapp"]
HEAVY += ["gunicorn.workers.gthread", "huey", "pydantic", "sqlalchemy.orm", "structlog", "whitenoise"]


# Our own code too, but not where it is to be reloaded: a fork of an old import would stay old.
OURS = [] if os.environ.get("JEMBATAN_RELOAD") == "1" else ["lms.app"]


def main() -> None:
    for name in HEAVY + OURS:
        importlib.import_module(name)
    tell = int(os.environ.pop("JEMBATAN_TELL"))
    if os.waitstatus_to_exitcode(os.waitpid(fork(flask, "prepare", "--demo"), 0)[1]):
        sys.exit("run: the database could not be brought up to date; the lines above say why. Nothing was started.")
    # While the server starts. The arbiter reaps it; ./run reads what it tells, up to the end of the last writer.
    fork(tell_accounts, tell)
    os.close(tell)
    gunicorn()


def fork(work: Callable[..., None], *arguments: str | int) -> int:
    """The process id of a child that does this work and ends with its exit code."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code: object = 1
    try:
        work(*arguments)
        code = 0
    except SystemExit as end:
        code = end.code
    except KeyboardInterrupt:
        code = 130
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def tell_accounts(tell: int) -> None:
    os.dup2(tell, sys.stdout.fileno())
    flask("demo-people")


def flask(*arguments: str) -> None:
    from flask.cli import main as command_line

    sys.argv = ["flask", "--app", "wsgi", *arguments]
    command_line()


def gunicorn() -> NoReturn:
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "-c", "deploy/gunicorn.py", "wsgi:app"]
    run()
    sys.exit(0)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
