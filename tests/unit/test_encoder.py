"""What every encoder must do, on those that need no model; the real one is checked where it has been exported."""

import threading

import numpy as np
import pytest

from bot.adapters.sentence_encoder import SentenceEncoder
from bot.errors import ArtifactError
from bot.retrieval.encoder import HashEncoder, RememberingEncoder


@pytest.fixture(scope="module", params=["hash", "remembering", pytest.param("sentence", marks=pytest.mark.quality)])
def any_encoder(request, pytestconfig):
    if request.param == "hash":
        return HashEncoder()
    if request.param == "remembering":
        return RememberingEncoder(HashEncoder())
    folder = pytestconfig.rootpath / "build/encoder"
    if not list(folder.glob("*/onnx/*.onnx")):
        pytest.skip("the sentence encoder has not been exported yet")
    return SentenceEncoder(folder)


class TestEncoder:
    def test_rows_are_unit_vectors(self, any_encoder):
        vectors = any_encoder.encode(["one", "two words", ""])
        assert vectors.shape == (3, any_encoder.dimension)
        assert vectors.dtype == np.float32
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)

    def test_nothing_gives_no_rows(self, any_encoder):
        assert any_encoder.encode([]).shape == (0, any_encoder.dimension)

    def test_a_text_has_one_vector_alone_and_in_company(self, any_encoder):
        alone = any_encoder.encode(["side effects"])[0]
        together = any_encoder.encode(["a long story about something else entirely", "side effects"])[1]
        assert alone @ together > 0.999

    def test_near_meaning_is_nearer(self, any_encoder):
        a, b, c = any_encoder.encode(["side effects of ketamine", "ketamine side effects", "opening hours on sunday"])
        assert a @ b > a @ c

    def test_it_has_a_name(self, any_encoder):
        assert any_encoder.name


def test_a_message_is_encoded_once(encoder):
    remembering = RememberingEncoder(encoder)
    first = remembering.encode(["is it safe"])
    assert (remembering.encode(["is it safe"]) == first).all()
    assert encoder.encoded == ["is it safe"]


def test_only_the_last_messages_are_remembered(encoder):
    remembering = RememberingEncoder(encoder, size=2)
    for text in ["a", "b", "a", "c", "a", "b"]:
        remembering.encode([text])
    assert encoder.encoded == ["a", "b", "c", "b"]


def test_threads_share_it_safely():
    remembering = RememberingEncoder(HashEncoder(), size=3)
    wanted = {str(n): HashEncoder().encode([str(n)]) for n in range(6)}
    wrong: list[str] = []

    def ask() -> None:
        for n in range(300):
            text = str(n % 6)
            if not (remembering.encode([text]) == wanted[text]).all():
                wrong.append(text)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_folder_without_weights_is_named(tmp_path):
    with pytest.raises(ArtifactError, match=r"model\.safetensors: is missing"):
        SentenceEncoder(tmp_path / "encoder", str(tmp_path))
