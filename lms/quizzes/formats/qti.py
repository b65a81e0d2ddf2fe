"""QTI 2.1, 2.2 and 3.0: single items and packages of them, read as far as our kinds of question go."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

from lms.kernel.errors import Invalid, Said
from lms.quizzes.formats import qti_kinds
from lms.quizzes.formats.found import MOST_ENTRIES, Bundle, Entry, Refused, refuse_file
from lms.quizzes.formats.naming import key_by_words, key_of, shown_name
from lms.quizzes.formats.package import Package, beside
from lms.quizzes.formats.pictures import media_name, pictures_of, renamed
from lms.quizzes.formats.qti_item import SLASH, Item, is_item, normal
from lms.quizzes.formats.tables import problems_of
from lms.quizzes.formats.xml_tree import Node, parse
from lms.quizzes.rules.questions import AnyQuestion

MANIFEST = "imsmanifest.xml"


def read_item(root: Node, encoding: str, language: str) -> Bundle:
    """Return a file that is one item."""
    return Bundle("qti", encoding, [_entry(normal(root), language, "")])


def read_package(content: bytes, language: str) -> Bundle:
    """Return a package's items, each with the file it stands in, and the pictures they show.

    Raises Invalid for a zip that is not safe to open, or without an item.
    """
    package = Package(content)
    entries: list[Entry] = []
    pictures: dict[str, bytes] = {}
    encoding = "utf-8"
    for name in _items(package):
        if len(entries) == MOST_ENTRIES:
            raise refuse_file("import_many", most=MOST_ENTRIES)
        try:
            root, encoding = parse(package.read(name))
        except Invalid as damaged:
            entries.append(Entry(damaged.problems[0].params.get("line", 1), name, None, damaged.problems, part=name))
            continue
        if not is_item(root):
            continue
        entry = _entry(normal(root), language, name)
        if entry.question is not None:
            entry = replace(entry, question=_with_pictures(entry.question, name, package, pictures))
        entries.append(entry)
    if not entries:
        raise refuse_file("import_nothing")
    return Bundle("qti", encoding, entries, pictures)


def _items(package: Package) -> Iterator[str]:
    """Return the files that hold items: those that the manifest calls so, else every XML file but the manifest."""
    manifests = [name for name in package.names if name.rpartition("/")[2] == MANIFEST]
    listed: list[str] = []
    for manifest in manifests[:1]:
        root, _ = parse(package.read(manifest))
        for resource in root.inside("resource"):
            if resource.attributes.get("type", "").startswith("imsqti_item"):
                listed.append(beside(manifest, unquote(resource.attributes.get("href", ""))))
    there = set(package.names)
    found = [name for name in dict.fromkeys(listed) if name in there]
    return iter(found or [name for name in package.names if name.endswith(".xml") and name not in manifests])


def _entry(root: Node, language: str, part: str) -> Entry:
    title = shown_name(root.attributes.get("title", "") or root.attributes.get("identifier", ""))
    entry = Entry(root.line, title, None, part=part)
    notes: list[Said] = []
    own = root.attributes.get("lang", "").lower()[:2]
    try:
        question = qti_kinds.read(Item(root, own if own in ("id", "en") else language, notes))
    except Refused as refused:
        return replace(entry, line=refused.line or root.line, problems=[refused.problem])
    key = key_of(root.attributes.get("identifier", "")) or key_of(title) or key_by_words(*question.text.spellings())
    question = replace(question, key=key)
    problems = problems_of(question)
    return replace(entry, problems=problems) if problems else replace(entry, question=question, notes=notes)


def _with_pictures(question: AnyQuestion, file: str, package: Package, pictures: dict[str, bytes]) -> AnyQuestion:
    """Return the question with its pictures under names of the course's media; those missing keep their own."""
    names = {}
    for address in pictures_of(question):
        place = beside(file, unquote(address.replace(SLASH, "/")))
        name, number = media_name(place or address), 2
        if place in package.names:
            content = package.read(place)
            while pictures.get(name, content) != content:
                stem, _, ending = media_name(place).rpartition(".")
                name, number = f"{stem}-{number}.{ending}", number + 1
            pictures[name] = content
        names[address] = name
    return renamed(question, names)
