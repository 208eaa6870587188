import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bot.errors import ArtifactError
from bot.retrieval.ranking import FEATURES, SIGNALS, Beside, Ranker, signals_of

finite = st.floats(-20, 20, width=32)
lists_of_candidates = st.integers(1, 12).flatmap(lambda n: arrays(np.float32, (n, len(FEATURES)), elements=finite))


def candidates(*cosines: float) -> np.ndarray:
    features = np.zeros((len(cosines), len(FEATURES)), dtype=np.float32)
    features[:, FEATURES.index("question_cosine")] = cosines
    return features


@given(lists_of_candidates)
def test_a_confidence_is_a_probability(features):
    ranker = Ranker()
    scores = ranker.scores(features)
    assert scores.shape == (len(features),)
    assert 0 <= ranker.confidence(scores, features) <= 1
    assert np.isfinite(signals_of(scores, features)).all()


def test_a_clear_winner_is_surer_than_a_tie():
    ranker = Ranker()
    clear, tie = candidates(0.9, 0.2), candidates(0.9, 0.9)
    assert ranker.confidence(ranker.scores(clear), clear) > ranker.confidence(ranker.scores(tie), tie)


def test_a_near_question_is_surer_than_a_far_one():
    ranker = Ranker()
    near, far = candidates(0.9, 0.5), candidates(0.4, 0.0)
    assert ranker.confidence(ranker.scores(near), near) > ranker.confidence(ranker.scores(far), far)


@pytest.mark.parametrize("beside", [Beside(unanswered=0.9), Beside(any_topic=0.01)])
def test_what_speaks_against_any_answer_makes_unsure(beside):
    ranker, features = Ranker(), candidates(0.8, 0.3)
    scores = ranker.scores(features)
    assert ranker.confidence(scores, features, beside) < ranker.confidence(scores, features)


def test_one_candidate_alone_has_a_confidence():
    only = candidates(0.5)
    assert 0 < Ranker().confidence(Ranker().scores(only), only) < 1


def test_what_was_saved_is_loaded(tmp_path):
    ranker = Ranker(tuple(float(n) for n in range(len(FEATURES))), tuple(float(n) for n in range(len(SIGNALS))), -1.5)
    ranker.save(tmp_path / "deep/ranker.json")
    assert Ranker.load(tmp_path / "deep/ranker.json") == ranker


@pytest.mark.parametrize("content", ["", "{}", "[", json.dumps({"features": ["other"], "signals": list(SIGNALS)})])
def test_a_ranker_of_another_version_is_refused(tmp_path, content):
    path = tmp_path / "ranker.json"
    path.write_text(content)
    with pytest.raises(ArtifactError, match=r"ranker\.json"):
        Ranker.load(path)
    with pytest.raises(ArtifactError):
        Ranker.load(tmp_path / "nowhere.json")
