"""Reads the sets of examples in `evaluation/`, each in three parts.

`train` is learnt from, `tune` sets thresholds, `report` is only reported.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.errors import EvaluationError, UsageError

FOLDER = Path("evaluation")
# Types of messages of the set `safety` that carry trigger words without danger; types of everyday questions; of what is
# told at length; and of what people say that is no question: a failed payment, the traffic, "one sec".
TRAPS = ("idiom", "hyperbole", "same-words", "news", "grief", "history", "negated", "professional", "joke")
ORDINARY = ("ordinary", "booking", "side-effect")
STORY = "story"
CHATTER = "chatter"
# Kinds of reply that tell of danger or of a wish for personal advice.
_NOT_HARMLESS = frozenset({"crisis", "emergency", "declined"})
# What each turn of a conversation, and each part of a message with several questions, must say of itself.
_NEEDED = {"turns": ("text", "kind", "follow_up"), "parts": ("text", "kind")}


@dataclass(frozen=True)
class Asked:
    """One question of the set `questions`.

    Attributes:
        kind: the kind of reply that is right: `answer`, `no_answer`, `contact` or `smalltalk`.
        passages: ids of every passage that answers it, best first; empty for other kinds.
        intent: the right intent of `contact` and `smalltalk`, empty for other kinds.
        style: how it is written.
    """

    id: str | int
    text: str
    kind: str
    passages: tuple[str, ...]
    intent: str
    style: str


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file.

    Raises:
        UsageError: the file is not there.
        EvaluationError: a line is not a JSON object with a text under `id` and under `text`.
    """
    return [row for _, row in _rows(path, "text", str, 'needs "id" and "text"')]


def read_questions(path: Path, is_ours: bool = True) -> list[Asked]:
    """The questions of a file.

    Args:
        path: of JSON Lines.
        is_ours: a file of the set `questions`, in which every answer names its passages. Elsewhere one that does not is
            as good as not labelled.

    Raises:
        UsageError, EvaluationError: as `read_lines`; also where an answer of ours names no passages.
    """
    found = []
    for number, row in _rows(path, "text", str, 'needs "id" and "text"'):
        asked = Asked(
            row["id"],
            row["text"],
            str(row.get("kind") or ""),
            tuple(row.get("passages") or ()),
            str(row.get("intent") or ""),
            str(row.get("style") or ""),
        )
        is_open = asked.kind == "answer" and not asked.passages
        if is_open and is_ours:
            raise EvaluationError(f'{path}:{number}: is of kind "answer" and needs what answers it under "passages"')
        found.append(replace(asked, kind="") if is_open else asked)
    return found


def read_advice(path: Path) -> list[dict[str, Any]]:
    """The rows of a file of the set `advice`; errors as `read_lines`, and for one without its label or kind."""
    rows = []
    for number, row in _rows(path, "label", str, 'needs "id", "text" and a "label", "declined" or "general"'):
        if not isinstance(row.get("text"), str):
            raise EvaluationError(f'{path}:{number}: needs "id" and "text"')
        if row["label"] == "declined" and not re.fullmatch(r"E-\d+", str(row.get("kind"))):
            raise EvaluationError(f'{path}:{number}: is to be declined and needs a "kind", "E-1" to "E-25"')
        rows.append(row)
    return rows


def unanswered_questions(path: Path) -> tuple[str, ...]:
    """The train part's questions that no passage answers; none where the file is not there."""
    return tuple(q.text for q in read_questions(path) if q.kind == "no_answer") if path.is_file() else ()


def training_questions(path: Path) -> Mapping[str, Sequence[str]]:
    """The train part's questions by the passage that answers them best; none where the file is not there."""
    examples: dict[str, list[str]] = {}
    if path.is_file():
        for asked in read_questions(path):
            if asked.kind == "answer":
                examples.setdefault(asked.passages[0], []).append(asked.text)
    return examples


def harmless_turns() -> list[str]:
    """What visitors type in the train conversations and in train messages with several questions.

    Turns in danger, and those that ask for personal advice, are left out. "And at 19?" or "what if they refuse" say
    nothing alone, and whoever judges a message alone must have met such.
    """
    turns = turns_in(FOLDER / "dialogues" / "train.jsonl")
    turns += [
        {"text": row["text"], "kinds": [part["kind"] for part in row["parts"]]}
        for row in read_lists(FOLDER / "parts" / "train.jsonl", "parts")
    ]
    return [str(turn["text"]) for turn in turns if _NOT_HARMLESS.isdisjoint(turn.get("kinds") or [turn["kind"]])]


def turns_in(path: Path) -> list[dict[str, Any]]:
    """The turns of every conversation of a file; errors as `read_lists`."""
    return [turn for row in read_lists(path, "turns") for turn in row["turns"]]


def read_lists(path: Path, key: str) -> list[dict[str, Any]]:
    """The objects of a set whose lines hold a list under `key`: `turns` of a conversation or `parts` of a message.

    Raises:
        UsageError: the file is not there.
        EvaluationError: a line is not an object with such a list, or something in it lacks what is needed.
    """
    rows = []
    for number, row in _rows(path, key, list, f'needs "id" and a list under "{key}"'):
        if key == "parts" and not isinstance(row.get("text"), str):
            raise EvaluationError(f'{path}:{number}: needs the whole message under "text"')
        for place, item in enumerate(row[key], 1):
            if not isinstance(item, dict) or not all(isinstance(item.get(name), str) for name in _NEEDED[key]):
                needed = ", ".join(_NEEDED[key])
                raise EvaluationError(
                    f"{path}:{number}: number {place} of its {key} needs a text under each of {needed}"
                )
        rows.append(row)
    return rows


def json_lines_of(path: Path, may_be_empty: bool = False) -> Iterator[tuple[int, Any]]:
    """Line numbers and values of a JSON Lines file; errors as `lines_of`, and for a line that is not JSON."""
    for number, line in lines_of(path, may_be_empty):
        try:
            value = json.loads(line)
        except ValueError as error:
            raise EvaluationError(f"{path}:{number}: is not JSON: write one object a line") from error
        yield number, value


def lines_of(path: Path, may_be_empty: bool = False) -> Iterator[tuple[int, str]]:
    """Line numbers and lines that are not blank, of a text file that may be packed with gzip.

    Raises:
        UsageError: the file is not there.
        EvaluationError: it is not UTF-8 text, or holds no line though it may not be empty.
    """
    check_file(path)
    found = may_be_empty
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8-sig")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8-sig") as stream
        ):
            for number, line in enumerate(stream, 1):
                if line.strip():
                    found = True
                    yield number, line.rstrip("\r\n")
    except (UnicodeDecodeError, gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise EvaluationError(
            f"{path}:1: is not UTF-8 text: save it as UTF-8, packed with gzip only where its name ends in .gz"
        ) from error
    if not found:
        raise EvaluationError(f"{path}:1: is empty: name a file that holds something")


def check_file(path: Path) -> None:
    """Refuses what is not a file.

    Raises:
        UsageError: nothing is there, or a folder.
    """
    if path.is_dir():
        raise UsageError(f"{path}: is a folder: name a file in it")
    if not path.is_file():
        raise UsageError(f"{path}: no such file: correct its name, or its folder's")


def _rows(path: Path, key: str, kind: type, need: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers and objects of a file, each with an `id` and a value of a kind under a key; no line is needed."""
    for number, row in json_lines_of(path, may_be_empty=True):
        if not isinstance(row, dict) or not isinstance(row.get(key), kind) or "id" not in row:
            raise EvaluationError(f"{path}:{number}: {need}")
        yield number, row
