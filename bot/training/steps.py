"""The steps that bring a checkout up to date: knowledge index and Rasa's model."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.errors import FaqBotError
from bot.rasa.importer import DIALOGUES, QUESTIONS
from bot.runtime import Runtime, runtime
from bot.settings import MODEL

# Lines of a failed training that are told.
TOLD = 15

Say = Callable[[str], None]


def train_all(say: Say) -> None:
    """Brings index and model up to date; says what it does and how long that took.

    Raises:
        KnowledgeError: the knowledge files have problems and no earlier snapshot can stand in.
        FaqBotError: Rasa's training failed; the message has its last lines.
    """
    parts = runtime()
    build = parts.settings.build
    if not list((build / "snapshots").glob("*/manifest.json")):
        say("train: embedding the knowledge (a minute or two, the first time)")
    version = parts.live.snapshot.version
    if not parts.has_detector:
        say("train: the trained detector of danger cannot run, and the word patterns decide alone")
    if not parts.has_question_encoder:
        say("train: what was learnt of questions cannot be used, and follow-ups are ranked by plain rules")
    data = [*sorted(Path("data").rglob("*.yml")), *(path for path in (QUESTIONS, DIALOGUES) if path.is_file())]
    code = sorted(Path("bot/rasa").glob("*.py"))
    inputs = _digest(version, [Path("config.yml"), Path("domain.yml"), *data, *code])
    _step(say, "Rasa's model", parts.settings.model, build / "model.stamp", inputs, lambda: _train_rasa(parts))


def _step(say: Say, name: str, product: Path, stamp: Path, inputs: str, make: Callable[[], None]) -> None:
    """Makes a product unless it was made from the same inputs before."""
    if product.is_file() and stamp.is_file() and stamp.read_text() == inputs:
        return
    say(f"train: {name} …")
    started = time.monotonic()
    make()
    stamp.write_text(inputs)
    say(f"train:   done in {time.monotonic() - started:.0f} s")


def _train_rasa(parts: Runtime) -> None:
    """Trains in a process of its own, whose memory is given back."""
    command = [
        sys.executable,
        "-m",
        "rasa",
        "train",
        "--fixed-model-name",
        MODEL,
        "--out",
        str(parts.settings.models),
        "--skip-validation",
        "--force",
    ]
    # Rasa's own cache of components is off, and nothing is looked up in it: a training is only begun when something has
    # changed, and filling the cache takes longer than it has ever saved.
    environment = {**os.environ, "RASA_MAX_CACHE_SIZE": "0", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, env=environment
    )
    if done.returncode:
        raise FaqBotError("Rasa's training failed:\n" + "\n".join(done.stdout.strip().splitlines()[-TOLD:]))


def _digest(version: str, files: Iterable[Path]) -> str:
    digest = hashlib.sha256(version.encode())
    for path in files:
        digest.update(path.read_bytes())
    return digest.hexdigest()
