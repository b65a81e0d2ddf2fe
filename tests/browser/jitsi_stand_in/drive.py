"""Opens a meeting on the bare page as room.js will, and tells what its listeners heard."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Frame, Page

# What was heard is kept where it outlives the page, so that a goodbye said on the way out can be read.
OPEN = """async ([config, fresh]) => {
  const { openMeeting } = await import('/static/js/sessions/meeting/index.js');
  const hear = (name) => (event) => {
    const heard = JSON.parse(sessionStorage.heard ?? '[]');
    sessionStorage.heard = JSON.stringify([...heard, [name, event ?? null]]);
  };
  const names = ['ready', 'joined', 'left', 'failed', 'participants', 'closed', 'suspended', 'elsewhere'];
  const on = Object.fromEntries(names.map((name) => [name, hear(name)]));
  if (fresh) {
    config.renew = async () => {
      hear('renew')();
      if (fresh === 'fails') throw new Error('no fresh token');
      return fresh;
    };
  }
  config.people = (listen) => {
    window.tellPeople = listen;
    return () => hear('deaf')();
  };
  window.meeting = await openMeeting(document.getElementById('meeting'), config, on);
}"""


def open_meeting(page: Page, config: dict[str, Any], fresh: dict[str, Any] | str | None = None) -> None:
    """Open the meeting; `fresh` is what asking for a new token gives ("fails": an error)."""
    page.evaluate(OPEN, [config, fresh])


def heard(page: Page, *, counts: bool = False) -> list[list[Any]]:
    """Return what the listeners heard, in order; the numbers of participants only on request."""
    events: list[list[Any]] = page.evaluate("JSON.parse(sessionStorage.heard ?? '[]')")
    return [event for event in events if counts or event[0] != "participants"]


def names(page: Page) -> list[str]:
    return [name for name, _ in heard(page)]


def wait_for(condition: Callable[[], Any], page: Page, at_most: float = 15) -> Any:
    """Return the condition's first true value; fails with what was heard until then."""
    end = time.monotonic() + at_most
    while time.monotonic() < end:
        if value := condition():
            return value
        page.wait_for_timeout(30)
    raise AssertionError(f"not seen; heard {heard(page, counts=True)}")


def wait_heard(page: Page, *expected: str) -> list[list[Any]]:
    """Return what was heard once these names, and no others, came in this order."""
    wait_for(lambda: names(page)[: len(expected)] == list(expected), page)
    return heard(page)


def settle(page: Page) -> None:
    """Give whatever might still be said the time to be said."""
    page.wait_for_timeout(250)


def meeting_frame(page: Page) -> Frame:
    """Return the frame of the meeting that is shown now, once it can be played with."""

    def found() -> Frame | None:
        frames = [frame for frame in page.frames if frame.url.startswith("https://") and not frame.is_detached()]
        return frames[-1] if frames else None

    frame: Frame = wait_for(found, page)
    frame.wait_for_function("window.standIn !== undefined")
    return frame
