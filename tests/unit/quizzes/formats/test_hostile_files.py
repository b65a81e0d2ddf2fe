"""Whatever is handed in: read, refused with a reason, or refused as a whole; never an error of ours, never for long."""

import io
import zipfile
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.kernel.errors import Invalid
from lms.quizzes.formats import encodings, gift_writer, html, moodle_writer
from lms.quizzes.formats.reading import read_file
from lms.quizzes.formats.tables import problems_of
from lms.quizzes.formats.writing import no_media
from lms.quizzes.formats.xml_tree import parse

from .questions import any_question, for_gift


def tried(content):
    """Read the file; what is accepted obeys the rules, what is not says why."""
    try:
        bundle = read_file(content, "id")
    except Invalid as refused:
        return refused.code
    for entry in bundle.entries:
        assert (entry.question is None) == bool(entry.problems)
        assert entry.line >= 1
        assert entry.question is None or problems_of(entry.question) == []
    return bundle


@settings(max_examples=100)
@given(st.binary(max_size=400))
def test_any_bytes(content):
    tried(content)


@settings(max_examples=100)
@given(st.text(st.sampled_from(list("{}=~#%:\\\n->/ $CATEGORY[html]::T1.5é")), max_size=120))
def test_any_text_of_gifts_marks(text):
    tried(f"::x:: {text}".encode())


def mangled(text, changes):
    for at, what in changes:
        at %= len(text) + 1
        text = text[:at] + what + text[at + len(what) // 2 :]
    return text


changes = st.lists(st.tuples(st.integers(0, 5000), st.sampled_from(
    ["<", "&", "]]>", "</text>", "{", "}", "~", "=", "\\", "\n\n", "%", '{"=":', "1e99999", "null", "[", '":', "<!--"]
)), min_size=1, max_size=4)  # fmt: skip


@settings(max_examples=80)
@given(for_gift, changes)
def test_gift_somebody_damaged(question, where):
    tried(mangled(gift_writer.write([question])[0], where).encode())


@settings(max_examples=80)
@given(any_question, changes)
def test_moodle_xml_somebody_damaged(question, where):
    tried(mangled(moodle_writer.write([question], no_media), where).encode())


ENTITIES = '<!DOCTYPE quiz [<!ENTITY a "aaaaaaaaaa">{}]><quiz><question type="essay">&z;</question></quiz>'
LAUGHS = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(25))


@pytest.mark.parametrize(
    "content",
    [
        ENTITIES.format(LAUGHS),
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:9/x.dtd"><quiz/>',
        '<!DOCTYPE quiz [<!ENTITY z SYSTEM "file:///etc/passwd">]><quiz>&z;</quiz>',
        '<!DOCTYPE quiz [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]><quiz/>',
    ],
    ids=["laughs", "dtd", "file", "parameter"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_reaches_out_or_grows_is_refused_before_it_does(content, encoding):
    assert tried(content.encode(encoding)) == "import_doctype"


def test_deep_and_endless_xml_is_refused():
    assert tried(("<quiz>" + "<a>" * 500).encode()) == "import_deep"
    assert tried(("<quiz>" + "<a/>" * 110_000 + "</quiz>").encode()) == "import_deep"


def test_long_runs_of_what_means_something_are_read_in_reasonable_time():
    """Each of these made some parser of the field take minutes."""
    span = '<span lang="id" class="multilang">'
    for piece in ("[", "{", "<", "&", "\\", "~%50%", span, "{mlang id}", "![a](", "**", "<b>", "::", "=a -> "):
        for kind in ("essay", "cloze", "multichoice"):
            question = f"<questiontext format='html'><text>{escape(piece * 8_000)}</text></questiontext>"
            tried(f"<quiz><question type='{kind}'>{question}</question></quiz>".encode())
        tried(f"::x:: [html]{piece * 8_000} {{T}}".encode())
        tried(f"::x:: Apa? {{=a ~{piece * 8_000}}}".encode())
        html.as_markdown(piece * 8_000)
    gaps = "{1:MC:" * 20_000 + "{1:MC:=a}" * 3_000 + "".join(f"{{1:SA:=a{n}}}" for n in range(3_000))
    question = f"<question type='cloze'><questiontext><text>{gaps}</text></questiontext></question>"
    tried(f"<quiz>{question}</quiz>".encode())


def test_a_workbook_that_is_none_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", "<nothing/>")
        archive.writestr("xl/workbook.xml", "<nothing/>")
    assert tried(file.getvalue()).startswith("sheet_")


def test_more_than_a_file_may_weigh_is_refused():
    assert tried(b"a" * (20 * 1024 * 1024 + 1)) == "import_large"
    assert tried(b"Apa? {T}\n" + b" " * 4_000_001) == "import_long"


@given(st.binary(max_size=60))
def test_any_bytes_are_some_text(content):
    text, name = encodings.decode(content)
    assert isinstance(text, str) and name


@pytest.mark.parametrize(
    ("declared", "written"),
    [("utf-8", "utf-8"), ("windows-1252", "cp1252"), ("iso-8859-1", "latin-1"), ("utf-8", "cp1252")],
)
def test_xml_in_the_encoding_it_declares_or_really_has(declared, written):
    root, _ = parse(f'<?xml version="1.0" encoding="{declared}"?><quiz>é</quiz>'.encode(written))
    assert root.text == "é"
