"""The vectors of the unit tests, in a real browser and without the page's content policy: nothing runs."""

from typing import Any

import pytest

from tests.unit.courses.test_render_harmless import VECTORS, html_of

pytestmark = pytest.mark.browser

TRAP = """
window.fired = [];
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.fired.push(name);
"""


@pytest.mark.parametrize("start", range(0, len(VECTORS), 20))
def test_no_vector_runs_in_chromium(page: Any, start: int) -> None:
    """Twenty lessons a page: looked at, hovered, clicked, focused."""
    requests: list[str] = []
    page.route("**/*", lambda route: (requests.append(route.request.url), route.abort()))
    page.add_init_script(TRAP)
    lessons = "".join(f"<article>{html_of(vector)}</article>" for vector in VECTORS[start : start + 20])
    page.set_content(f"<!doctype html><title>x</title>{lessons}")
    page.evaluate(f"() => {{ {TRAP} }}")
    page.evaluate(
        """() => {
          addEventListener("click", (event) => event.preventDefault());
          for (const node of document.querySelectorAll("article *")) {
            for (const kind of ["click", "mouseover", "focus", "toggle", "load", "error"]) {
              node.dispatchEvent(new Event(kind, {bubbles: true, cancelable: true}));
            }
            if (node.matches("a[href], area[href]")) node.dataset.scheme = new URL(node.href, "http://x").protocol;
          }
        }"""
    )
    page.wait_for_timeout(100)
    assert page.evaluate("window.fired") == []
    schemes = set(page.evaluate("[...document.querySelectorAll('[data-scheme]')].map(a => a.dataset.scheme)"))
    assert schemes <= {"http:", "https:", "mailto:", "tel:", "about:"}
    assert (
        page.evaluate("document.querySelectorAll('script, iframe, object, embed, form, svg, style, base').length") == 0
    )
    assert [url for url in requests if "evil" in url] == []


def test_the_trap_would_notice(page: Any) -> None:
    page.set_content("<img src=x onerror=alert(1)>")
    page.evaluate(f"() => {{ {TRAP} }}")
    page.evaluate("document.querySelector('img').dispatchEvent(new Event('error'))")
    page.wait_for_timeout(100)
    assert page.evaluate("window.fired") == ["alert"]
