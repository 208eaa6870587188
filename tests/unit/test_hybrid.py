import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.bm25 import Bm25Index
from bot.adapters.faiss_index import FaissIndex
from bot.retrieval.encoder import HashEncoder
from bot.retrieval.hybrid import PIECE_WORDS, Document, build_index, pieces, rows_of
from bot.retrieval.index import NumpyIndex, WordOverlapIndex

DOCUMENTS = [
    Document("hours", "We are open on weekdays.", ("when do you open", "opening hours")),
    Document("effects", "People may feel dizzy.", ("side effects", "does it make you sick")),
    Document("plain", "A text without questions about insurance."),
]
ENCODER = HashEncoder()


def search(documents, query, vectors=NumpyIndex, lexical=WordOverlapIndex, **more):
    return build_index(documents, ENCODER, vectors, lexical).search(query, ENCODER.encode([query])[0], **more)


@pytest.mark.parametrize("lexical", [WordOverlapIndex, Bm25Index])
@pytest.mark.parametrize("vectors", [NumpyIndex, FaissIndex.build])
@pytest.mark.parametrize(
    ("query", "best"),
    [("when do you open", 0), ("side effects", 1), ("feel dizzy people may", 1), ("insurance questions about text", 2)],
)
def test_the_document_that_answers_is_first(vectors, lexical, query, best):
    assert search(DOCUMENTS, query, vectors, lexical).documents[0] == best


words = st.sampled_from("open hours side effects sick dizzy insurance weekdays text cost pain".split())
texts = st.lists(words, min_size=1, max_size=6).map(" ".join)
some_documents = st.lists(st.tuples(texts, st.lists(texts, max_size=3)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(some_documents, texts, st.integers(1, 30))
def test_scores_are_in_order_and_in_range_for_any_documents(rows, query, candidates):
    documents = [Document(str(n), text, tuple(questions)) for n, (text, questions) in enumerate(rows)]
    found = search(documents, query, candidates=candidates)
    assert len(set(found.documents.tolist())) == len(found.documents) <= len(documents)
    assert (np.diff(found.fused) <= 0).all()
    for scores, low in [(found.fused, 0), (found.lexical, 0), (found.text, -1), (found.question, -1)]:
        assert (scores >= low - 1e-5).all()
        assert (scores <= 1 + 1e-5).all()


@settings(max_examples=40, deadline=None)
@given(some_documents, texts)
def test_the_best_cosines_are_those_of_the_document(rows, query):
    documents = [Document(str(n), text, tuple(questions)) for n, (text, questions) in enumerate(rows)]
    found = search(documents, query)
    vector = ENCODER.encode([query])[0]
    for n, text, question in zip(found.documents, found.text, found.question, strict=True):
        assert np.isclose(text, ENCODER.encode([documents[n].text])[0] @ vector, atol=1e-5)
        best = max(ENCODER.encode(list(documents[n].questions)) @ vector, default=text)
        assert np.isclose(question, best, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(some_documents, texts)
def test_a_document_is_as_near_as_the_nearest_of_its_texts_and_questions(rows, query):
    documents = [Document(str(n), text, tuple(questions)) for n, (text, questions) in enumerate(rows)]
    index = build_index(documents, ENCODER, NumpyIndex, WordOverlapIndex)
    vector = ENCODER.encode([query])[0]
    nearest = [max(ENCODER.encode([d.text, *d.questions]) @ vector) for d in documents]
    assert np.allclose(index.nearness(vector), nearest, atol=1e-5)


def test_a_query_without_any_known_word_still_has_candidates():
    found = search(DOCUMENTS, "xyzzy")
    assert len(found.documents) == 3
    assert not found.lexical.any()


def test_the_first_k_are_the_best_k():
    found = search(DOCUMENTS, "side effects")
    assert found.best(2).documents.tolist() == found.documents[:2].tolist()
    assert len(found.best(99).documents) == 3


@given(st.integers(0, 500))
def test_a_long_text_is_cut_without_losing_a_word(count):
    text = " ".join(map(str, range(count)))
    parts = pieces(text)
    assert " ".join(parts) == text
    assert max(len(part.split()) for part in parts) <= PIECE_WORDS


def test_every_row_knows_its_document():
    rows, owners, asked = rows_of(DOCUMENTS)
    assert rows[0] == "We are open on weekdays."
    assert owners.tolist() == [0, 0, 0, 1, 1, 1, 2]
    assert asked.tolist() == [False, True, True, False, True, True, False]
