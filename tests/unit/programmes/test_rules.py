"""Whom a pasted list names, and what the forms of programmes and batches accept."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from lms.programmes.rules.drafts import BatchDraft, EnrolDraft, ProgrammeDraft, new_slug
from lms.programmes.rules.lines import read_people

NIP = "198609262015051001"


@pytest.mark.parametrize(
    "text",
    [
        NIP,
        "19860926 201505 1 001",
        "'198609262015051001",
        "19860926\u00a0201505\u00a01\u00a0001",
        "１９８６０９２６２０１５０５１００１",
        "1\t19860926 201505 1 001\tSiti Rahmawati, S.Sos.\t0812-3456-7890",
        "12. Siti Rahmawati (198609262015051001)",
        "19860926.201505.1.001",
    ],
)
def test_a_nip_is_found_however_the_sheet_writes_it(text: str) -> None:
    (line,) = read_people(text)
    assert (line.nip, line.email) == (NIP, None)


@pytest.mark.parametrize(
    "text", ["Siti <Siti.R@Balikpapan.example>", "siti.r@balikpapan.example;", f"{NIP}\tsiti.r@balikpapan.example"]
)
def test_an_address_is_found_in_small_letters_and_stands_before_a_nip(text: str) -> None:
    (line,) = read_people(text)
    assert (line.nip, line.email) == (None, "siti.r@balikpapan.example")


@pytest.mark.parametrize("text", ["Siti Rahmawati", "19860926", f"{NIP}7", "081234567890", "siti@", "@example.test"])
def test_a_line_that_names_nobody_is_kept_for_the_report(text: str) -> None:
    (line,) = read_people(text)
    assert (line.text, line.nip, line.email) == (text, None, None)


def test_lines_keep_their_number_and_empty_ones_are_skipped() -> None:
    lines = read_people(f"\n{NIP}\n   \nayu@example.test\n")
    assert [(line.number, line.nip or line.email) for line in lines] == [(2, NIP), (4, "ayu@example.test")]


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    for line in read_people(text):
        assert line.text
        assert line.nip is None or (len(line.nip) == 18 and line.nip.isdecimal())


def test_an_address_word_is_plain_and_not_taken_twice() -> None:
    assert new_slug("Pelayanan Publik Prima (2026)") == "pelayanan-publik-prima-2026"
    assert new_slug("Kafé & Résumé") == "kafe-resume"
    assert new_slug("???") == "program"
    assert new_slug("Prima", {"prima", "prima-2"}) == "prima-3"


@given(st.text(max_size=200))
def test_an_address_word_fits_its_column(title: str) -> None:
    slug = new_slug(title, {new_slug(title)})
    assert 0 < len(slug) <= 60
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_programme_names_each_course_once_in_the_order_given() -> None:
    draft = ProgrammeDraft.model_validate({"title_id": " Prima ", "course_ids": ["3", "1", "3"]})
    assert (draft.title_id, draft.course_ids, float(draft.minimum_share)) == ("Prima", [3, 1], 0.8)


def codes(model: Any, given: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(given)
    return [(str(found["loc"][0]), str(found.get("ctx", {}).get("error", ""))) for found in refused.value.errors()]


def test_a_batch_that_ends_before_it_starts_is_refused_at_its_last_day() -> None:
    days = {"name": "Angkatan I", "starts_on": "2026-12-02", "ends_on": "2026-12-01"}
    assert codes(BatchDraft, days) == [("ends_on", "batch_ends_before_start")]


def test_a_batch_of_one_day_without_contact_is_fine() -> None:
    draft = BatchDraft.model_validate(
        {"name": "I", "starts_on": "2026-12-01", "ends_on": "2026-12-01", "contact_id": ""}
    )
    assert draft.contact_id is None


@pytest.mark.parametrize("role", ["admin", "", "Trainee"])
def test_nobody_is_enrolled_in_a_role_that_a_batch_does_not_have(role: str) -> None:
    assert codes(EnrolDraft, {"lines": NIP, "role": role})[0][0] == "role"


def test_a_list_far_longer_than_a_batch_is_refused() -> None:
    assert codes(EnrolDraft, {"lines": "x\n" * 501}) == [("lines", "enrol_too_many_lines")]
