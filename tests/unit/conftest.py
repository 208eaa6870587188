"""A small knowledge folder that holds, and a search over it without a model."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.snapshots import SnapshotStore
from bot.retrieval.encoder import HashEncoder
from bot.retrieval.ranking import Ranker

ROOT = Path(__file__).parents[2]

FRONT_MATTER = "---\ntitle: A page\nreviewed: 2026-11-01\nreview_by: 2027-05-31\nreviewer: Editorial team\n---\n"
SOURCES = """
one-2020:
  title: "A first paper"
  publisher: "A journal"
  year: 2020
  url: "https://doi.org/10.1000/one"
  kind: paper
  read: "All of it."
two-2021:
  title: "A second paper"
  publisher: "Another journal"
  year: 2021
  url: "https://doi.org/10.1000/two"
  kind: paper
  read: "Its summary."
"""
VOCABULARY = """
conditions: {ptsd: [ptsd, trauma], depression: [depression]}
forms: {iv: [iv, infusion, drip], spravato: [spravato, esketamine]}
medicines: {benzodiazepine: [benzodiazepines, xanax]}
"""


def passage(slug: str, heading: str, text: str, ask: str, next_: str = "") -> str:
    """A passage in the files' notation, with ten phrasings that each end in a word of its own."""
    questions = "\n".join(f"- {ask} {word}" for word in "one two three four five six seven eight nine ten".split())
    related = f"Next: {next_}\n" if next_ else ""
    return f"\n## {heading} {{#{slug}}}\n\n{text}\n\nVisitors ask:\n\n{questions}\n\nFacts: B-1\n{related}"


PAGES = {
    "safety/side-effects.md": [
        passage(
            "common",
            "What are the side effects?",
            "Many people feel dizzy or sick for a while.[^one-2020] Most of it\n"
            "is gone the same day.[^one-2020][^two-2021]\n\nAsk the team before you go home.",
            "does it make you feel dizzy or sick",
            "cost/prices#iv",
        ),
        passage(
            "bladder", "Can it harm the bladder?", "Heavy use can harm the bladder.[^two-2021]", "will my bladder hurt"
        ),
    ],
    "cost/prices.md": [
        passage(
            "iv", "What does an infusion cost?", "Clinics set their own prices.[^one-2020]", "how much money is a drip"
        )
    ],
    "effectiveness/ptsd.md": [
        passage("ptsd", "Does it help PTSD?", "Small studies are mixed.[^two-2021]", "can trauma get better with this")
    ],
}


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    """A knowledge folder with four passages and no problem, with the fixed sentences and clinic that are shipped."""
    root = tmp_path / "knowledge"
    (root / "replies").mkdir(parents=True)
    shutil.copy(ROOT / "knowledge/clinic.yml", root / "clinic.yml")
    shutil.copy(ROOT / "knowledge/replies/en.yml", root / "replies/en.yml")
    (root / "sources.yml").write_text(SOURCES)
    (root / "vocabulary.yml").write_text(VOCABULARY)
    for name, passages in PAGES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(FRONT_MATTER + "".join(passages))
    return root


class CountingEncoder(HashEncoder):
    """Remembers every text that it was given."""

    def __init__(self, dimension: int = 64) -> None:
        super().__init__(dimension)
        self.encoded: list[str] = []

    def encode(self, texts):
        self.encoded += texts
        return super().encode(texts)


@pytest.fixture
def encoder() -> CountingEncoder:
    return CountingEncoder()


@pytest.fixture
def make_store(tmp_path: Path, encoder: CountingEncoder) -> Callable[..., SnapshotStore]:
    """Makes snapshot stores over one folder."""

    def make(examples=None, encoder=encoder) -> SnapshotStore:
        return SnapshotStore(tmp_path / "snapshots", encoder, Ranker(), examples or {})

    return make


@pytest.fixture
def edit() -> Callable[[Path, str, str], None]:
    """Replaces words of a file, which must be there."""

    def replace(path: Path, old: str, new: str) -> None:
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return replace
