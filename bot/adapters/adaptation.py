"""Small changes to an encoder's weights: what fine-tuning changed, as products of two narrow matrices.

A fine-tuned MiniLM is 90 MB; what was changed in it fits into a few, so it can be part of a release and be reviewed,
checked and replaced like any other file. The full weights are put together once, where the encoder is exported.

The table of word pieces is kept row by row, since each piece goes its own way: those rows that changed, in 8 bits.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bot.errors import ArtifactError

Weights = Mapping[str, npt.NDArray[np.float32]]

_WEIGHTS = "model.safetensors"
_LEFT, _RIGHT = "|left", "|right"
_ROWS, _STEPS, _SCALES = "|rows", "|steps", "|scales"
# A table has more than this many times as many rows as columns; no other matrix of these models does.
_TALL = 20
# Rows of a table that moved by less than this share of the furthest are taken as they were.
_MOVED = 0.02


def save_changes(before: Weights, after: Weights, rank: int, path: Path) -> None:
    """Writes what leads from one set of weights to the other.

    Args:
        before: the original weights by name.
        after: the changed ones; only these are stored.
        rank: matrices keep this many singular values of their change; vectors are kept whole. Half precision.
        path: an `.npz` file.
    """
    arrays: dict[str, npt.NDArray[Any]] = {}
    for name, changed in after.items():
        change = changed - before[name]
        if change.ndim == 2 and len(change) > _TALL * change.shape[1]:
            furthest = np.abs(change).max(axis=1)
            rows = np.flatnonzero(furthest > _MOVED * furthest.max())
            scales = (furthest[rows] / 127).astype(np.float32)
            arrays[name + _ROWS] = rows.astype(np.int32)
            arrays[name + _SCALES] = scales
            arrays[name + _STEPS] = np.rint(change[rows] / scales[:, None]).astype(np.int8)
        elif change.ndim == 2:
            left, values, right = np.linalg.svd(change, full_matrices=False)
            root = np.sqrt(values[:rank])
            arrays[name + _LEFT] = (left[:, :rank] * root).astype(np.float16)
            arrays[name + _RIGHT] = (root[:, None] * right[:rank]).astype(np.float16)
        else:
            arrays[name] = change.astype(np.float16)
    np.savez_compressed(path, **arrays)


def changed_weights(weights: Weights, path: Path) -> dict[str, npt.NDArray[np.float32]]:
    """The weights with the stored changes.

    Raises:
        ArtifactError: the file is missing, unreadable, or made for another model.
    """
    result = {name: np.asarray(values, dtype=np.float32) for name, values in weights.items()}
    try:
        with np.load(path, allow_pickle=False) as arrays:
            for name in dict.fromkeys(key.partition("|")[0] for key in arrays.files):
                result[name] = result[name] + _change(arrays, name, result[name].shape)
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ArtifactError(path, "is missing, unreadable, or made for another model") from error
    return result


def _change(arrays: Weights, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """What was stored of one weight's change, in full."""
    if name + _LEFT in arrays:
        product: npt.NDArray[np.float32] = arrays[name + _LEFT].astype(np.float32) @ arrays[name + _RIGHT].astype(
            np.float32
        )
        return product
    if name + _ROWS in arrays:
        change = np.zeros(shape, dtype=np.float32)
        change[arrays[name + _ROWS]] = arrays[name + _STEPS] * arrays[name + _SCALES][:, None]
        return change
    return arrays[name].astype(np.float32)


def write_changed_model(source: Path, path: Path, target: Path) -> None:
    """Copies a sentence-transformers folder with the stored changes applied to its weights.

    Raises:
        ArtifactError: the changes cannot be read or do not fit.
    """
    from safetensors.numpy import load_file, save_file

    shutil.copytree(source, target, ignore=shutil.ignore_patterns(_WEIGHTS))
    save_file(changed_weights(load_file(source / _WEIGHTS), path), target / _WEIGHTS, metadata={"format": "pt"})
