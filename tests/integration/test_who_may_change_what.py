"""Every address that takes a POST, tried by people who have no business there: nothing passes and nothing breaks."""

import re
from collections.abc import Callable
from dataclasses import asdict

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from lms.db import writing
from lms.programmes.models import Enrolment
from tests.factories import World, make_quiz, make_recording, make_session

# What concerns the asker alone, or a course that her own batch is taught as well; and what machines post.
OWN = {
    "accounts.code",
    "accounts.forgotten",
    "accounts.invitation",
    "accounts.save_settings",
    "accounts.change_password",
    "accounts.sign_in",
    "accounts.sign_out",
    "accounts.sign_out_everywhere",
    "accounts.switch_language",
    "home.close_guide",
    "home.open_guide",
    "outbox.mark_all_read",
    "courses.read",
    "quizzes.start",
    "certificates.new_claim",
}
REFUSED = {400, 401, 403, 404, 405, 409, 410, 422}


@pytest.fixture
def ids(world: World, app: Flask) -> dict[str, int | str]:
    """Things of the batch that Mallory is not in; names of the addresses' parameters."""
    with writing() as db:
        session, quiz = make_session(db, world.batch).id, make_quiz(db, world.course).id
        enrolment = db.scalars(select(Enrolment.id).where(Enrolment.person_id == world.budi)).one()
        recording = make_recording(db, session).id
    mine = asdict(world) | {
        "recording_id": recording,
        "session_id": session,
        "quiz_id": quiz,
        "enrolment_id": enrolment,
    }
    return mine | {"batch_id": world.batch, "person_id": world.budi, "unit_id": world.unit}


def addresses(app: Flask, ids: dict[str, int | str]) -> dict[str, str]:
    """Return endpoint → address of everything that takes a POST."""

    def fill(rule: Rule) -> str:
        slug = "pelayanan-prima" if rule.rule.startswith("/programmes") else "pelayanan-publik-prima"
        known = {"slug": slug, "key": "keramahan", "name": "x.svg", "token": "x" * 20} | ids
        return re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda found: str(known.get(found.group(1), 1)), rule.rule)

    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())]
    assert len(rules) > 60
    return {rule.endpoint: fill(rule) for rule in rules}


def test_a_trainee_of_another_batch_changes_nothing(
    world: World, app: Flask, ids: dict[str, int | str], as_person: Callable[[int], FlaskClient]
) -> None:
    mallory = as_person(world.mallory)
    passed = {}
    for endpoint, address in addresses(app, ids).items():
        if endpoint in OWN:
            continue
        for body in ({"data": {}}, {"json": {}}):
            status = mallory.post(address, **body).status_code
            if status not in REFUSED:
                passed[address] = status
    assert passed == {}


def test_nobody_changes_anything_before_signing_in(
    world: World, app: Flask, ids: dict[str, int | str], client: FlaskClient
) -> None:
    passed = {}
    for endpoint, address in addresses(app, ids).items():
        answer = client.post(address, data={})
        leads_in = answer.status_code in (302, 303) and "/sign-in" in answer.headers["Location"]
        if answer.status_code not in REFUSED and not leads_in:
            passed[endpoint] = answer.status_code
    assert passed == {}
