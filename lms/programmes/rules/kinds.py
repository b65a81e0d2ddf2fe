"""Kinds of competency development as the civil service's register (SIASN) numbers them.

What stands here is only what holds until an administrator edits the table: kinds come and go by decree.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

BEGINNING = date(2020, 1, 1)


class Scope(StrEnum):
    """Whether an activity is held within the country's own system or with a partner abroad."""

    NATIONAL = "national"
    INTERNATIONAL = "international"


@dataclass(frozen=True)
class Kind:
    """A kind with its number. `certificate` is SIASN's letter: F functional, T technical, P all others."""

    code: int
    name_id: str
    name_en: str
    is_classical: bool
    certificate: str = "P"
    valid_from: date = BEGINNING
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


DEFAULTS = (
    Kind(1, "Diklat Struktural", "Structural training", True),
    Kind(2, "Diklat Fungsional", "Functional training", True, "F"),
    Kind(3, "Diklat Teknis", "Technical training", True, "T"),
    Kind(4, "Workshop", "Workshop", True),
    Kind(5, "Pelatihan Manajerial", "Managerial training", True),
    Kind(6, "Pelatihan Sosial Kultural", "Socio-cultural training", True),
    Kind(7, "Sosialisasi", "Information meeting", True),
    Kind(8, "Bimbingan Teknis", "Technical guidance", True),
    Kind(9, "Seminar", "Seminar", True),
    Kind(10, "Magang", "Internship", False),
    Kind(11, "Kursus", "Course", True),
    Kind(12, "Penataran", "Upgrading course", True),
    Kind(13, "Klasikal lainnya", "Other classroom training", True),
    Kind(14, "Coaching", "Coaching", False),
    Kind(15, "Mentoring", "Mentoring", False),
    Kind(16, "E-Learning", "E-learning", False),
    Kind(17, "Pelatihan Jarak Jauh", "Distance training", False),
    Kind(18, "Detasering", "Secondment", False),
    Kind(19, "Pembelajaran Alam Terbuka", "Outdoor learning", False),
    Kind(20, "Patok Banding (Benchmarking)", "Benchmarking (study visit)", False),
    Kind(21, "Pertukaran PNS dengan swasta/BUMN/BUMD", "Exchange with business", False),
    Kind(22, "Belajar Mandiri", "Self-study", False),
    Kind(23, "Komunitas Belajar", "Learning community", False),
    Kind(24, "Bimbingan di Tempat Kerja", "Guidance at work", False),
    Kind(25, "Nonklasikal lainnya", "Other learning outside the classroom", False),
)


def kinds_on(kinds: Iterable[Kind], day: date) -> dict[int, Kind]:
    """Return the kinds that hold on a day by their number; of several versions the newest."""
    return {kind.code: kind for kind in sorted(kinds, key=lambda one: one.valid_from) if kind.holds_on(day)}
