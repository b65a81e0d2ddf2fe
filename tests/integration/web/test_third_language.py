"""A third language needs one catalogue: put into lms/locale, people can choose it, read in it and are written to in it.

Which languages there are is known once the program is imported, so that a copy of it is asked in a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from setup.catalogues import compile_one

ROOT = Path(__file__).resolve().parents[3]
# Whatever is said in the third language begins so.
MARK = "§"
VISIT = """
import json, sys
from email import message_from_bytes
from email.policy import default
from datetime import timedelta
from pathlib import Path
import time_machine
from lms.accounts import principal
from lms.accounts.models import Person
from lms.app import create_app
from lms.db import writing
from lms.migrating import upgrade
from lms.outbox import service as outbox
from lms.outbox.delivery import deliver_due
from lms.settings import Settings
from tests.factories import NINE, make_session, make_world

home = Path(sys.argv[1])
url = f"sqlite:///{home / 'test.sqlite'}"
upgrade(url)
settings = Settings.read({"JEMBATAN_HOME": str(home), "DATABASE_URL": url, "SECRET_KEY": "words",
                          "PUBLIC_URL": "http://localhost", "MAIL_URL": f"file:{home / 'mail'}"})
app = create_app(settings)
app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
said = {}
with time_machine.travel(NINE - timedelta(hours=5)):
    with writing() as db:
        world = make_world(db)
        lecture = make_session(db, world.batch).id
    client = app.test_client()
    said["asked for"] = client.get("/sign-in", headers={"Accept-Language": "ms-MY, ms;q=0.9"}).text
    with client.session_transaction() as session:
        session["_user_id"] = principal.cached(world.ayu).get_id()
        session["_fresh"] = True
    said["offered"] = client.get("/settings").text
    said["chosen"] = str(client.post("/settings", data={"language": "ms", "zone": "Asia/Makassar"}).status_code)
    said["refusal"] = client.post("/settings", data={"language": "ms", "zone": "Mars", "phone": "12"}).text
    for path in ("/", "/calendar", "/courses", "/programmes", "/attendance", f"/sessions/{lecture}", "/nowhere"):
        said[path.replace(str(lecture), "N")] = client.get(path).text
    with writing() as db:
        subject = {"title": {"id": "Layanan", "en": "Service"}, "programme": {"id": "Program", "en": "Programme"}}
        outbox.notify(db, world.ayu, "session_cancelled", {**subject, "starts_at": NINE, "reason": "Banjir"}, at=NINE)
        login = db.get(Person, world.ayu).email
    said["notices"] = client.get("/notices").text
    app.test_client().post("/forgotten", data={"login": login})
    with app.app_context():
        assert deliver_due(settings, at=NINE) == 1
letter = next(path for path in (home / "mail").rglob("*") if path.is_file())
mail = message_from_bytes(letter.read_bytes(), policy=default)
said["mail subject"], said["mail"] = mail["subject"], mail.get_body(("html",)).get_content()
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a copy of the program says that was given a Malay catalogue and nothing else."""
    copy = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "lms", copy / "lms", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("templates", "static", "tests", "courses", "setup", "pyproject.toml"):
        (copy / name).symlink_to(ROOT / name)
    catalogue = copy / "lms" / "locale" / "ms" / "LC_MESSAGES" / "messages.po"
    catalogue.parent.mkdir(parents=True)
    with catalogue.open("wb") as file:
        write_po(file, malay())
    compile_one(catalogue)
    home = tmp_path_factory.mktemp("home")
    (home / "mail").mkdir()
    env = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", VISIT, str(home)], cwd=copy, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found: dict[str, str] = json.loads(done.stdout)
    return found


def malay() -> Catalog:
    """Return the English words, each marked, as a catalogue of Malay, which has one form for any number."""
    with (ROOT / "lms" / "locale" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        english = read_po(file)
    made = Catalog(locale="ms", project="Jembatan", version="1", charset="utf-8")
    for message in english:
        if not message.id:
            continue
        # Where English has no words of its own, the sentence in the code is the English one.
        key, string = (one[0] if isinstance(one, tuple | list) else one for one in (message.id, message.string))
        one = string or key
        name = "Bahasa Melayu" if message.id == "language_name" else f"{MARK}{one}"
        made.add(message.id, (name,) if isinstance(message.id, tuple) else name, flags=message.flags)
    return made


def test_a_stranger_gets_the_language_the_browser_asks_for(said: dict[str, str]) -> None:
    assert '<html lang="ms"' in said["asked for"]
    assert f"{MARK}Sign in" in said["asked for"]


def test_it_is_offered_by_its_own_name_and_can_be_chosen(said: dict[str, str]) -> None:
    assert "Bahasa Melayu" in said["offered"] and 'value="ms"' in said["offered"]
    # With two others the button becomes a menu.
    assert said["offered"].count('lang="ms"') == 1
    assert said["chosen"] == "302"


def test_every_page_then_speaks_it_with_its_dates(said: dict[str, str]) -> None:
    for path in ("/", "/calendar", "/courses", "/programmes", "/attendance", "/sessions/N", "/nowhere", "notices"):
        assert '<html lang="ms"' in said[path], path
        # What stands in the frame of every page; a lecture's own heading is its title, in the language it has.
        assert f"{MARK}Schedule" in said[path], path
    assert "1 Disember 2026" in said["/sessions/N"]


def test_titles_are_shown_in_the_language_they_are_written_in(said: dict[str, str]) -> None:
    assert '<span lang="id">Layanan yang ramah</span>' in said["/sessions/N"]


def test_refusals_notices_and_letters_are_worded_in_it(said: dict[str, str]) -> None:
    assert 'id="f-zone-error"' in said["refusal"] and f"{MARK}Choose one from the list." in said["refusal"]
    assert f"{MARK}Session cancelled: Layanan, 1 Disember 2026" in said["notices"]
    assert said["mail subject"].startswith(MARK)
    assert 'lang="ms"' in said["mail"] and MARK in said["mail"]
