"""Gives Rasa the knowledge files' questions as training data for the topic intents, so that nobody keeps them twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.knowledge.model import DEFAULT_LANGUAGE
from bot.knowledge.parse import read_knowledge

QUESTIONS = Path("evaluation/questions/train.jsonl")
# Intents of the questions that no passage answers, by their style in the evaluation set.
UNANSWERED = {"uncovered": "ask_uncovered", "off-topic": "out_of_scope"}


def intent_of(topic: str) -> str:
    """The intent of a topic.

    >>> intent_of("how-it-works")
    'ask_how_it_works'
    """
    return f"ask_{topic.replace('-', '_')}"


class KnowledgeImporter(TrainingDataImporter):
    """Adds each passage's questions, and the train part of the evaluation questions, to the project's own NLU data.

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
        """The questions, each with the intent of its topic."""
        if not self._is_wanted:
            return TrainingData()
        passages = [p for p in read_knowledge(self._knowledge)[0].passages if p.language == DEFAULT_LANGUAGE]
        examples = [(q, p.topic) for p in passages for q in (p.heading, *p.questions)]
        topics = {p.id: p.topic for p in passages}
        unanswered: list[tuple[str, str | None]] = []
        if QUESTIONS.is_file():
            rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
            examples += [
                (r["text"], topics[r["passages"][0]])
                for r in rows
                if r["kind"] == "answer" and r["passages"][0] in topics
            ]
            unanswered = [(r["text"], UNANSWERED.get(r["style"])) for r in rows if r["kind"] == "no_answer"]
        intents = [(text, intent_of(topic)) for text, topic in examples] + unanswered
        return TrainingData([Message.build(text, intent) for text, intent in intents if intent])

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
