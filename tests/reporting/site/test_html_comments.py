"""What is hidden from MkDocs comes back to the letter, and Markdown is never hidden."""

import pytest

from zoo.reporting.site.html_comments import CLOSE, OPEN, hide_html, opens_comments

HTML = "<p>One.</p>\n\n<table>\n<tr><td>two</td></tr>\n</table>"


def opened(text: str) -> str:
    return text.replace(OPEN, "").replace(CLOSE, "")


def test_a_section_of_html_is_hidden_and_comes_back() -> None:
    page = f"# Title\n\n<p>Lead.</p>\n\n## One\n\n{HTML}\n\n### Two\n\n{HTML}\n"
    hidden = hide_html(page)
    assert hidden.startswith("# Title\n\n<p>Lead.</p>\n\n## One\n\n" + OPEN)
    assert hidden.count(OPEN) == hidden.count(CLOSE) == 2
    assert opened(hidden).split() == page.split()


@pytest.mark.parametrize(
    "body",
    [
        "None.",
        f"Some text.\n\n{HTML}",
        f"{HTML}\n\n```python\nx\n```",
        f"{HTML}\n\n<!-- a comment -->",
        "",
        "<p>a --> b</p>",
    ],
)
def test_what_is_markdown_or_a_comment_stays(body: str) -> None:
    page = f"# Title\n\n## One\n\n{body}\n"
    assert hide_html(page) == page


def test_empty_lines_of_code_are_no_paragraphs() -> None:
    page = '## Code\n\n<pre class="zoo-code"><code>a = 1\n\nb = 2\n</code></pre>\n'
    assert OPEN in hide_html(page)


def test_a_template_that_does_not_open_it_is_known() -> None:
    assert opens_comments(
        f'{{{{ page.content | replace("{OPEN}", "") | replace("{CLOSE}", "") }}}}'
    )
    assert not opens_comments("{{ page.content }}")


@pytest.mark.parametrize("end", ["", "\n<!--\nName: a\n\nMore: b\n-->\n"])
def test_a_page_of_html_below_its_front_matter_is_one_section(end: str) -> None:
    page = f"---\nzoo: model\ntitle: a\n---\n\n{HTML}\n{end}"
    hidden = hide_html(page)
    assert hidden.startswith(f"---\nzoo: model\ntitle: a\n---\n\n{OPEN}\n<p>")
    assert hidden.count(OPEN) == 1 and hidden.endswith(end or f"{CLOSE}\n")
    assert opened(hidden).split() == page.split()
