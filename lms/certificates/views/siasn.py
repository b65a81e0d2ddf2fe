"""The export for the civil service's register (SIASN): what it holds, as a workbook and as JSON."""

import json
from io import BytesIO
from typing import Any

from flask import current_app, render_template, request, send_file
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard, handing_out
from lms.accounts.handing_out import note_taken
from lms.accounts.models import Person
from lms.accounts.tables import Digits, Sheet
from lms.certificates.service import ledger
from lms.certificates.service.siasn import COLUMNS, CourseRow, course_rows
from lms.certificates.views.blueprint import P, blueprint
from lms.certificates.views.hours import asked_year, this_year
from lms.db import Db, reading
from lms.programmes.models import Batch
from lms.programmes.service.kinds import all_kinds
from lms.web.i18n import titled
from lms.web.row_numbers import row_number

SHOWN = 20


@blueprint.get("/hours/siasn")
def siasn() -> Any:
    """What the export of a year or batch would hold, and where to download it."""
    guard.require(needs=P.HOURS_READ)
    at = clock.now()
    with reading() as db:
        rows = _rows(db)
        batches = db.scalars(
            guard.visible(
                select(Batch).options(joinedload(Batch.programme)).order_by(Batch.starts_on.desc(), Batch.id.desc()),
                Batch,
                needs=P.BATCH_READ,
            )
        ).all()
        return render_template(
            "certificates/siasn.html",
            rows=rows[:SHOWN],
            count=len(rows),
            without_number=sum(1 for row in rows if not row.certificate),
            year=asked_year(at),
            years_options=[(one, one) for one in ledger.years_known(db, this_year(at))],
            batches=[(batch.id, f"{batch.name} · {titled(batch.programme)}") for batch in batches],
            batch=request.args.get("batch", type=row_number),
            columns=COLUMNS,
        )


@blueprint.get("/hours/siasn.xlsx")
def siasn_xlsx() -> Any:
    """The rows as a workbook: the register's own columns, before them NIP and name, behind them the PDF's name."""
    guard.require(needs=P.HOURS_READ)
    at = clock.now()
    with reading() as db:
        rows = _rows(db)
        sheet = Sheet(
            stem=f"siasn-{asked_year(at)}",
            title="SIASN",
            header=("nip", "nama", *COLUMNS, "dokumen"),
            rows=((Digits(row.nip), row.name, *row.fields().values(), row.document) for row in rows),
        )
        made = handing_out.make("xlsx", [sheet])
    return handing_out.send(made, "siasn_exported", "hours", asked_year(at), at=at)


@blueprint.get("/hours/siasn.json")
def siasn_json() -> Any:
    """The rows as JSON, each as the register's service takes it, with NIP and document beside."""
    guard.require(needs=P.HOURS_READ)
    at = clock.now()
    with reading() as db:
        rows = [
            {"nip": row.nip, "nama": row.name, "kursus": row.fields(), "dokumen": row.document} for row in _rows(db)
        ]
    note_taken("siasn_exported", "hours", asked_year(at), at=at, format="json", rows=len(rows))
    text = json.dumps(rows, ensure_ascii=False, indent=1).encode()
    response = send_file(
        BytesIO(text),
        mimetype="application/json",
        as_attachment=True,
        download_name=f"siasn-{asked_year(at)}.json",
        max_age=0,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(db: Db) -> list[CourseRow]:
    return list(
        course_rows(
            db,
            asked_year(clock.now()),
            list(all_kinds(db)),
            guard.allowed(Person, needs=P.HOURS_READ),
            batch_id=request.args.get("batch", type=row_number),
            host=current_app.config["SETTINGS"].help_name,
        )
    )
