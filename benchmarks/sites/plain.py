"""The peer: as many plain pages under the same configuration."""

import html
import re
import shutil
from pathlib import Path

FEW = "# {name}\n\nA plain page.\n\n## One\n\nText.\n\n## Two\n\n- a list\n- of two\n"


def make_plain(folder: Path, docs: Path, *, words: bool) -> None:
    """Write plain pages: of a few lines, or with the words of ours, tables as Markdown has them."""
    shutil.copytree(docs.parent / "reporting", folder / "reporting")
    shutil.copy(docs.parent / "mkdocs.yml", folder)
    shutil.copytree(docs / "assets", folder / "docs" / "assets")
    for path in docs.rglob("*.md"):
        target = folder / "docs" / path.relative_to(docs)
        target.parent.mkdir(parents=True, exist_ok=True)
        big = path.name == "index.md" or "families" in path.parts
        text = path.read_text(encoding="utf-8") if words and not big else None
        made = FEW.format(name=path.stem) if text is None else as_markdown(text)
        target.write_text(made, encoding="utf-8")


def as_markdown(page: str) -> str:
    """Return a page of ours with its tables as Markdown and all other HTML as paragraphs of
    text."""
    page = page.replace("<!--zoo:", "").replace(":zoo-->", "")
    page = re.sub(r"<!--.*?-->|<svg.*?</svg>|<script.*?</script>", "", page, flags=re.DOTALL)
    page = re.sub(r"<pre.*?</pre>", _code, page, flags=re.DOTALL)
    page = re.sub(r"<table.*?</table>", _table, page, flags=re.DOTALL)
    return re.sub(r"</?[a-z][^>]*>", " ", page)


def _table(match: re.Match[str]) -> str:
    rows = [
        [_words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)(?=<t[hd]|</tr>)", row, re.DOTALL)]
        for row in re.findall(r"<tr.*?</tr>", match[0], re.DOTALL)
    ]
    if not rows:
        return ""
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n\n" + "\n".join([head, "|" + "---|" * len(rows[0]), *body]) + "\n\n"


def _code(match: re.Match[str]) -> str:
    """Return a block of code as a fence."""
    return f"\n\n```python\n{html.unescape(re.sub('<[^>]+>', '', match[0]))}\n```\n\n"


def _words(cell: str) -> str:
    """Return the text of a cell on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", cell).split()).replace("|", "/")
