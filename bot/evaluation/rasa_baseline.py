"""Rasa's own trained components as baselines: models of NLU only, asked in this process."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from rasa.core.agent import Agent, load_agent
from rasa.model_training import train_nlu

from bot.errors import FaqBotError

# What Rasa's documentation starts an English bot from, without what finds entities.
FEATURIZERS = (
    {"name": "WhitespaceTokenizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
)
# What Rasa's default configuration sets for its trained components. Without it, all responses of a bot with hundreds of
# them come to look alike, and nothing is learnt.
AS_CONFIGURED = {"constrain_similarities": True}
SEED = 7


@dataclass(frozen=True)
class Recipe:
    """What a model is trained from: components after `FEATURIZERS`, examples by intent, and texts by response."""

    components: Sequence[Mapping[str, Any]]
    examples: Mapping[str, Sequence[str]]
    responses: Mapping[str, str]

    @property
    def digest(self) -> str:
        """The same for the same model."""
        return hashlib.sha256(
            json.dumps([self.components, self.examples, self.responses], sort_keys=True).encode()
        ).hexdigest()[:12]


class RasaNlu:
    """A trained model.

    Attributes:
        train_seconds: how long the training took, also where it was done earlier.
    """

    def __init__(self, agent: Agent, train_seconds: float) -> None:
        self._agent = agent
        self.train_seconds = train_seconds
        self._loop = asyncio.new_event_loop()

    @classmethod
    def trained(cls, recipe: Recipe, folder: Path, say: Callable[[str], None]) -> RasaNlu:
        """Trains a model into a folder, or takes the one that was trained there from the same recipe.

        Raises:
            FaqBotError: Rasa made no model.
        """
        name = recipe.digest
        model, stamp = folder / f"{name}.tar.gz", folder / f"{name}.json"
        if not (model.is_file() and stamp.is_file()):
            say(f"training {recipe.components[-1]['name']} on {sum(map(len, recipe.examples.values())):,} examples")
            seconds = _train(recipe, folder, name)
            stamp.write_text(json.dumps({"train_seconds": round(seconds, 1)}))
        agent = asyncio.run(load_agent(str(model)))
        return cls(agent, json.loads(stamp.read_text())["train_seconds"])

    def parse(self, text: str) -> dict[str, Any]:
        """What the model makes of a text."""
        return dict(self._loop.run_until_complete(self._agent.parse_message(text)))


def _train(recipe: Recipe, folder: Path, name: str) -> float:
    data = folder / f"{name}-data"
    data.mkdir(parents=True, exist_ok=True)
    _write(
        data / "config.yml", {"recipe": "default.v1", "language": "en", "pipeline": [*FEATURIZERS, *recipe.components]}
    )
    _write(
        data / "nlu.yml",
        {"nlu": [{"intent": intent, "examples": _listed(texts)} for intent, texts in recipe.examples.items()]},
    )
    _write(data / "domain.yml", {"responses": {key: [{"text": text}] for key, text in recipe.responses.items()}})
    started = time.perf_counter()
    made = train_nlu(
        str(data / "config.yml"),
        str(data / "nlu.yml"),
        str(folder),
        fixed_model_name=name,
        domain=str(data / "domain.yml"),
    )
    if made is None:
        raise FaqBotError(f"{data}: Rasa trained no model from it: look at what it printed")
    return time.perf_counter() - started


def _listed(texts: Sequence[str]) -> str:
    """Examples as Rasa's files list them; square brackets would mark entities."""
    return "\n".join(f"- {' '.join(text.replace('[', '(').replace(']', ')').split())}" for text in texts)


def _write(path: Path, data: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump({"version": "3.1", **data}, allow_unicode=True, sort_keys=False), encoding="utf-8")
