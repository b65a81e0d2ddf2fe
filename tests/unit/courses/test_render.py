"""What Markdown becomes: our dialect, piece by piece."""

import pytest

from lms.courses import cleaning
from lms.courses.render import render
from lms.courses.rules import Heading, Rendered, Shown, Size

SIZES = {"wide.png": Size(1200, 400), "film.mp4": Size(640, 360)}


def rendered(markdown: str, language: str = "id") -> Rendered:
    return render(
        markdown,
        language=language,
        find_media=lambda name: None if name.startswith("none") else Shown(f"/courses/c/media/{name}", SIZES.get(name)),
        module_url=lambda key: f"/courses/c/{key}" if key == "antrean" else None,
    )


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("**tebal** *miring* ~~hapus~~ ==tanda==", "<strong>tebal</strong> <em>miring</em> <del>hapus</del>"),
        ("==tanda==", "<mark>tanda</mark>"),
        ("> kutipan", "<blockquote>\n<p>kutipan</p>"),
        ("Istilah\n:   artinya", "<dt>Istilah</dt>\n<dd>artinya</dd>"),
        ("3. tiga\n4. empat", '<ol start="3">'),
        ("- [ ] nanti", '<li class="task"><span class="task-open">☐</span> nanti</li>'),
        ("- [x] sudah", '<li class="task"><span class="task-done">☑</span> sudah</li>'),
        ("- [ ] satu\n\n- [x] dua", '<p><span class="task-done">☑</span> dua</p>'),
        ("a<br>b", "a<br>"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("```\n<b>\n```", '<div class="highlight"><pre><code>&lt;b&gt;\n</code></pre></div>'),
        ("```python\ndef f(): pass\n```", '<span class="k">def</span>'),
        ("```tidak-ada\na < b\n```", "a &lt; b"),
        ("<ayu@example.test>", '<a href="mailto:ayu@example.test" rel="noopener noreferrer">ayu@example.test</a>'),
        ("<https://example.test/a>", '<a href="https://example.test/a"'),
        ("[telepon](tel:+62542000000)", '<a href="tel:+62542000000"'),
        ("[b](02-antrean.id.md)", '<a href="/courses/c/antrean"'),
        ("[b](02-antrean.en.md#isi)", '<a href="/courses/c/antrean#b-isi"'),
        ("[s](media/bahan.pdf)", '<a href="/courses/c/media/bahan.pdf"'),
        ("[isi](#isi)", '<a href="#b-isi"'),
    ],
)
def test_each_piece_of_the_dialect_has_its_html(markdown: str, expected: str) -> None:
    assert expected in rendered(markdown).html


def test_a_picture_alone_becomes_a_figure_with_its_caption() -> None:
    html = rendered('![Loket](media/loket.svg "Meja depan")').html
    assert html.startswith('<figure><img alt="Loket" src="/courses/c/media/loket.svg">')
    assert "<figcaption>Meja depan</figcaption>" in html


def test_a_picture_whose_size_is_known_says_it_so_that_its_room_is_kept() -> None:
    for markdown in ("![Loket](media/wide.png)", "Lihat ![Loket](media/wide.png) ini."):
        html = rendered(markdown).html
        assert 'src="/courses/c/media/wide.png"' in html
        assert 'width="1200"' in html and 'height="400"' in html
    unknown = rendered("![Loket](media/loket.svg)").html
    film = rendered("![Film](media/film.mp4)").html
    assert "width" not in unknown + film and "height" not in unknown + film


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [("640", True), ("16383", True), ("0", False), ("0640", False), ("100%", False), ("640px", False), ("-5", False),
     ("1e3", False), ("999999", False), ("٣", False), ("", False)],
)  # fmt: skip
def test_a_size_is_a_bounded_number_or_nothing(said: str, is_kept: bool) -> None:
    html = cleaning.clean(f'<img src="/a.png" alt="x" width="{said}" height="{said}"><p width="5">y</p>')
    assert (html.count(f'"{said}"') == 2) is is_kept
    assert ("width" in html) is is_kept


def test_a_picture_in_a_sentence_stays_in_the_sentence() -> None:
    html = rendered("Lihat ![Loket](media/loket.svg) ini").html
    assert "<figure>" not in html
    assert "<p>Lihat <img" in html


def test_a_film_becomes_a_player_that_loads_nothing_before_it_is_started() -> None:
    html = rendered('![Salam](media/salam.mp4 "Cara memberi salam")').html
    assert 'controls="controls"' in html
    assert 'preload="metadata"' in html
    assert 'aria-label="Salam"' in html


def test_table_alignment_comes_as_classes_since_styles_are_forbidden() -> None:
    html = rendered("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |").html
    assert "style" not in html
    assert '<th class="align-left" scope="col">a</th>' in html
    assert '<td class="align-center">2</td>' in html
    assert '<td class="align-right">3</td>' in html
    assert 'role="group" tabindex="0"' in html or 'tabindex="0"' in html


def test_footnotes_and_their_way_back_meet() -> None:
    html = rendered("Pernyataan[^uu].\n\n[^uu]: Undang-Undang 25/2009.").html
    assert 'id="b-fnref:uu"' in html
    assert 'href="#b-fn:uu"' in html
    assert 'id="b-fn:uu"' in html
    assert 'href="#b-fnref:uu"' in html
    assert "Kembali ke catatan kaki 1 di dalam teks" in html


@pytest.mark.parametrize(
    ("language", "markdown", "title"),
    [
        ("id", "!!! exercise\n    Isi", "Latihan"),
        ("en", "!!! exercise\n    Text", "Exercise"),
        ("id", '!!! exercise "Latihan 1"\n    Isi', "Latihan 1"),
        ("en", "!!! unheard-of\n    Text", "Note"),
    ],
)
def test_a_box_is_headed_in_the_lessons_language(language: str, markdown: str, title: str) -> None:
    assert f'<p class="box-title">{title}</p>' in rendered(markdown, language).html


def test_a_box_without_heading_may_be_asked_for() -> None:
    html = rendered('!!! note ""\n    Isi').html
    assert "box-title" not in html
    assert '<div class="box box-note">' in html


def test_a_foldable_box_is_a_details_element() -> None:
    closed, opened = rendered('??? question "Apa?"\n    Jawab').html, rendered("???+ tip\n    Jawab").html
    assert '<details class="box box-question">\n<summary>Apa?</summary>' in closed
    assert '<details class="box box-tip" open="open">\n<summary>Kiat</summary>' in opened


def test_what_stands_in_a_box_is_markdown_too() -> None:
    html = rendered("!!! exercise\n    1. satu\n    2. dua\n\n        > kutipan\n\n    Akhir").html
    assert html.count("<li>") == 2
    assert "<blockquote>" in html
    assert html.rstrip().endswith("<p>Akhir</p>\n</div>")


def test_a_dollar_sign_is_money_and_not_a_formula() -> None:
    assert "<p>S$5 sampai S$10</p>" in rendered("S$5 sampai S$10").html


@pytest.mark.parametrize("markdown", ["\\(x^2\\)", "$$\nx^2\n$$", "\\[x^2\\]", "$$x^2$$"])
def test_a_formula_becomes_mathml(markdown: str) -> None:
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in rendered(markdown).html


@pytest.mark.parametrize("formula", ["\\frac", "{" * 30, "x" * 700, "\\left(" * 40, "\\begin{array}"])
def test_a_formula_that_cannot_be_read_is_shown_as_written(formula: str) -> None:
    found = rendered(f"$$\n{formula}\n$$")
    assert '<span class="formula-source">' in found.html
    assert [problem.code for problem in found.problems] == ["formula_not_understood"]


def test_headings_leave_h1_to_the_page_and_skip_no_level() -> None:
    found = rendered("# Satu\n\n#### Dua\n\n## Tiga")
    assert found.headings == (
        Heading(2, "b-satu", "Satu"),
        Heading(3, "b-dua", "Dua"),
        Heading(3, "b-tiga", "Tiga"),
    )
    assert "<h1" not in found.html


def test_a_heading_that_comes_twice_has_two_anchors() -> None:
    assert [heading.anchor for heading in rendered("## Isi\n\n## Isi").headings] == ["b-isi", "b-isi-2"]


def test_a_heading_reads_as_text_without_its_marks() -> None:
    (heading,) = rendered("## *Satu* `dua` \\_x\\_[^1]\n\n[^1]: Kaki").headings
    assert heading.text == "Satu dua _x_"


def test_reading_time_is_counted_in_words_and_never_nothing() -> None:
    assert rendered("satu dua").minutes == 1
    assert rendered("kata " * 900).minutes == 5


@pytest.mark.parametrize(
    ("markdown", "code", "line"),
    [
        ("a\n\n![x](media/none.png)", "media_missing", 3),
        ("a\n\nb\n[x](media/none.pdf)", "media_missing", 4),
        ("[x](09-tidak-ada.id.md)", "module_missing", 1),
        ("\n\n[x](../rahasia)", "link_not_allowed", 3),
        ("a\n[x](javascript:alert(1))", "link_not_allowed", 2),
        ("a\n\n![x](https://example.test/x.png)", "picture_from_outside", 3),
        ("![](media/loket.svg)", "picture_without_description", 1),
        ("a\n\n$$\n\\frac\n$$", "formula_not_understood", 4),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_with_its_line(markdown: str, code: str, line: int) -> None:
    (problem,) = rendered(markdown).problems
    assert (problem.code, problem.params["line"]) == (code, line)


def test_the_same_missing_file_is_told_at_each_of_its_lines() -> None:
    problems = rendered("![x](media/none.png)\n\n![y](media/none.png)").problems
    assert [problem.params["line"] for problem in problems] == [1, 3]
