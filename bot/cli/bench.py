"""`faqbot bench`: the bot's speed beside a stock Rasa bot's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from bot.cli.options import JSON
from bot.cli.process import prepare_process


@click.command()
@click.option(
    "--messages", type=click.IntRange(1), default=300, show_default=True, help="How many questions are counted."
)
@click.option(
    "--questions",
    type=click.Path(path_type=Path),
    default=Path("evaluation/questions/tune.jsonl"),
    show_default=True,
    help="Where the questions come from; each is asked once.",
)
@JSON
def bench(messages: int, questions: Path, as_json: bool) -> None:
    """Measure a whole message against a stock Rasa bot with an empty custom action, in the same run.

    Example: faqbot bench --messages 100
    """
    prepare_process()
    from bot.evaluation.bench import run_bench
    from bot.runtime import runtime

    report = run_bench(runtime(), questions, messages, lambda what: click.echo(f"  {what}", err=True))
    click.echo(json.dumps(report, indent=2) if as_json else bench_table(report))


def bench_table(report: dict[str, Any]) -> str:
    """The report as text."""
    low, high = report["ratio_p50_interval"]
    parts = report["parts"]
    lines = [
        f"{report['messages']} new questions with a cited answer over REST, each asked of both bots",
        " " * 22 + "p50 ms    p95 ms",
    ]
    for name, title in (("bot", "this bot"), ("stock", "stock, empty action")):
        lines.append(f"{title:20}{report[name]['p50_ms']:8.1f}  {report[name]['p95_ms']:8.1f}")
    return "\n".join(
        [
            *lines,
            f"{'ratio':20}{report['ratio_p50']:8.2f}  {report['ratio_p95']:8.2f}",
            f"95 % interval of the ratio of p50: {low} to {high}; the goal is 0.75 at most",
            f"parts: gate {parts['gate_us']} µs (patterns {parts['patterns_us']} µs), "
            f"encode {parts['encode_ms']} ms (in full precision on torch {parts['encode_torch_ms']} ms), "
            f"search {parts['search_ms']} ms (BM25 alone {parts['search_bm25_ms']} ms)",
        ]
    )
