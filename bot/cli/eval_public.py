"""`faqbot eval retrieval` and `faqbot eval intents`: the bot's engines on public datasets."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.rasa_environment import prepare_environment

_FILE = click.Path(path_type=Path)
_NAMES = {"hybrid": "the bot's engine", "bm25": "BM25 alone", "vectors": "vectors alone"}


@click.command()
@click.option(
    "--corpus",
    type=_FILE,
    required=True,
    help='Documents, JSON Lines with "_id", "title" (may be left out) and "text".',
)
@click.option("--queries", type=_FILE, required=True, help='Queries, JSON Lines with "_id" and "text".')
@click.option(
    "--qrels", type=_FILE, required=True, help="Judgements: query id, document id and grade, with tabs between."
)
@click.option("--baselines", is_flag=True, help="Also measure BM25 alone and vectors alone.")
@click.option("--cache", type=_FILE, help="Folder where vectors are kept for the next run. Without it nothing is kept.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def retrieval(corpus: Path, queries: Path, qrels: Path, baselines: bool, cache: Path | None, as_json: bool) -> None:
    """Measure the retrieval engine on a dataset in BEIR's format. Files may be packed with gzip.

    Example: faqbot eval retrieval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv
    """
    prepare_environment()
    from bot.evaluation.retrieval_sets import read_set, run_set
    from bot.runtime import runtime

    data = read_set(corpus, queries, qrels)
    report = run_set(data, runtime().encoder, baselines, _tell, cache)
    click.echo(json.dumps(report, indent=2) if as_json else retrieval_table(report))


def retrieval_table(report: dict[str, Any]) -> str:
    """The report as a table, a column a system."""
    systems = {"hybrid": report, **report.get("baselines", {})}
    names = [
        name
        for name in report
        if name.startswith(("nDCG", "MRR", "MAP", "P@", "recall", "ms")) and not name.endswith("interval")
    ]
    low, high = report["nDCG@10_interval"]
    head = f"{report['documents']:,} documents, {report['queries']:,} queries, indexed in {report['index_seconds']} s"
    lines = [head, " " * 14 + "".join(f"{_NAMES[system]:>18}" for system in systems)]
    lines += [f"{name:14}" + "".join(f"{figures[name]:18}" for figures in systems.values()) for name in names]
    return "\n".join([*lines, f"95 % interval of the engine's nDCG@10: {low} to {high}"])


def _tell(done: int, of: int) -> None:
    click.echo(f"  embedded {done:,} of {of:,} texts", err=True)


@click.command()
@click.option(
    "--train",
    type=_FILE,
    required=True,
    help='Training questions, JSON Lines with "text" and "intent", or CLINC150\'s own file.',
)
@click.option(
    "--test",
    type=_FILE,
    required=True,
    help="Test questions, in the same form; may be the same file where rows name their part.",
)
@click.option("--out-of-scope", "outside", default="oos", show_default=True, help="Name of the out-of-scope class.")
@click.option(
    "--diet",
    "epochs",
    type=int,
    default=0,
    metavar="EPOCHS",
    help="Also train Rasa's DIET classifier, for so many epochs.",
)
@click.option(
    "--cache", type=_FILE, help="Folder where vectors and models are kept for the next run. Without it nothing is kept."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def intents(train: Path, test: Path, outside: str, epochs: int, cache: Path | None, as_json: bool) -> None:
    """Measure the intent classifier on a labelled set: accuracy in scope and recall out of it, at one operating point.

    Rows that name their part with "split" are split by it. Files may be packed with gzip.

    Example: faqbot eval intents --train clinc150.jsonl --test clinc150.jsonl
    """
    prepare_environment()
    from bot.evaluation.intent_sets import diet, engine, read_intents, run_intents
    from bot.evaluation.retrieval_sets import ChunkedEncoder
    from bot.runtime import runtime

    data = read_intents(train, test)
    report = run_intents(data, engine(ChunkedEncoder(runtime().encoder, _tell, cache), outside), outside)
    if epochs:
        with _kept(cache) as folder:
            report["baselines"] = {"diet": run_intents(data, diet(folder, epochs, _say, outside), outside)}
    click.echo(json.dumps(report, indent=2) if as_json else intents_table(report))


def intents_table(report: dict[str, Any]) -> str:
    """The report as text, a block a system."""
    lines = []
    for name, figures in {"the bot's classifier": report, **report.get("baselines", {})}.items():
        keys = ("in_scope_accuracy", "in_scope_accuracy_without_threshold", "out_of_scope_recall")
        inside, whole, outside = (_percent(figures[key]) for key in keys)
        lines += [
            f"{name}: {figures['intents']} intents, {figures['train']:,} training questions",
            f"  in-scope accuracy    {inside}; with nothing refused {whole}",
            f"  out-of-scope recall  {outside}",
            f"  trained in {figures['train_seconds']} s, {figures['ms_per_query']} ms a question",
        ]
    return "\n".join(lines)


@click.command()
@click.option(
    "--questions", type=_FILE, multiple=True, required=True, help="Questions to report on; may be given several times."
)
@click.option(
    "--tune",
    type=_FILE,
    default=Path("evaluation/questions/tune.jsonl"),
    show_default=True,
    help="Questions that set thresholds.",
)
@click.option("--epochs", type=int, default=100, show_default=True, help="Epochs of Rasa's ResponseSelector.")
@click.option(
    "--out", type=_FILE, default=Path("build/eval/baselines.json"), show_default=True, help="Where the figures go."
)
def baselines(questions: tuple[Path, ...], tune: Path, epochs: int, out: Path) -> None:
    """Measure on our questions what others would build: BM25 alone, vectors alone, Rasa's ResponseSelector.

    Example: faqbot eval baselines --questions evaluation/questions/tune.jsonl
    """
    prepare_environment()
    from bot.evaluation.baselines import bm25, compare, response_selector, vectors
    from bot.evaluation.sets import read_questions, training_questions
    from bot.retrieval.passages import documents, passages_in
    from bot.runtime import runtime

    sets = {str(path): read_questions(path) for path in questions}
    parts = runtime()
    knowledge = parts.live.snapshot.knowledge
    passages = documents(passages_in(knowledge, parts.settings.language), training_questions(parts.settings.examples))
    kept = out.parent / "baselines"
    selector, seconds = response_selector(passages, kept, epochs, _say)
    systems = {
        "bm25": bm25(passages),
        "vectors": vectors(passages, parts.encoder, _tell, kept),
        "response_selector": selector,
    }
    compared = compare(systems, read_questions(tune), sets)
    report = {
        "knowledge_version": knowledge.version,
        "response_selector": {"epochs": epochs, "train_seconds": seconds},
        "sets": compared,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n")
    for name, found in compared.items():
        click.echo(f"{name}:")
        for system, figures in found.items():
            click.echo(
                f"  {system}: "
                + ", ".join(
                    f"{key.replace('_', ' ')} {_percent(value)}" for key, value in figures.items() if key != "threshold"
                )
            )
    click.echo(f"written to {out}")


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    """The folder, or one that is gone afterwards."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)


def _percent(share: dict[str, Any]) -> str:
    if share["value"] is None:
        return "not asked for"
    return f"{100 * share['value']:.1f} % ({100 * share['low']:.1f} to {100 * share['high']:.1f}, n={share['of']})"


def _say(what: str) -> None:
    click.echo(f"  {what}", err=True)
