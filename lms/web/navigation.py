"""The links of the main navigation, narrowed to what the reader may use."""

from dataclasses import dataclass

from flask import Flask, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user


@dataclass(frozen=True)
class Place:
    """A link of the navigation: endpoint, words, icon, the permission that shows it, and one that makes it needless."""

    endpoint: str
    label: str
    icon: str
    permission: str
    needless_with: str = ""


@dataclass(frozen=True)
class Link:
    """A place as a template shows it."""

    url: str
    label: str
    icon: str
    active: bool


_ = lazy_gettext

PLACES = (
    Place("home.home", _("Home"), "house", "home:read"),
    Place("sessions.calendar", _("Schedule"), "calendar3", "session:read"),
    Place("courses.library", _("Courses"), "book", "course:read"),
    Place("quizzes.quizzes", _("Quizzes"), "patch-question", "course:read"),
    Place("programmes.programmes", _("Programmes"), "diagram-3", "batch:read"),
    Place("reports.own_record", _("My attendance"), "person-check", "attendance:own"),
    Place("evaluations.taught", _("Evaluation of my teaching"), "chat-left-text", "evaluation:taught"),
    Place("certificates.own", _("Certificates"), "patch-check", "attendance:own"),
    Place("attendance.excuses", _("Requests"), "envelope", "register:correct"),
    Place("certificates.hours_people", _("Lesson hours"), "stopwatch", "hours:read"),
    # Whoever has programmes finds their reports there and on her first page; a ninth place would not fit the head.
    Place("reports.overview", _("Reports"), "graph-up", "report:read", needless_with="batch:read"),
    Place("accounts.people", _("People"), "people", "people:read"),
)

# Their pages belong to sessions, batches and people as well: only the place itself is marked.
SEVERAL_PLACES = ("attendance", "certificates", "evaluations", "reports")


def init_app(app: Flask) -> None:
    """Give every template its navigation."""

    @app.context_processor
    def navigation() -> dict[str, object]:
        if not current_user.is_authenticated:
            return {"navigation": []}
        # One's own settings belong to no place, though they are a page of accounts.
        blueprint = None if request.path.startswith("/settings") else request.blueprint
        if request.path.startswith("/people/"):
            # A sheet of people is handed in among the people, whoever owns that page.
            blueprint = "accounts"
        links = [
            Link(
                url_for(place.endpoint),
                str(place.label),
                place.icon,
                place.endpoint == request.endpoint
                or (place.endpoint.split(".")[0] == blueprint and blueprint not in SEVERAL_PLACES),
            )
            for place in PLACES
            if current_user.can(place.permission)
            and not (place.needless_with and current_user.can(place.needless_with))
        ]
        return {"navigation": links}


def name_of(endpoint: str) -> str:
    """Return a place's words in the reader's language."""
    return next((str(place.label) for place in PLACES if place.endpoint == endpoint), gettext("Page"))
