"""What the documents say is so: links, trees, examples and pins."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from markdown.extensions.toc import slugify

from tests.source_tree import source_module
from zoo.counting import activations
from zoo.counting.conventions import CONVENTIONS
from zoo.counting.parameter_rules import PARAMETER_RULES, THOP
from zoo.counting.tools import TOOLS
from zoo.explanation.causes import MODELS, ROWS, SLIPS
from zoo.explanation.search import CUT_OFF
from zoo.model_index.findings import Finding, Verdict
from zoo.model_index.ledger.evaluation import DIFFERENCES
from zoo.model_index.ledger.trace import Trace
from zoo.model_index.load import read_text
from zoo.reporting.site.mkdocs_config import KEYS, READERS
from zoo.reporting.views.verdicts import VERDICT_BADGES
from zoo.weights.contents.readings import READINGS

ROOT = Path(__file__).parent.parent
NAV = re.findall(r": (\w+)\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
HAND_WRITTEN = [f"docs/{name}.md" for name in NAV if name != "index"]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", *HAND_WRITTEN)
WITHOUT_ADDRESSES = ("constraints.txt", "Makefile", "pyproject.toml", ".ci/run")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def prose(name: str) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^( *)```.*?^ *```$", "", text(name), flags=re.DOTALL | re.MULTILINE)


def anchors(name: str) -> set[str]:
    """Return the anchors of a page's headings, as MkDocs and GitHub make them."""
    headings = re.findall(r"^#+ (.+)$", prose(name), re.MULTILINE)
    return {slugify(re.sub(r"[`*]", "", heading), "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", prose(name))
    targets += re.findall(r"^\[[^]]+\]: (\S+)$", prose(name), re.MULTILINE)
    for target in targets:
        path, _, anchor = target.partition("#")
        if "://" in target:
            continue
        page = (ROOT / name).parent.joinpath(path) if path else ROOT / name
        assert page.exists(), target
        if anchor:
            assert anchor in anchors(page.resolve().relative_to(ROOT).as_posix()), target


@pytest.mark.parametrize("name", PAGES)
def test_no_page_has_an_owner_to_paste(name: str) -> None:
    """OWNER says itself that it is to be replaced, and the page says so too."""
    assert "your-organisation" not in text(name)
    if "OWNER/REPO" in text(name):
        assert "Replace OWNER/REPO" in text(name)


def test_every_page_is_in_the_navigation_and_begins_with_a_heading() -> None:
    written = {line for line in tracked("docs") if line.endswith(".md")}
    assert written == set(HAND_WRITTEN)
    assert NAV[1] == "start"
    for name in HAND_WRITTEN:
        assert text(name).startswith("# "), name


@pytest.mark.parametrize("name", sorted(set(HAND_WRITTEN) - {"docs/zoos.md"}))
def test_examples_of_commands_fit_80_columns(name: str) -> None:
    for block in re.findall(
        r"^```(?:console|text)\n(.*?)^```", text(name), re.DOTALL | re.MULTILINE
    ):
        assert [line for line in block.splitlines() if len(line) > 80] == []


def test_examples_of_an_index_are_read_without_fault() -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", text("docs/adding.md"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 7
    for block in blocks:
        lines = block.splitlines()
        if lines[0].startswith(("Builder", "Input")):  # fields of an entry
            lines = ["Models:", "- Name: example", *(f"  {line}" for line in lines)]
        index, faults = read_text(
            "adding.yml", "\n".join(lines).replace("- ...", "- Name: example")
        )
        assert (faults, len(index.entries)) == ([], 1)


def test_the_glossary_has_the_verdicts_of_the_code() -> None:
    table = text("docs/glossary.md").partition("<!-- verdicts -->")[2].partition("<!-- end -->")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| .+ \| ([^|]+) \|$", table, re.MULTILINE)
    assert [row[0] for row in rows] == [str(verdict) for verdict in Verdict]
    assert {badge.key for badge in VERDICT_BADGES} == {*Verdict, "explained-wrong"}
    for name, standing, fails in rows:
        verdict = Verdict(name)
        standings = {finding(verdict, wrong=wrong).standing for wrong in wrongs(verdict)}
        assert set(standing.split(" or ")) == {str(one) for one in standings}
        always = all(finding(verdict, wrong=wrong).fails() for wrong in wrongs(verdict))
        strict = all(finding(verdict, wrong=wrong).fails(strict=True) for wrong in wrongs(verdict))
        assert (fails == "yes") is always, name
        assert (fails != "no") is strict, name


def wrongs(verdict: Verdict) -> tuple[bool, ...]:
    """Return what the causes of this verdict may say."""
    return (False, True) if verdict is Verdict.EXPLAINED else (False,)


def finding(verdict: Verdict, *, wrong: bool) -> Finding:
    (entry,) = read_text("a.yml", "Models:\n- Name: a\n  Metadata: {FLOPs: 1 G}\n")[0].entries
    return Finding(claim=entry.claims[0], verdict=verdict, reason="", wrong=wrong)


OWN_ANCHOR = re.compile(r"^#+ .+\{#([\w-]+)\}$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def written(name: str) -> set[str]:
    """Return the pages that git knows below a folder, by name."""
    return {Path(line).stem for line in tracked(name) if line.endswith(".md")}


def test_a_translated_page_has_the_commands_and_anchors_of_the_first() -> None:
    names = written("docs.zh")
    assert "start" in names
    for name in names:
        first, other = text(f"docs/{name}.md"), text(f"docs.zh/{name}.md")
        assert BLOCK.findall(other) == BLOCK.findall(first), name
        below = anchors(f"docs/{name}.md") - {slugify(first.partition("\n")[0][2:], "-")}
        assert set(OWN_ANCHOR.findall(other)) == below, name
        assert len(re.findall(r"[\u4e00-\u9fff]", other)) > 200, name


def test_links_of_a_translated_page_lead_to_pages() -> None:
    """Links to pages that are not translated are addresses, as the other language's site has."""
    for name in written("docs.zh"):
        for page, anchor in re.findall(
            r"\]\(\.\./\.\./(\w+)/(?:#([\w-]+))?\)", text(f"docs.zh/{name}.md")
        ):
            assert (ROOT / "docs" / f"{page}.md").is_file(), page
            assert not anchor or anchor in anchors(f"docs/{page}.md"), anchor


def test_translated_pages_are_in_the_switch_and_the_navigation() -> None:
    for name in written("docs.zh"):
        assert f"{name}.md" in text("mkdocs.zh.yml")
        translated = re.findall(r"translated: \[(.*)\]", text("mkdocs.yml"))[0].split(", ")
        assert f"{name}/" in translated


def test_no_other_page_defines_the_verdicts() -> None:
    """Tables that say what a verdict is of: an accuracy, a checkpoint. None lists all seven."""
    for name in PAGES:
        rows = set(re.findall(r"^\| `(\w+)` \|", text(name), re.MULTILINE))
        if name != "docs/glossary.md":
            assert not rows >= {str(verdict) for verdict in Verdict}, name


def test_the_changelog_keeps_its_form() -> None:
    """Keep a Changelog 1.1.0: versions newest first, each with sections of these names."""
    versions = re.findall(r"^## \[(.+?)\]", text("CHANGELOG.md"), re.MULTILINE)
    sections = re.findall(r"^### (.+)$", text("CHANGELOG.md"), re.MULTILINE)
    assert versions[0] == "Unreleased"
    assert set(sections) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("name", [name for name in PAGES if name != "CHANGELOG.md"])
def test_modules_and_files_that_documents_name_exist(name: str) -> None:
    for dotted in re.findall(r"`(zoo(?:\.[a-z_]+)+)`", text(name)):
        module = source_module(dotted)
        assert module, dotted
        known = {module, f"zoo.{module}"}
        assert dotted in known or dotted.rpartition(".")[0] in known, dotted
    folders = "zoo|model_index|reporting|tests|benchmarks|fuzz"
    for path in re.findall(rf"`((?:{folders})/[\w./]+)`", text(name)):
        assert (ROOT / path).exists(), path


def test_every_counting_tool_is_documented() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| `([^`]+)` \|", text("docs/tools.md"), re.M)
    assert rows == [(tool.key, tool.name, tool.call) for tool in TOOLS]


def test_every_cause_is_documented() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", text("docs/causes.md"), re.MULTILINE)
    rows: list[Any] = [*CONVENTIONS, *PARAMETER_RULES, *MODELS, *SLIPS, *ROWS]
    rows += activations.all_readings(Trace(((1, 3, 224, 224),), ()))
    names = [row.name for row in rows if row.rank] + [
        THOP[0],
        CUT_OFF,
        "other precision",
        *dict(DIFFERENCES).values(),
        *READINGS,
    ]
    assert set(names) <= set(listed)
    assert len(listed) == len(set(listed))
    unranked = {name for name in listed if name not in names}
    assert unranked == {
        "printed rounding",
        "another model is built",
        "renamed",
        "another pretrained tag",
        "test-time setting",
        "depth in the name",
        "swapped, in accuracies",
        "other names",
        "MB for MiB",
        "half precision",
    }


@pytest.mark.parametrize("name", WITHOUT_ADDRESSES)
def test_pins_and_set_up_hold_no_addresses(name: str) -> None:
    project = re.sub(r"\[project\.urls\]\n(.+\n)+", "", text(name))
    assert "://" not in project


def test_every_dependency_is_pinned_for_development() -> None:
    named = re.findall(r'^  "([A-Za-z0-9-]+)[><=!]', text("pyproject.toml"), re.MULTILINE)
    pinned = {
        line.split("==")[0].lower() for line in text("constraints.txt").splitlines() if "==" in line
    }
    assert len(named) > 10
    assert {name.lower() for name in named} - pinned == set()


def test_the_site_has_one_configuration_without_foreign_plugins() -> None:
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!ENV", Loader.construct_sequence)
    configuration = yaml.load(text("mkdocs.yml"), Loader=Loader)
    assert [name for plugin in configuration["plugins"] for name in plugin] == ["search"]
    assert configuration["theme"]["font"] is False
    assert configuration["validation"]["nav"]["omitted_files"] == "ignore"


def tracked(folder: str) -> list[str]:
    """Return the files of a folder that git knows."""
    command = ["git", "ls-files", folder]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if not done.stdout:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_generated_pages_are_not_in_git() -> None:
    others = {line for line in tracked("docs") if not line.endswith(".md")}
    assert others == {
        "docs/zoos.json",
        "docs/images/terminal.svg",
        "docs/notebook.ipynb",
        "docs/write_api.py",
        "docs/write_notebook.py",
        "docs/write_commands.py",
        "docs/write_zoos.py",
        "docs/write_terminal_picture.py",
    }


def test_every_setting_of_a_site_is_documented() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text("docs/site.md"), re.MULTILINE))
    assert rows == KEYS and set(KEYS) == set(READERS)
