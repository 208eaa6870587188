"""`faqbot unanswered`: where the knowledge has gaps, without a word of any visitor."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import click

from bot.adapters.outcome_log import OUTCOMES, OutcomeLog
from bot.answering.outcomes import Gap, gaps
from bot.cli.options import JSON, MOST_DAYS
from bot.errors import UsageError
from bot.settings import read_settings
from bot.web.feedback import FEEDBACK, FeedbackStore

_WORDS = {"no_answer": "not answered", "clarify": "asked back"}


@click.command()
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=90, show_default=True, help="How far to look back.")
@click.option(
    "--data",
    "folders",
    type=click.Path(path_type=Path),
    multiple=True,
    help="A server's data folder; give it once for each server.  [default: FAQBOT_DATA, or var]",
)
@JSON
def unanswered(days: int, folders: tuple[Path, ...], as_json: bool) -> int:
    """Show what the bot could not answer, by the passages that were nearest.

    "Not answered" near a passage often means that it lacks a way of asking; with no passage near, that a passage is
    missing. Below stand the answers that visitors called not helpful, whenever that was. What visitors typed is
    never kept.

    Example: faqbot unanswered --days 30
    """
    places = data_folders(folders)
    found = gaps(counted for folder in places for counted in OutcomeLog(folder / OUTCOMES).since(days))
    opinions = read_opinions(places)
    if as_json:
        unhelpful = [vars(opinion) for opinion in opinions]
        click.echo(
            json.dumps({"days": days, "gaps": [gap.as_dict() for gap in found], "not_helpful": unhelpful}, indent=2)
        )
        return 0
    for line in [*gap_lines(found), *opinion_lines(opinions)]:
        click.echo(line)
    return 0


def data_folders(named: tuple[Path, ...]) -> tuple[Path, ...]:
    """The folders that were named, else this server's own.

    Raises:
        UsageError: a folder that was named is not there.
    """
    for folder in named:
        if not folder.is_dir():
            raise UsageError(f"{folder}: no such folder: name the data folder of a server, such as var")
    return named or (read_settings().data,)


@dataclass(frozen=True)
class Opinions:
    """How often visitors called a passage helpful or not, and the reasons that they chose, most often first."""

    passage: str
    not_helpful: int
    helpful: int
    reasons: tuple[str, ...]


def read_opinions(folders: tuple[Path, ...]) -> list[Opinions]:
    """The passages that someone called not helpful, the most often first."""
    good, bad = Counter[str](), Counter[str]()
    reasons: dict[str, Counter[str]] = {}
    for path in (folder / FEEDBACK for folder in folders):
        for opinion in FeedbackStore(path).counts() if path.is_file() else ():
            (good if opinion.helpful else bad)[opinion.passage] += opinion.count
            if opinion.reason and not opinion.helpful:
                reasons.setdefault(opinion.passage, Counter())[opinion.reason] += opinion.count
    return [
        Opinions(passage, count, good[passage], tuple(r for r, _ in reasons.get(passage, Counter()).most_common()))
        for passage, count in bad.most_common()
    ]


def gap_lines(found: list[Gap]) -> list[str]:
    """A line for each gap, then the sums by kind and topic."""
    if not found:
        return ["Nothing was left unanswered."]
    lines = [f"{'times':>5}  {'what':<12}  {'topic':<14}  {'confidence':>10}  nearest passages"]
    for gap in found:
        confidence = "" if gap.confidence is None else f"{gap.confidence:.2f}"
        near = ", ".join(filter(None, (gap.passage, *gap.also_near))) or "none"
        lines.append(f"{gap.count:>5}  {_WORDS[gap.kind]:<12}  {gap.topic or '-':<14}  {confidence:>10}  {near}")
    kinds, topics = Counter[str](), Counter[str]()
    for gap in found:
        kinds[_WORDS[gap.kind]] += gap.count
        topics[gap.topic or "no topic"] += gap.count
    return [*lines, *(", ".join(f"{name} {count}" for name, count in sums.most_common()) for sums in (kinds, topics))]


def opinion_lines(opinions: list[Opinions]) -> list[str]:
    """A line for each passage that someone called not helpful."""
    lines = []
    for opinion in opinions:
        rated = opinion.not_helpful + opinion.helpful
        why = f" ({', '.join(opinion.reasons)})" if opinion.reasons else ""
        lines.append(
            f"{opinion.not_helpful:>5}  not helpful, of {rated} opinions: {opinion.passage or 'no passage'}{why}"
        )
    return lines
