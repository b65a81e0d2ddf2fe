"""One's own certificates: those there are, and what is still missing for the next."""

from typing import Any

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.accounts import guard
from lms.certificates.models.certificates import Certificate
from lms.certificates.service.ruling import find_rule
from lms.certificates.service.standing import read_candidates
from lms.certificates.views.blueprint import P, blueprint
from lms.db import reading
from lms.programmes.models import Batch
from lms.programmes.service.members import batches_of


@blueprint.get("/certificates")
def own() -> Any:
    """Show the asker's certificates, and for each batch of hers without one what is missing, in words."""
    at = clock.now()
    who = guard.require(needs=P.CERTIFICATE_OWN)
    with reading() as db:
        certificates = db.scalars(
            select(Certificate).where(Certificate.person_id == who.id).order_by(Certificate.id.desc())
        ).all()
        mine = [batch.id for batch in batches_of(db, who.id, at, roles=("trainee",))]
        ways = []
        for batch in db.scalars(
            select(Batch).where(Batch.id.in_(mine)).options(joinedload(Batch.programme)).order_by(Batch.ends_on)
        ):
            candidates = read_candidates(db, batch, find_rule(db, batch.programme_id), at=at, people=[who.id])
            ways += [(batch, one) for one in candidates if one.certificate is None]
    return render_template("certificates/own.html", certificates=certificates, ways=ways)
