"""The clock stands at nine in the morning of the lecture day."""

from collections.abc import Callable, Iterator

import pytest
import time_machine
from flask.testing import FlaskClient

from tests.factories import NINE

AsPerson = Callable[[int], FlaskClient]


@pytest.fixture(autouse=True)
def nine_oclock() -> Iterator[None]:
    with time_machine.travel(NINE, tick=True):
        yield
