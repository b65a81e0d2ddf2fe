"""Jobs of programmes: pushing on long sheets of people, and forgetting what old ones said."""

from datetime import datetime

from lms.accounts import principal
from lms.db import reading, writing
from lms.outbox.jobs import every
from lms.programmes.entrants import entrant_of
from lms.programmes.service import asking, imported, importing


@every(5, name=imported.PUSH_ON)
def push_on_people_imports(at: datetime) -> int:
    """Judge and apply what waits, step by step; return how many steps. Only reads when nothing waits."""
    with reading() as db:
        waiting = imported.waiting(db)
    steps = 0
    for import_id, maker_id in waiting:
        maker = principal.cached(maker_id)
        is_open = maker is not None
        if maker is None:
            # Whoever handed the sheet in has left: nobody answers for it any more.
            with writing() as db:
                importing.give_up(db, import_id)
        while is_open and maker is not None:
            with writing() as db:
                entrant = entrant_of(db, maker)
                is_open = importing.judge_some(db, import_id, entrant, at=at) or importing.apply_some(
                    db, import_id, entrant, at=at
                )
            steps += 1
    return steps


@every(3600, name="forget_old_people_imports")
def forget_old_people_imports(at: datetime) -> int:
    """Drop what sheets of more than a month ago said about people; return of how many sheets."""
    with writing() as db:
        return imported.forget_old(db, at=at)


@every(60, name="fill_free_places")
def fill_free_places(at: datetime) -> int:
    """Enrol whoever waits first where a place is free; return how many. Only reads where nobody waits."""
    with reading() as db:
        batches = asking.batches_to_fill(db)
    count = 0
    for batch_id in batches:
        with writing() as db:
            count += asking.fill_places(db, batch_id, by=None, at=at)
    return count
