"""Joins the widget's small modules into the files that the server sends. Needs Python alone.

Each module's `import` lines say what it needs; `build` orders the modules by them, drops the import and export words,
and puts all into one scope. So a name may stand at the top of one module only, which is checked.

    python widget/build.py          writes bot/web/static/element.js and widget.js
    python widget/build.py --check  exits with 1 where they are not current
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

SOURCE = Path(__file__).parent / "src"
TARGET = Path(__file__).parent.parent / "bot" / "web" / "static"

_IMPORT = re.compile(r"^import (?:{[^}]*}|(?P<name>\w+)) from '\./(?P<file>[\w.]+)';\n", re.MULTILINE)
_TOP = re.compile(r"^(?:export )?(?:async )?(?:class|function|const|let) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*(?://[^\n]*|/\*\*.*?\*/)\n", re.MULTILINE | re.DOTALL)


def build() -> dict[str, str]:
    """The built files by name."""
    return {"element.js": element(), "widget.js": shorter((SOURCE / "loader.js").read_text(encoding="utf-8"))}


def element() -> str:
    """All modules that `main.js` needs, in one scope."""
    order: list[str] = []
    _visit("main.js", order)
    parts = [_module(name) for name in order]
    names = [name for part in parts for name in _TOP.findall(part)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SystemExit(f"widget: {', '.join(twice)}: used at the top of two modules: rename one")
    return shorter("'use strict';\n(() => {\n" + "".join(parts) + "})();\n")


def shorter(script: str) -> str:
    """The script without comment lines, blank lines and indentation; what stands in it is untouched."""
    return "".join(f"{line.strip()}\n" for line in _COMMENT.sub("", script).splitlines() if line.strip())


def _visit(name: str, order: list[str]) -> None:
    if name in order:
        return
    for match in _IMPORT.finditer((SOURCE / name).read_text(encoding="utf-8")):
        _visit(match["file"], order)
    order.append(name)


def _module(name: str) -> str:
    text = (SOURCE / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        return f"const {name.split('.')[-1]} = {json.dumps(_style(text))};\n"
    return re.sub(r"^export ", "", _IMPORT.sub("", text), flags=re.MULTILINE)


def _style(text: str) -> str:
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", text)).strip()


def main() -> int:
    """Writes or checks the built files; returns the exit code."""
    stale = [
        name
        for name, text in build().items()
        if not (TARGET / name).is_file() or (TARGET / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        if stale:
            sys.stderr.write(f"widget: {', '.join(stale)} not current: run 'python widget/build.py'\n")
        return 1 if stale else 0
    for name, text in build().items():
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
