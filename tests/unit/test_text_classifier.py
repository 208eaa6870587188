import json

import numpy as np
import pytest

from bot.adapters.text_classifier import TextClassifier, notes_of
from bot.errors import ArtifactError
from bot.retrieval.encoder import HashEncoder

ENCODER = HashEncoder()
EXAMPLES = {
    "cost": [
        "how much is it",
        "what does it cost",
        "the price please",
        "is it expensive",
        "how much money",
        "cost of it",
    ],
    "safety": [
        "is it safe",
        "any side effects",
        "is it dangerous",
        "can it hurt me",
        "what are the risks",
        "safe or not",
    ],
    "hours": [
        "when do you open",
        "opening hours",
        "are you open today",
        "closing time",
        "open on sunday",
        "what hours",
    ],
}


def fit(labels=("cost", "safety", "hours"), seed=7):
    texts = [text for label in labels for text in EXAMPLES[label]]
    wanted = [label for label in labels for _ in EXAMPLES[label]]
    return TextClassifier.fit(texts, ENCODER.encode(texts), wanted, seed), texts, wanted


@pytest.mark.parametrize("labels", [("cost", "safety"), ("cost", "safety", "hours")])
def test_it_learns_what_it_was_shown_with_two_labels_as_with_many(labels):
    classifier, texts, wanted = fit(labels)
    rows = classifier.probabilities(texts, ENCODER.encode(texts))
    assert classifier.labels == tuple(sorted(labels))
    assert rows.shape == (len(texts), len(labels))
    assert np.allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert (rows >= 0).all()
    assert [classifier.labels[n] for n in rows.argmax(axis=1)] == wanted


def test_what_was_saved_judges_the_same(tmp_path):
    classifier, texts, _ = fit()
    classifier.save(tmp_path / "judge", thresholds={"stop": 0.4})
    loaded = TextClassifier.load(tmp_path / "judge")
    vectors = ENCODER.encode(texts)
    assert loaded.labels == classifier.labels
    assert loaded.temperature == classifier.temperature
    # Weights are kept in half precision.
    assert np.allclose(loaded.probabilities(texts, vectors), classifier.probabilities(texts, vectors), atol=2e-3)
    assert notes_of(tmp_path / "judge")["thresholds"] == {"stop": 0.4}


def test_where_vectors_know_the_texts_by_heart_the_words_still_say_something():
    texts = [text for label in ("cost", "safety") for text in EXAMPLES[label]]
    wanted = [label for label in ("cost", "safety") for _ in EXAMPLES[label]]
    # Vectors that give each label away, and a new message whose vector leads astray.
    known = np.array([[1.0, 0.0] if label == "cost" else [0.0, 1.0] for label in wanted], dtype=np.float32)
    astray = np.array([[0.0, 1.0]], dtype=np.float32)
    new = ["what does it cost, how much money"]
    trusting = TextClassifier.fit(texts, known, wanted).probabilities(new, astray)[0, 0]
    wary = TextClassifier.fit_taught(texts, known, wanted)
    assert wary.probabilities(new, astray)[0, 0] > trusting
    assert [wary.labels[n] for n in wary.probabilities(texts, known).argmax(axis=1)] == wanted


def test_training_is_reproducible():
    first, again = fit()[0], fit()[0]
    assert (first.weights == again.weights).all()
    assert first.temperature == again.temperature


def test_one_message_is_judged_alone_as_in_company():
    classifier, texts, _ = fit()
    together = classifier.probabilities(texts, ENCODER.encode(texts))
    alone = np.vstack([classifier.probabilities([text], ENCODER.encode([text])) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", "🙂", "\u0000", "a" * 5000])
def test_any_text_can_be_judged(text):
    assert np.isfinite(fit()[0].probabilities([text], ENCODER.encode([text]))).all()


@pytest.mark.parametrize("file", ["classifier.json", "weights.npz"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"not one"])
def test_an_unreadable_classifier_is_named(tmp_path, file, content):
    fit()[0].save(tmp_path)
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(ArtifactError, match=str(tmp_path)):
        TextClassifier.load(tmp_path)


def test_nothing_of_the_training_texts_is_stored(tmp_path):
    fit()[0].save(tmp_path)
    assert set(json.loads((tmp_path / "classifier.json").read_text())) == {"labels", "temperature"}
