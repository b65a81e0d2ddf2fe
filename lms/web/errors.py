"""What a refusal or a fault looks like: a page for people, JSON for scripts, always in the reader's words."""

import logging
import uuid
from typing import Any

from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from lms.kernel.errors import Invalid, Refusal, Said
from lms.web.i18n import say
from lms.web.resending import kept_form

log = logging.getLogger(__name__)


def wants_json() -> bool:
    """Return whether the caller is a script rather than a person."""
    return request.is_json or request.accept_mimetypes.best == "application/json"


def init_app(app: Flask, *, sign_in_endpoint: str) -> None:
    """Answer refusals, HTTP errors and faults."""

    @app.before_request
    def name_request() -> None:
        g.request_id = uuid.uuid4().hex[:12]

    @app.after_request
    def tell_request(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        return response

    @app.errorhandler(Refusal)
    def refuse(refusal: Refusal) -> Any:
        if refusal.status == 401 and not wants_json() and kept_form() is None:
            # Only a page can be returned to.
            back = request.full_path.rstrip("?") if request.method == "GET" else None
            return redirect(url_for(sign_in_endpoint, next=back))
        return answer(refusal.status, refusal.said, refusal)

    @app.errorhandler(CSRFError)
    def stale_form(_error: CSRFError) -> Any:
        return answer(400, Said("form_expired"))

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Any:
        status = error.code or 500
        if status < 400:
            return error
        return answer(status, Said(f"http_{status}" if status in PHRASED else "http_other"), headers=error)

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Any:
        log.exception("fault", extra={"request_id": g.get("request_id"), "path": request.path}, exc_info=error)
        return answer(500, Said("http_500"))


# After these the same form may be taken when it is sent again: signed in anew, a moment later, by a house that is well.
WORTH_RESENDING = frozenset({401, 429, 500, 503})
PHRASED = frozenset({400, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503})


def answer(status: int, said: Said, refusal: Refusal | None = None, headers: HTTPException | None = None) -> Any:
    """Return the error as JSON or as a page, with the request's id for the helpdesk."""
    if wants_json():
        body: dict[str, Any] = {"ok": False, "code": said.code, "text": say(said), "request_id": g.get("request_id")}
        if isinstance(refusal, Invalid):
            body["problems"] = [{"field": p.field, "code": p.code, "text": say(p)} for p in refusal.problems]
        response = jsonify(body)
    else:
        problems = refusal.problems if isinstance(refusal, Invalid) else ()
        page = render_template(
            "errors/error.html",
            status=status,
            said=said,
            problems=problems,
            kept=kept_form(),
            may_resend=status in WORTH_RESENDING or said.code == "form_expired",
        )
        response = Response(page, mimetype="text/html")
    response.status_code = status
    retry = getattr(headers, "retry_after", None) if headers else None
    if retry:
        response.headers["Retry-After"] = str(retry)
    return response
