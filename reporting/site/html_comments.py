"""Sections of a page as comments, which the theme's template opens again.

MkDocs reads a page's HTML three times: as Markdown, for links, and for the search. Of a page of a
thousand tags each reading takes longer than all the rest of the build. A comment is skipped in
one step, and `main.html` of the theme's folder takes the marks away again when it writes the page:
`{{ page.content | replace(...) }}`. So sections that are nothing but HTML are hidden from all
three; headings and the text before the first of them are not, and are what the search finds a page
by. Where the theme's template does not know the marks, nothing is hidden.
"""

import re

OPEN, CLOSE = "<!--zoo:", ":zoo-->"
HEADING = re.compile(r"\n(?=##+ )")
CODE = re.compile(r"<(pre|script)\b.*?</\1>", re.DOTALL)
TEXT = re.compile(r"\n[ \t]*\n\s*[^<\s]")  # a paragraph that is no HTML block


def known_to(template: str) -> bool:
    """Whether a theme's `main.html` opens what is hidden."""
    return OPEN in template and CLOSE in template


def veil(page: str) -> str:
    """The page with each section that is HTML alone in a comment; others, and all before the first,
    as they are."""
    lead, *sections = HEADING.split(f"\n{page}")  # a page may begin with a section
    return "\n".join((lead, *map(_section, sections)))[1:]


def _section(section: str) -> str:
    heading, _, body = section.partition("\n")
    body = body.strip()
    return f"{heading}\n\n{OPEN}\n{body}\n{CLOSE}\n" if body and _html(body) else section


def _html(body: str) -> bool:
    """Whether every paragraph is an HTML block, and none a comment."""
    if "<!--" in body or "-->" in body or not body.startswith("<"):
        return False
    return not TEXT.search(body) or not TEXT.search(CODE.sub("<pre>", body))
