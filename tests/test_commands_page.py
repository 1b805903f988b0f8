"""The page of the commands says what their help says."""

import importlib.util
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent / "docs"


def load_writer() -> Any:
    spec = importlib.util.spec_from_file_location("write_commands", DOCS / "write_commands.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_help_says() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    written = "`python docs/write_commands.py` writes it again"
    assert load_writer().write_page(page) == page, written


def test_a_command_without_a_part_gets_a_section_and_other_text_stays() -> None:
    page = "# Commands\n\n<!-- zoo env -->\nold\n<!-- end -->\n\nBy hand.\n"
    written = load_writer().write_page(page)
    assert "\nold\n" not in written and "\nBy hand.\n" in written
    assert written.count("<!-- zoo env -->") == 1
    assert "\n## zoo ledger check\n\n<!-- zoo ledger check -->\n" in written
    assert load_writer().write_page(written) == written
