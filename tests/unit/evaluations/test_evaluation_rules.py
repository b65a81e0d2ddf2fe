"""Questionnaires, what answers may be, and results that protect few."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.evaluations.rules.blocks import KINDS, ready_blocks
from lms.evaluations.rules.drafts import PlanDraft, months_after
from lms.evaluations.rules.questionnaires import (
    QuestionnaireDraft,
    content_from,
    draft_values,
    item_keys,
    read_answers,
    scale_words,
    usual_content,
)
from lms.evaluations.rules.results import LEAST, score, summarise, together
from lms.kernel.errors import Invalid

CONTENT = content_from("organiser", QuestionnaireDraft(blocks=["relevance"], own="Satu | One\nHanya satu"))


def ballot(mark: int = 3, **texts: str) -> dict[str, Any]:
    return {"marks": dict.fromkeys(item_keys(CONTENT), mark), "texts": texts}


def test_the_ready_made_blocks_have_as_many_questions_as_practice_asks() -> None:
    counts = {block.key: len(block.items) for block in ready_blocks("organiser")}
    assert counts == {
        "committee": 4, "participants": 7, "cleanliness": 9, "functioning": 7, "availability": 4, "supplies": 5,
        "meals": 5, "field_visit": 7, "relevance": 3,
    }  # fmt: skip
    assert [len(block.items) for block in ready_blocks("instructor")] == [8]


@pytest.mark.parametrize("kind", KINDS)
def test_every_ready_made_question_stands_in_two_languages_under_its_own_key(kind: str) -> None:
    items = [item for block in ready_blocks(kind) for item in block.items]
    assert all(item["text"]["id"] and item["text"]["en"] for item in items)
    assert len({item["key"] for item in items}) == len(items)


def test_own_questions_stand_last_and_come_back_into_the_form() -> None:
    assert CONTENT["blocks"][-1]["items"][0]["text"] == {"id": "Satu", "en": "One"}
    values = draft_values(CONTENT)
    assert values["own"] == "Satu | One\nHanya satu" and values["blocks"] == ["relevance", "own"]
    assert content_from("organiser", QuestionnaireDraft(**values)) == CONTENT


def test_a_questionnaire_that_asks_nothing_is_refused() -> None:
    with pytest.raises(Invalid):
        content_from("organiser", QuestionnaireDraft(blocks=["no such block"]))


def test_each_item_must_be_rated_or_said_not_to_concern() -> None:
    sent = {f"item-{key}": "4" for key in item_keys(CONTENT)}
    sent["item-relevance-1"] = "na"
    answers = read_answers(CONTENT, sent | {"open-good": "  Diskusi \n kelompok "})
    assert "relevance-1" not in answers["marks"] and answers["texts"] == {"good": "Diskusi kelompok"}
    for wrong in ("", "5", "0", "x", "²"):
        with pytest.raises(Invalid) as refused:
            read_answers(CONTENT, sent | {"item-relevance-2": wrong})
        assert [problem.field for problem in refused.value.problems] == ["item-relevance-2"]


def test_words_that_are_too_long_are_refused_beside_items_that_are_missing() -> None:
    with pytest.raises(Invalid) as refused:
        read_answers(CONTENT, {"open-better": "x" * 2001})
    assert len(refused.value.problems) == len(item_keys(CONTENT)) + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [4, 5])
def test_each_step_of_a_scale_has_words(kind: str, scale: int) -> None:
    assert len(set(scale_words(kind, scale))) == scale


@given(st.integers(0, LEAST - 1))
def test_below_five_answers_nothing_is_told(count: int) -> None:
    result = summarise(CONTENT, [ballot(good="Rahasia")] * count, 20)
    assert not result.is_told and result.blocks == () and result.texts == () and result.score.mean is None


def test_from_five_answers_on_means_and_words_are_told() -> None:
    result = summarise(CONTENT, [ballot(mark) for mark in (2, 3, 3, 4)] + [ballot(4, good="Baik")], 20)
    assert result.is_told and result.answered == 5 and result.share == 0.25
    (_text, item), *_rest = result.blocks[0].items
    assert item.mean == pytest.approx(3.2) and item.spread == (0, 1, 2, 2) and item.is_few
    assert result.texts[0][1] == ("Baik",)


def test_an_item_that_concerned_fewer_than_five_stays_hidden_and_out_of_its_block() -> None:
    ballots = [ballot(4) for _ in range(6)]
    for one in ballots[:3]:
        one["marks"].pop("relevance-1")
    for one in ballots[3:]:
        one["marks"]["relevance-1"] = 1
    block = summarise(CONTENT, ballots, 6).blocks[0]
    assert block.items[0][1].mean is None
    assert block.score.mean == 4


def test_words_come_in_alphabetical_order_question_by_question() -> None:
    ballots = [ballot(3, good=text, better=text.upper()) for text in ("zebra", "Apel", "mangga", "buah", "cerah")]
    result = summarise(CONTENT, ballots, 5)
    assert result.texts[0][1] == ("Apel", "buah", "cerah", "mangga", "zebra")


@given(st.lists(st.integers(1, 5), min_size=LEAST, max_size=40))
def test_a_mean_lies_within_its_marks_and_the_spread_counts_everyone(marks: list[int]) -> None:
    found = score(marks, 5)
    assert found.mean is not None and min(marks) <= found.mean <= max(marks)
    assert sum(found.spread) == len(marks) == found.count


def test_long_blocks_do_not_outweigh_short_ones() -> None:
    assert together([score([4] * 50, 4), score([2] * 5, 4)]).mean == 3


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 3, date(2027, 3, 15)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
    ],
)
def test_the_same_day_months_later_or_that_months_last(day: date, months: int, expected: date) -> None:
    assert months_after(day, months) == expected


def test_steps_of_a_plan_are_read_in_parallel_and_empty_ones_left_out() -> None:
    draft = PlanDraft(
        aim="A", step_id=["3", "0", "0"], step_text=["Satu", "", "Tiga"], step_due=["2027-01-02", "", ""],
        step_percent=["50", "", "0"],
    )  # fmt: skip
    assert [(step.id, step.text, step.percent) for step in draft.steps()] == [(3, "Satu", 50), (0, "Tiga", 0)]
    for due, percent in (("yesterday", "0"), ("", "101"), ("", "x")):
        wrong = PlanDraft(aim="A", step_id=["0"], step_text=["Satu"], step_due=[due], step_percent=[percent])
        with pytest.raises(ValueError, match="plan_step_unreadable"):
            wrong.steps()


def test_the_usual_questionnaire_leaves_out_what_not_every_training_has() -> None:
    keys = {block["key"] for block in usual_content("organiser")["blocks"]}
    assert "field_visit" not in keys and "relevance" in keys
