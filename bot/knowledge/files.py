"""Reads the files that staff edit: whatever is wrong with one becomes a problem in plain words, never an exception."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any, TypeGuard

import yaml

from bot.errors import Problem

# Ten times the longest page; more is another file under this name, and would keep the server busy.
MAX_BYTES = 500_000

_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONFLICT = ("<<<<<<< ", ">>>>>>> ")
_CURLY = re.compile(r"^\s*(?:- +)?(?:[\w-]+:\s+)?[“”„‘]")
_UNREADABLE = (
    "cannot be read: look for a missing quote, colon or bracket here or just above, and put a text that holds a colon "
    "into quotes"
)


def read_text(path: Path, file: str, problems: list[Problem]) -> str | None:
    """The text of a file with plain line ends; None where there is nothing to go on with.

    Args:
        path: the file.
        file: its name as staff see it.
        problems: gets what is wrong.
    """
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        problems.append(Problem(file, 0, f"cannot be opened ({error.strerror}): check that it is a file you may read"))
        return None
    if size > MAX_BYTES:
        problems.append(Problem(file, 0, f"has {size} bytes, and {MAX_BYTES} is the most: is it the right file?"))
        return None
    if b"\0" in data:
        problems.append(Problem(file, 0, "is not plain text: save it from a text editor as plain text in UTF-8"))
        return None
    text = _decoded(data, file, problems).replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        problems.append(Problem(file, text.count("\n", 0, found.start()) + 1, "has an invisible character: retype it"))
    lines = text.split("\n")
    if marked := [number for number, line in enumerate(lines, 1) if line.startswith(_CONFLICT)]:
        message = "two versions were merged here: keep one, and delete the lines of <<<<<<<, ======= and >>>>>>>"
        problems.append(Problem(file, marked[0], message))
        lines = ["" if line.startswith((*_CONFLICT, "=======")) else line for line in lines]
    return "\n".join(lines)


def load_yaml(text: str, file: str, problems: list[Problem], first_line: int = 1) -> Any:
    """What a YAML text says; None where it cannot be read or is empty.

    Args:
        text: the YAML.
        file: name of its file as staff see it.
        problems: gets what is wrong.
        first_line: the line of the file on which the text begins.
    """
    lines = text.split("\n")
    for number, line in enumerate(lines, first_line):
        if _CURLY.match(line):
            problems.append(Problem(file, number, "begins with a word processor's curly quote: type straight quotes"))
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        number = min(mark.line, len(lines) - 1) if mark else 0
        message = "has a tab: use spaces instead" if "\t" in lines[number] else _UNREADABLE
        if isinstance(error, _SaidError):
            message = str(error.problem)
        problems.append(Problem(file, number + first_line, message))
    except (ValueError, RecursionError):
        problems.append(Problem(file, first_line, _UNREADABLE))
    return None


def line_of(lines: list[str], key: str) -> int:
    """The line on which an entry stands, 1 where there is none."""
    return next((i for i, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), 1)


def is_date(value: object) -> TypeGuard[date]:
    """Whether it is a date without a time of day, which compares with no date."""
    return type(value) is date


def _decoded(data: bytes, file: str, problems: list[Problem]) -> str:
    """The text; another encoding is read as far as possible, so that no further problem comes of it."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.append(Problem(file, line, "has a letter that is not UTF-8: save the file as plain text in UTF-8"))
        return data.decode("cp1252", errors="replace")


class _SaidError(yaml.constructor.ConstructorError):
    """Something wrong that is said in our own words."""


class _Loader(yaml.CSafeLoader):
    """Refuses what YAML would pass over in silence: an entry that stands twice, a date that does not exist."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise _SaidError(None, None, f"'{name}' stands here for the second time: keep one", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> Any:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            said = f"'{node.value}' is not a date: write it like 2026-11-22"
            raise _SaidError(None, None, said, node.start_mark) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)
