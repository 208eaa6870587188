"""Knowledge snapshots on disk: immutable, complete or absent, found by version.

A snapshot is a folder `<knowledge version>-<engine digest>` with a copy of the knowledge files, the texts that were
embedded and their vectors, the FAISS index, the linear head and a manifest with the digest of each file. Building one
embeds only the texts that no earlier snapshot holds.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bot.adapters.bm25 import Bm25Index
from bot.adapters.faiss_index import FaissIndex
from bot.adapters.linear_head import fit_head
from bot.adapters.words import english_words
from bot.errors import ArtifactError
from bot.knowledge.check import check_content
from bot.knowledge.model import KnowledgeBase
from bot.knowledge.parse import load_knowledge, version_of
from bot.retrieval.encoder import Encoder, Vectors
from bot.retrieval.hybrid import HybridIndex, lexical_text, rows_of
from bot.retrieval.normalise import Normaliser, words_of
from bot.retrieval.passages import LinearHead, PassageSearch, documents, passages_in
from bot.retrieval.ranking import Ranker

# Raise this when what a snapshot holds, or how it is made, changes: older ones are then rebuilt.
ENGINE = 2
KEEP = 3


@dataclass(frozen=True)
class Snapshot:
    """One moment of the knowledge, ready to be searched; `search` has one entry a language."""

    version: str
    folder: Path
    knowledge: KnowledgeBase
    search: dict[str, PassageSearch]

    def vectors(self, language: str) -> Vectors:
        """`(n, d)`: the vectors of a language's texts and questions, in the order of its search's `owners`."""
        return np.asarray(np.load(_vectors(self.folder, language)), dtype=np.float32)


class SnapshotStore:
    """The snapshots of one build folder.

    Args:
        folder: where snapshots are kept.
        encoder: embeds passages and questions.
        ranker: shared by all snapshots.
        examples: further questions by passage id, which the search learns from beside those of the passages.
        unanswered: questions that are known to have no answer; they speak against answering what is near them.
    """

    def __init__(
        self,
        folder: Path,
        encoder: Encoder,
        ranker: Ranker,
        examples: Mapping[str, Sequence[str]],
        unanswered: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._encoder = encoder
        self.ranker = ranker
        self._examples = examples
        self._unanswered = unanswered
        self._engine = hashlib.sha256(
            json.dumps([ENGINE, encoder.name, examples, list(unanswered)], sort_keys=True).encode()
        ).hexdigest()[:8]

    def publish(self, knowledge: Path) -> Snapshot:
        """Checks the knowledge files, builds their snapshot where it is missing, makes it the current one and loads it.

        Raises:
            KnowledgeError: the files have problems; the current snapshot stays.
        """
        checked = load_knowledge(knowledge, check_content)
        name = f"{checked.version}-{self._engine}"
        if not self._is_whole(self._folder / name):
            self._build(knowledge, name)
        self._point_to(name)
        self._forget_old()
        return self.load(name)

    def current(self) -> Snapshot | None:
        """The snapshot that was published last, None where none can be read."""
        for name in self.names():
            if self._is_whole(self._folder / name):
                return self.load(name)
        return None

    def names(self) -> list[str]:
        """Names of snapshots made by this engine, the current one first, then newest first."""
        return [folder.name for folder in self._made() if folder.name.endswith(f"-{self._engine}")]

    def load(self, name: str) -> Snapshot:
        """Loads one snapshot.

        Raises:
            ArtifactError: it is missing, or a file of it was changed.
        """
        folder = self._folder / name
        manifest = self._verified(folder)
        knowledge = load_knowledge(folder / "knowledge", check_content)
        searches = {language: self._search(folder, knowledge, language) for language in manifest["languages"]}
        return Snapshot(name, folder, knowledge, searches)

    def _build(self, knowledge: Path, name: str) -> None:
        scratch = self._folder / f"{name}.part-{os.getpid()}"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        shutil.copytree(knowledge, scratch / "knowledge", ignore_dangling_symlinks=True)
        if version_of(scratch / "knowledge") != name.split("-")[0]:
            raise ArtifactError(knowledge, "changed while it was read", "it is read again in a moment")
        base = load_knowledge(scratch / "knowledge", check_content)
        languages = sorted({p.language for p in base.passages})
        for language in languages:
            self._build_language(scratch, base, language)
        files = {str(p.relative_to(scratch)): _digest(p) for p in sorted(scratch.rglob("*")) if p.is_file()}
        manifest = {
            "version": base.version,
            "engine": self._engine,
            "format": ENGINE,
            "encoder": self._encoder.name,
            "created": datetime.now(UTC).isoformat(timespec="seconds"),
            "passages": len(base.passages),
            "languages": languages,
            "files": files,
        }
        (scratch / "manifest.json").write_text(json.dumps(manifest, indent=2))
        target = self._folder / name
        shutil.rmtree(target, ignore_errors=True)
        scratch.rename(target)

    def _build_language(self, folder: Path, base: KnowledgeBase, language: str) -> None:
        docs = documents(passages_in(base, language), self._examples)
        texts, owners, _ = rows_of(docs)
        normaliser = make_normaliser(base)
        normal = [normaliser(text) for text in texts]
        vectors = self.embedded(normal)
        start = self._latest_head(language)
        head = fit_head(vectors, owners, len(docs), start)
        FaissIndex.build(vectors).save(folder / f"{language}.faiss")
        np.save(_vectors(folder, language), vectors)
        np.savez(folder / f"{language}.head.npz", weights=head.weights, bias=head.bias)
        (folder / f"{language}.texts.json").write_text(json.dumps(normal))
        if self._unanswered:
            asked = [normaliser(text) for text in self._unanswered]
            np.save(folder / f"{language}.unanswered.vectors.npy", self.embedded(asked))
            (folder / f"{language}.unanswered.texts.json").write_text(json.dumps(asked))

    def embedded(self, texts: Sequence[str]) -> Vectors:
        """`(texts, d)` unit rows; texts that a snapshot holds are not embedded again."""
        known: dict[str, Vectors] = {}
        for folder in filter(self._has_our_vectors, self._made()):
            for path in folder.glob("*.texts.json"):
                vectors = np.load(path.with_name(path.name.replace("texts.json", "vectors.npy")))
                known.update(zip(json.loads(path.read_text()), vectors, strict=True))
        new = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([known[text] for text in texts]).astype(np.float32)

    def _latest_head(self, language: str) -> LinearHead | None:
        for name in self.names():
            path = self._folder / name / f"{language}.head.npz"
            if path.is_file() and self._is_whole(self._folder / name):
                return _read_head(path)
        return None

    def _search(self, folder: Path, base: KnowledgeBase, language: str) -> PassageSearch:
        docs = documents(passages_in(base, language), self._examples)
        _, owners, asked = rows_of(docs)
        index = HybridIndex(
            FaissIndex.load(folder / f"{language}.faiss"),
            Bm25Index([lexical_text(d) for d in docs]),
            owners,
            asked,
            len(docs),
        )
        unanswered = folder / f"{language}.unanswered.vectors.npy"
        return PassageSearch(
            base,
            index,
            _read_head(folder / f"{language}.head.npz"),
            make_normaliser(base),
            self.ranker,
            language,
            np.load(unanswered) if unanswered.is_file() else None,
        )

    def _made(self) -> list[Path]:
        """The snapshots of every engine, the current one first, then newest first."""
        pointer = self._folder / "current"
        now = pointer.read_text().strip() if pointer.is_file() else ""
        made = [p for p in self._folder.glob("*-*") if p.is_dir() and ".part-" not in p.name]
        return sorted(made, key=lambda p: (p.name == now, p.stat().st_mtime), reverse=True)

    def _has_our_vectors(self, folder: Path) -> bool:
        try:
            manifest = self._verified(folder)
        except ArtifactError:
            return False
        return (manifest.get("encoder"), manifest.get("format")) == (self._encoder.name, ENGINE)

    def _is_whole(self, folder: Path) -> bool:
        try:
            return bool(self._verified(folder))
        except ArtifactError:
            return False

    @staticmethod
    def _verified(folder: Path) -> dict[str, Any]:
        """The manifest of a snapshot whose files are all there and unchanged.

        Raises:
            ArtifactError: they are not.
        """
        path = folder / "manifest.json"
        try:
            manifest: dict[str, Any] = json.loads(path.read_text())
            files = dict(manifest["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ArtifactError(path, "is missing or unreadable") from error
        for file, digest in files.items():
            if not (folder / file).is_file() or _digest(folder / file) != digest:
                raise ArtifactError(folder / file, "is missing or was changed", "it is built anew at the next start")
        return manifest

    def _point_to(self, name: str) -> None:
        pointer = self._folder / "current"
        scratch = self._folder / f"current.part-{os.getpid()}"
        scratch.write_text(name)
        scratch.replace(pointer)

    def _forget_old(self) -> None:
        """Removes all but the newest snapshots, other engines' included, and what interrupted builds left."""
        for folder in self._made()[KEEP:]:
            shutil.rmtree(folder, ignore_errors=True)
        for left in self._folder.glob("*.part-*"):
            pid = left.name.rsplit("-", 1)[-1]
            if pid.isdigit() and not Path(f"/proc/{pid}").exists():
                shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink(missing_ok=True)


def make_normaliser(base: KnowledgeBase) -> Normaliser:
    """The normaliser for a knowledge base: mends towards the words of its passages and vocabulary."""
    listed = words_of(w for values in base.vocabulary.words.values() for words in values.values() for w in words)
    written = words_of(text for p in base.passages for text in (p.heading, p.text))
    return Normaliser(base.vocabulary, written | listed, english_words())


def _vectors(folder: Path, language: str) -> Path:
    return folder / f"{language}.vectors.npy"


def _read_head(path: Path) -> LinearHead:
    with np.load(path, allow_pickle=False) as arrays:
        return LinearHead(arrays["weights"], arrays["bias"])


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
