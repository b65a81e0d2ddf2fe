"""What a text may not be, checked before Markdown sees it: each rule keeps one slow path of the parser out of reach.

Markdown looks for the end of a bracket from every opening one, so a block of n brackets costs n² steps
(8,000 of them: ten seconds). The same holds for lines of one block and for nested quotations. A check that
only counts is linear, and it counts inside code too, so that no disguise slips past it.
"""

import re
from collections.abc import Iterator

from lms.kernel.errors import Problem

MOST_CHARACTERS = 100_000
MOST_IN_LINE = 10_000
MOST_LEVELS = 12
MOST_BRACKETS = 400
MOST_TICKS = 400
MOST_HEADINGS = 200
MOST_FENCES = 200
MOST_DEFINITIONS = 300
MOST_BLOCKS = 4_000
# Each further mention of one footnote looks through all earlier ones.
MOST_FOOTNOTES = 400
# Sum over all blocks of the square of the brackets in each: what the parser would spend.
BRACKET_BUDGET = 1_000_000
# The same for the lines of a block without an empty line.
LINE_BUDGET = 2_000_000

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LEVEL = re.compile(r"([ \t]*)(?:>|[-+*](?=[ \t]|$)|\d{1,9}[.)](?=[ \t]|$)|:(?=[ \t])|!!!|\?\?\?)")
_DEFINITION = re.compile(r"[ \t]*\[[^\]\n]{1,200}\]:|[ \t]*:[ \t]")


def tidy(text: str) -> str:
    """Return the text with plain line ends, without control characters and byte order mark.

    Two control characters are Markdown's own placeholders; a text that brought them along could
    point into the parser's private store.
    """
    return CONTROL.sub("", text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def find_excess(text: str) -> Problem | None:
    """Return the first reason not to render a tidied text, or None. Parameter `line` counts from 1."""
    if len(text) > MOST_CHARACTERS:
        return Problem.of("text_too_long", line=1, most=MOST_CHARACTERS, characters=len(text))
    if (marks := text.count("[^")) > MOST_FOOTNOTES:
        return Problem.of("text_too_many_footnotes", line=1, most=MOST_FOOTNOTES, marks=marks)
    lines = text.split("\n")
    return _find_in_lines(lines) or _find_in_blocks(lines)


def _find_in_lines(lines: list[str]) -> Problem | None:
    headings = fences = definitions = 0
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_IN_LINE:
            return Problem.of("text_line_too_long", line=number, most=MOST_IN_LINE)
        if _levels(line) > MOST_LEVELS:
            return Problem.of("text_nested_too_deep", line=number, most=MOST_LEVELS)
        bare = line.lstrip(" \t>")
        # A line of = or - below another makes it a heading too.
        headings += bare.startswith(("#", "=", "---"))
        if headings > MOST_HEADINGS:
            return Problem.of("text_too_many_headings", line=number, most=MOST_HEADINGS)
        fences += "```" in line or "~~~" in line
        if fences > MOST_FENCES:
            return Problem.of("text_too_many_fences", line=number, most=MOST_FENCES)
        definitions += _DEFINITION.match(line) is not None
        if definitions > MOST_DEFINITIONS:
            return Problem.of("text_too_many_definitions", line=number, most=MOST_DEFINITIONS)
    return None


def _find_in_blocks(lines: list[str]) -> Problem | None:
    bracket_cost = line_cost = 0
    for count, (first, block) in enumerate(_blocks(lines), 1):
        if count > MOST_BLOCKS:
            return Problem.of("text_too_many_blocks", line=first, most=MOST_BLOCKS)
        text = "\n".join(block)
        brackets, ticks = text.count("["), text.count("`")
        if brackets > MOST_BRACKETS:
            return Problem.of("text_too_many_brackets", line=first, most=MOST_BRACKETS)
        if ticks > MOST_TICKS:
            return Problem.of("text_too_many_ticks", line=first, most=MOST_TICKS)
        bracket_cost += brackets**2 + ticks**2
        line_cost += len(block) ** 2
        if bracket_cost > BRACKET_BUDGET:
            return Problem.of("text_too_many_brackets", line=first, most=MOST_BRACKETS)
        if line_cost > LINE_BUDGET:
            return Problem.of("text_block_too_long", line=first)
    return None


def _blocks(lines: list[str]) -> Iterator[tuple[int, list[str]]]:
    block: list[str] = []
    first = 1
    for number, line in enumerate(lines, 1):
        if line.strip(" \t"):
            if not block:
                first = number
            block.append(line)
        elif block:
            yield first, block
            block = []
    if block:
        yield first, block


def _levels(line: str) -> int:
    """Return how deep the marks at the beginning of a line nest it, its indentation included."""
    at = depth = 0
    while depth <= MOST_LEVELS and (step := _LEVEL.match(line, at)):
        depth += 1 + len(step[1].expandtabs(4)) // 4
        at = step.end()
    return depth
