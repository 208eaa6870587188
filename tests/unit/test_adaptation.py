"""What fine-tuning changed in a model comes back as it was stored, and only onto the model that it was made for."""

import numpy as np
import pytest

from bot.adapters.adaptation import changed_weights, save_changes
from bot.adapters.sentence_encoder import SentenceEncoder
from bot.errors import ArtifactError

BEFORE = {
    "matrix": np.random.default_rng(0).standard_normal((12, 8)).astype(np.float32),
    "bias": np.zeros(12, dtype=np.float32),
    "untouched": np.ones((3, 3), dtype=np.float32),
}


def changed(rank: int) -> dict[str, np.ndarray]:
    """Weights whose matrix changed by this many directions."""
    rng = np.random.default_rng(1)
    change = sum(np.outer(rng.standard_normal(12), rng.standard_normal(8)) for _ in range(rank))
    return {"matrix": BEFORE["matrix"] + 0.01 * np.float32(change), "bias": np.full(12, 0.5, dtype=np.float32)}


def test_a_change_of_few_directions_comes_back(tmp_path):
    after = changed(rank=2)
    save_changes(BEFORE, after, 2, tmp_path / "changes.npz")
    found = changed_weights(BEFORE, tmp_path / "changes.npz")
    assert np.allclose(found["matrix"], after["matrix"], atol=1e-3)
    assert np.allclose(found["bias"], after["bias"], atol=1e-3)
    assert (found["untouched"] == BEFORE["untouched"]).all()


def test_of_many_directions_the_strongest_are_kept(tmp_path):
    after = changed(rank=8)
    errors = []
    for rank in (1, 4, 8):
        save_changes(BEFORE, after, rank, tmp_path / "changes.npz")
        found = changed_weights(BEFORE, tmp_path / "changes.npz")["matrix"]
        errors.append(float(np.abs(found - after["matrix"]).mean()))
    assert errors[0] > errors[1] > errors[2]


def test_of_a_table_the_rows_that_moved_come_back_and_the_others_stay(tmp_path):
    table = np.random.default_rng(2).standard_normal((200, 4)).astype(np.float32)
    after = table.copy()
    after[[3, 150]] += np.array([[0.1, -0.2, 0.3, 0.0], [0.05, 0.05, -0.4, 0.2]], dtype=np.float32)
    after[7] += 1e-4
    save_changes({"table": table}, {"table": after}, 2, tmp_path / "changes.npz")
    found = changed_weights({"table": table}, tmp_path / "changes.npz")["table"]
    assert np.allclose(found[[3, 150]], after[[3, 150]], atol=0.4 / 127)
    still = np.delete(np.arange(200), [3, 150])
    assert (found[still] == table[still]).all()
    with pytest.raises(ArtifactError, match=r"changes\.npz"):
        changed_weights({"table": table[:100]}, tmp_path / "changes.npz")


@pytest.mark.parametrize("weights", [{}, {**BEFORE, "matrix": np.zeros((5, 5), dtype=np.float32)}])
def test_another_models_weights_are_refused(tmp_path, weights):
    save_changes(BEFORE, changed(1), 1, tmp_path / "changes.npz")
    with pytest.raises(ArtifactError, match=r"changes\.npz"):
        changed_weights(weights, tmp_path / "changes.npz")


def test_an_unreadable_file_is_refused(tmp_path):
    (tmp_path / "changes.npz").write_bytes(b"no archive")
    with pytest.raises(ArtifactError, match=r"changes\.npz"):
        changed_weights(BEFORE, tmp_path / "changes.npz")


def test_an_encoder_says_which_changes_are_missing(tmp_path):
    with pytest.raises(ArtifactError, match=r"changes\.npz"):
        SentenceEncoder(tmp_path / "encoder", changes=tmp_path / "changes.npz")
