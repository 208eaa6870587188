"""What every graph component must do, on a runtime that needs no model."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.engine.validation import validate
from rasa.nlu.tokenizers.whitespace_tokenizer import WhitespaceTokenizer
from rasa.shared.data import TrainingType
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.errors import ArtifactError
from bot.knowledge.vocabulary import Vocabulary
from bot.rasa import entities, featurizer, intent_classifier, safety_gate
from bot.rasa.entities import VocabularyExtractor
from bot.rasa.featurizer import SENTENCE_VECTOR, SentenceFeaturizer
from bot.rasa.intent_classifier import VectorIntentClassifier
from bot.rasa.safety_gate import SafetyGate
from bot.retrieval.encoder import HashEncoder
from bot.safety.gate import Gate
from bot.safety.patterns import compile_patterns

DANGER = "I will dothething"
COMPONENTS = [SafetyGate, SentenceFeaturizer, VectorIntentClassifier, VocabularyExtractor]
EXAMPLES = {
    "ask_cost": ["how much is it", "what does it cost", "the price please", "is it expensive", "how much money"],
    "ask_safety": ["is it safe", "any side effects", "is it dangerous", "can it hurt me", "what are the risks"],
}


@dataclass
class Runtime:
    encoder: HashEncoder
    gate: Gate
    live: SimpleNamespace

    def normalise(self, text: str) -> str:
        return text.lower()

    @property
    def question_encoder(self):
        return self.encoder

    @property
    def store(self):
        return SimpleNamespace(embedded=self.encoder.encode)


@pytest.fixture(autouse=True)
def without_a_model(monkeypatch):
    vocabulary = Vocabulary({"condition": {"ptsd": ("ptsd", "trauma")}, "form": {"iv": ("infusion",)}})
    gate = Gate(compile_patterns({"patterns": {"imminent": {"any": ["dothething"]}}}), None)
    live = SimpleNamespace(snapshot=SimpleNamespace(knowledge=SimpleNamespace(vocabulary=vocabulary)))
    parts = Runtime(HashEncoder(), gate, live)
    for module in (entities, featurizer, intent_classifier, safety_gate):
        monkeypatch.setattr(module, "runtime", lambda: parts)


@pytest.fixture
def storage(tmp_path):
    return LocalModelStorage.create(tmp_path)


def make(component, storage, **config):
    context = ExecutionContext(GraphSchema({}), node_name=component.__name__)
    return component.create(
        {**component.get_default_config(), **config}, storage, Resource(component.__name__), context
    )


def messages(*texts: str) -> list[Message]:
    made = [Message({"text": text}) for text in texts]
    return WhitespaceTokenizer(WhitespaceTokenizer.get_default_config()).process(made)


def trained(storage, **config) -> VectorIntentClassifier:
    classifier = make(VectorIntentClassifier, storage, **config)
    examples = [Message.build(text, intent) for intent, texts in EXAMPLES.items() for text in texts]
    data = make(SentenceFeaturizer, storage).process_training_data(TrainingData(examples))
    classifier.train(data)
    return classifier


@pytest.mark.parametrize("component", COMPONENTS)
class TestEveryComponent:
    def test_it_gives_back_every_message_in_order(self, component, storage):
        given = messages("is it safe", "", "what does PTSD cost", DANGER)
        make(SentenceFeaturizer, storage).process(given)
        returned = make(component, storage).process(given)
        assert [m.get("text") for m in returned] == ["is it safe", "", "what does PTSD cost", DANGER]

    def test_a_message_without_text_passes(self, component, storage):
        empty = Message({})
        assert make(component, storage).process([empty]) == [empty]
        assert make(component, storage).process([]) == []

    def test_it_leaves_its_configuration_alone(self, component, storage):
        config = component.get_default_config()
        before = dict(config)
        context = ExecutionContext(GraphSchema({}), node_name="node")
        component.create(config, storage, Resource("r"), context)
        assert config == before

    def test_its_settings_are_not_shared_between_two(self, component):
        component.get_default_config()["x"] = 1
        assert "x" not in component.get_default_config()


class TestSafetyGate:
    def test_a_danger_becomes_the_intent(self, storage):
        (message,) = make(SafetyGate, storage).process(messages(DANGER))
        assert message.get("intent") == {"name": "crisis", "confidence": 1.0}
        assert message.get("intent_ranking") == [{"name": "crisis", "confidence": 1.0}]
        assert message.get("safety") == "imminent"

    def test_a_plain_message_is_left_alone(self, storage):
        (message,) = make(SafetyGate, storage).process(messages("is it safe"))
        assert message.get("intent") is None
        assert message.get("safety") is None


class TestSentenceFeaturizer:
    def test_it_adds_one_unit_vector_a_message(self, storage):
        (message,) = make(SentenceFeaturizer, storage).process(messages("Is it safe"))
        _, feature = message.get_dense_features("text", [SENTENCE_VECTOR])
        assert feature.features.shape == (1, 64)
        assert feature.features.dtype == np.float32
        assert np.allclose(feature.features[0], HashEncoder().encode(["is it safe"])[0])

    def test_it_adds_and_does_not_replace(self, storage):
        given = messages("is it safe")
        make(SentenceFeaturizer, storage).process(given)
        make(SentenceFeaturizer, storage, alias="another").process(given)
        assert {f.origin for f in given[0].features} == {SENTENCE_VECTOR, "another"}


class TestVectorIntentClassifier:
    def test_it_ranks_every_intent(self, storage):
        (message,) = make(SentenceFeaturizer, storage).process(messages("how much does it cost"))
        trained(storage).process([message])
        assert message.get("intent")["name"] == "ask_cost"
        ranking = message.get("intent_ranking")
        assert [r["name"] for r in ranking] == ["ask_cost", "ask_safety"]
        assert sum(r["confidence"] for r in ranking) == pytest.approx(1, abs=1e-3)
        assert message.get("intent") == ranking[0]

    def test_what_was_trained_is_loaded(self, storage):
        before = trained(storage)
        context = ExecutionContext(GraphSchema({}), node_name="node")
        after = VectorIntentClassifier.load(
            VectorIntentClassifier.get_default_config(), storage, Resource("VectorIntentClassifier"), context
        )
        first, second = make(SentenceFeaturizer, storage).process(messages("what does it cost", "what does it cost"))
        before.process([first])
        after.process([second])
        assert first.get("intent")["name"] == second.get("intent")["name"]
        assert first.get("intent")["confidence"] == pytest.approx(second.get("intent")["confidence"], abs=5e-3)

    def test_it_keeps_the_intent_of_the_gate(self, storage):
        given = make(SafetyGate, storage).process(messages(DANGER))
        make(SentenceFeaturizer, storage).process(given)
        trained(storage).process(given)
        assert given[0].get("intent")["name"] == "crisis"

    def test_untrained_it_knows_no_intent(self, storage):
        (message,) = make(SentenceFeaturizer, storage).process(messages("is it safe"))
        make(VectorIntentClassifier, storage).process([message])
        assert message.get("intent") == {"name": None, "confidence": 0.0}

    def test_one_intent_alone_is_not_trained(self, storage):
        data = TrainingData([Message.build(text, "ask_cost") for text in EXAMPLES["ask_cost"]])
        make(VectorIntentClassifier, storage).train(make(SentenceFeaturizer, storage).process_training_data(data))
        context = ExecutionContext(GraphSchema({}), node_name="node")
        loaded = VectorIntentClassifier.load({}, storage, Resource("VectorIntentClassifier"), context)
        (message,) = make(SentenceFeaturizer, storage).process(messages("is it safe"))
        assert loaded.process([message])[0].get("intent")["name"] is None

    def test_a_pipeline_without_vectors_is_named(self, storage):
        with pytest.raises(ArtifactError, match="no SentenceFeaturizer before the intent classifier"):
            trained(storage).process(messages("is it safe"))


class TestVocabularyExtractor:
    def test_it_finds_the_words_with_their_meaning(self, storage):
        (message,) = make(VocabularyExtractor, storage).process(messages("Do infusions help trauma?"))
        found = [
            (e["entity"], e["value"], "Do infusions help trauma?"[e["start"] : e["end"]])
            for e in message.get("entities")
        ]
        assert found == [("form", "iv", "infusions"), ("condition", "ptsd", "trauma")]
        assert {e["extractor"] for e in message.get("entities")} == {"VocabularyExtractor"}

    def test_it_adds_to_what_others_found(self, storage):
        message = Message({"text": "ptsd", "entities": [{"entity": "other", "value": "x", "start": 0, "end": 1}]})
        make(VocabularyExtractor, storage).process([message])
        assert [e["entity"] for e in message.get("entities")] == ["other", "condition"]


@pytest.mark.quality
def test_rasa_accepts_the_graph(pytestconfig):
    config = yaml.safe_load((pytestconfig.rootpath / "config.yml").read_text())
    assert [name["name"].rsplit(".", 1)[-1] for name in config["pipeline"] if "bot." in name["name"]] == [
        component.__name__ for component in COMPONENTS
    ]
    graph = DefaultV1Recipe().graph_config_for_recipe(config, {}, TrainingType.BOTH)
    validate(graph)
