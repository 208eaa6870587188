"""What Rasa learns from: every intent has examples and a rule, and nobody keeps a question twice."""

import copy
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.core.training_data.structures import RuleStep
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.features import Features
from rasa.validator import Validator

from bot.examples import read_lists
from bot.knowledge.model import TOPICS
from bot.knowledge.parse import read_knowledge
from bot.rasa.importer import Example, KnowledgeImporter, intent_of
from bot.rasa.safety_gate import CRISIS_INTENT

ROOT = Path(__file__).parents[2]
FEWEST_EXAMPLES = 20


@pytest.fixture(scope="module", autouse=True)
def in_the_project():
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        yield


@pytest.fixture(scope="module")
def importer() -> TrainingDataImporter:
    return TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data"])


@pytest.fixture(scope="module")
def nlu(importer):
    return importer.get_nlu_data()


@pytest.fixture(scope="module")
def domain(importer):
    return importer.get_domain()


def rules(importer) -> list[RuleStep]:
    return [step for step in importer.get_stories().story_steps if isinstance(step, RuleStep)]


def test_each_topic_is_an_intent_of_the_domain(domain):
    assert {intent_of(topic) for topic in TOPICS} <= set(domain.intents)


def test_each_intent_has_examples_enough(domain, nlu):
    counts = Counter(message.get("intent") for message in nlu.intent_examples)
    assert set(counts) == set(domain.intents) - {CRISIS_INTENT, *rasas_own(domain)}
    assert min(counts.values()) >= FEWEST_EXAMPLES


def rasas_own(domain) -> set[str]:
    return {"restart", "back", "session_start", "nlu_fallback"} & set(domain.intents)


def test_each_intent_has_one_rule(importer, domain):
    opened = Counter(rule.events[1].intent["name"] for rule in rules(importer) if rule.events[1].intent)
    assert set(opened) == set(domain.intents) - rasas_own(domain)
    assert set(opened.values()) == {1}


def test_each_rule_ends_with_an_utterance_of_the_domain(importer, domain):
    said = {event.action_name for rule in rules(importer) for event in rule.events if hasattr(event, "action_name")}
    assert {name for name in said if name.startswith("utter_")} <= set(domain.responses)


def test_each_question_of_a_passage_is_an_example_of_its_topic():
    examples = {(m.get("text"), m.get("intent")) for m in KnowledgeImporter().get_nlu_data().intent_examples}
    for passage in read_knowledge(ROOT / "knowledge")[0].passages:
        if passage.language == "en":
            assert {(q, intent_of(passage.topic)) for q in (passage.heading, *passage.questions)} <= examples


def test_what_is_said_of_an_answer_in_the_train_conversations_is_an_example_of_its_intent():
    examples = {m.get("text"): m.get("intent") for m in KnowledgeImporter().get_nlu_data().intent_examples}
    kinds = defaultdict(set)
    for row in read_lists(ROOT / "evaluation" / "dialogues" / "train.jsonl", "turns"):
        for turn in row["turns"]:
            kinds[turn["text"]].add(turn["follow_up"])
    doubts = {text for text, found in kinds.items() if found == {"doubt"}}
    assert len(doubts) > FEWEST_EXAMPLES
    assert {examples[text] for text in doubts} == {"ask_reviewer"}


@pytest.mark.parametrize("asked", ["tests/nlu.yml", ["tests/nlu.yml"]])
def test_other_data_asked_for_by_name_comes_alone(asked):
    assert not KnowledgeImporter(training_data_paths=asked).get_nlu_data().training_examples


def test_rasas_own_validation_finds_nothing_wrong(importer):
    validator = Validator.from_importer(importer)
    assert validator.verify_domain_validity()
    assert validator.verify_intents_in_stories(ignore_warnings=False)
    assert validator.verify_utterances_in_stories(ignore_warnings=False)
    assert validator.verify_story_structure(ignore_warnings=False)


def changed(prop: str, value: object) -> Example:
    example = Example.build("Is it safe?", "ask_safety")
    example.set(prop, value)
    return example


def test_an_example_is_another_if_anything_of_it_is():
    example = Example.build("Is it safe?", "ask_safety")
    assert example == Example.build("Is it safe?", "ask_safety")
    with_vector = copy.deepcopy(example)
    with_vector.add_features(Features(np.ones((1, 2)), "sentence", "text", "vector"))
    others = [
        changed("text", "Is it dangerous?"),
        changed("intent", "ask_cost"),
        changed("text_tokens", [Token("Is", 0)]),
        changed("entities", [{"entity": "form", "value": "iv"}]),
        with_vector,
    ]
    assert len({example, *others}) == 1 + len(others)


def test_a_copy_of_an_example_is_equal_and_its_own():
    example = changed("text_tokens", [Token("Is", 0)])
    other = copy.deepcopy(example)
    assert other == example
    other.get("text_tokens").append(Token("it", 3))
    other.set("intent", "ask_cost")
    assert example == changed("text_tokens", [Token("Is", 0)])
