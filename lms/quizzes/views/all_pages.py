"""Every page of quizzes on its blueprint: importing the modules binds them."""

from lms.quizzes.views import results, taking
from lms.quizzes.views.blueprint import blueprint

__all__ = ["blueprint", "results", "taking"]
