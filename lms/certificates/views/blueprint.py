"""The blueprint that every page of hours and certificates is bound to."""

from flask import Blueprint

blueprint = Blueprint("certificates", __name__)
