"""The clock stands a week before the lecture."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from tests.factories import NINE

BEFORE = NINE - timedelta(days=7)


@pytest.fixture(autouse=True)
def a_week_before() -> Iterator[None]:
    with time_machine.travel(BEFORE, tick=True):
        yield
