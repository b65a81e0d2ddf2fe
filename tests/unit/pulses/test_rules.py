"""What may be asked, where a question stands, how answers add up, and what answering shows."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lms.kernel.intervals import Interval
from lms.pulses.rules import PulseDraft, Shown, State, bars, open_while, shown, state_of

NINE = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)


def after(minutes: int) -> datetime:
    return NINE + timedelta(minutes=minutes)


def span(start: int, end: int) -> Interval:
    return Interval(after(start), after(end))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"form": "yes_no"}, "pulse_without_text"),
        ({"form": "single", "text_id": "Apa?", "choices_id": "satu"}, "pulse_needs_two_choices"),
        ({"form": "single", "text_id": "Apa?"}, "pulse_needs_two_choices"),
        ({"form": "single", "text_id": "Apa?", "choices_id": "a\nb", "choices_en": "a"}, "pulse_needs_two_choices"),
        ({"form": "single", "text_id": "Apa?", "choices_id": "a\nb", "choices_en": "a\nb\nc"}, "do_not_match"),
        ({"form": "single", "text_id": "Apa?", "choices_id": "\n".join("abcdefghi")}, "pulse_too_many_choices"),
        ({"form": "single", "text_id": "Apa?", "choices_id": "Ya\nya"}, "pulse_choice_twice"),
        ({"form": "single", "text_id": "Apa?", "choices_id": f"a\n{'b' * 121}"}, "pulse_choice_too_long"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused(fields: dict[str, str], code: str) -> None:
    with pytest.raises(ValidationError, match=code):
        PulseDraft.model_validate(fields)


def test_choices_are_kept_in_both_languages_or_in_one() -> None:
    both = PulseDraft.model_validate(
        {"form": "single", "text_en": "What?", "choices_id": " satu \n\n dua", "choices_en": "one\ntwo"}
    )
    assert both.choices() == [{"key": "1", "id": "satu", "en": "one"}, {"key": "2", "id": "dua", "en": "two"}]
    one = PulseDraft.model_validate({"form": "single", "text_en": "What?", "choices_en": "one\ntwo"})
    assert [choice["id"] for choice in one.choices()] == ["", ""]


def test_a_scale_has_five_steps_with_words_at_its_ends() -> None:
    draft = PulseDraft.model_validate({"form": "scale", "text_id": "Jelas?", "low_id": "belum", "high_en": "quite"})
    assert [choice["key"] for choice in draft.choices()] == ["1", "2", "3", "4", "5"]
    assert (draft.choices()[0]["id"], draft.choices()[4]["en"], draft.choices()[2]["id"]) == ("belum", "quite", "")


@pytest.mark.parametrize(
    ("opened", "closed", "at", "state"),
    [
        (None, None, 10, State.PREPARED),
        (10, None, 11, State.OPEN),
        (10, 12, 13, State.CLOSED),
        # Nobody closed it: the doors did.
        (10, None, 60, State.CLOSED),
    ],
)
def test_where_a_question_stands(opened: int | None, closed: int | None, at: int, state: State) -> None:
    opened_at = after(opened) if opened is not None else None
    closed_at = after(closed) if closed is not None else None
    assert state_of(opened_at, closed_at, after(60), after(at)) is state


def test_a_question_nobody_closed_was_open_until_the_doors_closed() -> None:
    assert open_while(after(10), None, after(60)) == span(10, 60)
    assert open_while(after(10), after(12), after(60)) == span(10, 12)
    assert open_while(after(10), after(70), after(60)) == span(10, 60)


@pytest.mark.parametrize(
    ("there", "answered", "expected"),
    [
        ([span(0, 90)], False, Shown.SILENT),
        ([span(0, 11)], False, Shown.PARTLY_THERE),
        ([span(0, 11), span(11, 90)], False, Shown.PARTLY_THERE),
        ([span(0, 10), span(12, 90)], False, Shown.NOT_THERE),
        ([], False, Shown.NOT_THERE),
        # An answer is a sign, also where the record had her outside.
        ([], True, Shown.ANSWERED),
    ],
)
def test_only_silence_of_somebody_who_was_there_says_anything(
    there: list[Interval], answered: bool, expected: Shown
) -> None:
    assert shown(span(10, 12), answered, there) is expected


@given(st.dictionaries(st.sampled_from(["yes", "no", "gone"]), st.integers(0, 500)))
def test_shares_add_up_to_the_whole_of_what_can_be_chosen(counts: dict[str, int]) -> None:
    choices = [{"key": "yes", "id": "", "en": ""}, {"key": "no", "id": "", "en": ""}]
    found = bars(choices, counts, ["yes"])
    assert [bar.count for bar in found] == [counts.get("yes", 0), counts.get("no", 0)]
    assert [bar.is_right for bar in found] == [True, False]
    whole = sum(bar.share for bar in found)
    assert whole == pytest.approx(1.0 if counts.get("yes", 0) + counts.get("no", 0) else 0.0)
