"""create_app: registers every feature in one visible list; holds no rule."""

import secrets
from datetime import timedelta

from flask import Flask, Response, g, request
from flask_login import current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from lms import cli, clock, db, reaches, site
from lms.accounts import guard, signing_in
from lms.accounts.rules.nip import mask_nip, show_nip
from lms.accounts.views import all_pages as accounts
from lms.attendance import interpreter
from lms.attendance import live as attendance_live
from lms.attendance import tasks as attendance_tasks
from lms.attendance.service import rehearsing, world
from lms.attendance.views import all_pages as attendance
from lms.certificates import tasks as certificates_tasks
from lms.certificates.views import all_pages as certificates
from lms.courses.views import all_pages as courses
from lms.delegations import tasks as delegations_tasks
from lms.delegations.rules.ranking import Source
from lms.delegations.service import figures
from lms.delegations.views import all_pages as delegations
from lms.evaluations import tasks as evaluations_tasks
from lms.evaluations.service import plans
from lms.evaluations.views import all_pages as evaluations
from lms.home import views as home
from lms.outbox import tasks as outbox_tasks
from lms.outbox import views as outbox
from lms.programmes import tasks as programmes_tasks
from lms.programmes.views import all_pages as programmes
from lms.pulses import live as pulses_live
from lms.pulses import views as pulses
from lms.quizzes import tasks as quizzes_tasks
from lms.quizzes.service import outages
from lms.quizzes.views import all_pages as quizzes
from lms.reports import all_pages as reports
from lms.reports import tasks as reports_tasks
from lms.sessions import jitsi_views, meeting_place, self_test
from lms.sessions import live as sessions_live
from lms.sessions import views as sessions
from lms.sessions.recordings import hook as recordings_hook
from lms.sessions.recordings import tasks as recordings_tasks
from lms.sessions.service import server_events
from lms.settings import ROOT, Settings
from lms.web import (
    addresses,
    assets,
    compression,
    errors,
    i18n,
    limits,
    logs,
    navigation,
    once,
    row_numbers,
    security,
    sockets,
    words,
)


def create_app(settings: Settings) -> Flask:
    """Return the application for these settings; starts no thread and touches no table."""
    logs.configure(settings.log_format)
    app = Flask("lms", root_path=str(ROOT / "lms"), template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.upload_limit + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        # A form left open over lunch must still be accepted; the token still ends with the sign-in.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_HEADERS=["X-CSRFToken"],
        TEMPLATES_AUTO_RELOAD=settings.debug,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    database = db.configure(settings.database_url)
    app.extensions["jembatan_db"] = database
    outages.provide(world.outages_between)
    figures.provide(Source.ACTION_PLAN, plans.percent_done)
    server_events.interpret_with(attendance_tasks.interpret_server_events)
    self_test.rehearse_with(rehearsing.rehearse)
    app.add_url_rule("/static/<path:filename>", "static", _missing_static)

    compression.init_app(app)
    row_numbers.init_app(app)
    errors.init_app(app, sign_in_endpoint="accounts.sign_in")
    logs.init_app(app)
    csrf = once.Tokens(app)
    signing_in.init_app(app)
    once.init_app(app)
    words.init_app(app, i18n.init_app(app, reader=signing_in.reader))
    meeting_place.init_app(app)
    addresses.init_app(app)
    security.init_app(app)
    limits.init_app(app)
    navigation.init_app(app)
    _check_every_answer(app)
    _give_templates(app)
    reaches.register()
    _register_features(app)
    jitsi_views.init_app(app, csrf)
    recordings_hook.init_app(app, csrf)
    sockets.init_app(app)
    assets.init_app(app)
    return app


def _register_features(app: Flask) -> None:
    """Bind every feature's edges: pages, socket events, commands, and the jobs that come round."""
    for feature in (
        home,
        accounts,
        outbox,
        courses,
        programmes,
        sessions,
        attendance,
        quizzes,
        pulses,
        delegations,
        certificates,
        evaluations,
        reports,
        site,
    ):
        app.register_blueprint(feature.blueprint)
    sessions_live.init_app(app)
    attendance_live.init_app(app)
    interpreter.init_app(app)
    pulses_live.init_app(app)
    outbox_tasks.init_app(app)
    # Importing a feature's tasks registers its jobs; the list shows which features have any.
    app.extensions["jobs"] = (
        attendance_tasks,
        certificates_tasks,
        evaluations_tasks,
        outbox_tasks,
        programmes_tasks,
        delegations_tasks,
        quizzes_tasks,
        recordings_tasks,
        reports_tasks,
    )
    cli.init_app(app)


def _check_every_answer(app: Flask) -> None:
    """Refuse to answer from a view that neither went through the guard nor is marked public.

    The architecture test reads every view for `needs=`; this catches the branch that forgot to call it.
    """

    @app.after_request
    def guarded(response: Response) -> Response:
        view = app.view_functions.get(request.endpoint or "")
        is_open = view is None or getattr(view, "is_public", False) or request.endpoint == "static"
        if response.status_code < 300 and not is_open and not g.get("authorised"):
            app.logger.error("view %s answered without authorising", request.endpoint)
            return Response("unauthorised answer withheld", status=500, mimetype="text/plain")
        return response


@guard.public
def _missing_static(filename: str) -> tuple[str, int]:
    """Answer for a static file that the static server in front did not find."""
    return f"no such file: {filename}", 404


def _give_templates(app: Flask) -> None:
    settings: Settings = app.config["SETTINGS"]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(nip=mask_nip, nip_full=show_nip)

    @app.context_processor
    def globals_of_every_page() -> dict[str, object]:
        who = current_user if current_user.is_authenticated else None
        language = i18n.reader().language
        return {
            "principal": who,
            "can": who.can if who else (lambda _permission: False),
            "csrf_token": once.token,
            "language": language,
            "now": clock.now(),
            "help_name": settings.help_name,
            "help_phone": settings.help_phone,
            "new_key": lambda: secrets.token_hex(12),
            "timedelta": timedelta,
        }
