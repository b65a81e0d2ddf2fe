"""The blueprint that every page of quizzes is bound to."""

from flask import Blueprint

blueprint = Blueprint("quizzes", __name__)
