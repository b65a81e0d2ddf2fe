"""Every page the demo has: each GET route of the app, filled in with ids that the demo's own database gives."""

import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from werkzeug.routing import Rule

from lms.app import create_app
from lms.settings import Settings

# What stands for a parameter of an address: a query whose rows are all tried, so few and telling ones.
EXAMPLES: dict[str, str] = {
    "visit_id": "select id from delegation",
    "delegations.candidate_id": "select id from delegation_candidate where outcome = 'chosen' limit 1",
    "session_id": """select id from (select id from live_session where has_evidence and ends_at < datetime('now')
        order by starts_at desc limit 1) union select id from (select id from live_session
        where starts_at <= datetime('now') and ends_at > datetime('now') limit 1)
        union select id from (select id from live_session where starts_at > datetime('now', '+1 day') limit 1)""",
    # A session with a question that is still only prepared.
    "pulses.session_id": "select session_id from pulse where opened_at is null order by id desc limit 1",
    "pulses.pulse_id": "select id from pulse where opened_at is null order by id desc limit 1",
    "batch_id": "select max(batch_id) from enrolment where role = 'trainee'",
    "person_id": "select person_id from enrolment where role = 'trainee' order by batch_id desc, person_id limit 1",
    "unit_id": "select id from unit where parent_id is not null limit 1",
    "quiz_id": "select id from quiz",
    "quizzes.import_id": "select id from question_import",
    "quizzes.draft_id": "select id from question_draft limit 1",
    # One written here: those of files have no form.
    "quizzes.question_id": "select id from question where origin = 'bank' limit 1",
    "attempt_id": "select max(id) from attempt where submitted_at is not null group by batch_id",
    "number": "select number from revision limit 1",
    "language": "select 'id' union select 'en'",
    "slug": "select slug from programme limit 1",
    "courses.slug": "select slug from course limit 1",
    "quizzes.slug": "select slug from course limit 1",
    "key": "select key from module order by position limit 1",
    # A code that nobody shows: the page that says so.
    "code": "select 'ABCDEF'",
    # The page that tells of a certificate, and the one that says there is none.
    "certificates.code": "select code from certificate limit 2",
    "certificates.person_id": """select person_id from enrolment where role = 'trainee'
        order by batch_id desc, person_id limit 1""",
    # Open ones to be filled in; closed ones have results.
    "survey_id": """select id from survey where closes_at > datetime('now') union
        select id from (select id from survey where closes_at < datetime('now') order by id limit 3)""",
    "plan_id": "select id from action_plan limit 2",
    "evaluations.kind": "select 'organiser' union select 'superior'",
    "book_id": "select id from number_book limit 1",
    "import_id": "select id from people_import",
    "posted": "select '20260101T000000000000'",
}
# Addresses that no page answers: files, secrets sent by mail, what only scripts ask for.
NO_PAGES = frozenset(
    {
        "static", "courses.attachment", "courses.media", "sessions.feed", "sessions.ics", "accounts.invitation",
        "site.healthz", "site.form_token", "home.next_session", "attendance.lines", "attendance.sheet_pdf",
        "attendance.document", "attendance.own_document",
        "quizzes.state", "reports.programme_pdf", "reports.matrix_csv", "reports.matrix_xlsx",
        "jitsi.reservation", "reports.register_csv", "reports.register_xlsx", "reports.quiz_table",
        "quizzes.own_file", "quizzes.handed_in_file", "quizzes.questions_file", "quizzes.question_sheet",
        "sessions.recording_film", "sessions.line_down",
        "certificates.pdf", "certificates.own_pdf", "certificates.badge", "certificates.all_pdfs",
        "certificates.specimen", "certificates.progress", "certificates.key_set", "certificates.key",
        "certificates.issuer", "certificates.status_list", "evaluations.follow_up",
        "certificates.siasn_xlsx", "certificates.siasn_json", "certificates.hours_file", "certificates.own_proof",
        "certificates.claim_proof",
    }
)  # fmt: skip


def every_place(home: Path) -> dict[str, str]:
    """Return the address of every page and the route that answers it, in the addresses' order.

    Raises LookupError naming a parameter nobody gave an example.

    A parameter `thing_id` needs none where a table is named `thing`.
    """
    app = create_app(Settings.read({"JEMBATAN_HOME": str(home), "SECRET_KEY": "places"}))
    with sqlite3.connect(f"file:{home / 'jembatan.sqlite'}?mode=ro", uri=True) as db:
        found = {
            address: rule.rule
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES
            for address in filled(rule, db)
        }
    return dict(sorted(found.items()))


def filled(rule: Rule, db: sqlite3.Connection) -> Iterator[str]:
    """Give the rule's addresses: every combination of its parameters' examples."""
    names = sorted(rule.arguments)
    feature = rule.endpoint.split(".")[0]
    choices = []
    for name in names:
        query = EXAMPLES.get(f"{feature}.{name}", EXAMPLES.get(name))
        if query is None and name.endswith("_id"):
            query = f'select id from "{name.removesuffix("_id")}" limit 2'  # noqa: S608 - a name of our own route
        told = f"{rule.rule} ({rule.endpoint}): give EXAMPLES a query for {name}, or add it to NO_PAGES"
        if query is None:
            raise LookupError(told)
        try:
            choices.append([row[0] for row in db.execute(query) if row[0] is not None])
        except sqlite3.OperationalError as unknown:
            raise LookupError(told) from unknown
    for combination in itertools.product(*choices):
        address = rule.rule
        for name, value in zip(names, combination, strict=True):
            for kind in ("int:", "", "path:"):
                address = address.replace(f"<{kind}{name}>", str(value))
        yield address
