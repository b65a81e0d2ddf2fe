"""A postman who remembers what he carried, and words for letters of these tests."""

from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest
from flask import Flask

from lms.settings import Settings
from tests.factories import World


@dataclass
class Carrier:
    """Takes mails out of the house as a test wants: remembers them, or fails."""

    carried: list[EmailMessage] = field(default_factory=list)
    failing: bool = False

    def send(self, mail: EmailMessage) -> None:
        if self.failing:
            raise ConnectionRefusedError("no mail server")
        self.carried.append(mail)


@pytest.fixture
def carrier() -> Carrier:
    return Carrier()


@pytest.fixture
def settings(app: Flask, world: World) -> Settings:
    return app.config["SETTINGS"]  # type: ignore[no-any-return]
