"""What a page needs of the pictures of choices, from the HTML of today's renderer and of older ones."""

from dataclasses import replace
from fractions import Fraction

from lms.courses.rules import Shown, Size
from lms.quizzes.rendering import render_question
from lms.quizzes.rules.questions import Choice, SingleChoice
from lms.quizzes.rules.wording import Wording
from lms.quizzes.service.sheet import Sheet

MEDIA = {"a.png": Shown("/m/a.png", Size(800, 600)), "b.svg": Shown("/m/b.svg")}
CHOICES = tuple(
    Choice(key, Wording(id=key), Fraction(0), None, picture)
    for key, picture in (("sized", "a.png"), ("unsized", "b.svg"), ("gone", "c.png"), ("none", None))
)
QUESTION = SingleChoice(key="q", text=Wording(id="Yang mana?"), choices=CHOICES)


def test_a_choices_picture_has_its_address_and_where_known_its_size() -> None:
    html = render_question(QUESTION, MEDIA.get)
    sheet = Sheet(1, 1, QUESTION, html, CHOICES, None)
    told = {choice.key: (sheet.picture(choice), sheet.picture_size(choice)) for choice in CHOICES}
    assert told == {
        "sized": ("/m/a.png", (800, 600)),
        "unsized": ("/m/b.svg", None),
        "gone": (None, None),
        "none": (None, None),
    }


def test_html_of_an_older_renderer_has_addresses_alone() -> None:
    html = {"id": "<p>Yang mana?</p>", "pictures": {"sized": "/m/a.png"}}
    sheet = replace(Sheet(1, 1, QUESTION, {}, CHOICES, None), html=html)
    assert (sheet.picture(CHOICES[0]), sheet.picture_size(CHOICES[0])) == ("/m/a.png", None)
