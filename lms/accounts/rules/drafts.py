"""What people send about accounts, one draft a form. A validator's ValueError carries the code of the complaint."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, field_validator, model_validator

from lms.accounts.permissions import Role, ScopeKind
from lms.accounts.rules.names import is_local_path, normalise_login
from lms.accounts.rules.nip import normalise_nip
from lms.accounts.rules.password_choice import LONGEST, SHORTEST
from lms.accounts.rules.phones import read_phone
from lms.accounts.rules.ranking import GRANTABLE
from lms.accounts.rules.ranks import read_rank
from lms.kernel.errors import AtField
from lms.kernel.languages import DEFAULT_LANGUAGE, known_language

ZONES = ("Asia/Makassar", "Asia/Singapore", "Asia/Jakarta", "Asia/Jayapura")

Language = Annotated[str, AfterValidator(known_language)]
Zone = Literal["Asia/Makassar", "Asia/Singapore", "Asia/Jakarta", "Asia/Jayapura"]

# What a browser sends for a field left empty.
EmptyIsNone = BeforeValidator(lambda value: None if value == "" else value)
OptionalId = Annotated[int | None, EmptyIsNone]

_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+")


def _password(text: str) -> str:
    if len(text) < SHORTEST:
        raise ValueError("password_short")
    if len(text) > LONGEST:
        raise ValueError("password_long")
    return text


class LoginDraft(BaseModel):
    """Who somebody says they are: an e-mail address or a NIP, any spelling."""

    login: str = Field(max_length=254)

    @field_validator("login")
    @classmethod
    def named(cls, text: str) -> str:
        login = normalise_login(text)
        if not login:
            raise ValueError("login_missing")
        return login


class SignInDraft(LoginDraft):
    """A try to sign in; `next` is the page to go on to, dropped unless it is a path of this site."""

    password: str = Field(max_length=LONGEST)
    next: str = ""

    @field_validator("password")
    @classmethod
    def given(cls, text: str) -> str:
        if not text:
            raise ValueError("password_missing")
        return text

    @field_validator("next")
    @classmethod
    def local(cls, text: str) -> str:
        return text if is_local_path(text) else ""


class PasswordDraft(BaseModel):
    """A new password; whether it suits the person is asked once the person is known."""

    password: str

    _long_enough = field_validator("password")(_password)


class CodeDraft(LoginDraft):
    """A one-time code a coordinator handed out, with the password to be."""

    code: str
    password: str

    _long_enough = field_validator("password")(_password)

    @field_validator("code")
    @classmethod
    def digits(cls, text: str) -> str:
        plain = re.sub(r"[\s.\-]", "", text)
        if not re.fullmatch(r"[0-9]{8}", plain):
            raise ValueError("code_eight_digits")
        return plain


class OwnPasswordDraft(PasswordDraft):
    """A new password by somebody who knows the present one."""

    current: str = Field(max_length=LONGEST)


class OwnSettingsDraft(BaseModel):
    """What everybody decides about themselves."""

    language: Language
    zone: Zone
    phone: str = ""

    _dialled = field_validator("phone")(read_phone)


class PersonDraft(BaseModel):
    """A person as a coordinator enters them. The NIP's digits are read by the use case, which knows the day."""

    name: str = Field(max_length=200)
    title_before: str = Field("", max_length=60)
    title_after: str = Field("", max_length=60)
    email: Annotated[str | None, EmptyIsNone] = Field(None, max_length=254)
    nip: Annotated[str | None, EmptyIsNone] = None
    phone: str = ""
    unit_id: OptionalId = None
    position: str = Field("", max_length=200)
    rank: str = ""
    language: Language = DEFAULT_LANGUAGE
    zone: Zone = "Asia/Makassar"

    _dialled = field_validator("phone")(read_phone)

    @field_validator("name")
    @classmethod
    def named(cls, text: str) -> str:
        name = " ".join(text.split())
        if not name:
            raise ValueError("name_missing")
        return name

    @field_validator("email")
    @classmethod
    def deliverable(cls, text: str | None) -> str | None:
        if text is None:
            return None
        email = text.strip().lower()
        if not _EMAIL.fullmatch(email):
            raise ValueError("email_unreadable")
        return email

    @field_validator("nip")
    @classmethod
    def plain(cls, text: str | None) -> str | None:
        return (normalise_nip(text) or None) if text else None

    @field_validator("rank")
    @classmethod
    def spelled(cls, text: str) -> str:
        rank = read_rank(text)
        if rank is None:
            raise ValueError("rank_unknown")
        return rank

    @model_validator(mode="after")
    def reachable(self) -> "PersonDraft":
        if self.email is None and self.nip is None:
            raise AtField("person_needs_login", "email")
        return self


class GrantDraft(BaseModel):
    """A role within a scope written `kind:id`, as the form's list has it; everything is `everything:0`."""

    role: Role
    scope: str

    @field_validator("scope")
    @classmethod
    def known(cls, text: str) -> str:
        kind, _, number = text.partition(":")
        is_known = kind in set(ScopeKind) and number.isascii() and number.isdigit()
        if not is_known or (kind == ScopeKind.EVERYTHING) != (int(number) == 0):
            raise ValueError("scope_unknown")
        return text

    @model_validator(mode="after")
    def fitting(self) -> "GrantDraft":
        if self.kind not in GRANTABLE.get(self.role, frozenset()):
            raise AtField("scope_does_not_fit", "scope")
        return self

    @property
    def kind(self) -> ScopeKind:
        return ScopeKind(self.scope.partition(":")[0])

    @property
    def scope_id(self) -> int:
        return int(self.scope.partition(":")[2])


class UnitDraft(BaseModel):
    """A work unit's name and the unit above it; none for an OPD."""

    name: str = Field(max_length=200)
    parent_id: OptionalId = None

    @field_validator("name")
    @classmethod
    def named(cls, text: str) -> str:
        name = " ".join(text.split())
        if not name:
            raise ValueError("name_missing")
        return name
