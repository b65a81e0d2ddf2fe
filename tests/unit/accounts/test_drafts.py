"""What the forms about accounts take and what they complain about."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, Field

from lms.accounts.rules.drafts import CodeDraft, GrantDraft, PersonDraft, SignInDraft, UnitDraft
from lms.kernel.errors import Invalid
from lms.web.forms import draft_from

GOOD = "kopi hujan biru"


def codes(model: Any, **given: Any) -> dict[str | None, str]:
    with pytest.raises(Invalid) as refused:
        draft_from(model, given)
    return {problem.field: problem.code for problem in refused.value.problems}


def test_a_sign_in_normalises_the_login_and_drops_a_foreign_next() -> None:
    draft = SignInDraft(login=" Ayu@Example.test", password="x", next="//evil.test")
    assert (draft.login, draft.next) == ("ayu@example.test", "")


def test_a_sign_in_without_login_or_password_is_refused() -> None:
    assert codes(SignInDraft, login="  ", password="") == {"login": "login_missing", "password": "password_missing"}


def test_a_person_is_normalised_as_entered() -> None:
    draft = PersonDraft(
        name="  Ayu   Lestari ",
        email="Ayu@Example.test",
        nip="19860926 201505 2 001",
        phone="0812-3456-7890",
        rank="3d",
        unit_id="",
    )
    assert draft.model_dump() == {
        "name": "Ayu Lestari",
        "title_before": "",
        "title_after": "",
        "email": "ayu@example.test",
        "nip": "198609262015052001",
        "phone": "+6281234567890",
        "unit_id": None,
        "position": "",
        "rank": "III/d",
        "language": "id",
        "zone": "Asia/Makassar",
    }


def test_all_complaints_about_a_person_come_at_once() -> None:
    found = codes(PersonDraft, name=" ", email="ayu", phone="??", rank="V/x", language="fr")
    assert found == {
        "name": "name_missing",
        "email": "email_unreadable",
        "phone": "phone_unreadable",
        "rank": "rank_unknown",
        "language": "input_literal_error",
    }


def test_a_person_needs_something_to_sign_in_with() -> None:
    assert codes(PersonDraft, name="Ayu", email="", nip="") == {"email": "person_needs_login"}


@pytest.mark.parametrize(
    "email", ["a b@example.test", "ayu@example", "ayu@@example.test", "a,b@example.test", "<ayu@example.test>"]
)
def test_an_address_no_letter_reaches_is_refused(email: str) -> None:
    assert codes(PersonDraft, name="Ayu", email=email)["email"] == "email_unreadable"


def test_a_code_is_eight_digits_with_or_without_a_space() -> None:
    assert CodeDraft(login="a@b.test", code="1234 5678", password=GOOD).code == "12345678"
    assert codes(CodeDraft, login="a@b.test", code="1234567", password=GOOD) == {"code": "code_eight_digits"}


def test_a_role_is_given_only_for_scopes_that_fit_it() -> None:
    draft = GrantDraft(role="coordinator", scope="unit:7")
    assert (draft.kind, draft.scope_id) == ("unit", 7)
    assert codes(GrantDraft, role="admin", scope="unit:7") == {"scope": "scope_does_not_fit"}
    assert codes(GrantDraft, role="trainee", scope="batch:7") == {"scope": "scope_does_not_fit"}
    assert codes(GrantDraft, role="coordinator", scope="unit:0") == {"scope": "scope_unknown"}
    assert codes(GrantDraft, role="coordinator", scope="galaxy:1") == {"scope": "scope_unknown"}
    assert codes(GrantDraft, role="emperor", scope="everything:0") == {"role": "input_enum"}


def test_a_unit_has_a_name_and_perhaps_a_parent() -> None:
    assert UnitDraft(name=" Puskesmas  Klandasan ", parent_id="").name == "Puskesmas Klandasan"
    assert codes(UnitDraft, name=" ") == {"name": "name_missing"}


def test_an_empty_field_is_missing_whatever_it_should_have_held() -> None:
    class Draft(BaseModel):
        name: str = Field(min_length=1)
        reason: str = Field(min_length=5)
        on: date
        hours: Decimal
        count: int

    given = {"name": "", "reason": "", "on": "", "hours": None, "count": ""}
    assert codes(Draft, **given) == dict.fromkeys(given, "input_missing")
    assert codes(Draft, **given | {"reason": "ya", "on": "x"})["on"] == "input_date_from_datetime_parsing"
