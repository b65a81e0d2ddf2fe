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

# Their pages belong to sessions, batches and people as well: the address says to which.
SEVERAL_PLACES = ("attendance", "certificates", "evaluations", "reports")

# The place a page belongs to by the beginning of its address, whichever feature shows it. One's own settings belong
# to none, though they are a page of accounts.
BY_ADDRESS = {
    "batches": "programmes.programmes",
    "hours": "certificates.hours_people",
    "people": "accounts.people",
    "programmes": "programmes.programmes",
    "sessions": "sessions.calendar",
    "settings": "",
    "study-visits": "programmes.programmes",
    "units": "accounts.people",
}


def init_app(app: Flask) -> None:
    """Give every template its navigation."""

    @app.context_processor
    def navigation() -> dict[str, object]:
        if not current_user.is_authenticated:
            return {"navigation": []}
        current = _place_of_the_page()
        links = [
            Link(url_for(place.endpoint), str(place.label), place.icon, place.endpoint == current)
            for place in PLACES
            if current_user.can(place.permission)
            and not (place.needless_with and current_user.can(place.needless_with))
        ]
        return {"navigation": links}


def _place_of_the_page() -> str:
    """Return the endpoint of the place that the requested page belongs to, or nothing for a page of none."""
    if any(place.endpoint == request.endpoint for place in PLACES):
        return str(request.endpoint)
    by_address = BY_ADDRESS.get(request.path.split("/")[1])
    if by_address is not None:
        return by_address
    if request.blueprint in SEVERAL_PLACES:
        return ""
    return next((place.endpoint for place in PLACES if place.endpoint.split(".")[0] == request.blueprint), "")


def name_of(endpoint: str) -> str:
    """Return a place's words in the reader's language."""
    return next((str(place.label) for place in PLACES if place.endpoint == endpoint), gettext("Page"))
