"""Text in two languages, either of which may be missing."""

from dataclasses import dataclass

LANGUAGES = ("id", "en")


@dataclass(frozen=True)
class Wording:
    """One text in Indonesian and English; at least one of them is there."""

    id: str | None = None
    en: str | None = None

    @classmethod
    def same(cls, text: str) -> "Wording":
        """Return a wording that reads the same in both languages (a number, a name)."""
        return cls(text, text)

    def read(self, language: str) -> tuple[str, str]:
        """Return the text for a reader of `language` and the language it is really in.

        The two differ when only the other language was written; the page then says so.
        """
        wanted, other = (self.en, self.id) if language == "en" else (self.id, self.en)
        if wanted is not None:
            return wanted, "en" if language == "en" else "id"
        return other or "", "id" if language == "en" else "en"

    def spellings(self) -> tuple[str, ...]:
        """Return the different texts, Indonesian first."""
        return tuple(dict.fromkeys(text for text in (self.id, self.en) if text is not None))
