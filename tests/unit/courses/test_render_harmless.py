"""Whatever an author writes, nothing of it runs in a reader's browser."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.courses import cleaning
from lms.courses.render import render
from lms.courses.rules import Shown

VECTORS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\n>alert(1)</script\n>",
    "<script/x>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<img src="x" onerror="alert(1)">',
    "<img src=x onerror\x0c=alert(1)>",
    '<img/src="x"/onerror=alert(1)>',
    "<img src=`x`onerror=alert(1)>",
    '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    '<svg><a xlink:href="javascript:alert(1)"><text y="10">x</text></a></svg>',
    "<svg><foreignObject><iframe srcdoc='<script>alert(1)</script>'></foreignObject></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    '<math><maction actiontype="statusline" xlink:href="javascript:alert(1)">x</maction></math>',
    '<math href="javascript:alert(1)">x</math>',
    "<math><annotation-xml encoding='text/html'><script>alert(1)</script></annotation-xml></math>",
    '<form><button formaction="javascript:alert(1)">x</button></form>',
    '<form action="javascript:alert(1)"><input type=submit></form>',
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    '<video poster="javascript:alert(1)">',
    '<iframe src="javascript:alert(1)"></iframe>',
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    '<object data="javascript:alert(1)"></object>',
    '<embed src="javascript:alert(1)">',
    '<base href="https://evil.example/">',
    '<link rel=stylesheet href="https://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
    "<style>@import 'https://evil.example/x.css';</style>",
    '<div style="background:url(javascript:alert(1))">x</div>',
    '<p style="width: expression(alert(1))">x</p>',
    "<marquee onstart=alert(1)>x</marquee>",
    "<template><script>alert(1)</script></template>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php alert(1) ?>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](java&Tab;script:alert(1))",
    "[x](&#106;&#97;&#118;&#97;script:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://example.test/1)",
    "[x](//evil.example/)",
    "[x](/\\evil.example/)",
    "[x](\\\\evil.example\\x)",
    "[x](<javascript:alert(1)>)",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x][y]\n\n[y]: <javascript:alert(1)> "t"',
    "<javascript:alert(1)>",
    "<javascript://%0aalert(1)>",
    "[x](javascript://example.test/%0aalert(1))",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "![x](https://evil.example/pixel.gif)",
    "![x](//evil.example/pixel.gif)",
    '![x](media/a.png"onerror="alert(1))',
    "![x](media/a.png 'x\" onerror=\"alert(1)')",
    '![x" onerror="alert(1)](media/a.png)',
    "![x](media/../../../../etc/passwd)",
    '[x](https://example.test/" onclick="alert(1))',
    "[x](https://example.test '\" onmouseover=\"alert(1)')",
    "[<img src=x onerror=alert(1)>](https://example.test)",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    '``` { .python onclick=alert(1) #id title="<script>" }\nx\n```',
    "# <img src=x onerror=alert(1)>",
    "# x {: onclick=alert(1) }",
    "*x*{: onclick=alert(1) style=color:red }",
    "| <script>alert(1)</script> | x |\n|---|---|\n| <img src=x onerror=alert(1)> | [x](javascript:alert(1)) |",
    "[^<script>]: <script>alert(1)</script>\n\nx[^<script>]",
    '[^" onclick="alert(1)]: y\n\nx[^" onclick="alert(1)]',
    '!!! note "<script>alert(1)</script>"\n    <img src=x onerror=alert(1)>',
    '!!! "><script>alert(1)</script>\n    x',
    '??? note "<img src=x onerror=alert(1)>"\n    x',
    "Istilah <script>alert(1)</script>\n:   <img src=x onerror=alert(1)>",
    "- [x] <img src=x onerror=alert(1)>",
    "\\(\\text{<img src=x onerror=alert(1)>}\\)",
    "$$\n\\text{</math><script>alert(1)</script>}\n$$",
    "$$\n\\href{javascript:alert(1)}{x}\n$$",
    '\\(\\class{x" onclick="alert(1)}{y}\\)',
    "\\(\\style{background:url(javascript:alert(1))}{y}\\)",
    "\\(\\unicode{x3c}script\\unicode{x3e}\\)",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "\x02wzxhzdk:0\x03<script>alert(1)</script>",
    "\x02amp\x03lt;script>alert(1)</script>",
    "\x02klzzwxh:0000\x03",
    "<b>\x00<script>alert(1)</script></b>",
    "<a name=createElement>x</a><a id=cookie>y</a>",
    "## location\n\n## cookie",
    '<mail@example.test"onclick="alert(1)>',
    "</div></main><script>alert(1)</script>",
    "\u202e<script>alert(1)</script>",
    "＜script＞alert(1)＜/script＞",
]

LINK = re.compile(r"(?:https?://|mailto:|tel:|/(?![/\\])|#b-)", re.IGNORECASE)


FORBIDDEN = {"style", "srcdoc", "formaction", "action", "srcset", "poster", "xlink:href", "name"}


class Inspector(HTMLParser):
    """Reads rendered HTML as a browser would and refuses whatever could act."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in cleaning.TAGS, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name not in FORBIDDEN, name
            if name == "href":
                assert LINK.match(value or ""), value
            if name == "src":
                assert re.match(r"/(?![/\\])", value or ""), value
            if name == "id":
                assert (value or "").startswith("b-"), value

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment came through: {data!r}")


def html_of(markdown: str) -> str:
    def address(name: str) -> str:
        return f"/courses/c/media/{name}"

    return render(markdown, language="id", find_media=lambda name: Shown(address(name)), module_url=address).html


def inspect(html: str) -> None:
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()


@pytest.mark.parametrize("vector", VECTORS)
def test_an_attack_comes_out_harmless(vector: str) -> None:
    for around in ("%s", "teks %s teks", "> %s", "- %s", "!!! note\n    %s", "## %s"):
        inspect(html_of(around.replace("%s", vector)))


def test_the_inspector_would_notice() -> None:
    for html in ("<script>", '<a href="javascript:x">', '<img src="x" onerror="y">', "<!-- -->", '<p id="x">'):
        with pytest.raises(AssertionError):
            inspect(html)


def test_html_written_by_hand_is_shown_as_text() -> None:
    assert html_of("<b>x</b>") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_a_forbidden_class_does_not_come_through_the_cleaner() -> None:
    assert cleaning.clean('<div class="box modal fixed">x</div>') == '<div class="box">x</div>'


PIECES = st.sampled_from(
    [
        *"[]()<>!`*_~=#>-+|:\\$\"'&;{}^/ \n\t1aé",
        *("\n\n", "    ", "```", "![", "](", "[^", "]: ", "<b>", "</b>", "<script>", "\\(", "\\)", "\\[", "\\]", "$$"),
        *("!!! ", "??? ", "http://", "javascript:", "media/", "onerror=", "&lt;", "&#x3c;", "\\frac", "\\text{"),
        *("- [x] ", "| a |\n|---|\n", ":   ", "\x02", "\x03", "\u202e", "𝒳", ".id.md"),
    ]
)
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=80).map("".join))


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("[^1]: \n\n[^1]")
@example("![][]")
def test_any_text_renders_harmless_and_clean_html_stays_as_it_is(markdown: str) -> None:
    html = html_of(markdown)
    inspect(html)
    assert cleaning.clean(html) == html
