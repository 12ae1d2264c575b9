"""The stubs say what the module has."""

import subprocess
import sys

import pytest


def test_stubs_fit_the_module():
    pytest.importorskip("mypy")
    checked = [sys.executable, "-m", "mypy.stubtest", "begat._begat", "--ignore-missing-stub"]
    told = subprocess.run(checked, capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def test_types_are_right_as_a_user_writes_them(tmp_path):
    pytest.importorskip("mypy")
    user = tmp_path / "user.py"
    user.write_text(
        """
import begat
graph: begat.Graph = begat.open()
answer = graph.ask("Model uses $t", t="MLA", timeout=2.0)
for row in answer:
    proof = row.why()
    sentence: str = proof.sentence if proof else ""
kept: list[begat.Row] = answer[:1]
entity: begat.Entity = graph.entity("MLA")
date = entity.date
if date is not None and date.before("2025"):
    print(date.earliest)
"""
    )
    told = subprocess.run([sys.executable, "-m", "mypy", "--strict", str(user)], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr
