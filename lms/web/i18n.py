"""The reader's language and zone: from codes to sentences, from instants to dates people say."""

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, wraps
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, force_locale, get_domain, gettext
from markupsafe import Markup

from lms.kernel.errors import Said
from lms.kernel.languages import CONTENT, DEFAULT_LANGUAGE, LANGUAGES

DEFAULT_ZONE = ZoneInfo("Asia/Makassar")

# A space that does not break, and a dash that no line ends after.
_UNBROKEN = str.maketrans({" ": "\u00a0", "–": "\u2060–\u2060"})
_LOCALES = {language: Locale(language) for language in LANGUAGES}

# The names people here say; any other zone shows its offset.
ZONE_NAMES = {"Asia/Makassar": "WITA", "Asia/Singapore": "SGT", "Asia/Jakarta": "WIB", "Asia/Jayapura": "WIT"}
ZONES = tuple(ZONE_NAMES)


@dataclass(frozen=True)
class Reader:
    """Whom a page or a mail is written for."""

    language: str = DEFAULT_LANGUAGE
    zone: ZoneInfo = DEFAULT_ZONE


def init_app(app: Flask, *, reader: Callable[[], Reader | None]) -> Babel:
    """Wire languages into the app; return its Babel. `reader` tells who reads (None: nobody has signed in)."""

    def current() -> Reader:
        if "reader" not in g:
            found = reader() or Reader(_asked_language())
            # Somebody may read a language whose catalogue has been taken away since.
            g.reader = found if found.language in LANGUAGES else replace(found, language=DEFAULT_LANGUAGE)
        return g.reader

    babel = Babel(
        app,
        default_locale=DEFAULT_LANGUAGE,
        default_translation_directories="locale",
        locale_selector=lambda: current().language,
        timezone_selector=lambda: str(current().zone),
    )
    app.extensions["jembatan_reader"] = current
    app.jinja_env.filters.update(
        when=when,
        day=day,
        clock=clock,
        duration=duration,
        time_left=time_left,
        decimal=decimal,
        percent=on_one_line(percent),
        both_zones=on_one_line(both_zones),
        clock_span=on_one_line(clock_span),
        day_span=day_span,
        weekday=weekday,
        short_day=short_day,
        titled=titled,
        worded=worded,
    )
    app.jinja_env.globals.update(say=say, zone_name=zone_name, site_languages=site_languages, spoken=spoken)
    return babel


def _asked_language() -> str:
    """Return the language of a visitor nobody knows yet: chosen by cookie, else the browser's wish."""
    chosen = request.cookies.get("language") if has_request_context() else None
    if chosen in LANGUAGES:
        return chosen
    if not has_request_context():
        return DEFAULT_LANGUAGE
    return request.accept_languages.best_match(LANGUAGES, DEFAULT_LANGUAGE) or DEFAULT_LANGUAGE


def reader() -> Reader:
    """Return who reads what is being written now; outside a request the one set by `reading_as`."""
    return g.get("reader") or current_app.extensions["jembatan_reader"]()


@contextmanager
def reading_as(who: Reader) -> Any:
    """Write for this reader inside the block (mail, notices, exports made by a job)."""
    before = g.get("reader")
    g.reader = who
    try:
        with force_locale(who.language):
            yield
    finally:
        if before is None:
            g.pop("reader", None)
        else:
            g.reader = before


def say(said: Said | str, /, **params: Any) -> str:
    """Return a coded statement in the reader's words; parameters are formatted for the reader.

    A code's plural form is chosen by its parameter `n`: the catalogue keeps `code` and `code_plural`.
    """
    if isinstance(said, str):
        said = Said(said, params)
    shown = _Parameters({name: _shown(name, value) for name, value in said.params.items()})
    number = said.params.get("n")
    text = gettext(said.code)
    if isinstance(number, int):
        plural = get_domain().get_translations().ungettext(said.code, f"{said.code}_plural", number)
        text = plural if plural not in (said.code, f"{said.code}_plural") else text
    return text % shown if "%" in text else text


class _Parameters(dict[str, Any]):
    """Parameters of a sentence. A reason stored years ago may lack one its sentence has since been given."""

    def __missing__(self, _name: str) -> str:
        return "–"


def _shown(name: str, value: Any) -> Any:
    """Return the parameter as the reader sees it; an instant named `clock…` shows its time of day only."""
    if isinstance(value, Said):
        return say(value)
    if isinstance(value, datetime):
        return clock(value) if name.startswith("clock") else when(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return decimal(value)
    if isinstance(value, float):
        return decimal(value, 1)
    return value


def locale() -> Locale:
    """Return how the reader's language writes dates and numbers."""
    return _LOCALES[reader().language]


def zone_name(zone: ZoneInfo | str | None = None, at: datetime | None = None) -> str:
    """Return the zone's everyday name (WITA, SGT, WIB), else its offset."""
    key = str(zone or reader().zone)
    if key in ZONE_NAMES:
        return ZONE_NAMES[key]
    return (at or datetime.now(UTC)).astimezone(ZoneInfo(key)).strftime("UTC%z")


def _local(instant: datetime, zone: ZoneInfo | str | None = None) -> datetime:
    return instant.astimezone(ZoneInfo(str(zone)) if zone else reader().zone)


def when(instant: datetime, zone: ZoneInfo | str | None = None) -> str:
    """Return date, time and zone: `10 Februari 2026 09.00 WITA`."""
    return f"{day(_local(instant, zone).date())} {clock(instant, zone)}"


def day(value: date | datetime) -> str:
    """Return the date in words; an instant's date is the reader's."""
    local = _local(value).date() if isinstance(value, datetime) else value
    return f"{local.day} {locale().months['format']['wide'][local.month]} {local.year}"


def day_span(first: date, last: date) -> str:
    """Return from and to, saying once what both have in common: `11–15 Januari 2027`, `8 Juni – 2 Juli 2027`."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    begin = day(first)
    return f"{begin.removesuffix(f' {first.year}') if first.year == last.year else begin} – {day(last)}"


def short_day(value: date | datetime) -> str:
    """Return day and month where there is little room: `10 Feb`; an instant's date is the reader's."""
    local = _local(value).date() if isinstance(value, datetime) else value
    return f"{local.day} {locale().months['format']['abbreviated'][local.month]}"


def weekday(value: date | datetime) -> str:
    """Return weekday and date: `Selasa, 10 Februari 2026`."""
    local = _local(value).date() if isinstance(value, datetime) else value
    return f"{locale().days['format']['wide'][local.weekday()]}, {day(local)}"


def clock(instant: datetime, zone: ZoneInfo | str | None = None, *, with_zone: bool = True) -> str:
    """Return the time of day: `09.00 WITA` in Indonesian, `09:00 SGT` in English."""
    local = _local(instant, zone)
    # As the language writes the time of day: 09.00 in Indonesian, 09:00 in English; always counted to 24.
    separator = "." if "." in locale().time_formats["short"].pattern else ":"
    text = f"{local:%H}{separator}{local:%M}"
    return f"{text} {zone_name(zone, instant)}" if with_zone else text


def both_zones(instant: datetime) -> str:
    """Return the time in both cities: `09.02 WITA (= 09.02 SGT)`; the reader's own zone first."""
    own = str(reader().zone)
    other = "Asia/Makassar" if own == "Asia/Singapore" else "Asia/Singapore"
    return f"{clock(instant)} (= {clock(instant, other)})"


def clock_span(start: datetime, end: datetime) -> str:
    """Return from and to in both cities: `11.45–13.45 WITA (= 11.45–13.45 SGT)`; the reader's own zone first."""
    own = str(reader().zone)
    other = "Asia/Makassar" if own == "Asia/Singapore" else "Asia/Singapore"
    here, there = (f"{clock(start, zone, with_zone=False)}–{clock(end, zone)}" for zone in (own, other))
    return f"{here} (= {there})"


def on_one_line(write: Callable[..., str]) -> Callable[..., str]:
    """Return the writer for pages: its `80 %` or `13.30–15.00 WITA` never breaks at a line's end, where two cities
    may. Mails and files, which people search and copy, keep their plain spaces.
    """

    @wraps(write)
    def written_for_a_page(*what: Any, **how: Any) -> str:
        return write(*what, **how).replace(" (=", "\n(=").translate(_UNBROKEN).replace("\n", " ")

    return written_for_a_page


def duration(value: timedelta | int | float) -> str:
    """Return a length of time in hours, minutes and seconds: `1 jam 5 mnt`, `1 min 12 s`. Numbers are seconds."""
    seconds = round(value.total_seconds() if isinstance(value, timedelta) else value)
    hours, rest = divmod(abs(seconds), 3600)
    minutes, seconds_left = divmod(rest, 60)
    parts = []
    if hours:
        parts.append(gettext("%(n)s h", n=hours))
    if minutes:
        parts.append(gettext("%(n)s min", n=minutes))
    if (seconds_left and not hours) or not parts:
        parts.append(gettext("%(n)s s", n=seconds_left))
    return " ".join(parts)


def time_left(value: timedelta) -> str:
    """Return the two largest units of it: `2 hari 5 jam`, `4 min 12 s`; nothing is left of what is over.

    Word for word as static/js/lib/time.js goes on counting, so that nothing moves when it begins.
    """
    seconds = max(0, round(value.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    in_hours, in_minutes = gettext("%(n)s h", n=hours), gettext("%(n)s min", n=minutes)
    in_seconds = gettext("%(n)s s", n=seconds % 60)
    if days:
        return f"{days} {gettext('day') if days == 1 else gettext('days')} {in_hours}"
    if hours:
        return f"{in_hours} {in_minutes}"
    return f"{in_minutes} {in_seconds}" if minutes else in_seconds


def decimal(value: int | float, places: int | None = None, *, zeros: bool = False) -> str:
    """Return the number with the reader's separators; at most `places` decimals, trailing zeros only if `zeros`.

    For reading: below zero it begins with the sign of mathematics, where CLDR has the hyphen of a keyboard.
    """
    places = (0 if isinstance(value, int) else 2) if places is None else places
    text = f"{value:,.{places}f}"
    if places and not zeros:
        text = text.rstrip("0").rstrip(".")
    signs = locale().number_symbols["latn"]
    return text.translate(str.maketrans(",.-", signs["group"] + signs["decimal"] + "\u2212"))


def percent(share: float, places: int = 0) -> str:
    """Return a share of 1 as percent, rounded down, so that 79.9 % never shows as 80 %."""
    scale = 10**places
    return f"{decimal(int(share * 100 * scale + 1e-9) / scale, places)} %"


def titled(thing: Any, words: str = "title") -> str:
    """Return the thing's words of two columns (`title_id`, `title_en`) in the reader's language, else the other."""
    return written(thing, words)[0]


def worded(thing: Any, words: str = "title") -> str:
    """Return the same as HTML that says in which language the words are, where that is not the reader's.

    For text only: in an attribute, an <option> or a <title> the mark would be read aloud; `titled` is for those.
    """
    return spoken(*written(thing, words))


def spoken(text: str, language: str) -> str:
    """Return the text, as HTML that names its language where that is not the reader's; for text only."""
    if language == reader().language:
        return text
    return Markup('<span lang="{}">{}</span>').format(language, text)


def written(thing: Any, words: str = "title") -> tuple[str, str]:
    """Return the thing's words and the language they are written in: the reader's where there are any in it."""
    wanted = reader().language
    for language in (wanted, *(other for other in CONTENT if other != wanted)):
        if text := getattr(thing, f"{words}_{language}", ""):
            return text, language
    return "", wanted


@cache
def site_languages() -> tuple[tuple[str, str], ...]:
    """Return every language the site speaks, as code and as what it calls itself."""
    return tuple((code, language_name(code)) for code in LANGUAGES)


def language_name(code: str) -> str:
    """Return what a language calls itself, as its own catalogue says; its code where that says nothing."""
    with reading_as(Reader(code)):
        name = gettext("language_name")
    return code if name == "language_name" else name


def js_catalogue(keys: Mapping[str, str]) -> dict[str, str]:
    """Return translated strings for a page's script, put into the page as JSON."""
    return {name: gettext(text) for name, text in keys.items()}
