"""The widget's built files."""

import re
import subprocess
import sys
from pathlib import Path

from bot.web.pages import strings

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


def test_every_word_of_the_widget_is_read_by_it():
    web = ROOT / "bot" / "web"
    read = "".join((web / name).read_text(encoding="utf-8") for name in ("static/element.js", "templates/widget.html"))
    # The titles of help are looked up by the reply's kind.
    unread = [name for name in strings("en")["widget"] if not re.search(rf"words\.{name}\b", read)]
    assert unread == ["crisis_title", "emergency_title"]
