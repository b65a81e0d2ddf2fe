"""How often somebody may try a quiz's code: it is short and said aloud, so guessing must not lead to it."""

import logging

from limits import parse

from lms.web.limits import limiter

log = logging.getLogger(__name__)

TRIES = parse("10 per 5 minutes")


def are_too_many(person_id: int, quiz_id: int) -> bool:
    """Return whether this person has tried too often; a counter that cannot be reached lets people in."""
    if not limiter.enabled:
        return False
    try:
        return not limiter.limiter.test(TRIES, "quiz code", str(person_id), str(quiz_id))
    except Exception:
        log.exception("tries of a quiz's code cannot be counted")
        return False


def count_one(person_id: int, quiz_id: int) -> None:
    """Count a wrong code."""
    if limiter.enabled:
        try:
            limiter.limiter.hit(TRIES, "quiz code", str(person_id), str(quiz_id))
        except Exception:
            log.exception("tries of a quiz's code cannot be counted")
