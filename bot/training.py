"""Brings everything that is built up to date, each step only where its inputs changed: index, Rasa model, ranker."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.errors import FaqBotError
from bot.runtime import runtime
from bot.settings import Settings

MODEL = "faqbot"
Say = Callable[[str], None]


def train_all(say: Say) -> None:
    """Brings index and model up to date.

    Raises:
        KnowledgeError: the knowledge files have problems and no earlier snapshot can stand in.
        FaqBotError: Rasa's training failed; the message has its last lines.
    """
    settings = runtime().settings
    _step(say, "knowledge index", _index_is_current(settings), _build_index)
    inputs = _digest([Path("config.yml"), Path("domain.yml"), *sorted(Path("data").rglob("*.yml"))], settings)
    model = settings.models / f"{MODEL}.tar.gz"
    stamp = settings.build / "model.stamp"
    _step(say, "Rasa model", model.is_file() and _read(stamp) == inputs, lambda: _train_rasa(settings, stamp, inputs))


def _step(say: Say, name: str, is_current: bool, build: Callable[[], None]) -> None:
    if is_current:
        return
    say(f"train: {name} …")
    started = time.monotonic()
    build()
    say(f"train:   done in {time.monotonic() - started:.0f} s")


def _index_is_current(settings: Settings) -> bool:
    return False


def _build_index() -> None:
    _ = runtime().live


def _train_rasa(settings: Settings, stamp: Path, inputs: str) -> None:
    """Trains in a process of its own, whose memory is given back."""
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", MODEL, "--out", str(settings.models), "--skip-validation"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FaqBotError("Rasa's training failed:\n" + "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:]))
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs)


def _digest(files: Iterable[Path], settings: Settings) -> str:
    digest = hashlib.sha256(json.dumps([runtime().live.snapshot.version, settings.encoder]).encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""
