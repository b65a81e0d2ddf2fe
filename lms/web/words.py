"""A template's words in the reader's language, each translated and marked safe once.

Flask-Babel asks for the locale, and Jinja formats, at every word: for the thousand words of a long page that was a
quarter of its time.
"""

from typing import Any

from flask import Flask
from flask_babel import Babel, Domain
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

from lms.web.i18n import reader


class Catalogues(Domain):
    """The catalogues, found by the reader's language alone."""

    def get_translations(self) -> Any:
        language = reader().language
        found = self.cache.get(language)
        if found is None:
            found = self.cache[language] = super().get_translations()
        return found


def init_app(app: Flask, babel: Babel) -> None:
    """Give templates `_`, `gettext` and `ngettext`, and everyone the faster catalogues."""
    catalogues = babel.domain_instance = Catalogues()
    safe: dict[tuple[str, str], Markup] = {}

    @pass_eval_context
    def gettext(context: EvalContext, text: str, /, **variables: Any) -> str:
        if not context.autoescape:
            return catalogues.get_translations().ugettext(text) % variables
        key = (reader().language, text)
        found = safe.get(key)
        if found is None:
            # The text is the project's own and so bounded in number; what is put into it is escaped below.
            found = safe[key] = Markup(catalogues.get_translations().ugettext(text))  # noqa: S704
        return found % variables if variables or "%" in found else found

    @pass_eval_context
    def ngettext(context: EvalContext, one: str, many: str, number: int, /, **variables: Any) -> str:
        variables.setdefault("num", number)
        text = catalogues.get_translations().ungettext(one, many, number)
        return (Markup(text) if context.autoescape else text) % variables  # noqa: S704

    app.jinja_env.add_extension("jinja2.ext.i18n")
    # New style: the values are put in here, by name, and not in the template.
    app.jinja_env.newstyle_gettext = True  # type: ignore[attr-defined]
    app.jinja_env.globals.update({"_": gettext, "gettext": gettext, "ngettext": ngettext})
