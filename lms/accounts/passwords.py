"""Password hashes: Argon2id, a few at a time, and never inside a writing transaction.

One hash takes some 30 ms and 19 MiB. When three hundred people sign in at the start of a lesson, hashing them
all at once would take 6 GB and starve every other page; behind the semaphore they wait their turn.
Profile: OWASP's second choice for Argon2id (19 MiB, 2 passes, 1 lane).
"""

import functools
import threading

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

_AT_ONCE = threading.BoundedSemaphore(3)
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """Return the hash to store. Takes its time: call it before the transaction begins."""
    with _AT_ONCE:
        return _hasher.hash(password)


def verify_password(kept: str | None, password: str) -> bool:
    """Return whether the password is the kept one's.

    With nothing kept (unknown account, no password yet) it works as long and returns False, so that the time
    an answer takes does not tell which accounts exist.
    """
    with _AT_ONCE:
        try:
            return _hasher.verify(kept or _nobodys_hash(), password) and kept is not None
        except (Argon2Error, InvalidHashError):
            return False


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
