"""The blueprint that every page of quizzes is bound to."""

from flask import Blueprint

from lms.quizzes.rules.wording import in_one_line

blueprint = Blueprint("quizzes", __name__)
blueprint.add_app_template_filter(in_one_line)
