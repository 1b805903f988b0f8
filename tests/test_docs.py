"""What the documents say is so: links, trees, examples and pins."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.source_tree import source_module
from zoo.counting import activations
from zoo.counting.conventions import CONVENTIONS
from zoo.counting.parameter_rules import PARAMETER_RULES, THOP
from zoo.counting.tools import TOOLS
from zoo.explanation.causes import MODELS, ROWS, SLIPS
from zoo.explanation.search import CUT_OFF
from zoo.model_index.ledger.evaluation import DIFFERENCES
from zoo.model_index.ledger.trace import Trace
from zoo.model_index.load import read_text
from zoo.reporting.site.mkdocs_config import KEYS, READERS

ROOT = Path(__file__).parent.parent
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/adding.md",
    "docs/benchmarks.md",
    "docs/causes.md",
    "docs/checking.md",
    "docs/commands.md",
    "docs/comparing.md",
    "docs/conformance.md",
    "docs/counting.md",
    "docs/exporting.md",
    "docs/gates.md",
    "docs/settings.md",
    "docs/site.md",
)
WITHOUT_ADDRESSES = ("constraints.txt", "Makefile", "pyproject.toml", ".ci/run")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", text(name)):
        if "://" not in target:
            assert (ROOT / name).parent.joinpath(target).exists(), target


def test_the_readmes_tree_is_the_trees() -> None:
    tree = re.search(r"```text\n(pyproject.*?)```", text("README.md"), re.DOTALL)
    assert tree
    parent = ROOT
    for line in tree[1].splitlines():
        name = line.split()[0]
        folder = parent if line.startswith(" ") else ROOT
        assert (folder / name).exists(), line
        if not line.startswith(" "):
            parent = ROOT / name


def test_examples_of_an_index_are_read_without_fault() -> None:
    blocks = re.findall(
        r"^( *)```yaml\n(.*?)^ *```", text("docs/adding.md"), re.DOTALL | re.MULTILINE
    )
    assert len(blocks) == 3
    for indent, block in blocks:
        lines = [line.removeprefix(indent) for line in block.splitlines()]
        if lines[0].startswith("Builder"):
            lines = ["Models:", "- Name: example", *(f"  {line}" for line in lines)]
        index, faults = read_text(
            "adding.yml", "\n".join(lines).replace("- ...", "- Name: example")
        )
        assert (faults, len(index.entries)) == ([], 1)


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
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| `([^`]+)` \|", text("docs/counting.md"), re.M)
    assert rows == [(tool.key, tool.name, tool.call) for tool in TOOLS]


def test_every_cause_is_documented() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", text("docs/causes.md"), re.MULTILINE)
    rows: list[Any] = [*CONVENTIONS, *PARAMETER_RULES, *MODELS, *SLIPS, *ROWS]
    rows += activations.all_readings(Trace((1, 3, 224, 224), ()))
    names = [row.name for row in rows if row.rank] + [
        THOP[0],
        CUT_OFF,
        "other precision",
        *dict(DIFFERENCES).values(),
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


def test_generated_pages_are_not_in_git() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "docs"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    if not tracked:
        pytest.skip("not a git checkout")
    names = (
        "adding.md api.md architecture.md benchmarks.md causes.md checking.md commands.md "
        "comparing.md conformance.md counting.md exporting.md findings.md gates.md images "
        "notebook.ipynb settings.md site.md write_api.py"
    )
    assert {line.split("/")[1] for line in tracked.splitlines()} == set(names.split())


def test_every_setting_of_a_site_is_documented() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text("docs/site.md"), re.MULTILINE))
    assert rows == KEYS and set(KEYS) == set(READERS)
