"""The blueprint that every page of programmes is bound to."""

from flask import Blueprint

blueprint = Blueprint("programmes", __name__)
