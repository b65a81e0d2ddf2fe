"""Every page of evaluation on its blueprint: importing the modules binds them."""

from lms.evaluations.views import answering, batch, plans, programme
from lms.evaluations.views.blueprint import blueprint

__all__ = ["answering", "batch", "blueprint", "plans", "programme"]
