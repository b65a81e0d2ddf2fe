"""The blueprint of evaluation, and what its pages share."""

from typing import Any

from flask import Blueprint, current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import joinedload

from lms.accounts.permissions import Permission
from lms.evaluations.models import Survey
from lms.evaluations.rules.questionnaires import scale_words
from lms.kernel.errors import NotFound
from lms.programmes.models import Batch
from lms.web.i18n import reader

P = Permission

blueprint = Blueprint("evaluations", __name__)

WITH_PROGRAMME = joinedload(Batch.programme)
WITH_ABOUT = (
    joinedload(Survey.batch).joinedload(Batch.programme),
    joinedload(Survey.session),
    joinedload(Survey.instructor),
)


@blueprint.app_template_filter()
def two_languages(text: dict[str, str]) -> str:
    """Return a stored text of two languages in the reader's, else in the other."""
    return text.get(reader().language) or text.get("id") or text.get("en") or ""


@blueprint.app_template_global()
def steps_of(survey_kind: str, scale: int) -> list[str]:
    """Return the codes of what each step of the scale means, from the lowest."""
    return scale_words(survey_kind, scale)


def token_of(invitation_id: int) -> str:
    """Return what opens the questionnaire of one invitation, for whoever has it; nothing is stored for it."""
    return str(_signer().dumps(invitation_id))


def invitation_of(token: str) -> int:
    """Return the invitation this token is of. Raises NotFound for one we did not make."""
    try:
        return int(_signer().loads(token))
    except (BadSignature, ValueError, TypeError):
        raise NotFound() from None


def _signer() -> Any:
    return URLSafeSerializer(current_app.config["SETTINGS"].secret_key, salt="follow-up")
