"""Texts that would keep Markdown busy for minutes are refused by counting, before it sees them."""

import pytest

from lms.courses import limits
from lms.courses.render import render
from lms.courses.rules import Shown

SIZE = 60_000


def fill(unit: str, size: int = SIZE) -> str:
    return (unit * (size // len(unit) + 1))[:size]


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("x", "text_line_too_long"),
        ("[", "text_line_too_long"),
        ("[\n", "text_too_many_brackets"),
        ("[a](\n", "text_too_many_brackets"),
        ("[a][\n", "text_too_many_brackets"),
        ("![\n", "text_too_many_brackets"),
        ("<![CDATA[\n", "text_too_many_brackets"),
        ("[" * 300 + "\n\n", "text_too_many_brackets"),
        ("`\n", "text_too_many_ticks"),
        ("``a`\n", "text_too_many_ticks"),
        ("[^1]\n\n", "text_too_many_footnotes"),
        ("> " * 20 + "\n", "text_nested_too_deep"),
        (">" * 20 + "\n", "text_nested_too_deep"),
        ("- " * 20 + "x\n", "text_nested_too_deep"),
        ("1. - * > " * 4 + "x\n", "text_nested_too_deep"),
        (" " * 60 + "- x\n", "text_nested_too_deep"),
        ("# a\n\n", "text_too_many_headings"),
        ("a\n===\n\n", "text_too_many_headings"),
        ("```\n\n", "text_too_many_fences"),
        ("[a]: http://example.test\n", "text_too_many_definitions"),
        ("a\n:   b\n", "text_too_many_definitions"),
        ("a\n\n", "text_too_many_blocks"),
        ("a\n", "text_block_too_long"),
    ],
)
def test_an_excess_is_refused_with_its_reason(unit: str, code: str) -> None:
    found = render(fill(unit), language="id", find_media=Shown)
    assert found.html == ""
    assert [problem.code for problem in found.problems] == [code]


def test_a_text_over_the_limit_is_refused_whole() -> None:
    problem = limits.find_excess("kata\n\n" * 20_000)
    assert problem is not None
    assert problem.code == "text_too_long"


def test_the_line_of_an_excess_is_told() -> None:
    problem = limits.find_excess("a\n\nb\n" + "> " * 20 + "c")
    assert problem is not None
    assert problem.params["line"] == 4


def test_a_long_ordinary_lesson_is_no_excess() -> None:
    section = (
        "## Bagian\n\nKalimat dengan [tautan](https://example.test) dan `kode`.\n\n"
        "- satu\n    - dua\n        - tiga\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n> kutipan\n\n"
    )
    assert limits.find_excess(section * 100) is None


def test_code_that_recurses_is_answered_with_a_problem() -> None:
    found = render("- a\n" * 3, language="id", find_media=Shown)
    assert found.problems == ()


def test_line_ends_and_control_characters_are_tidied() -> None:
    assert limits.tidy("\ufeffa\r\nb\rc\x00\x02\x03\x7f\td") == "a\nb\nc\td"
