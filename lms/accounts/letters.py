"""Where letters to people are posted. The outbox stands above accounts, so `create_app` tells which one it is."""

from datetime import datetime
from typing import Any, Protocol

from lms.db import Db


class Post(Protocol):
    """Stores a message in the running transaction, to be sent afterwards; a repeated key posts nothing."""

    def __call__(
        self,
        db: Db,
        person_id: int,
        template: str,
        params: dict[str, Any],
        key: str,
        due_at: datetime,
        at: datetime,
        link: str = "",
    ) -> bool: ...


_post: Post | None = None


def post_with(post: Post) -> None:
    """Make `post` the way letters leave."""
    global _post
    _post = post


def post_letter(
    db: Db, person_id: int, template: str, *, link: str, key: str, at: datetime, due_at: datetime, **params: Any
) -> None:
    """Post a letter to be sent once `due_at` has come. RuntimeError when nobody said how."""
    if _post is None:
        raise RuntimeError("letters have no way out: call letters.post_with() first")
    _post(db, person_id, template, params, key=key, due_at=due_at, at=at, link=link)
