"""A programme's report on one page of A4, in the language of whoever reads now; no names of trainees stand on it."""

from datetime import datetime
from io import BytesIO
from typing import Any

import segno
from flask_babel import gettext, ngettext

from lms.evaluations.rules.results import FEW, LEAST
from lms.reports.queries.programme import Report
from lms.reports.standings import Figures
from lms.settings import Settings
from lms.web.i18n import decimal, percent, reader, short_day, titled, when
from lms.web.paper import typeset

# What fits the page below the charts.
MOST_BATCHES, MOST_UNITS, MOST_WEEKS = 6, 10, 14


def report_pdf(report: Report, settings: Settings, address: str, *, at: datetime) -> bytes:
    """Return the report as a PDF of one page; `address` is where the same figures and the people behind them stand."""
    return typeset("programme-report", on_paper(report, settings, address, at=at))


def on_paper(report: Report, settings: Settings, address: str, *, at: datetime) -> dict[str, Any]:
    """Return the content of templates/paper/programme-report.typ: texts and shares only."""
    whole, minimum = report.whole, float(report.programme.minimum_share)
    weeks = [week for week, _sessions in report.weeks if week.tally.judged][-MOST_WEEKS:]
    shown = [one.batch for one in report.shown if one.batch.id in report.by_batch]
    batches, units = shown[-MOST_BATCHES:], report.by_unit
    if len(units) > MOST_UNITS:
        # Those with most people, by name: the others are counted below the table.
        biggest = sorted(units, key=lambda line: -line[2].people)[:MOST_UNITS]
        units = tuple(line for line in units if line in biggest)
    return {
        "lang": reader().language,
        "title": f"{gettext('Report')}: {titled(report.programme)}",
        "issuer": settings.help_name,
        "as_of": gettext("As of %(when)s", when=when(at)),
        "eyebrow": gettext("Report on the programme"),
        "heading": titled(report.programme),
        "narrowed": " · ".join(part for part in (report.batch.name if report.batch else "", report.unit) if part),
        "summary": in_words(report),
        "figures": _tiles(report),
        "minimum": minimum,
        "weeks": [
            {
                "label": short_day(week.monday),
                "share": week.tally.share or 0.0,
                "both": week.tally.share_with_excused or 0.0,
            }
            for week in weeks
        ],
        "results": _results(whole),
        "columns": [
            gettext("Trainees"),
            gettext("Attended"),
            gettext("In danger"),
            gettext("Before → after"),
            gettext("Gain"),
            "JP",
            gettext("Certificates"),
        ],
        "batches": [_row(batch.name, report.by_batch[batch.id]) for batch in batches],
        "more_batches": _more(len(shown) - len(batches)),
        "units": [_row(name or gettext("Without a unit"), own) for _unit_id, name, own in units],
        "more_units": _more(len(report.by_unit) - len(units)),
        "words": {
            "weeks": gettext("Attendance week by week"),
            "no_weeks": gettext("No session has been held yet"),
            "weeks_key": gettext(
                "Filled: attended. Outlined: attended or excused. Dotted: the minimum of %(share)s.",
                share=percent(minimum),
            ),
            "results": gettext("Test results"),
            "no_results": gettext("Fewer than %(least)s have taken both tests.", least=LEAST),
            "results_key": gettext("Means of the same %(count)s people, in per cent.", count=decimal(whole.paired))
            if whole.before is not None
            else "",
            "batch": gettext("Batch"),
            "unit": gettext("Unit"),
            "batches": gettext("Batch beside batch"),
            "units": gettext("Unit beside unit"),
        },
        "notes": [
            gettext("Attended: share of places with a verdict; a place is one person expected at one session."),
            gettext("Gain: part of the possible rise that was achieved; from 0.7 high, from 0.3 medium."),
            gettext(
                "Fewer than %(least)s people give no mean; below %(few)s each single result moves it.",
                least=LEAST,
                few=FEW,
            ),
            gettext("The people behind each figure:"),
        ],
        "address": address,
        "qr": _qr(address),
    }


def in_words(report: Report) -> str:
    """Return the main figures as two or three sentences: for the paper's head and for a letter."""
    whole = report.whole
    parts = [ngettext("One trainee takes part.", "%(num)s trainees take part.", whole.people)]
    if whole.share is not None:
        parts.append(
            gettext("%(share)s of their places in sessions were attended.", share=percent(whole.share))
            + " "
            + (
                ngettext(
                    "For one of them the minimum is in danger.",
                    "For %(num)s of them the minimum is in danger.",
                    whole.in_trouble,
                )
                if whole.in_trouble
                else gettext("For nobody is the minimum in danger.")
            )
        )
    if whole.before is not None and whole.after is not None:
        parts.append(
            gettext(
                "In the tests they rose from %(before)s to %(after)s.",
                before=decimal(whole.before, 1),
                after=decimal(whole.after, 1),
            )
        )
    if whole.certified:
        parts.append(
            ngettext("One certificate has been issued.", "%(num)s certificates have been issued.", whole.certified)
        )
    return " ".join(parts)


def _tiles(report: Report) -> list[dict[str, str]]:
    whole = report.whole
    tiles = [
        (decimal(whole.people), gettext("Trainees"), _left(whole)),
        (_share(whole.share), gettext("Attended"), _with_excuses(whole)),
        (decimal(whole.in_trouble), gettext("Minimum in danger"), ""),
        (_number(whole.gain, 2), gettext("Gain"), gettext("few") if whole.gain is not None and whole.is_few else ""),
        (_number(whole.mean_hours, 1), gettext("JP a trainee"), ""),
        (
            decimal(whole.certified),
            gettext("Certificates"),
            gettext("%(signed)s of them signed", signed=decimal(whole.signed)),
        ),
    ]
    if report.opinion is not None and report.opinion.organiser.share is not None:
        told = report.opinion.organiser
        words = gettext("%(answered)s of %(asked)s answered", answered=told.answered, asked=told.asked)
        tiles.append((percent(report.opinion.organiser.share), gettext("Organisation"), words))
    return [{"value": value, "label": label, "note": note} for value, label, note in tiles]


def _results(whole: Figures) -> list[dict[str, Any]]:
    if whole.before is None or whole.after is None:
        return []
    lines = [
        {"label": gettext("Before"), "value": decimal(whole.before, 1), "share": whole.before / 100, "tone": "info"},
        {"label": gettext("After"), "value": decimal(whole.after, 1), "share": whole.after / 100, "tone": "good"},
    ]
    if whole.tested:
        of = gettext("%(passed)s of %(tested)s", passed=decimal(whole.passed), tested=decimal(whole.tested))
        share = whole.passed / whole.tested
        lines.append({"label": gettext("Passed the post-test"), "value": of, "share": share, "tone": "good"})
    return lines


def _row(name: str, own: Figures) -> list[str]:
    is_told = own.before is not None and own.after is not None
    return [
        name,
        decimal(own.people),
        _share(own.share),
        decimal(own.in_trouble),
        f"{decimal(own.before or 0.0, 1)} → {decimal(own.after or 0.0, 1)}" if is_told else "–",
        _number(own.gain, 2) if own.gain is not None else gettext("too few") if own.paired else "–",
        decimal(float(own.hours)),
        decimal(own.certified),
    ]


def _left(whole: Figures) -> str:
    if not whole.left:
        return ""
    return ngettext("%(num)s left before the end", "%(num)s left before the end", whole.left)


def _with_excuses(whole: Figures) -> str:
    share = whole.share_with_excused
    return gettext("%(share)s with excuses", share=percent(share)) if share is not None else ""


def _share(share: float | None) -> str:
    return percent(share) if share is not None else "–"


def _number(value: float | None, places: int) -> str:
    return decimal(value, places) if value is not None else "–"


def _more(count: int) -> str:
    return ngettext("and one more", "and %(num)s more", count) if count > 0 else ""


def _qr(text: str) -> str:
    drawn = BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=1, xmldecl=False, dark="#10383f")
    return drawn.getvalue().decode()
