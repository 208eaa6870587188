"""`faqbot unanswered`: where the knowledge has gaps, without a word of any visitor."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import click

from bot.adapters.outcome_log import OUTCOMES, OutcomeLog
from bot.answering.outcomes import Counted, Gap, gaps
from bot.errors import UsageError
from bot.settings import read_settings

_WORDS = {"no_answer": "not answered", "clarify": "asked back", "not_helpful": "not helpful"}


@click.command()
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="How far to look back.")
@click.option(
    "--database",
    "databases",
    type=click.Path(path_type=Path),
    multiple=True,
    help=f"A server's file; give it once for each server.  [default: {OUTCOMES} in FAQBOT_DATA, or in var]",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def unanswered(days: int, databases: tuple[Path, ...], as_json: bool) -> int:
    """Show what the bot could not answer, by the passages that were nearest.

    "Not answered" near a passage often means that it lacks a way of asking; with no passage near, that a passage is
    missing. What visitors typed is never kept.

    Example: faqbot unanswered --days 30
    """
    found = gaps(read_outcomes(databases, days))
    if as_json:
        click.echo(json.dumps({"days": days, "gaps": [gap.as_dict() for gap in found]}, indent=2))
        return 0
    for line in gap_lines(found):
        click.echo(line)
    return 0


def read_outcomes(databases: tuple[Path, ...], days: int) -> list[Counted]:
    """The counts of all files together.

    Raises:
        UsageError: a file that was named is not there.
    """
    for path in databases:
        if not path.is_file():
            raise UsageError(f"{path}: no such file: name the file that a server has written, such as var/{OUTCOMES}")
    own = read_settings().data / OUTCOMES
    return [counted for path in databases or (own,) for counted in OutcomeLog(path).since(days)]


def gap_lines(found: list[Gap]) -> list[str]:
    """A line for each gap, then the sums by kind and topic."""
    if not found:
        return ["Nothing was left unanswered."]
    lines = [f"{'times':>5}  {'what':<12}  {'topic':<14}  {'confidence':>10}  nearest passages"]
    for gap in found:
        confidence = "" if gap.confidence is None else f"{gap.confidence:.2f}"
        near = ", ".join(filter(None, (gap.passage, *gap.also_near))) or "none"
        praised = f" (helpful {gap.helpful} times)" if gap.helpful else ""
        lines.append(
            f"{gap.count:>5}  {_WORDS[gap.kind]:<12}  {gap.topic or '-':<14}  {confidence:>10}  {near}{praised}"
        )
    kinds, topics = Counter[str](), Counter[str]()
    for gap in found:
        kinds[_WORDS[gap.kind]] += gap.count
        topics[gap.topic or "no topic"] += gap.count
    return [*lines, *(", ".join(f"{name} {count}" for name, count in sums.most_common()) for sums in (kinds, topics))]
