"""QTI items and packages: what becomes of each interaction, and what is refused."""

import io
import zipfile
from decimal import Decimal
from fractions import Fraction

import pytest

from lms.kernel.errors import Invalid
from lms.quizzes.formats.package import beside
from lms.quizzes.formats.reading import read_file
from lms.quizzes.rules.questions import (
    Cloze,
    Essay,
    Matching,
    MultipleChoice,
    NumberQuestion,
    Ordering,
    ShortText,
    SingleChoice,
)

TEMPLATES = "http://www.imsglobal.org/question/qti_v2p1/rptemplates"
EXACT = f'<responseProcessing template="{TEMPLATES}/match_correct"/>'
MAPPED = f'<responseProcessing template="{TEMPLATES}/map_response"/>'


def declare(values, cardinality="single", base="identifier", mapping=""):
    correct = "".join(f"<value>{one}</value>" for one in values)
    return (
        f'<responseDeclaration identifier="RESPONSE" cardinality="{cardinality}" baseType="{base}">'
        f"<correctResponse>{correct}</correctResponse>{mapping}</responseDeclaration>"
    )


def item(declared, body, processing=EXACT, version="v2p1", more=""):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_{version}"'
        ' identifier="loket1" title="Loket" adaptive="false" timeDependent="false">'
        f"{declared}{more}\n<itemBody>{body}</itemBody>{processing}</assessmentItem>"
    )


CHOICES = (
    '<choiceInteraction responseIdentifier="RESPONSE" shuffle="true" maxChoices="{most}"><prompt>Apa yang '
    '<b>pertama</b>?</prompt><simpleChoice identifier="A">Menyapa<feedbackInline outcomeIdentifier="F" identifier="A">'
    'Tepat.</feedbackInline></simpleChoice><simpleChoice identifier="B">Meminta nomor</simpleChoice>'
    '<simpleChoice identifier="C">Diam</simpleChoice></choiceInteraction>'
)


def one(text, language="id"):
    bundle = read_file(text.encode(), language)
    (entry,) = bundle.entries
    assert bundle.format == "qti" and entry.problems == (), entry.problems
    return entry.question


def refused(text):
    (entry,) = read_file(text.encode(), "id").entries
    assert entry.question is None
    return entry.problems[0].code


@pytest.mark.parametrize("version", ["v2p1", "v2p2"])
def test_one_choice(version):
    question = one(item(declare(["A"]), f"<p>Warga datang.</p>{CHOICES.format(most=1)}", version=version))
    assert isinstance(question, SingleChoice) and question.key == "loket1"
    assert question.text.id == "Warga datang.\n\nApa yang **pertama**?" and question.text.en is None
    assert [(one.text.id, one.weight) for one in question.choices] == [
        ("Menyapa", 1),
        ("Meminta nomor", 0),
        ("Diam", 0),
    ]
    assert question.choices[0].feedback.id == "Tepat." and not question.keep_order


def test_several_choices_all_or_nothing_and_by_a_mapping():
    exact = one(item(declare(["A", "C"], "multiple"), CHOICES.format(most=0)))
    assert isinstance(exact, MultipleChoice) and not exact.partial
    assert [one.weight for one in exact.choices] == [Fraction(1, 2), 0, Fraction(1, 2)]
    mapping = ('<mapping defaultValue="0"><mapEntry mapKey="A" mappedValue="3"/><mapEntry mapKey="B" mappedValue="-2"/>'
               '<mapEntry mapKey="C" mappedValue="1"/></mapping>')  # fmt: skip
    mapped = one(item(declare(["A", "C"], "multiple", mapping=mapping), CHOICES.format(most=0), MAPPED))
    assert mapped.partial and mapped.points == 4
    assert [one.weight for one in mapped.choices] == [Fraction(3, 4), Fraction(-1, 2), Fraction(1, 4)]


def test_typed_text_with_capitals_and_shares():
    mapping = ('<mapping><mapEntry mapKey="IKM" mappedValue="2" caseSensitive="true"/>'
               '<mapEntry mapKey="a*b" mappedValue="1" caseSensitive="true"/></mapping>')  # fmt: skip
    body = '<p>Apa singkatannya?</p><p><textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    question = one(item(declare(["IKM"], base="string", mapping=mapping), body, MAPPED))
    assert isinstance(question, ShortText) and question.case and question.points == 2
    # A star is only a star in QTI.
    assert [(one.pattern, one.weight) for one in question.accepted] == [("IKM", 1), (r"a\*b", Fraction(1, 2))]


def test_typed_numbers_with_their_tolerance():
    processing = (
        '<responseProcessing><responseCondition><responseIf><equal toleranceMode="absolute" tolerance="0.5 0.5">'
        '<variable identifier="RESPONSE"/><correct identifier="RESPONSE"/></equal></responseIf></responseCondition>'
        "</responseProcessing>"
    )
    body = '<p>Berapa? <textEntryInteraction responseIdentifier="RESPONSE"/></p>'
    question = one(item(declare(["12.5"], base="float"), body, processing))
    assert isinstance(question, NumberQuestion)
    assert (question.accepted[0].low, question.accepted[0].high) == (Decimal("12.0"), Decimal("13.0"))


def test_fields_within_a_sentence_are_gaps():
    more = declare(["x"], base="identifier").replace("RESPONSE", "SECOND")
    body = (
        '<p>Warga menunggu <textEntryInteraction responseIdentifier="RESPONSE"/> menit di '
        '<inlineChoiceInteraction responseIdentifier="SECOND"><inlineChoice identifier="x">loket</inlineChoice>'
        '<inlineChoice identifier="y">taman</inlineChoice></inlineChoiceInteraction>.</p>'
    )
    question = one(item(declare(["10"], base="integer"), body, more=more))
    assert isinstance(question, Cloze) and question.text.id == "Warga menunggu {{g1}} menit di {{g2}}."
    assert question.gaps[0].ranges[0].answer == 10
    assert [(one.text.id, one.weight) for one in question.gaps[1].choices] == [("loket", 1), ("taman", 0)]


def matching(pairs):
    first = "".join(
        f'<simpleAssociableChoice identifier="{one}" matchMax="1">{one}</simpleAssociableChoice>' for one in "AB"
    )
    second = "".join(
        f'<simpleAssociableChoice identifier="{one}" matchMax="2">{one}</simpleAssociableChoice>' for one in "XYZ"
    )
    return item(
        declare(pairs, "multiple", "directedPair"),
        '<matchInteraction responseIdentifier="RESPONSE" shuffle="true" maxAssociations="4"><prompt>Jodohkan</prompt>'
        f"<simpleMatchSet>{first}</simpleMatchSet><simpleMatchSet>{second}</simpleMatchSet></matchInteraction>",
        MAPPED,
    )


def test_pairs():
    question = one(matching(["A X", "B Y"]))
    assert isinstance(question, Matching) and question.partial
    assert [(pair.left.id, pair.right.id) for pair in question.pairs] == [("A", "X"), ("B", "Y")]
    assert [one.text.id for one in question.extra] == ["Z"]
    assert refused(matching(["A X", "A Y", "B X"])) == "qti_match_many"


def test_an_order():
    steps = "".join(f'<simpleChoice identifier="S{at}">Langkah {at}</simpleChoice>' for at in (1, 2, 3))
    body = f'<orderInteraction responseIdentifier="RESPONSE"><prompt>Urutkan</prompt>{steps}</orderInteraction>'
    question = one(item(declare(["S2", "S1", "S3"], "ordered"), body))
    assert isinstance(question, Ordering) and not question.partial
    assert [one.text.id for one in question.steps] == ["Langkah 2", "Langkah 1", "Langkah 3"]
    assert refused(item(declare(["S2", "S1"], "ordered"), body)) == "qti_no_answer"


def test_an_essay_and_its_points():
    score = '<outcomeDeclaration identifier="SCORE" cardinality="single" baseType="float" normalMaximum="10"/>'
    body = '<p>Ceritakan.</p><extendedTextInteraction responseIdentifier="RESPONSE"/>'
    question = one(item(declare([], base="string"), body, more=score))
    assert isinstance(question, Essay) and question.points == 10


def test_the_language_an_item_names_goes_before_the_one_chosen():
    text = item(declare(["A"]), CHOICES.format(most=1)).replace('title="Loket"', 'title="Loket" xml:lang="en-GB"')
    assert (one(text).text.id, one(text).text.en) == (None, "Apa yang **pertama**?")


def test_version_three_is_read_by_the_same_rules():
    text = (
        '<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="q" title="Q">'
        '<qti-response-declaration identifier="R" cardinality="single" base-type="identifier"><qti-correct-response>'
        "<qti-value>A</qti-value></qti-correct-response></qti-response-declaration><qti-item-body>"
        '<qti-choice-interaction response-identifier="R" max-choices="1"><qti-prompt>Apa?</qti-prompt>'
        '<qti-simple-choice identifier="A">Ya</qti-simple-choice><qti-simple-choice identifier="B">Tidak'
        "</qti-simple-choice></qti-choice-interaction></qti-item-body></qti-assessment-item>"
    )
    question = one(text)
    assert [(one.text.id, one.weight) for one in question.choices] == [("Ya", 1), ("Tidak", 0)] and question.keep_order


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (item(declare(["A"]), CHOICES.format(most=1)).replace('adaptive="false"', 'adaptive="true"'), "qti_adaptive"),
        (item(declare(["A"]), CHOICES.format(most=1), more='<templateDeclaration identifier="T"/>'), "qti_templates"),
        (item(declare(["A"]), '<hotspotInteraction responseIdentifier="RESPONSE"/>'), "qti_interaction"),
        (item(declare(["A"]), CHOICES.format(most=1) * 2), "qti_several"),
        (item("", CHOICES.format(most=1)), "qti_no_answer"),
        (item(declare([]), CHOICES.format(most=1)), "qti_no_answer"),
        (item("", "<p>Hanya teks.</p>"), "import_only_text"),
    ],
)
def test_what_our_kinds_cannot_ask_is_refused(text, code):
    assert refused(text) == code


def packed(files, **how):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", how.get("compression", zipfile.ZIP_DEFLATED)) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


MANIFEST = (
    '\ufeff<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>'
    '<resource identifier="1" type="imsqti_item_xmlv2p1" href="items/satu.xml"/>'
    '<resource identifier="2" type="imsqti_item_xmlv2p1" href="items/rusak.xml"/>'
    '<resource identifier="3" type="imsqti_test_xmlv2p1" href="test.xml"/></resources></manifest>'
)


def test_a_package_brings_its_items_with_their_pictures_and_names_the_file_of_a_broken_one():
    picture = '<img src="../gambar/Foto%20Loket.PNG" alt="loket"/>'
    whole = item(declare(["A"]), f"<p>{picture}</p>{CHOICES.format(most=1)}")
    content = packed({
        "imsmanifest.xml": MANIFEST, "items/satu.xml": whole, "items/rusak.xml": "<assessmentItem>\n<broken",
        "test.xml": "<assessmentTest/>", "gambar/Foto Loket.PNG": b"png",
        "__MACOSX/items/._satu.xml": b"\0",
    })  # fmt: skip
    bundle = read_file(content, "id")
    first, second = sorted(bundle.entries, key=lambda one: one.question is None)
    assert first.question.text.id.startswith("![loket](media/foto-loket.png)")
    assert bundle.pictures == {"foto-loket.png": b"png"}
    assert (second.part, second.problems[0].code, second.line) == ("items/rusak.xml", "import_xml", 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (packed({"../luar.xml": "<a/>"}), "import_zip_path"),
        (packed({"/etc/passwd": "x"}), "import_zip_path"),
        (packed({"C:/x.xml": "x"}), "import_zip_path"),
        (packed({"nol.xml": b"\0" * 30_000_000}), "file_bomb"),
        (packed({f"{n}.xml": "" for n in range(2001)}), "file_bomb"),
        (packed({"x.txt": "nothing"}), "import_nothing"),
        (packed({"x.xml": "<x/>"})[:-30], "file_damaged"),
        (b"PK\x03\x04 and nothing more", "file_damaged"),
    ],
    # Named, since a packed file holds the time at which it was packed.
    ids=["up", "root", "drive", "large", "many", "nothing", "cut", "no_zip"],
)
def test_a_zip_that_is_not_safe_or_holds_nothing_is_refused(content, code):
    with pytest.raises(Invalid) as said:
        read_file(content, "id")
    assert said.value.code == code


def test_addresses_are_looked_up_beside_the_file():
    assert beside("items/satu.xml", "../gambar/x.png") == "gambar/x.png"
    assert beside("satu.xml", "./x.png") == "x.png"
    assert beside("satu.xml", "../../x.png") == ""
