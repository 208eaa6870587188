"""How long a whole message takes, beside a stock Rasa bot with a keyword classifier and an empty custom action.

Both servers run at once and get the same questions in turn over Rasa's REST channel, so that whatever else the machine
does falls on both. The stock bot finds and says nothing: what it takes is the least that Rasa's own way costs.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bot.adapters.sentence_encoder import MINILM, packaged_model
from bot.adapters.words import english_words
from bot.errors import FaqBotError, UsageError
from bot.evaluation.baselines import Rank, bm25
from bot.evaluation.running import HOST, free_port, own_server, ready_server
from bot.examples import read_questions, training_questions
from bot.retrieval.passages import documents
from bot.runtime import Runtime
from bot.safety.gate import Gate
from bot.safety.patterns import load_patterns

STOCK = Path("bench/stock")
# Questions that are asked and not counted, until caches and compiled paths are warm.
WARM_UP = 20
# Messages of one conversation: short, as visitors' are. The first of each opens Rasa's session on both sides.
TURNS = 4
# Fewer questions than this would let the gate's memory of the last messages answer for it.
FEWEST = 100
# Calls of each part whose cost is measured alone.
CALLS = 200
GOAL = 0.75

Say = Callable[[str], None]


def run_bench(parts: Runtime, questions: Path, messages: int, say: Say) -> dict[str, Any]:
    """Latencies of both bots in milliseconds, their ratio, and the cost of each part of an answer.

    Raises:
        UsageError: there are too few questions, or a file that a server needs is missing.
        FaqBotError: a server did not start, or the bot cited nothing.
    """
    texts = list(dict.fromkeys(asked.text for asked in read_questions(questions) if asked.kind == "answer"))
    if len(texts) < FEWEST:
        raise UsageError(f"{questions}: holds {len(texts)} answerable questions and {FEWEST} are needed")
    build = parts.settings.build / "bench"
    model = train_stock(build, say)
    with ExitStack() as running:
        say("starting both bots")
        ours = running.enter_context(own_server(build, "--model", str(parts.settings.model)))
        stock = running.enter_context(stock_bot(model, build))
        pairs = interleaved(ours, stock, texts[: WARM_UP + messages], say)
    report = compare(pairs[WARM_UP:])
    say("measuring the parts")
    return {**report, "parts": part_costs(parts, texts[:CALLS])}


def compare(pairs: Sequence[tuple[float, float] | None]) -> dict[str, Any]:
    """p50 and p95 of both bots and their ratios.

    Args:
        pairs: milliseconds of the bot and of the stock bot for each question, None where the bot cited nothing.
    """
    kept = np.array([pair for pair in pairs if pair is not None])
    if not len(kept):
        raise FaqBotError(
            "bench: no question got a cited answer: run 'faqbot train', then 'faqbot ask' with one of them"
        )
    report: dict[str, Any] = {"messages": len(kept), "without_citation": len(pairs) - len(kept)}
    for column, name in enumerate(("bot", "stock")):
        report[name] = {"p50_ms": _quantile(kept[:, column], 0.5), "p95_ms": _quantile(kept[:, column], 0.95)}
    for key in ("p50", "p95"):
        report[f"ratio_{key}"] = round(report["bot"][f"{key}_ms"] / report["stock"][f"{key}_ms"], 3)
    picks = kept[np.random.default_rng(7).integers(0, len(kept), size=(2000, len(kept)))]
    ratios = np.median(picks[:, :, 0], axis=1) / np.median(picks[:, :, 1], axis=1)
    report["ratio_p50_interval"] = [_quantile(ratios, 0.025), _quantile(ratios, 0.975)]
    report["goal_met"] = bool(report["ratio_p50"] <= GOAL)
    return report


def part_costs(parts: Runtime, texts: Sequence[str]) -> dict[str, float]:
    """Medians of what an answer consists of, each alone and on texts that it has not met.

    `patterns_us` is the gate without its trained detector, `gate_us` the whole gate, the vector being at hand. Beside
    the encoder, `encode_torch_ms` is its model in full precision, as sentence-transformers runs it; beside the search,
    `search_bm25_ms` is BM25 alone over the same passages. Both of a pair get each text in turn.
    """
    search = parts.search
    prepared = [parts.prepare(search, text, {}) for text in texts]
    patterns = Gate(load_patterns(), None, english_words())
    patterns.assess("Is it safe?")
    # A second round finds a gate that has forgotten the texts (it remembers 64) and an encoder that has not (256).
    for text in texts:
        parts.gate.assess(text)
    unmet = [f"{text} please" for text in texts]
    plain, words = plain_encoder(parts), words_alone(parts)
    encode, encode_torch = _medians([lambda text: parts.encoder.encode([text]), plain], unmet)
    found, found_bm25 = _medians([search.search, lambda question: words(question.text)], prepared)
    return {
        "patterns_us": _medians([patterns.assess], texts, 1e6)[0],
        "gate_us": _medians([parts.gate.assess], texts, 1e6)[0],
        "encode_ms": encode,
        "encode_torch_ms": encode_torch,
        "search_ms": found,
        "search_bm25_ms": found_bm25,
    }


def plain_encoder(parts: Runtime) -> Callable[[str], object]:
    """The encoder's model in full precision, by sentence-transformers on torch as it comes; warm."""
    from sentence_transformers import SentenceTransformer

    name = parts.settings.encoder
    model = SentenceTransformer(str(packaged_model() if name == MINILM else name), backend="torch", device="cpu")

    def encode(text: str) -> object:
        return model.encode([text], normalize_embeddings=True, show_progress_bar=False)

    encode("Is it safe?")
    return encode


def words_alone(parts: Runtime) -> Rank:
    """BM25 over what the search finds by words; warm."""
    rank = bm25(documents(parts.search.passages, training_questions(parts.settings.examples)))
    rank("Is it safe?")
    return rank


def interleaved(ours: int, stock: int, texts: Sequence[str], say: Say) -> list[tuple[float, float] | None]:
    """Milliseconds of both bots for each text, asked of one right after the other and of each first in turn."""
    bots = {
        "bot": http.client.HTTPConnection(HOST, ours, timeout=30),
        "stock": http.client.HTTPConnection(HOST, stock, timeout=30),
    }
    pairs: list[tuple[float, float] | None] = []
    for number, text in enumerate(texts):
        order = list(bots) if number % 2 == 0 else list(reversed(bots))
        asked = {name: ask(bots[name], f"bench-{number // TURNS}", text) for name in order}
        reply = asked["bot"][1]
        cited = (
            bool(reply) and reply[0].get("custom", {}).get("kind") == "answer" and bool(reply[0]["custom"]["citations"])
        )
        pairs.append((asked["bot"][0], asked["stock"][0]) if cited else None)
        if (number + 1) % 50 == 0:
            say(f"{number + 1} of {len(texts)} questions asked")
    return pairs


def ask(connection: http.client.HTTPConnection, sender: str, text: str) -> tuple[float, list[dict[str, Any]]]:
    """Milliseconds of one message over the REST channel, and the reply."""
    body = json.dumps({"sender": sender, "message": text})
    started = time.perf_counter()
    connection.request("POST", "/webhooks/rest/webhook", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    raw = answer.read()
    taken = 1000 * (time.perf_counter() - started)
    if answer.status != 200:
        raise FaqBotError(f"bench: the server on port {connection.port} answered with status {answer.status}")
    return taken, json.loads(raw)


def train_stock(build: Path, say: Say) -> Path:
    """The stock bot's model, trained unless it was trained from the same files.

    Raises:
        UsageError: its files are not there.
        FaqBotError: Rasa's training failed.
    """
    files = sorted(STOCK.rglob("*.yml"))
    if not files:
        raise UsageError(f"{STOCK}: not there: run this from the project's folder")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    model = build / f"stock-{digest}.tar.gz"
    if not model.is_file():
        say("training the stock bot")
        command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", model.name.removesuffix(".tar.gz")]
        command += ["--out", str(build), "--config", str(STOCK / "config.yml"), "--domain", str(STOCK / "domain.yml")]
        done = subprocess.run([*command, "--data", str(STOCK / "data")], capture_output=True, text=True, check=False)
        if done.returncode or not model.is_file():
            raise FaqBotError(
                "bench: the stock bot's training failed:\n" + "\n".join(done.stderr.strip().splitlines()[-15:])
            )
    return model


@contextmanager
def stock_bot(model: Path, build: Path) -> Iterator[int]:
    """The stock bot's server and its action server while the block runs: the former's port."""
    port, actions = free_port(), free_port()
    action_server = ["-m", "rasa_sdk", "--actions", "stock_actions", "--port", str(actions)]
    with ready_server(action_server, actions, "/health", STOCK, build / "actions.log", {}):
        command = ["-m", "rasa", "run", "--interface", HOST, "--port", str(port), "--model", str(model.resolve())]
        with ready_server(command, port, "/", STOCK, build / "stock.log", {"ACTION_PORT": str(actions)}):
            yield port


def _medians(calls: Sequence[Callable[[Any], object]], values: Sequence[Any], scale: float = 1e3) -> list[float]:
    """Median time of each call, all of them made with a value before the next, and each first in turn.

    `scale` is the number of the unit in a second: milliseconds, where not given.
    """
    times: list[list[float]] = [[] for _ in calls]
    for number, value in enumerate(values):
        for place in range(len(calls)):
            one = (number + place) % len(calls)
            started = time.perf_counter()
            calls[one](value)
            times[one].append(scale * (time.perf_counter() - started))
    return [round(float(np.median(taken)), 2) for taken in times]


def _quantile(values: Any, share: float) -> float:
    return round(float(np.quantile(values, share)), 3)
