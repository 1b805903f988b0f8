"""The page of the Python functions and the notebook: what they show is what the code does."""

import importlib.util
from pathlib import Path

import nbformat
from nbclient import NotebookClient

DOCS = Path(__file__).parent.parent / "docs"


def test_the_page_is_what_the_docstrings_say() -> None:
    spec = importlib.util.spec_from_file_location("write_api", DOCS / "write_api.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = "`python docs/write_api.py` writes it again"
    assert (DOCS / "api.md").read_text(encoding="utf-8") == module.write_page(), written


def test_the_notebook_runs(tmp_path: Path) -> None:
    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    shown = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    texts = [
        "".join(output.get("data", {}).get("text/html", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]
    assert any("4,089,184,256" in text for text in texts)
    assert any("fvcore" in text and "4,111,512,576" in text for text in texts)
    assert any("mobilenetv2_100" in text and "3504872" in text for text in texts)
    assert len(shown) == len([cell for cell in notebook.cells if cell.get("execution_count")])
