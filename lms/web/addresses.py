"""Addresses of pages, remembered: a register of forty asks for three hundred of them, each in half a dozen variants."""

from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context


def init_app(app: Flask) -> None:
    """Give templates a `url_for` that builds each address once."""

    @lru_cache(maxsize=8192)
    def built(endpoint: str, values: tuple[tuple[str, str | int], ...]) -> str:
        given: dict[str, Any] = dict(values)
        return app.url_for(endpoint, **given)

    def url_for(endpoint: str, **values: Any) -> str:
        # True and 1 are the same key and different addresses; lists are no key; ".name" depends on who asks.
        is_plain = all(type(value) in (str, int) for value in values.values())
        if not is_plain or endpoint.startswith(".") or "_external" in values or not has_request_context():
            return app.url_for(endpoint, **values)
        return built(endpoint, tuple(values.items()))

    app.jinja_env.globals["url_for"] = url_for
