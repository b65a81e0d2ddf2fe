"""How often signing in may be tried: per account and address, under a high ceiling per address.

Every try on an account counts before the password is looked at, so that a burst cannot overtake the counting;
success clears it. Only failures count towards the address: an office of three hundred is one address.
"""

import logging
from datetime import timedelta
from math import ceil
from time import time

from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse

from lms.web.limits import SIGN_IN_PER_ACCOUNT, SIGN_IN_PER_ADDRESS, limiter

log = logging.getLogger(__name__)

PER_ACCOUNT = parse(SIGN_IN_PER_ACCOUNT)
PER_ADDRESS = parse(SIGN_IN_PER_ADDRESS)


def count_try(what: str, login: str) -> timedelta | None:
    """Count a try and return None, or return how long to wait (whole minutes) if there were too many.

    `what` names the door (sign-in, code, forgotten), `login` is normalised: every spelling counts as one account.
    A counter that cannot be reached lets people in rather than locking everyone out.
    """
    if not limiter.enabled:
        return None
    address = get_remote_address()
    try:
        if not limiter.limiter.test(PER_ADDRESS, what, address):
            return _wait(PER_ADDRESS, what, address)
        if not limiter.limiter.hit(PER_ACCOUNT, what, login, address):
            return _wait(PER_ACCOUNT, what, login, address)
    except Exception:
        log.exception("tries cannot be counted")
    return None


def count_failure(what: str) -> None:
    """Count a failed try towards the ceiling of its address."""
    if limiter.enabled:
        try:
            limiter.limiter.hit(PER_ADDRESS, what, get_remote_address())
        except Exception:
            log.exception("failures cannot be counted")


def clear_tries(what: str, login: str) -> None:
    """Forget the tries on an account after a success from this address."""
    if limiter.enabled:
        try:
            limiter.limiter.clear(PER_ACCOUNT, what, login, get_remote_address())
        except Exception:
            log.exception("tries cannot be cleared")


def _wait(limit: RateLimitItem, *identifiers: str) -> timedelta:
    reset = limiter.limiter.get_window_stats(limit, *identifiers).reset_time
    return timedelta(minutes=max(1, ceil((reset - time()) / 60)))
