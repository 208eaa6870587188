"""The widget's built files."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_built_files_are_current():
    done = subprocess.run([sys.executable, "widget/build.py", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_built_files_never_make_html_or_code_from_text():
    for name in ("element.js", "widget.js", "chat.js"):
        script = (ROOT / "bot" / "web" / "static" / name).read_text(encoding="utf-8")
        for way in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "localStorage",
            "document.cookie",
        ):
            assert way not in script, (name, way)
