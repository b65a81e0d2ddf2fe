"""How often somebody may present a code that is none: nobody marks another present by guessing.

Codes that were ours and are too old are no guesses: a slow camera is not an attack.
"""

import logging
from datetime import timedelta
from math import ceil
from time import time

from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse

from lms.web.limits import limiter

log = logging.getLogger(__name__)

PER_PERSON = parse("20 per 15 minutes")
# An office is one address, and whoever has not signed in yet has only that.
PER_ADDRESS = parse("300 per 15 minutes")


def wait_for_next(person: int | None) -> timedelta | None:
    """Return how long (whole minutes) this person or address has to wait before the next code; None: not at all.

    A counter that cannot be reached lets people in: the code itself still has to be right.
    """
    if not limiter.enabled:
        return None
    try:
        for limit, whom in _limits(person):
            if not limiter.limiter.test(limit, "guess", whom):
                reset = limiter.limiter.get_window_stats(limit, "guess", whom).reset_time
                return timedelta(minutes=max(1, ceil((reset - time()) / 60)))
    except Exception:
        log.exception("guesses cannot be counted")
    return None


def count_guess(person: int | None) -> None:
    """Count a code that is none."""
    if limiter.enabled:
        try:
            for limit, whom in _limits(person):
                limiter.limiter.hit(limit, "guess", whom)
        except Exception:
            log.exception("guesses cannot be counted")


def _limits(person: int | None) -> list[tuple[RateLimitItem, str]]:
    limits = [(PER_ADDRESS, f"address {get_remote_address()}")]
    return limits if person is None else [*limits, (PER_PERSON, f"person {person}")]
