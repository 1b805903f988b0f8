"""Builds the site of 1,500 models beside the same number of plain pages, and again after one claim
changed.

The models are the embedded ones of timm, counted once and copied under other names with their
evidence. The peer is MkDocs with the same configuration, first on pages of a few lines, then on
pages that hold the same words as ours as ordinary Markdown. Sizes are of what a browser gets,
compressed by gzip.
"""

import argparse
import gc
import gzip
import html
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from zoo.model_index.ledger.store import Ledger
from zoo.model_index.load import DATA

ROOT = Path(__file__).parent.parent
ZOO = Path(sys.executable).parent / "zoo"
FAMILIES = ("densenet", "dla", "dpn")
BARS = {"pages": 10.0, "ratio": 1.3, "again": 2.0, "page": 150_000, "table": 400_000}
ENVIRONMENT = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}


def clock(command: list[str], folder: Path) -> tuple[float, float]:
    """Wall seconds and seconds of a core (user and system) of a command."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def copies(folder: Path, models: int) -> int:
    """An index of so many models or a few more, each family in collections of about 25, and
    evidence of all."""
    (folder / "index").mkdir(parents=True)
    shutil.copy(ROOT / "mkdocs.yml", folder)
    shutil.copytree(ROOT / "reporting" / "theme", folder / "reporting" / "theme")
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns(".*", "index.md"))
    for name in ("models", "families", "downloads", "badges", "assets"):
        shutil.rmtree(folder / "docs" / name, ignore_errors=True)
    subprocess.run(
        [ZOO, "verify", "--ledger", "counted"],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    counted = list(Ledger(folder / "counted").all("count"))
    texts = {name: (DATA / f"{name}.yml").read_text(encoding="utf-8") for name in FAMILIES}
    inside = {
        name: len(re.findall(r"(?m)^- Name: .*\n  In Collection", text))
        for name, text in texts.items()
    }
    number = -(-models // sum(inside.values()))
    known = {
        m
        for name in FAMILIES
        for m in re.findall(r"(?m)^- Name: (\S+)\n  In Collection", texts[name])
    }
    for n in range(number):
        for name, text in texts.items():
            group, first = divmod(n, max(1, 25 // inside[name]))
            made = re.sub(
                r"(?m)^- Name: (\S+)\n  In Collection: (\S+)$",
                rf"- Name: \1.c{n}\n  In Collection: \2.{group}",
                text,
            )
            head, _, below = made.partition("\nModels:\n")
            head = re.sub(r"(?m)^- Name: (\S+)$", rf"- Name: \1.{group}", head)
            made = f"{head}\nModels:\n{below}" if not first else f"Models:\n{below}"
            (folder / "index" / f"{name}{n}.yml").write_text(made, encoding="utf-8")
        for evidence in counted:
            if evidence.cell.model in known:
                cell = msgspec.structs.replace(evidence.cell, model=f"{evidence.cell.model}.c{n}")
                Ledger(folder / "ledger").put(msgspec.structs.replace(evidence, cell=cell))
    return number * sum(inside.values())


def plain(folder: Path, docs: Path, *, words: bool) -> None:
    """As many pages, plain ones: of a few lines, or with the words of ours, tables as Markdown has
    them."""
    shutil.copytree(docs.parent / "reporting", folder / "reporting")
    shutil.copy(docs.parent / "mkdocs.yml", folder)
    shutil.copytree(docs / "assets", folder / "docs" / "assets")
    for path in docs.rglob("*.md"):
        target = folder / "docs" / path.relative_to(docs)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = (
            f"# {path.stem}\n\nA plain page.\n\n## One\n\nText.\n\n## Two\n\n- a list\n- of two\n"
        )
        big = path.name == "index.md" or "families" in path.parts
        target.write_text(
            markdown(path.read_text(encoding="utf-8")) if words and not big else text,
            encoding="utf-8",
        )


def markdown(page: str) -> str:
    """A page of ours with its tables as Markdown and all other HTML as paragraphs of text."""

    def table(match: re.Match[str]) -> str:
        rows = [
            [
                words(cell)
                for cell in re.findall(r"<t[hd][^>]*>(.*?)(?=<t[hd]|</tr>)", row, re.DOTALL)
            ]
            for row in re.findall(r"<tr.*?</tr>", match[0], re.DOTALL)
        ]
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return (
            "\n\n" + "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]) + "\n\n"
            if lines
            else ""
        )

    page = page.replace("<!--zoo:", "").replace(":zoo-->", "")
    page = re.sub(r"<!--.*?-->|<svg.*?</svg>|<script.*?</script>", "", page, flags=re.DOTALL)
    page = re.sub(r"<pre.*?</pre>", code, page, flags=re.DOTALL)
    page = re.sub(r"<table.*?</table>", table, page, flags=re.DOTALL)
    return re.sub(r"</?[a-z][^>]*>", " ", page)


def code(match: re.Match[str]) -> str:
    """A block of code as a fence."""
    text = html.unescape(re.sub("<[^>]+>", "", match[0]))
    return f"\n\n```python\n{text}\n```\n\n"


def words(cell: str) -> str:
    """The text of a cell on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", cell).split()).replace("|", "/")


def compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6))


def transferred(site: Path, page: Path) -> int:
    """Bytes of a page with the styles and scripts it names, each compressed."""
    text = page.read_text(encoding="utf-8")
    named = re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"', text)
    files = {(page.parent / name.partition("?")[0]).resolve() for name in named}
    return compressed(page) + sum(
        compressed(path) for path in files if path.is_file() and path.is_relative_to(site.resolve())
    )


def say(what: str, value: float, bar: float, unit: str) -> None:
    print(
        f"{what:<64} {value:>10,.2f} {unit:<6} bar {bar:,g}: "
        f"{'reached' if value <= bar else 'MISSED'}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1500)
    parser.add_argument("--keep", metavar="DIR", help="work here and leave everything")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.keep or temporary) / "zoo"
        models = copies(folder, options.models)
        measure(folder, models)


def measure(folder: Path, models: int) -> None:
    """Build, compare, change one claim, build again."""
    mkdocs = [sys.executable, "-m", "mkdocs", "build", "-q"]
    build = [str(ZOO), "build", "--no-verify", "--index", "index"]
    pages = [sys.executable, str(Path(__file__)), "pages"]
    subprocess.run(
        [*pages, "prepare"], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True
    )
    rendering = subprocess.run(
        [*pages, "time"], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True, text=True
    )
    print(f"{models} models on {os.cpu_count()} cores")
    say("rendering all pages, one core", float(rendering.stdout.split()[-1]), BARS["pages"], "s")
    whole, _ = clock(build, folder)  # with figures for download, which later builds keep
    print(f"{'the first build, with all figures for download':<64} {whole:>10,.2f} s")
    ours, _ = clock(mkdocs, folder)
    shutil.rmtree(folder / "docs" / "models")
    (folder / "docs" / ".generated.json").write_bytes(
        (folder / "docs" / ".generated.json").read_bytes()
    )
    second, _ = clock(build, folder)
    for name, full in (("few", False), ("same", True)):
        plain(folder.parent / name, folder / "docs", words=full)
        peer, _ = clock(mkdocs, folder.parent / name)
        label = "pages of the same words" if full else "pages of a few lines"
        say(
            f"the whole build (all pages made), beside MkDocs on {label}",
            second / peer,
            BARS["ratio"],
            "times",
        )
        print(f"{'   MkDocs alone on our pages, beside the same':<64} {ours / peer:>10,.2f} times")
    clock(build, folder)
    path = next((folder / "index").glob("dla0.yml"))
    path.write_text(path.read_text().replace("74.62%", "74.63%", 1))
    everything, core = clock(build, folder)
    alone, core_alone = clock(mkdocs, folder)
    say("again after one changed claim, our own time (core)", core - core_alone, BARS["again"], "s")
    print(
        f"{'   the same, wall time with MkDocs':<64} {everything:>10,.2f} s, "
        f"MkDocs alone {alone:,.2f} s"
    )
    site = folder / "site"
    page = max((site / "models").glob("*/index.html"), key=lambda p: p.stat().st_size)
    say(
        "the largest page of a model, transferred with styles and scripts",
        transferred(site, page),
        BARS["page"],
        "bytes",
    )
    say(
        "the page of all models, compressed",
        compressed(site / "models" / "index.html"),
        BARS["table"],
        "bytes",
    )


def rendering(task: str) -> None:
    """In a process of its own: remember findings, or say how long all pages take, evidence read and
    judged before."""
    from zoo.cli.session import measurer_for, verify_with_cache
    from zoo.model_index.load import load
    from zoo.reporting.pages.settings import Settings
    from zoo.reporting.site.render import render_pages, site_of
    from zoo.reporting.views.catalogue import Zoo
    from zoo.verification.verify import primary_keys

    read = load(["index"])
    measurer = measurer_for("ledger", ["index"], None, live=False)
    findings, digests = verify_with_cache(read.entries, measurer, "ledger")
    if task == "time":
        keys = primary_keys(read.entries, measurer)
        zoo = Zoo(
            index=read,
            findings=tuple(findings),
            evidence=measurer.evidence,
            primary=keys,
            ledger="ledger",
            digests=digests,
        )
        gc.disable()  # as a build does
        start = time.process_time()
        number = sum(1 for _ in render_pages(site_of(zoo, Settings(hides_html=True))))
        print(number, time.process_time() - start)


if __name__ == "__main__":
    if sys.argv[1:2] == ["pages"]:
        rendering(sys.argv[2])
    else:
        main()
