"""A room page stripped to what the meeting adapters need, under the content policy of the real one."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from jinja2 import Environment, FileSystemLoader

ROOT = Path(__file__).resolve().parents[3]
PARTS = ("sessions/_practice_room.html", "sessions/_meeting_elsewhere.html")
SHEETS = ("tokens.css", "base.css", "forms.css", "parts.css", "tables.css", "meeting.css")


class BarePage:
    """Serves the page at `url` and the project's static files; `url` + "/away" is a page to leave to."""

    def __init__(self, meeting_host: str = "") -> None:
        source = f" https://{meeting_host}" if meeting_host else ""
        self.policy = (
            f"default-src 'none'; script-src 'self'{source}; style-src 'self'; img-src 'self' data:; "
            f"media-src 'self' blob:; connect-src 'self'; frame-src 'self'{source}; base-uri 'none'"
        )
        environment = Environment(loader=FileSystemLoader(ROOT / "templates"), autoescape=True)
        environment.globals.update(_=str, static=lambda path: f"/static/{path}", csrf_token=str, say=str)
        sheets = "".join(f'<link rel="stylesheet" href="/static/css/{sheet}">' for sheet in SHEETS)
        parts = "".join(environment.get_template(part).render() for part in PARTS)
        self.html = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Room</title>{sheets}'
            f'<main><h1>Room</h1><div id="meeting" class="meeting-frame" aria-label="Meeting"></div></main>{parts}'
        )

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self, directory=str(ROOT)))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

    def __init__(self, page: BarePage, *args: Any, **kwargs: Any) -> None:
        self.page = page
        super().__init__(*args, **kwargs)

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            super().do_GET()
            return
        body = (self.page.html if self.path == "/" else "<!doctype html><title>away</title>").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", self.page.policy)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the tests say what matters."""
