"""The page of the Python functions and the notebook: what they show is what the code does."""

import importlib.util
from pathlib import Path
from types import ModuleType

import nbformat

DOCS = Path(__file__).parent.parent / "docs"


def writer(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_docstrings_say() -> None:
    written = "`python docs/write_api.py` writes it again"
    page = (DOCS / "api.md").read_text(encoding="utf-8")
    assert page == writer("write_api").write_page(), written


def test_the_notebook_shows_what_it_prints(tmp_path: Path) -> None:
    write = writer("write_notebook")
    printed = write.run(tmp_path)
    written = "`python docs/write_notebook.py` writes it again"
    assert write.tables(printed) == write.tables(nbformat.read(write.NOTEBOOK, 4)), written
    assert any("4,089,184,256" in text for text in write.tables(printed))
    code = [cell for cell in printed.cells if cell.cell_type == "code"]
    assert all(cell.get("execution_count") for cell in code)
