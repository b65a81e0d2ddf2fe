"""Somebody who uses nothing but the keyboard: Tab to get there, Enter and Space to act, letters to write."""

from playwright.sync_api import Locator, Page, expect

# Nobody would press Tab more often to reach something.
MOST_STEPS = 150


class Keyboard:
    """The keys of one person's browser; every method fails when the keys do not lead where she wants to go."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, target: Locator) -> None:
        """Tab until the focus stands on what `target` names, wherever it stood before."""
        expect(target.first).to_be_attached()
        for _ in range(MOST_STEPS):
            if target.first.evaluate("(e) => e === document.activeElement"):
                expect(target.first).to_be_focused()
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target} on {self.page.url}")

    def press(self, target: Locator, key: str = "Enter") -> None:
        """Go to a link or button and press it."""
        self.to(target)
        self.page.keyboard.press(key)

    def open(self, target: Locator, address: str) -> None:
        """Press a link or button that leads to another page (a glob of its address)."""
        self.press(target)
        self.page.wait_for_url(address)
        self.page.wait_for_load_state()

    def write(self, target: Locator, text: str) -> None:
        """Go to a field and replace what stands in it."""
        self.to(target)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, target: Locator, value: str) -> None:
        """Go to a list of options and press the arrow until this one is chosen."""
        self.to(target)
        self.page.keyboard.press("Home")
        for _ in range(50):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value} in {target}")
