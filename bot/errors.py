"""All errors that the project raises on purpose.

FaqBotError                 shown to people as one sentence, never with a traceback
├── UsageError              wrong arguments or a missing input           (exit code 2)
├── KnowledgeError          the knowledge files do not hold; carries every problem found   (exit code 1)
├── EvaluationError         a set cannot be read, no bot answers, or a figure is too low   (exit code 1)
└── ArtifactError           a built file (model, index, detector) is missing, changed or unreadable (exit code 2)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class FaqBotError(Exception):
    """Base of all errors whose message is meant for a person: what was found, where, what to do."""

    exit_code = 1


class UsageError(FaqBotError):
    """The command was called wrongly, or something that it reads is not there."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file, as clinic staff see it.

    `line` counts from 1; 0 stands for the whole file. A problem that is only a `warning` never blocks publishing.
    """

    file: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        """`file:line: message`, the form that editors make clickable."""
        return f"{self.file}:{self.line}: {'warning: ' if self.warning else ''}{self.message}"


class KnowledgeError(FaqBotError):
    """The knowledge files have problems; `problems` holds all of them, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class EvaluationError(FaqBotError):
    """An evaluation set cannot be read, no bot answers its messages, or a figure does not hold what it must."""


class ArtifactError(FaqBotError):
    """A built file is missing, was changed, or cannot be read."""

    exit_code = 2

    def __init__(self, path: Path, found: str, remedy: str = "run 'faqbot train'") -> None:
        super().__init__(f"{path}: {found}: {remedy}")


def unread_database(path: Path, error: sqlite3.DatabaseError) -> FaqBotError:
    """What to raise for an SQLite file that could not be read: it is in use or closed to us, or it is damaged."""
    if isinstance(error, sqlite3.OperationalError):
        return UsageError(f"{path}: cannot be read now ({error}): try again")
    return ArtifactError(path, f"cannot be read ({error})", "move it away; a new one is begun")
