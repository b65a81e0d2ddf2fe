"""The part that talks to a meeting server can be used by itself: no Flask, no database comes with it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["client", "tokens", "servers", "knocking", "self_test_there", "story", "wire"])
def test_nothing_of_the_site_is_loaded_with_it(module: str) -> None:
    code = (
        f"import sys, lms.sessions.jitsi.{module}; "
        "print([name for name in ('flask', 'sqlalchemy', 'lms.db', 'lms.settings') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
