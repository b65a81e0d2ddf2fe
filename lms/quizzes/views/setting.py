"""The page on which a batch's settings of a quiz are made, and the list of what they mean now."""

from datetime import datetime, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from lms import clock
from lms.accounts import guard
from lms.accounts.permissions import Permission as P
from lms.db import Db, reading, writing
from lms.kernel.errors import Invalid, Problem
from lms.programmes.models import Batch
from lms.quizzes.models import Quiz, QuizSetting
from lms.quizzes.rules.setting_draft import NONE, QuizSettingDraft
from lms.quizzes.rules.settings import load_settings
from lms.quizzes.service import library
from lms.quizzes.service.setting import find_setting, save_setting
from lms.quizzes.views.blueprint import blueprint
from lms.web.forms import form
from lms.web.i18n import duration, reader


@blueprint.get("/quizzes/<int:quiz_id>/batches/<int:batch_id>/settings")
def quiz_settings(quiz_id: int, batch_id: int) -> str:
    """When the batch may take the quiz, and what it does differently."""
    return _page(quiz_id, batch_id, None, ())


@blueprint.post("/quizzes/<int:quiz_id>/batches/<int:batch_id>/settings")
def set_quiz(quiz_id: int, batch_id: int) -> Response | tuple[str, int]:
    """Set what the batch does differently."""
    try:
        draft = form(QuizSettingDraft)
    except Invalid as refused:
        return _page(quiz_id, batch_id, request.form.to_dict(), refused.problems), 422
    with writing() as db:
        quiz, batch = _load(db, quiz_id, batch_id)
        save_setting(
            db, quiz, batch.id, opens_at=draft.opens_at, closes_at=draft.closes_at, code=draft.code,
            overrides=draft.overrides, by=guard.principal().id, at=clock.now(),
        )  # fmt: skip
    flash(gettext("The settings are saved."), "success")
    return redirect(url_for("quizzes.results", quiz_id=quiz_id, batch=batch_id))


def _page(quiz_id: int, batch_id: int, sent: dict[str, Any] | None, problems: tuple[Problem, ...]) -> str:
    with reading() as db:
        quiz, batch = _load(db, quiz_id, batch_id)
        own = load_settings(library.current_version(db, quiz).settings)
        setting = find_setting(db, quiz.id, batch.id)
    return render_template(
        "quizzes/settings.html",
        quiz=quiz,
        batch=batch,
        own=own,
        values=sent if sent is not None else _values(setting),
        minutes_options=_minutes_options,
        attempts_options=[(str(number), str(number)) for number in (1, 2, 3, 4, 5, 10)],
        problems=problems,
    )


def _minutes_options(chosen: str | None) -> list[tuple[str, str]]:
    """Return the usual lengths, and the one chosen where it is none of them."""
    usual = [5, 10, 15, 20, 30, 45, 60, 90, 120, 180]
    if chosen and chosen.isascii() and chosen.isdecimal() and int(chosen[:6]) not in usual:
        usual = sorted([*usual, int(chosen[:6])])
    return [(str(minutes), duration(timedelta(minutes=minutes))) for minutes in usual]


def _load(db: Db, quiz_id: int, batch_id: int) -> tuple[Quiz, Batch]:
    quiz = guard.load(db, Quiz, quiz_id, needs=P.QUIZ_EDIT, options=[joinedload(Quiz.course)])
    # The right on the quiz may come from another batch; the batch named must be the asker's too.
    return quiz, guard.load(db, Batch, batch_id, needs=P.QUIZ_EDIT)


def _values(setting: QuizSetting | None) -> dict[str, str]:
    """Return the setting as its form shows it, times on the reader's clock."""
    if setting is None:
        return {}
    overrides = setting.overrides
    values = {name: str(value) for name, value in overrides.items() if isinstance(value, str)}
    if "pass_mark" in overrides and overrides["pass_mark"] is None:
        values["no_mark"] = "1"
    for name, nothing in (("attempts", 0), ("time_limit", None)):
        if name in overrides:
            values[name] = NONE if overrides[name] == nothing else str(overrides[name])
    if "feedback_each" in overrides:
        values["feedback_each"] = "yes" if overrides["feedback_each"] else "no"
    return values | {"code": setting.code} | _moment("opens", setting.opens_at) | _moment("closes", setting.closes_at)


def _moment(name: str, at: datetime | None) -> dict[str, str]:
    if at is None:
        return {}
    local = at.astimezone(reader().zone)
    return {f"{name}_on": f"{local:%Y-%m-%d}", f"{name}_time": f"{local:%H:%M}"}
