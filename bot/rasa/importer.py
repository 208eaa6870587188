"""Gives Rasa the knowledge files' questions as training data for the topic intents, so that nobody keeps them twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import deep_container_fingerprint

from bot.examples import FOLDER, read_questions, turns_in
from bot.knowledge.model import DEFAULT_LANGUAGE
from bot.knowledge.parse import read_knowledge

QUESTIONS = FOLDER / "questions" / "train.jsonl"
DIALOGUES = FOLDER / "dialogues" / "train.jsonl"
# Intents of the questions that no passage answers, by their style in the evaluation set.
UNANSWERED = {"uncovered": "ask_uncovered", "off-topic": "out_of_scope"}
# Intents of what people say of the last answer, by the kind of turn in the evaluation set.
STEERING = {
    "more": "request_more",
    "simpler": "request_simpler",
    "shorter": "request_shorter",
    "source": "ask_source",
    "doubt": "ask_reviewer",
    "reviewer": "ask_reviewer",
    "affirm": "affirm",
    "deny": "deny",
    "thanks": "thank",
}


def intent_of(topic: str) -> str:
    """The intent of a topic.

    >>> intent_of("how-it-works")
    'ask_how_it_works'
    """
    return f"ask_{topic.replace('-', '_')}"


class Example(Message):
    """A training example that is quickly copied and compared.

    Rasa merges, copies and compares all examples a dozen times before it trains on them; with twenty thousand of its
    own messages that is half of a training.
    """

    _cached_fingerprint: str | None

    def fingerprint(self) -> str:
        """A digest of everything that the example holds."""
        if self._cached_fingerprint is None:
            tokens = self.get(TOKENS_NAMES[TEXT]) or ()
            known = (TEXT, INTENT, TOKENS_NAMES[TEXT])
            parts = [self.get(TEXT), self.get(INTENT), *((token.start, token.text) for token in tokens)]
            if others := {key: value for key, value in self.data.items() if key not in known}:
                parts.append(deep_container_fingerprint(others))
            digest = hashlib.md5(repr(parts).encode(), usedforsecurity=False)
            for feature in self.features:
                digest.update(feature.fingerprint().encode())
            self._cached_fingerprint = digest.hexdigest()
        return self._cached_fingerprint

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """A copy with lists of its own; what they hold is never changed."""
        data = {key: list(value) if isinstance(value, list) else value for key, value in self.data.items()}
        return Example(data, set(self.output_properties), self.time, list(self.features))


class KnowledgeImporter(TrainingDataImporter):
    """Adds each passage's questions, and the train parts of the evaluation sets, to the project's own NLU data.

    It adds nothing where other data is asked for by name, as `rasa test nlu --nlu FILE` does.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
        knowledge: str = "knowledge",
        **kwargs: Any,
    ) -> None:
        self._knowledge = Path(knowledge)
        asked = [training_data_paths] if isinstance(training_data_paths, str) else training_data_paths or ["data"]
        self._is_wanted = any(Path(path).name == "data" for path in asked)

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The questions, each with the intent of its topic, and what is said of answers."""
        if not self._is_wanted:
            return TrainingData()
        passages = [p for p in read_knowledge(self._knowledge)[0].passages if p.language == DEFAULT_LANGUAGE]
        examples = _steering() + _asked({p.id: p.topic for p in passages})
        examples += [(q, intent_of(p.topic)) for p in passages for q in (p.heading, *p.questions)]
        return TrainingData([Example.build(text, intent) for text, intent in dict(examples).items()])

    def get_domain(self) -> Domain:
        """Nothing: the domain is the project's own."""
        return Domain.empty()

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Nothing: the rules are the project's own."""
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        """Nothing: the configuration is the project's own."""
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        """Nothing: nothing is configured automatically."""
        return None


def _asked(topics: Mapping[str, str]) -> list[tuple[str, str]]:
    """The train part of the evaluation questions, each with its intent."""
    if not QUESTIONS.is_file():
        return []
    examples = []
    for asked in read_questions(QUESTIONS):
        topic = topics.get(asked.passages[0]) if asked.passages else None
        intent = intent_of(topic) if topic else asked.intent or UNANSWERED.get(asked.style)
        if intent:
            examples.append((asked.text, intent))
    return examples


def _steering() -> list[tuple[str, str]]:
    """What is said of the last answer in the train part of the evaluation conversations, each with its intent."""
    if not DIALOGUES.is_file():
        return []
    turns = turns_in(DIALOGUES)
    return [(turn["text"], STEERING[turn["follow_up"]]) for turn in turns if turn["follow_up"] in STEERING]
