"""The blueprint that every page of courses is bound to."""

from flask import Blueprint

blueprint = Blueprint("courses", __name__)
