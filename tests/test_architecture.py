"""The rings of the code: what decides needs nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CORE = ("answering", "errors", "knowledge", "language", "rendering", "retrieval", "safety", "text")
HEAVY = {"faiss", "rasa", "sanic", "sentence_transformers", "sklearn", "sqlalchemy", "tensorflow", "torch"}


def core_modules() -> list[str]:
    files = [f for name in CORE for f in (ROOT / "bot").glob(f"{name}.py")]
    files += [f for name in CORE for f in (ROOT / "bot" / name).rglob("*.py")]
    return [".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for f in files]


def loaded_after(statement: str) -> set[str]:
    """The top-level packages in a fresh interpreter once it has run a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_core_loads_nothing_heavy():
    modules = core_modules()
    assert len(modules) > 20
    assert not loaded_after("import " + ", ".join(modules)) & HEAVY


def test_the_knowledge_check_that_staff_run_loads_nothing_heavy():
    assert not loaded_after("import bot.cli.knowledge, bot.cli.main") & HEAVY


def test_imports_point_inward():
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(not (ROOT / "actions").is_dir(), reason="there is no action server")
def test_the_action_server_loads_no_model():
    names = [f"actions.{f.stem}" for f in (ROOT / "actions").glob("*.py") if f.stem != "__init__"]
    assert not loaded_after("import " + ", ".join(names)) & {"torch", "tensorflow", "faiss", "sentence_transformers"}
