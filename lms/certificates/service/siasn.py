"""Courses of a year as the civil service's register (SIASN) wants them: one row a person and activity, final only."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, literal, select

from lms.accounts.models import Person
from lms.certificates.models.certificates import Certificate
from lms.certificates.models.hours import HourClaim, HourEntry
from lms.db import Db
from lms.programmes.models import Batch, Programme
from lms.programmes.rules.kinds import Kind, kinds_on

# As the register's service names them (kursus/save); the ids only the agency knows stay empty.
COLUMNS = (
    "instansiId", "institusiPenyelenggara", "jenisDiklatId", "jenisKursus", "jenisKursusSertipikat", "jumlahJam",
    "lokasiId", "namaKursus", "nomorSertipikat", "pnsOrangId", "tahunKursus", "tanggalKursus", "tanggalSelesaiKursus",
)  # fmt: skip


@dataclass(frozen=True)
class CourseRow:
    """What one person finished: for the register, with NIP, name and the PDF that goes with it."""

    nip: str
    name: str
    organiser: str
    kind: Kind
    hours: int
    title: str
    certificate: str
    year: int
    starts_on: date
    ends_on: date
    document: str

    def fields(self) -> dict[str, Any]:
        """Return the register's own fields; days as it writes them, dd-mm-yyyy."""
        return {
            "instansiId": "",
            "institusiPenyelenggara": self.organiser,
            "jenisDiklatId": str(self.kind.code),
            "jenisKursus": self.kind.name_id,
            "jenisKursusSertipikat": self.kind.certificate,
            "jumlahJam": self.hours,
            "lokasiId": "",
            "namaKursus": self.title,
            "nomorSertipikat": self.certificate,
            "pnsOrangId": "",
            "tahunKursus": self.year,
            "tanggalKursus": f"{self.starts_on:%d-%m-%Y}",
            "tanggalSelesaiKursus": f"{self.ends_on:%d-%m-%Y}",
        }


def course_rows(
    db: Db, year: int, kinds: list[Kind], narrowed: ColumnElement[bool], *, batch_id: int | None = None, host: str
) -> Iterator[CourseRow]:
    """Give a row for every batch somebody has final hours in, and for every accepted claim; by person.

    A programme is one activity of its own kind, whatever its sessions were: hours are whole, rounded down. `host`
    stands as organiser where a programme names none.
    """
    yield from _batches(db, year, kinds, narrowed, batch_id, host)
    if batch_id is None:
        yield from _claims(db, year, kinds, narrowed)


def _batches(
    db: Db, year: int, kinds: list[Kind], narrowed: ColumnElement[bool], batch_id: int | None, host: str
) -> Iterator[CourseRow]:
    sums = (
        select(
            HourEntry.person_id,
            HourEntry.batch_id,
            func.sum(HourEntry.hours).label("hours"),
            func.min(HourEntry.day).label("first"),
            func.max(HourEntry.day).label("last"),
        )
        .where(HourEntry.year == year, HourEntry.is_final.is_(True), HourEntry.batch_id.is_not(None))
        .group_by(HourEntry.person_id, HourEntry.batch_id)
        .subquery()
    )
    statement = (
        select(sums, Person.nip, Person.name, Programme, Batch.name.label("batch"), Certificate)
        .join(Person, Person.id == sums.c.person_id)
        .join(Batch, Batch.id == sums.c.batch_id)
        .join(Programme, Programme.id == Batch.programme_id)
        .outerjoin(
            Certificate,
            (Certificate.person_id == sums.c.person_id)
            & (Certificate.batch_id == sums.c.batch_id)
            & (Certificate.state != "revoked"),
        )
        .where(Person.nip.is_not(None), narrowed)
        .order_by(func.lower(Person.name), Person.id, sums.c.first)
    )
    if batch_id is not None:
        statement = statement.where(sums.c.batch_id == batch_id)
    for row in db.execute(statement):
        hours = int(Decimal(str(row.hours)))
        if hours < 1:
            continue
        programme, certificate = row.Programme, row.Certificate
        yield CourseRow(
            nip=row.nip,
            name=row.name,
            organiser=programme.organiser or host,
            kind=_kind(kinds, programme.kind, row.last),
            hours=hours,
            title=f"{programme.title_id} {row.batch}",
            certificate=certificate.number if certificate is not None else "",
            year=year,
            starts_on=row.first,
            ends_on=row.last,
            document=f"{row.nip}_{certificate.code}.pdf" if certificate is not None else "",
        )


def _claims(db: Db, year: int, kinds: list[Kind], narrowed: ColumnElement[bool]) -> Iterator[CourseRow]:
    statement = (
        select(HourEntry, HourClaim, Person.nip, Person.name)
        .join(HourClaim, HourEntry.key == literal("claim:").concat(cast(HourClaim.id, String)))
        .join(Person, Person.id == HourEntry.person_id)
        .where(HourEntry.year == year, HourEntry.key.startswith("claim:"), Person.nip.is_not(None), narrowed)
        .order_by(func.lower(Person.name), Person.id, HourEntry.day)
    )
    for entry, claim, nip, name in db.execute(statement):
        if int(entry.hours) < 1:
            continue
        yield CourseRow(
            nip=nip or "",
            name=name,
            organiser=claim.organiser,
            kind=_kind(kinds, claim.kind, claim.ends_on),
            hours=int(entry.hours),
            title=claim.title,
            certificate=claim.certificate_number,
            year=year,
            starts_on=claim.starts_on,
            ends_on=claim.ends_on,
            document=claim.file_name,
        )


def _kind(kinds: list[Kind], code: int, day: date) -> Kind:
    return kinds_on(kinds, day).get(code) or Kind(code, str(code), str(code), True)
