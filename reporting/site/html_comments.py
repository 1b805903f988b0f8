"""Hide sections of a page in HTML comments, which the theme's template opens again.

MkDocs parses a page's HTML three times: as Markdown, for links, and for the search. For a page of a
thousand tags each pass takes longer than everything else in the build. A comment is skipped in one
step, and `main.html` in the theme's folder removes the marks when it writes the page:
`{{ page.content | replace(...) }}`. So sections of HTML only are hidden from all three passes.
Headings and the text before the first of them stay visible to the search. Where the theme's
template does not open the comments, nothing is hidden.
"""

import re

OPEN, CLOSE = "<!--zoo:", ":zoo-->"
FRONT_MATTER = re.compile(r"---\n.*?\n---\n+", re.DOTALL)
HEADING = re.compile(r"\n(?=##+ )")
CODE = re.compile(r"<(pre|script)\b")
TEXT = re.compile(r"\n[ \t]*\n\s*[^<\s]")  # a paragraph that is no HTML block


def opens_comments(template: str) -> bool:
    """Return whether a theme's `main.html` opens the comments."""
    return OPEN in template and CLOSE in template


def hide_html(page: str) -> str:
    """Put each section of HTML only into a comment; other sections and the lead stay unchanged.

    A page that is all HTML below its front matter, a comment at its end aside, is one section.
    """
    meta = FRONT_MATTER.match(page)
    start = meta.end() if meta else 0
    body, comment, end = page[start:].partition("\n<!--")
    if meta and _html(body.strip()):
        return f"{page[:start]}{OPEN}\n{body.strip()}\n{CLOSE}\n{comment}{end}"
    lead, *sections = HEADING.split(f"\n{page}")  # a page may begin with a section
    return "\n".join((lead, *map(_section, sections)))[1:]


def _section(section: str) -> str:
    heading, _, body = section.partition("\n")
    body = body.strip()
    return f"{heading}\n\n{OPEN}\n{body}\n{CLOSE}\n" if body and _html(body) else section


def _html(body: str) -> bool:
    """Return whether every paragraph is an HTML block, and none is a comment."""
    if "<!--" in body or "-->" in body or not body.startswith("<"):
        return False
    return not TEXT.search(body) or not TEXT.search(_without_code(body))


def _without_code(body: str) -> str:
    """Return a body with `<pre>` in place of each block of code and each script."""
    pieces, end, at = [], 0, 0
    while opening := CODE.search(body, at):
        closing = f"</{opening[1]}>"
        found = body.find(closing, at := opening.end())
        if found >= 0:
            pieces.append(body[end : opening.start()])
            end = at = found + len(closing)
    return "<pre>".join([*pieces, body[end:]])
