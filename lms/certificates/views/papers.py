"""What stands on a certificate's PDF: an Indonesian document with English beside it, whoever asks."""

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any

import segno
from babel.dates import format_date

from lms.accounts.rules.nip import show_nip
from lms.certificates.rules.codes import show_code
from lms.certificates.rules.signed_files import MARK
from lms.certificates.rules.spelling import in_english, in_indonesian
from lms.web.paper import typeset

Pair = dict[str, str]

GRADES: dict[str, Pair] = {
    "excellent": {"id": "Sangat Memuaskan", "en": "Excellent"},
    "very_good": {"id": "Memuaskan", "en": "Very good"},
    "good": {"id": "Baik", "en": "Good"},
    "fair": {"id": "Cukup", "en": "Fair"},
}
_WORDS: dict[str, dict[str, Pair]] = {
    "passed": {
        "heading": {"id": "SURAT TANDA TAMAT PELATIHAN", "en": "Certificate of Completion"},
        "outcome": {"id": "LULUS", "en": "has passed"},
    },
    "attended": {
        "heading": {"id": "SERTIFIKAT", "en": "Certificate of Attendance"},
        "outcome": {"id": "TELAH MENGIKUTI", "en": "has attended"},
    },
}
_LABELS: dict[str, Pair] = {
    "nip": {"id": "NIP", "en": "Employee number"},
    "rank": {"id": "Pangkat, golongan", "en": "Rank, grade"},
    "position": {"id": "Jabatan", "en": "Position"},
    "unit": {"id": "Unit kerja", "en": "Work unit"},
    "grade": {"id": "Kualifikasi", "en": "Qualification"},
    "mean": {"id": "Rata-rata tes akhir", "en": "Mean of the post-tests"},
    "share": {"id": "Kehadiran", "en": "Attendance"},
}


def certificate_pdf(content: Mapping[str, Any], number: str, code: str, site: str) -> bytes:
    """Return the PDF of a certificate with this content, unsigned; the same values give the same bytes."""
    return typeset("certificate", on_paper(content, number, code, site))


def on_paper(content: Mapping[str, Any], number: str, code: str, site: str) -> dict[str, Any]:
    """Return the content of templates/paper/certificate.typ: texts only, nothing left to be worked out."""
    words = _WORDS[content["wording"]]
    address = f"{site}/verify/{show_code(code)}"
    about = {
        "nip": show_nip(content["nip"]),
        "rank": content["rank"],
        "position": content["position"],
        "unit": content["unit"],
    }
    return {
        "title": f"{words['heading']['id']} {number}",
        "mark": f"{MARK}{code}",
        "agency": content["agency"],
        "heading": words["heading"],
        "number": number,
        "opening": {"id": "menyatakan bahwa", "en": "hereby states that"},
        "name": content["name"],
        "about": _rows(about),
        "outcome": words["outcome"],
        "sentence": _sentence(content),
        "signed_at": _signed_at(content),
        "signer": {**content["signer"], "nip": show_nip(content["signer"]["nip"])},
        "qr": _qr(address),
        "address": address,
        "code": show_code(code),
        "programme": content["programme"],
        "subjects": [
            {**subject, "hours": _comma(subject["hours"]), "by": "; ".join(subject["by"])}
            for subject in content["subjects"]
        ],
        "hours": _comma(content["hours"]),
        "results": _rows(_results(content)),
    }


def _rows(values: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"label": _LABELS[name], "value": value} for name, value in values.items() if value]


def _results(content: Mapping[str, Any]) -> dict[str, str]:
    grade = GRADES.get(content["grade"] or "")
    return {
        "grade": f"{grade['id']} / {grade['en']}" if grade else "",
        "mean": _comma(f"{content['mean']:g}") if content["mean"] is not None and grade else "",
        "share": f"{content['share']} %" if content["share"] is not None else "",
    }


def _sentence(content: Mapping[str, Any]) -> Pair:
    programme, batch = content["programme"], content["batch"]
    starts, ends = date.fromisoformat(content["starts_on"]), date.fromisoformat(content["ends_on"])
    title = programme["en"] or programme["id"]
    venue = f" di {content['venue']}" if content["venue"] else ""
    at = f" at {content['venue']}" if content["venue"] else ""
    grade = GRADES.get(content["grade"] or "")
    hours_id, hours_en = _hours(content["hours"])
    told_id = f", dengan kualifikasi {grade['id']}" if grade else ""
    told_en = f", with the qualification {grade['en']}" if grade else ""
    return {
        "id": (
            f"{programme['id']}, {batch}{told_id}, yang diselenggarakan dari tanggal {_day(starts, 'id')} "
            f"sampai dengan {_day(ends, 'id')}{venue}{hours_id}."
        ),
        "en": (f"{title}, {batch}{told_en}, held from {_day(starts, 'en')} to {_day(ends, 'en')}{at}{hours_en}."),
    }


def _hours(hours: str) -> tuple[str, str]:
    """Return how many lesson hours it was, whole numbers also in words; empty where none are counted."""
    if hours == "0":
        return "", ""
    spelt = hours.isdecimal() and int(hours) < 10_000
    in_id = f" ({in_indonesian(int(hours))})" if spelt else ""
    in_en = f" ({in_english(int(hours))})" if spelt else ""
    return (
        f", yang meliputi {_comma(hours)}{in_id} jam pelajaran",
        f", comprising {hours}{in_en} lesson hours",
    )


def _signed_at(content: Mapping[str, Any]) -> Pair:
    on = date.fromisoformat(content["issued_on"])
    return {"id": f"{content['place']}, {_day(on, 'id')}", "en": _day(on, "en")}


def _day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language)


def _comma(number: str) -> str:
    return number.replace(".", ",")


def _qr(text: str) -> str:
    """Return the QR code as SVG, readable with a sixth of it worn away."""
    drawn = BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="svg", border=2, xmldecl=False, dark="#10383f")
    return drawn.getvalue().decode()
