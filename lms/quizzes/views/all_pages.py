"""Every page of quizzes on its blueprint: importing the modules binds them."""

from lms.quizzes.views import regrading, results, taking
from lms.quizzes.views.blueprint import blueprint

__all__ = ["blueprint", "regrading", "results", "taking"]
