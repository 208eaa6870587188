"""Gives Rasa the knowledge files' questions as training data for the topic intents, so that nobody keeps them twice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.evaluation.sets import FOLDER, read_questions, turns_in
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
        return TrainingData([Message.build(text, intent) for text, intent in dict(examples).items()])

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
