"""How a message is cut into the pieces that the detector judges one by one."""

import pytest

from bot.adapters.detectors import MAX_PIECES, PIECE_WORDS, parts_of

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
