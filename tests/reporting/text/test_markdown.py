"""Text in Markdown is inert: the reference parser sees the characters and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from zoo.reporting.text.escape import one_line
from zoo.reporting.text.markdown import fence_code, line, link, table

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = [
    "<script>alert(1)</script>",
    "<!-- x -->",
    "&amp; &lt;",
    "[a](javascript:b)",
    "![a](http://b/c.png)",
    "`a` ``b``",
    "*a* _b_ **c** __d__",
    "~~a~~",
    "# a",
    "- a",
    "+ a",
    "* a",
    "1. a",
    "12) a",
    "---",
    "--- ---",
    "- - -",
    "===",
    "=",
    "> a",
    "| a | b |",
    "```",
    "~~~",
    "a\\",
    "\\*a*",
    "    a",
    "\ta",
    "$a$ $$b$$",
    "@me",
    "[a]: http://b",
    "a  ",
    "<http://a.b>",
    "&#60;b&#62;",
    "-",
    "+",
    "1.",
]


def seen(tokens: list[Token]) -> str:
    """The characters of a page that holds nothing but one paragraph of text."""
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert {child.type for child in children} <= {"text", "text_special"}
    return "".join(child.content for child in children)


@pytest.mark.parametrize("text", NASTY)
def test_a_line_is_its_characters(text: str) -> None:
    assert seen(PARSER.parse(line(text))) == one_line(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from(" -+=*_#`~<>[]()!|\\&;:/.@$1ab\n"), min_size=1, max_size=20))
def test_any_line_is_its_characters(text: str) -> None:
    if one_line(text):
        assert seen(PARSER.parse(line(text))) == one_line(text)


def test_addresses_and_mentions_are_no_links_elsewhere() -> None:
    assert line("see http://a.b or WWW.a.b or me@a.b") == r"see http\://a.b or WWW\.a.b or me\@a.b"


def test_numbers_stay_readable() -> None:
    assert line("-4.81% of 1.5 G, +3") == "-4.81% of 1.5 G, +3"


def test_control_characters_are_replaced() -> None:
    assert line("a\x1b]0;b\x07c\u202ed") == r"a \]0;b c" + "\ufffdd"
    assert line(None) == "" and line(Markup("*a*")) == "*a*"


def test_a_link_leads_where_it_says_or_is_none() -> None:
    assert (
        link("https://a.b/c?d=1&copy=2|(e)", "x [y]")
        == r"[x \[y\]](<https://a.b/c?d=1&amp;copy=2%7C(e)>)"
    )
    (_, inline, _) = PARSER.parse(link("https://a.b/c?d=1&copy=2|(e)", "x [y]"))
    assert [c.attrs["href"] for c in inline.children or [] if c.type == "link_open"] == [
        "https://a.b/c?d=1&copy=2%7C(e)"
    ]
    for address in (
        "javascript:a",
        "https://a.b/ c",
        "https://a.b/>",
        "https://a.b/\u202e",
        None,
        "a.b",
    ):
        assert link(address, "x") == "x"


def test_a_fence_is_longer_than_those_in_it() -> None:
    for text in ("a", "```\na", "`````", "a\n~~~\n````"):
        (block,) = PARSER.parse(fence_code(text, "bibtex"))
        assert (block.type, block.info, block.content) == ("fence", "bibtex", f"{text}\n")
    assert fence_code("a\x1bb") == "```\na\ufffdb\n```"


def test_a_table_has_the_cells_it_was_given() -> None:
    tokens = PARSER.parse(table(("A", "B"), [("a | b", "`c`"), (1, None)]))
    cells = [token.content for token in tokens if token.type == "inline"]
    assert cells == ["A", "B", r"a | b", r"\`c\`", "1", ""]
