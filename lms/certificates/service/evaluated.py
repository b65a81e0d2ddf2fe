"""Where certificates learn whose questionnaires are not filled in: evaluations are neighbours, not imported."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from lms.certificates.rules.requirements import Questionnaires
from lms.db import Db

# (db, batch id, person ids, now) → person id → what is asked of her and not filled in.
Witness = Callable[[Db, int, Collection[int], datetime], Mapping[int, Questionnaires]]


def nothing_asked(_db: Db, _batch_id: int, _people: Collection[int], _at: datetime) -> Mapping[int, Questionnaires]:
    """Return that nobody is asked anything."""
    return {}


_witness: Witness = nothing_asked


def provide(witness: Witness) -> None:
    """Let certificates ask `witness` what is not filled in; `create_app` does so."""
    global _witness
    _witness = witness


def missing(db: Db, batch_id: int, people: Collection[int], at: datetime) -> Mapping[int, Questionnaires]:
    """Return person id → questionnaires asked and not filled in; who is not in it lacks none."""
    return _witness(db, batch_id, people, at)
