"""Which kinds of things stand on a page: what two pages have alike, one look at them judges for both."""

from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


def kinds_in(page: str) -> set[str]:
    """Return every kind of element of this HTML: its tag, classes and role, within those of its parent."""
    reader = Kinds()
    reader.feed(page)
    return reader.found


class Kinds(HTMLParser):
    """Gathers the kinds while the text goes by. Pictures count as one thing, whatever they are drawn of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.around: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = dict(attrs)
        kind = " ".join([tag, *(f"{name}={has[name]}" for name in ("class", "role", "type", "open") if name in has)])
        if all(outer != "svg" for outer, _ in self.around):
            within = [kind for _, kind in self.around[-1:]] + [outer for outer, _ in self.around[-2:-1]]
            self.found.add(" < ".join([kind, *within]))
        if tag not in VOID:
            self.around.append((tag, kind))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self.around) - 1, -1, -1):
            if self.around[depth][0] == tag:
                del self.around[depth:]
                return
