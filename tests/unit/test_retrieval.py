"""The search over passages: topic and condition weigh in, and neither blocks a strong match."""

import numpy as np
import pytest

from bot.retrieval.encoder import HashEncoder
from bot.retrieval.passages import LinearHead
from bot.retrieval.ranking import FEATURES

ENCODER = HashEncoder()


@pytest.fixture
def search(knowledge, make_store):
    return make_store().publish(knowledge).search["en"]


def found(search, text, topics=None):
    return search.search(search.question(text, ENCODER, topics))


@pytest.mark.parametrize(
    ("asked", "passage"),
    [
        ("how much money is a drip seven", "cost/prices#iv"),
        ("does it make you feel dizzy or sick two", "safety/side-effects#common"),
        ("will my bladder hurt", "safety/side-effects#bladder"),
        ("can trauma get better with this", "effectiveness/ptsd#ptsd"),
    ],
)
def test_the_passage_that_answers_is_first(search, asked, passage):
    assert found(search, asked).hits[0].passage.id == passage


def test_a_wrong_topic_does_not_hide_a_strong_match(search):
    result = found(search, "how much money is a drip seven", topics={"safety": 0.99, "cost": 0.001})
    assert result.hits[0].passage.id == "cost/prices#iv"


def test_the_topic_decides_between_equals(search):
    question = search.question("xyzzy", ENCODER, {"cost": 0.9, "safety": 0.05})
    rows, features = search.features(question)
    topic = dict(zip((search.passages[r].topic for r in rows), features[:, FEATURES.index("topic")], strict=True))
    assert topic["cost"] > topic["safety"] > topic["effectiveness"]


def test_a_named_condition_lifts_the_passage_about_it(search):
    hits = {hit.passage.id: hit.features for hit in found(search, "PTSD and the rest").hits}
    assert hits["effectiveness/ptsd#ptsd"]["about_shared"] == 1
    assert hits["cost/prices#iv"]["about_other"] == 1
    assert hits["safety/side-effects#common"]["about_other"] == 0


def test_a_known_question_is_surer_than_nonsense(search):
    assert found(search, "will my bladder hurt one").confidence > found(search, "xyzzy plugh").confidence


def test_hits_come_best_first_and_no_more_than_asked(search):
    result = search.search(search.question("drip", ENCODER), top=2)
    assert len(result.hits) == 2
    assert result.hits[0].score >= result.hits[1].score


@pytest.mark.parametrize("text", ["", " ", "🙂", "?" * 3000, "word " * 800, "\u0000"])
def test_any_text_can_be_searched(search, text):
    assert 0 <= found(search, text).confidence <= 1


def test_one_question_costs_one_encode(search, encoder):
    encoder.encoded.clear()
    search.search(search.question("will my bladder hurt", encoder))
    assert len(encoder.encoded) == 1


def test_the_probabilities_of_a_head_sum_to_one():
    rng = np.random.default_rng(1)
    head = LinearHead(rng.standard_normal((8, 5)).astype(np.float32) * 100, np.zeros(5, np.float32))
    assert np.isclose(np.exp(head.log_probabilities(rng.standard_normal(8).astype(np.float32))).sum(), 1, atol=1e-4)
