"""Tests the demo's trainees have taken: each question answered by somebody who knows it, or does not."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from lms.courses.models import Course
from lms.db import Db
from lms.demo.plan import WITA
from lms.quizzes.models import Attempt, Quiz
from lms.quizzes.rules.order import as_tokens
from lms.quizzes.rules.questions import (
    AnyQuestion,
    Cloze,
    Essay,
    Gap,
    Matching,
    MultipleChoice,
    NumberQuestion,
    Ordering,
    Purpose,
    ShortText,
    SingleChoice,
    TrueFalse,
)
from lms.quizzes.service import starting, submitting, taking
from lms.quizzes.service.library import current_version


def find_quiz(db: Db, course: Course, purpose: Purpose) -> Quiz:
    """Return the course's test for this purpose."""
    return db.scalars(select(Quiz).where(Quiz.course_id == course.id, Quiz.key == purpose.value)).one()


def take(
    db: Db, quiz: Quiz, person_ids: Sequence[int], *, at: datetime, skill: float, chance: random.Random
) -> list[Attempt]:
    """Return these people's submitted attempts, begun on the day of `at` or the next; most know `skill` of it all."""
    questions = submitting.questions_of(db, current_version(db, quiz).id)
    attempts = []
    for person_id in person_ids:
        knows = min(0.98, max(0.3, chance.gauss(skill, 0.16)))
        begun = moment = _in_the_day(at + timedelta(days=chance.randrange(2)), chance)
        attempt = starting.start(db, quiz, by=person_id, at=begun)
        for item_id, question in questions:
            if attempt.drawn is not None and item_id not in attempt.drawn:
                continue
            moment += timedelta(seconds=chance.randrange(25, 100))
            given = as_tokens(question, attempt.seed, answer(question, chance.random() < knows, chance))
            if chance.random() < 0.03:
                continue
            taking.save_answer(db, attempt, item_id, given, seq=1, device=f"demo{person_id}", at=moment)
        attempts.append(submitting.submit(db, attempt, at=moment + timedelta(seconds=20)))
    return attempts


def _in_the_day(at: datetime, chance: random.Random) -> datetime:
    """Return a moment of this day between breakfast and evening, in Balikpapan."""
    morning = datetime.combine(at.astimezone(ZoneInfo(WITA)).date(), time(7, 30), ZoneInfo(WITA))
    return morning.astimezone(UTC) + timedelta(minutes=chance.randrange(13 * 60))


def answer(question: AnyQuestion, is_known: bool, chance: random.Random) -> Any:
    """Return a right response, or a likely wrong one, as it is stored (choices by their keys)."""
    match question:
        case SingleChoice():
            return chance.choice([one.key for one in question.choices if (one.weight > 0) is is_known])
        case MultipleChoice():
            right = [one.key for one in question.choices if one.weight > 0]
            return right if is_known else [right[0], *_one_wrong(question, chance)]
        case TrueFalse():
            return question.answer is is_known
        case NumberQuestion():
            best = max(question.accepted, key=lambda one: one.weight)
            return str(best.answer if best.answer is not None else best.low) if is_known else "10"
        case ShortText():
            return _text(question).replace("*", "") if is_known else "belum tahu"
        case Matching():
            options = [option.key for option in question.options]
            fitting = {pair.key: question.right_option(pair) for pair in question.pairs}
            return fitting if is_known else {pair.key: chance.choice(options) for pair in question.pairs}
        case Ordering():
            places = list(range(1, len(question.steps) + 1))
            if not is_known:
                chance.shuffle(places)
            return {step.key: place for step, place in zip(question.steps, places, strict=True)}
        case Cloze():
            return {gap.key: _filled(gap) for gap in question.gaps if is_known or chance.random() < 0.5}
        case Essay():
            return chance.choice(WRITTEN)
    return None


WRITTEN = (
    "Bulan depan meja loket kami pindah satu meter ke kiri, supaya papan nomor terlihat dari semua kursi. "
    "Yang mengerjakan saya dan Pak Hendra, Sabtu pagi tanggal 12. Warga akan merasakannya karena tidak perlu "
    "berdiri untuk melihat gilirannya, dan pertanyaan nomor berapa sekarang akan berkurang. Kami menghitung "
    "pertanyaan itu seminggu sebelum dan seminggu sesudahnya, lalu menempelkan hasilnya di ruang rapat.",
    "Saya ingin pelayanan di kantor kami menjadi lebih ramah dan lebih cepat untuk semua warga. Semua petugas "
    "akan lebih sering tersenyum dan menyapa. Semoga warga merasa senang.",
    "Kami akan menulis perkiraan waktu tunggu di papan setiap setengah jam. Petugas loket 3 yang menulis, mulai "
    "Senin depan. Bila perkiraannya meleset lebih dari sepuluh menit, kami umumkan dan meminta maaf. Warga dapat "
    "membandingkannya dengan jam di dinding, jadi mereka tahu apakah kami jujur.",
)


def _filled(gap: Gap) -> str:
    if gap.choices:
        return max(gap.choices, key=lambda one: one.weight).key
    if gap.ranges:
        return str(gap.ranges[0].answer if gap.ranges[0].answer is not None else gap.ranges[0].low)
    return max(gap.patterns, key=lambda one: one.weight).pattern.replace("*", "")


def _one_wrong(question: MultipleChoice, chance: random.Random) -> list[str]:
    wrong = [one.key for one in question.choices if one.weight <= 0]
    return [chance.choice(wrong)] if wrong else []


@cache
def _text(question: ShortText) -> str:
    return max(question.accepted, key=lambda one: one.weight).pattern
