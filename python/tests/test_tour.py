"""The notebook of the tour runs, and shows tables and pictures."""

import pathlib
import sys

import nbformat
from nbclient import NotebookClient

TOUR = pathlib.Path(__file__).parents[1] / "notebooks" / "tour.ipynb"


def test_the_tour_runs():
    notebook = nbformat.read(TOUR, as_version=4)
    nbformat.validate(notebook)
    client = NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.create_kernel_manager()
    # Whatever kernels are installed: this interpreter has begat.
    client.km.kernel_spec.argv[0] = sys.executable
    client.execute()
    kinds = {kind for cell in notebook.cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert {"text/html", "image/svg+xml"} <= kinds, kinds
    errors = [out for cell in notebook.cells for out in cell.get("outputs", []) if out.output_type == "error"]
    # One cell shows what a mistake looks like.
    assert [error["ename"] for error in errors] == ["QueryError"], errors
