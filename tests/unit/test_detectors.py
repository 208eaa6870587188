"""How a message is cut into the pieces that the detector judges one by one, and what it says of them."""

from types import SimpleNamespace

import numpy as np
import pytest

from bot.adapters.detectors import MAX_PIECES, PIECE_WORDS, DangerDetector, DangerThresholds, parts_of
from bot.safety.gate import DISTRESS, HEAVY, STOPS

SENTENCE = (
    "It rained in the morning and the bus to the clinic was late again, so I walked there along the river with my dog. "
)


def test_a_short_message_has_no_pieces():
    assert parts_of(SENTENCE) == []


@pytest.mark.parametrize("sentences", [10, 40, 400])
def test_of_a_message_however_long_beginning_and_end_are_judged(sentences):
    pieces = parts_of("This is how it began. " + SENTENCE * sentences + "This is how it ended.")
    assert "how it began" in pieces[0]
    assert "how it ended" in pieces[-1]
    assert len(pieces) <= MAX_PIECES
    assert all(len(piece.split()) <= PIECE_WORDS for piece in pieces)


def test_of_what_can_be_answered_every_word_is_judged():
    text = (SENTENCE * 40)[:4000]
    assert sum(len(piece.split()) for piece in parts_of(text)) == len(text.split())


@pytest.mark.parametrize(
    ("danger", "distress", "label"),
    [(0.0, 0.05, None), (0.0, 0.15, HEAVY), (0.08, 0.05, HEAVY), (0.0, 0.6, DISTRESS), (0.3, 0.6, STOPS[0])],
)
def test_the_surer_it_is_the_more_it_says(danger, distress, label):
    labels = (*STOPS, DISTRESS, "none")
    row = np.array([[danger, 0, 0, 0, 0, distress, 1 - danger - distress]], dtype=np.float32)
    classifier = SimpleNamespace(labels=labels, probabilities=lambda texts: row.repeat(len(texts), axis=0))
    detector = DangerDetector(classifier, DangerThresholds(stop=0.2, stop_piece=0.3, distress=0.1, console=0.5))
    assert detector.judge("something that somebody says").label == label
