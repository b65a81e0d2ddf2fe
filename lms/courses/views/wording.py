"""A course's wordings in the reader's language."""

from lms.courses.models import Course
from lms.courses.rules import LANGUAGES, choose
from lms.web.i18n import reader

# Each language under its own name, as its readers look for it.
LANGUAGE_NAMES = {"id": "Bahasa Indonesia", "en": "English"}


def title_of(course: Course) -> str:
    """Return the course's title in the reader's language, else in the course's main one."""
    return choose({"id": course.title_id, "en": course.title_en}, reader().language, course.languages)


def summary_of(course: Course) -> str:
    """Return the course's summary in the reader's language, else in the course's main one."""
    return choose({"id": course.summary_id, "en": course.summary_en}, reader().language, course.languages)


def language_or_own(asked: str | None) -> str:
    """Return the language asked for if courses are written in it, else the reader's if they are, else the first."""
    return next((code for code in (asked, reader().language) if code in LANGUAGES), LANGUAGES[0])
