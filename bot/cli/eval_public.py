"""`faqbot eval retrieval` and `faqbot eval intents`: the bot's engines on public datasets."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.cli.options import JSON
from bot.cli.process import prepare_process

_FILE = click.Path(path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
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
@click.option(
    "--cache", type=_FOLDER, help="Folder where vectors are kept for the next run. Without it nothing is kept."
)
@JSON
def retrieval(corpus: Path, queries: Path, qrels: Path, baselines: bool, cache: Path | None, as_json: bool) -> None:
    """Measure the retrieval engine on a dataset in BEIR's format. Files may be packed with gzip.

    Example: faqbot eval retrieval --corpus corpus.jsonl --queries queries.jsonl --qrels qrels.tsv
    """
    prepare_process()
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
    "--cache",
    type=_FOLDER,
    help="Folder where vectors and models are kept for the next run. Without it nothing is kept.",
)
@JSON
def intents(train: Path, test: Path, outside: str, epochs: int, cache: Path | None, as_json: bool) -> None:
    """Measure the intent classifier on a labelled set: accuracy in scope and recall out of it, at one operating point.

    Rows that name their part with "split" are split by it. Files may be packed with gzip.

    Example: faqbot eval intents --train clinc150.jsonl --test clinc150.jsonl
    """
    prepare_process()
    from bot.evaluation.intent_sets import diet, engine, read_intents, run_intents
    from bot.evaluation.retrieval_sets import ChunkedEncoder
    from bot.runtime import runtime

    data = read_intents(train, test, outside)
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
    "--questions",
    type=_FILE,
    default=Path("evaluation/questions/report.jsonl"),
    show_default=True,
    help="Questions to report on.",
)
@click.option(
    "--tune",
    type=_FILE,
    default=Path("evaluation/questions/tune.jsonl"),
    show_default=True,
    help="Questions that the ranking is fitted on.",
)
@JSON
def ablations(questions: Path, tune: Path, as_json: bool) -> None:
    """Fit the ranking anew without each of its parts, and measure what that costs.

    Example: faqbot eval ablations
    """
    prepare_process()
    from bot.evaluation import ablations as measured
    from bot.examples import read_questions
    from bot.rasa.agent import load_understanding
    from bot.runtime import runtime
    from bot.training.ranker import cases_of

    understand = load_understanding(runtime().settings.models)
    sets = [cases_of(runtime(), understand, read_questions(path)) for path in (tune, questions)]
    names = ("right first", "in the first three", "refused", "answered wrongly", "uncovered answered")
    rows = measured.ablations(*sets)
    if as_json:
        click.echo(json.dumps([row.as_dict() for row in rows], indent=2))
        return
    click.echo(f"{'without':18}" + "".join(f"{name:>20}" for name in names))
    for row in rows:
        figures = (row.first, row.third, row.refused, row.wrong, row.answered)
        click.echo(f"{row.without or '(nothing)':18}" + "".join(f"{100 * f.value:18.1f} %" for f in figures))


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
@click.option(
    "--epochs", type=int, default=100, show_default=True, help="Epochs of Rasa's ResponseSelector; 0 leaves it out."
)
@click.option(
    "--out", type=_FILE, default=Path("build/eval/baselines.json"), show_default=True, help="Where the figures go."
)
@JSON
def baselines(questions: tuple[Path, ...], tune: Path, epochs: int, out: Path, as_json: bool) -> None:
    """Measure on our questions what others would build: BM25 alone, vectors alone, Rasa's ResponseSelector.

    Example: faqbot eval baselines --questions evaluation/questions/tune.jsonl
    """
    prepare_process()
    from bot.evaluation.baselines import run_baselines, tuning_questions
    from bot.examples import read_questions
    from bot.runtime import runtime

    sets = {str(path): read_questions(path) for path in questions}
    tuned = tuning_questions(tune)
    report = run_baselines(runtime(), tuned, sets, epochs, out.parent / "baselines", _say, _tell)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(report, indent=2) + "\n")
    click.echo(json.dumps(report, indent=2) if as_json else f"{baselines_table(report)}\nwritten to {out}")


def baselines_table(report: dict[str, Any]) -> str:
    """The report as text, a block a set and a line a figure."""
    lines = []
    for name, found in report["sets"].items():
        lines.append(f"{name}:")
        for system, figures in found.items():
            lines.append(f"  {system}")
            lines += [
                f"    {key.replace('_', ' '):26}{_percent(figures[key])}" for key in figures if key != "threshold"
            ]
    return "\n".join(lines)


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


@click.command()
@click.option(
    "--corpus", type=_FILE, required=True, help='Foreign documents, JSON Lines with "text"; cut into passages.'
)
@click.option(
    "--count",
    "counts",
    type=click.IntRange(1),
    multiple=True,
    default=(10_000, 100_000),
    show_default=True,
    help="How many passages are added.",
)
@click.option(
    "--questions", type=_FILE, default=Path("evaluation/questions/tune.jsonl"), show_default=True, help="Our questions."
)
@click.option(
    "--cache", type=_FOLDER, help="Folder where vectors are kept for the next run. Without it nothing is kept."
)
@JSON
def distractors(corpus: Path, counts: tuple[int, ...], questions: Path, cache: Path | None, as_json: bool) -> None:
    """Measure how well our passages are found among thousands of foreign ones.

    Example: faqbot eval distractors --corpus medquad/corpus.jsonl.gz --count 10000
    """
    prepare_process()
    from bot.evaluation.distractors import run_distractors
    from bot.examples import read_questions
    from bot.rasa.agent import load_understanding
    from bot.runtime import runtime

    parts = runtime()
    asked = read_questions(questions)
    report = run_distractors(parts, load_understanding(parts.settings.models), asked, corpus, counts, _tell, cache)
    if as_json:
        click.echo(json.dumps(report, indent=2))
        return
    click.echo(f"{report['passages']} passages of our own, {report['questions']} questions")
    for count, found in report["with"].items():
        click.echo(f"with {int(count):,} foreign passages: search {found['search_ms_p50']} ms")
        for system, title in (("ranked", "whole ranking"), ("fused", "fused search alone")):
            first, three = (_percent(found[system][key]) for key in ("right_first", "right_in_first_three"))
            click.echo(f"  {title}: right first {first}; in the first three {three}")
