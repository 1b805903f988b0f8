"""Run notebook.ipynb and write what it printed into it.

A test runs it and compares; `python docs/write_notebook.py` writes the results again.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")
SECONDS = 600  # for a cell


def run(folder: Path) -> nbformat.NotebookNode:
    """Return the notebook with what its cells print where they run in a folder."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=SECONDS, kernel_name="python3", resources=resources).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:  # warnings name files of the machine
            cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    return notebook


def tables(notebook: nbformat.NotebookNode) -> list[str]:
    """Return the tables that are printed, as HTML."""
    return [
        "".join(output.get("data", {}).get("text/html", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        nbformat.write(run(Path(folder)), NOTEBOOK)
