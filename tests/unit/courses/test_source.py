"""A course folder is read whole: understood, or every problem told with file and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lms.courses.rules import FileKind, is_error
from lms.courses.source import read_folder

HEAD = """order = 10
languages = ["id", "en"]

[title]
id = "Pelayanan Prima"
en = "Service Excellence"

[summary]
id = "Melayani warga."
en = "Serving citizens."
"""
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle r="5"/></svg>'
FILES = {
    "course.toml": HEAD,
    "01-sopan.id.md": "# Sopan santun\n\n## Salam\n\nSenyum.\n\n![Loket](media/loket.svg)\n",
    "01-sopan.en.md": "# Courtesy\n\n## Greeting\n\nSmile.\n",
    "02-antre.id.md": "\n# Antrean #\n\nLihat [sopan](01-sopan.id.md).\n",
    "02-antre.en.md": "# Queues\n\nSee.\n",
    "quiz-pre.toml": "x = 1\n",
    "README.md": "catatan",
    ".git-keep": "",
    "media/loket.svg": SVG,
}
Told = list[tuple[str, str]]


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Told]:
    """Writes the good folder with changes (None takes a file away) and returns (place, code) of each problem."""

    def write(changes: dict[str, str | bytes | None], name: str = "pelayanan") -> Told:
        folder = tmp_path / name
        for file, content in {**FILES, **changes}.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif content is not None:
                path.write_text(content)
        course, problems = read_folder(folder)
        assert (course is None) == any(is_error(problem) for problem in problems)
        return [(problem.where or "", problem.code) for problem in problems]

    return write


def test_a_good_folder_becomes_a_course(told: Callable[..., Told], tmp_path: Path) -> None:
    assert told({}) == []
    course, _ = read_folder(tmp_path / "pelayanan")
    assert course is not None
    assert (course.slug, course.order, course.languages) == ("pelayanan", 10, ("id", "en"))
    assert course.title == {"id": "Pelayanan Prima", "en": "Service Excellence"}
    assert [(module.key, module.position) for module in course.modules] == [("sopan", 1), ("antre", 2)]
    first = course.modules[0].texts["id"]
    assert (first.title, first.line) == ("Sopan santun", 3)
    assert 'src="/courses/pelayanan/media/loket.svg"' in first.rendered.html
    assert 'href="/courses/pelayanan/sopan"' in course.modules[1].texts["id"].rendered.html
    assert course.modules[1].texts["id"].title == "Antrean"
    assert [(media.name, media.kind) for media in course.media] == [("loket.svg", FileKind.SVG)]
    assert [(quiz.name, quiz.path, quiz.text) for quiz in course.quizzes] == [
        ("quiz-pre.toml", "pelayanan/quiz-pre.toml", "x = 1\n")
    ]


def test_reading_twice_gives_the_same_hashes(told: Callable[..., Told], tmp_path: Path) -> None:
    told({})
    first, _ = read_folder(tmp_path / "pelayanan")
    second, _ = read_folder(tmp_path / "pelayanan")
    assert first == second
    assert first is not None and second is not None
    assert first.modules[0].texts["id"].hash == second.modules[0].texts["id"].hash


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"course.toml": None}, [("course.toml:1", "source_missing_head")]),
        ({"course.toml": HEAD + "x y\n"}, [("course.toml:11", "source_bad_toml")]),
        ({"course.toml": HEAD + 'x = "\n'}, [("course.toml:11", "source_bad_toml")]),
        ({"course.toml": HEAD.replace("order = 10", 'order = "a"')}, [("course.toml:1", "source_bad_order")]),
        ({"course.toml": HEAD.replace('"id", "en"', '"id", "fr"')}, [("course.toml:2", "source_bad_languages")]),
        ({"course.toml": "colour = 1\n" + HEAD}, [("course.toml:1", "source_unknown_key")]),
        ({"course.toml": HEAD.replace('en = "Service Excellence"\n', "")}, [("course.toml:4", "source_missing_title")]),
        ({"course.toml": HEAD.replace('"Service Excellence"', '" "')}, [("course.toml:6", "source_missing_title")]),
        (
            {"course.toml": HEAD.replace("[summary]", "[sumary]")},
            [("course.toml:1", "source_missing_summary"), ("course.toml:8", "source_unknown_key")],
        ),
        ({"course.toml": HEAD + 'fr = "x"\n'}, [("course.toml:11", "source_unknown_key")]),
        ({"course.toml": HEAD.replace("Serving citizens.", "x" * 501)}, [("course.toml:10", "source_long_summary")]),
        ({"02-antre.en.md": None}, [("02-antre.id.md:1", "module_missing_translation")]),
        ({"02-antre.fr.md": "# x\n\ny"}, [("02-antre.fr.md:1", "module_unknown_language")]),
        (
            {"02-lain.id.md": "# x\n\ny", "02-lain.en.md": "# x\n\ny"},
            [("02-lain.en.md:1", "module_number_twice"), ("02-lain.id.md:1", "module_number_twice")],
        ),
        (
            {"03-sopan.id.md": "# x\n\ny", "03-sopan.en.md": "# x\n\ny"},
            [("03-sopan.en.md:1", "module_slug_twice"), ("03-sopan.id.md:1", "module_slug_twice")],
        ),
        (
            {"00-awal.id.md": "# x\n\ny", "00-awal.en.md": "# x\n\ny"},
            [("00-awal.en.md:1", "module_number_zero"), ("00-awal.id.md:1", "module_number_zero")],
        ),
        (
            {"03-media.id.md": "# x\n\ny", "03-media.en.md": "# x\n\ny"},
            [("03-media.en.md:1", "module_bad_slug"), ("03-media.id.md:1", "module_bad_slug")],
        ),
        ({"3-tiga.id.md": "# x\n\ny"}, [("3-tiga.id.md:1", "source_unknown_file")]),
        ({"catatan.txt": "x"}, [("catatan.txt:1", "source_unknown_file")]),
        ({"gambar/x.png": "x"}, [("gambar:1", "source_not_a_file")]),
        ({"02-antre.en.md": "\n\nQueues\n"}, [("02-antre.en.md:3", "module_no_title")]),
        ({"02-antre.en.md": "## Queues\n"}, [("02-antre.en.md:1", "module_no_title")]),
        ({"02-antre.en.md": ""}, [("02-antre.en.md:1", "module_no_title")]),
        ({"02-antre.en.md": "\n# Queues\n\n \n"}, [("02-antre.en.md:2", "module_empty")]),
        ({"02-antre.en.md": "# " + "x" * 201 + "\n\ny"}, [("02-antre.en.md:1", "module_title_too_long")]),
        ({"02-antre.en.md": b"# x\n\ny\n\xff\xfe\n"}, [("02-antre.en.md:4", "source_not_utf8")]),
        ({"02-antre.en.md": "# x\n\n" + "y " * 60_000}, [("02-antre.en.md:3", "text_too_long")]),
        ({"02-antre.en.md": "# x\n\n" + "y" * 500_000}, [("02-antre.en.md:1", "source_too_large")]),
        ({"02-antre.en.md": "# x\n\ny\n\n" + "> " * 20 + "z"}, [("02-antre.en.md:5", "text_nested_too_deep")]),
        ({"02-antre.en.md": "# x\n\ny\n\n![a](media/tidak.png)\n"}, [("02-antre.en.md:5", "media_missing")]),
        ({"02-antre.en.md": "# x\n\n\n\n[a](09-tidak.en.md)\n"}, [("02-antre.en.md:5", "module_missing")]),
        ({"02-antre.en.md": "# x\n\n[a](javascript:x)\n"}, [("02-antre.en.md:3", "link_not_allowed")]),
        ({"media/lain.svg": SVG}, [("media/lain.svg:1", "media_unused")]),
        ({"media/Loket.svg": SVG}, [("media/Loket.svg:1", "media_bad_name")]),
        ({"media/dalam/x.svg": SVG}, [("media/dalam:1", "source_not_a_file")]),
        ({"media/x.png": "bukan gambar"}, [("media/x.png:1", "file_unknown")]),
        ({"media/x.png": SVG}, [("media/x.png:1", "media_wrong_ending")]),
        ({"media/x.svg": ""}, [("media/x.svg:1", "file_empty")]),
        ({"media/x.svg": "<svg>\n<script>1</script></svg>"}, [("media/x.svg:2", "svg_active")]),
        ({"media/x.svg": "<svg\nonload='x'></svg>"}, [("media/x.svg:1", "svg_active")]),
        ({"media": None, "media/loket.svg": None}, [("01-sopan.id.md:7", "media_missing")]),
    ],
)
def test_each_problem_is_told_with_file_and_line(
    told: Callable[..., Told], changes: dict[str, str | bytes | None], expected: Told
) -> None:
    assert told(changes) == [(f"pelayanan/{place}", code) for place, code in expected]


def test_all_problems_are_told_at_once(told: Callable[..., Told]) -> None:
    assert [code for _, code in told({"course.toml": "x y", "01-sopan.en.md": "x", "zzz": "x"})] == [
        "module_no_title",
        "source_bad_toml",
        "source_unknown_file",
    ]


@pytest.mark.parametrize("name", ["Pelayanan", "pelayanan--prima", "new", "x" * 81])
def test_a_folder_whose_name_cannot_be_an_address_is_refused(told: Callable[..., Told], name: str) -> None:
    assert told({}, name) == [(f"{name}:1", "course_bad_slug")]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    course, problems = read_folder(tmp_path / "tidak-ada")
    assert course is None
    assert [problem.code for problem in problems] == ["course_no_folder"]


def test_a_link_out_of_the_folder_is_not_followed(told: Callable[..., Told], tmp_path: Path) -> None:
    (tmp_path / "rahasia.md").write_text("# x\n\ny")
    (tmp_path / "pelayanan").mkdir()
    (tmp_path / "pelayanan" / "03-x.id.md").symlink_to(tmp_path / "rahasia.md")
    (tmp_path / "pelayanan" / "media").mkdir()
    (tmp_path / "pelayanan" / "media" / "x.svg").symlink_to(tmp_path / "rahasia.md")
    assert told({}) == [
        ("pelayanan/03-x.id.md:1", "source_not_a_file"),
        ("pelayanan/media/x.svg:1", "source_not_a_file"),
    ]
