"""Row numbers in addresses: what no database could hold is an address that does not exist, and never a fault."""

from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

# The largest id of a PostgreSQL integer column; SQLite's driver raises for what has more than 64 bits.
LARGEST = 2**31 - 1


class RowNumber(IntegerConverter):
    """`<int:…>` of every route: a larger number matches nothing and gives 404."""

    def __init__(self, map: Map, *arguments: Any, **options: Any) -> None:
        super().__init__(map, *arguments, **{"max": LARGEST, **options})


def row_number(text: str) -> int:
    """Return a row's number from an address; for `request.args.get(name, type=row_number)`. ValueError otherwise."""
    number = int(text)
    if not 0 <= number <= LARGEST:
        raise ValueError(f"no row has the number {text[:20]}")
    return number


def init_app(app: Flask) -> None:
    """Bound the numbers in the routes to come, and refuse addresses with a NUL, which PostgreSQL takes as no text."""
    app.url_map.converters["int"] = RowNumber

    @app.before_request
    def refuse_nul() -> None:
        if "\0" in request.path or b"%00" in request.query_string:
            abort(400)
