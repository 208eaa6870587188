"""What every vector index and every lexical index must do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.bm25 import Bm25Index
from bot.adapters.faiss_index import FaissIndex
from bot.errors import ArtifactError
from bot.retrieval.index import NumpyIndex, WordOverlapIndex


def unit_rows(rows: int, seed: int, dimension: int = 16) -> np.ndarray:
    values = np.random.default_rng(seed).standard_normal((rows, dimension)).astype(np.float32)
    return values / np.linalg.norm(values, axis=1, keepdims=True)


@pytest.mark.parametrize("build", [NumpyIndex, FaissIndex.build], ids=["numpy", "faiss"])
class TestVectorIndex:
    def test_each_row_is_its_own_nearest(self, build):
        rows = unit_rows(50, 1)
        scores, found = build(rows).search(rows, 1)
        assert found[:, 0].tolist() == list(range(50))
        assert np.allclose(scores, 1, atol=1e-5)

    def test_scores_are_cosines_that_fall(self, build):
        rows, query = unit_rows(30, 2), unit_rows(1, 3)
        scores, found = build(rows).search(query, 10)
        assert scores.shape == found.shape == (1, 10)
        assert (np.diff(scores[0]) <= 0).all()
        assert np.allclose(scores[0], rows[found[0]] @ query[0], atol=1e-5)

    def test_it_gives_no_more_than_it_has(self, build):
        scores, found = build(unit_rows(3, 4)).search(unit_rows(2, 5), 100)
        assert scores.shape == (2, 3)
        assert {int(n) for n in found[0]} == {0, 1, 2}


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 200), st.integers(1, 20), st.integers(0, 1000))
def test_faiss_agrees_with_the_exact_reference(rows, k, seed):
    vectors, queries = unit_rows(rows, seed), unit_rows(3, seed + 1)
    exact, _ = NumpyIndex(vectors).search(queries, k)
    found, _ = FaissIndex.build(vectors).search(queries, k)
    assert np.allclose(exact, found, atol=1e-5)


def test_a_saved_faiss_index_finds_the_same(tmp_path):
    rows, query = unit_rows(40, 6), unit_rows(1, 7)
    index = FaissIndex.build(rows)
    index.save(tmp_path / "index.faiss")
    for before, after in zip(
        index.search(query, 5), FaissIndex.load(tmp_path / "index.faiss").search(query, 5), strict=True
    ):
        assert (before == after).all()


@pytest.mark.parametrize("content", [None, b"", b"not an index"])
def test_an_unreadable_faiss_index_is_named(tmp_path, content):
    path = tmp_path / "index.faiss"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ArtifactError, match="index.faiss"):
        FaissIndex.load(path)


@pytest.mark.parametrize("build", [Bm25Index, WordOverlapIndex])
class TestLexicalIndex:
    TEXTS = ("opening hours of the clinic", "side effects and safety", "price of an infusion")

    def test_the_document_with_the_words_is_best(self, build):
        scores = build(self.TEXTS).scores("what are the side effects")
        assert scores.dtype == np.float32
        assert scores.argmax() == 1

    @pytest.mark.parametrize("query", ["", "xyzzy", "🙂", "?!"])
    def test_no_shared_word_scores_nothing(self, build, query):
        assert build(self.TEXTS).scores(query).tolist() == [0, 0, 0]


def test_bm25_knows_the_forms_of_a_word():
    assert Bm25Index(["infusions cost money", "opening hours"]).scores("the costs of one infusion").argmax() == 0
