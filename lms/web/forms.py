"""From what a browser sent to a draft: one pydantic model a thing, its complaints as coded problems."""

from collections.abc import Mapping
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from lms.kernel.errors import Invalid, Problem, Refusal

D = TypeVar("D", bound=BaseModel)

# What no keyboard makes and no letter or spreadsheet can show; PostgreSQL refuses the first of them outright.
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


def draft_from(model: type[D], given: Mapping[str, Any]) -> D:
    """Return the validated draft. Raises Invalid with every problem, each tied to its field."""
    try:
        return model.model_validate(_readable(given))
    except ValidationError as error:
        raise Invalid([_problem(found) for found in error.errors()]) from None


def form(model: type[D]) -> D:
    """Return the draft from the posted form; list fields take every value sent, empty texts stay empty."""
    return draft_from(model, form_values(model, request.form))


def form_values(model: type[BaseModel], sent: MultiDict[str, str]) -> dict[str, Any]:
    """Return the form as plain values for this model: lists where the model wants lists."""
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        wants_many = getattr(field.annotation, "__origin__", None) in (list, tuple, set, frozenset)
        if wants_many:
            values[name] = sent.getlist(name)
        elif name in sent:
            values[name] = sent[name].strip()
        elif field.annotation is bool:
            values[name] = False
    return values


def json_draft(model: type[D]) -> D:
    """Return the draft from a JSON body. Raises Invalid for a body that is not a JSON object."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Invalid(Problem.of("input_not_json"))
    return draft_from(model, sent)


def problems_of(refusal: Refusal) -> tuple[Problem, ...]:
    """Return a refusal as problems to show above the form, so that what was typed is not lost."""
    if isinstance(refusal, Invalid):
        return refusal.problems
    return (Problem(refusal.said.code, refusal.said.params),)


def _readable(given: Any) -> Any:
    """Return what was sent without control characters, in lists and objects too."""
    if isinstance(given, str):
        return given.translate(_CONTROLS)
    if isinstance(given, list):
        return [_readable(one) for one in given]
    if isinstance(given, Mapping):
        return {name: _readable(one) for name, one in given.items()}
    return given


def _problem(found: Any) -> Problem:
    field = ".".join(str(part) for part in found["loc"]) or None
    context: dict[str, Any] = {k: v for k, v in found.get("ctx", {}).items() if isinstance(v, (str, int, float))}
    if found["type"] in ("value_error", "assertion_error"):
        # A validator of ours raises ValueError("code"): the code is the message.
        error = found["ctx"]["error"]
        return Problem.of(str(error), field=getattr(error, "field", field))
    if found["input"] in ("", None):
        # An empty field is missing, whatever it should have held: no date that cannot be read, no text too short.
        return Problem.of("input_missing", field=field)
    return Problem.of(f"input_{found['type']}", field=field, **context)
