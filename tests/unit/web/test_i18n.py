"""Dates, times, numbers and plural forms as readers of each language write them; languages are what has a catalogue."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import ngettext

from lms.kernel.errors import Said
from lms.kernel.languages import LANGUAGES, known_language, languages_in
from lms.web import i18n
from lms.web.i18n import Reader, reading_as, say

WITA, SGT = ZoneInfo("Asia/Makassar"), ZoneInfo("Asia/Singapore")
NINE = datetime(2026, 2, 10, 1, 0, tzinfo=UTC)
READERS = {"id": Reader("id", WITA), "en": Reader("en", SGT)}


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("lms")
    i18n.init_app(app, reader=lambda: None)
    return app


@pytest.fixture
def indonesian(app: Flask) -> Iterator[None]:
    with app.app_context(), reading_as(READERS["id"]):
        yield


@pytest.fixture
def english(app: Flask) -> Iterator[None]:
    with app.app_context(), reading_as(READERS["en"]):
        yield


@pytest.mark.usefixtures("indonesian")
def test_indonesians_read_dates_times_and_numbers_as_they_write_them() -> None:
    assert i18n.when(NINE) == "10 Februari 2026 09.00 WITA"
    assert i18n.weekday(NINE) == "Selasa, 10 Februari 2026"
    assert i18n.clock(NINE) == "09.00 WITA"
    assert i18n.clock(NINE, "Asia/Jakarta") == "08.00 WIB"
    assert i18n.both_zones(NINE) == "09.00 WITA (= 09.00 SGT)"
    assert i18n.clock_span(NINE, NINE + timedelta(hours=2)) == "09.00–11.00 WITA (= 09.00–11.00 SGT)"
    assert i18n.day_span(date(2027, 1, 11), date(2027, 1, 15)) == "11–15 Januari 2027"
    assert i18n.day_span(date(2027, 6, 28), date(2027, 7, 2)) == "28 Juni – 2 Juli 2027"
    assert i18n.day_span(date(2026, 12, 28), date(2027, 1, 2)) == "28 Desember 2026 – 2 Januari 2027"
    assert i18n.decimal(1234567.5) == "1.234.567,5"
    assert (i18n.decimal(3.6, 2), i18n.decimal(3.6, 2, zeros=True)) == ("3,6", "3,60")
    assert i18n.decimal(-1.25) == "\u22121,25"
    assert i18n.percent(0.875, 1) == "87,5 %"


@pytest.mark.usefixtures("english")
def test_singaporeans_read_dates_times_and_numbers_as_they_write_them() -> None:
    assert i18n.when(NINE) == "10 February 2026 09:00 SGT"
    assert i18n.weekday(NINE) == "Tuesday, 10 February 2026"
    # Counted to 24 in every language: no lecture is missed for an a.m.
    assert i18n.clock(NINE + timedelta(hours=5)) == "14:00 SGT"
    assert i18n.both_zones(NINE) == "09:00 SGT (= 09:00 WITA)"
    assert i18n.decimal(1234567.5) == "1,234,567.5"
    assert i18n.percent(0.875, 1) == "87.5 %"


@pytest.mark.usefixtures("indonesian")
def test_a_date_is_the_readers_own() -> None:
    assert i18n.day(datetime(2026, 2, 9, 23, 30, tzinfo=UTC)) == "10 Februari 2026"
    assert i18n.day(date(2026, 8, 17)) == "17 Agustus 2026"


@pytest.mark.usefixtures("indonesian")
@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 dtk"), (72, "1 mnt 12 dtk"), (3600, "1 jam"), (5400, "1 jam 30 mnt"), (59.6, "1 mnt")]
)
def test_lengths_of_time_are_said_in_words(seconds: float, words: str) -> None:
    assert i18n.duration(timedelta(seconds=seconds)) == words


@pytest.mark.usefixtures("english")
def test_shares_are_rounded_down_so_that_nobody_is_promised_what_she_has_not() -> None:
    assert [i18n.percent(share) for share in (0.799, 0.8, 0.999, 1)] == ["79 %", "80 %", "99 %", "100 %"]


def test_english_has_two_forms_and_indonesian_one(app: Flask) -> None:
    def count(number: int) -> str:
        return ngettext("%(num)s person is enrolled now.", "%(num)s people are enrolled now.", number)

    with app.app_context():
        with reading_as(READERS["en"]):
            assert (count(1), count(2)) == ("1 person is enrolled now.", "2 people are enrolled now.")
        with reading_as(READERS["id"]):
            assert count(1).replace("1", "2") == count(2)
            assert "enrolled" not in count(2)


def test_a_code_is_said_with_its_parameters_in_the_readers_words(app: Flask) -> None:
    gap = Said("gap_bridged", {"length": timedelta(seconds=72)})
    with app.app_context():
        with reading_as(READERS["id"]):
            indonesian = say(gap)
        with reading_as(READERS["en"]):
            english = say(gap)
    assert "1 mnt 12 dtk" in indonesian and "1 min 12 s" in english
    assert "gap_bridged" not in indonesian + english


def test_titles_are_given_in_the_readers_language_or_said_to_be_in_the_other(app: Flask) -> None:
    both = SimpleNamespace(title_id="Antrean", title_en="Queues")
    one = SimpleNamespace(title_id="Antrean", title_en="")
    with app.app_context():
        with reading_as(READERS["en"]):
            assert i18n.written(both) == ("Queues", "en")
            assert i18n.written(one) == ("Antrean", "id")
            assert i18n.titled(one) == "Antrean"
        with reading_as(READERS["id"]):
            assert i18n.written(both) == ("Antrean", "id")


def test_the_site_speaks_every_language_that_has_a_catalogue(app: Flask, tmp_path: Path) -> None:
    assert LANGUAGES == ("id", "en")
    with app.app_context():
        assert i18n.site_languages() == (("id", "Bahasa Indonesia"), ("en", "English"))
    for code in ("ta", "en", "ms", "id"):
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
        (tmp_path / code / "LC_MESSAGES" / "messages.po").touch()
    assert languages_in(tmp_path) == ("id", "en", "ms", "ta")


def test_a_language_without_a_catalogue_is_refused() -> None:
    assert known_language("en") == "en"
    with pytest.raises(ValueError, match="input_literal_error"):
        known_language("ms")


@pytest.mark.usefixtures("indonesian")
def test_a_share_and_a_time_are_never_broken_at_a_lines_end_but_two_cities_may_be() -> None:
    assert i18n.on_one_line(i18n.percent)(0.8) == "80\u00a0%"
    both = i18n.on_one_line(lambda: "13.30–15.00 WITA (= 13.30–15.00 SGT)")()
    assert both.split(" ") == ["13.30\u2060–\u206015.00\u00a0WITA", "(=\u00a013.30\u2060–\u206015.00\u00a0SGT)"]


@pytest.mark.parametrize(
    ("left", "in_english", "in_indonesian"),
    [
        (timedelta(days=2, hours=3, minutes=59), "2 days 3 h", "2 hari 3 jam"),
        (timedelta(days=1, seconds=5), "1 day 0 h", "1 hari 0 jam"),
        (timedelta(hours=2, seconds=59), "2 h 0 min", "2 jam 0 mnt"),
        (timedelta(minutes=18), "18 min 0 s", "18 mnt 0 dtk"),
        (timedelta(seconds=7.4), "7 s", "7 dtk"),
        (timedelta(seconds=-3), "0 s", "0 dtk"),
    ],
)
def test_the_time_left_is_written_as_the_script_goes_on_with_it(
    app: Flask, left: timedelta, in_english: str, in_indonesian: str
) -> None:
    for language, words in {"en": in_english, "id": in_indonesian}.items():
        with app.app_context(), reading_as(READERS[language]):
            assert i18n.time_left(left) == words
