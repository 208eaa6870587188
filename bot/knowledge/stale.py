"""What a person has to look at again: pages past their review date, old prices, help lines not verified lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from bot.knowledge.model import KnowledgeBase
from bot.safety.resources import STALE_AFTER_DAYS, Region

# A visitor plans with these, so a price is checked twice a year.
PRICE_DAYS = 180


@dataclass(frozen=True)
class Stale:
    """One thing to look at again.

    Attributes:
        kind: `passages`, `price` or `help line`.
        name: what it is called.
        file: where it stands.
        due: the last day on which it still held, None where it never did.
        overdue: whether that day has passed; otherwise it passes soon.
        message: one sentence for staff.
    """

    kind: str
    name: str
    file: str
    due: date | None
    overdue: bool
    message: str

    def __str__(self) -> str:
        """`file: message`, soon to be due as a warning."""
        return f"{self.file}: {'' if self.overdue else 'warning: '}{self.message}"


def find_stale(
    knowledge: KnowledgeBase, region: Region, today: date, soon: int = 30, folder: str = "knowledge"
) -> list[Stale]:
    """Everything that is stale, the longest overdue first; then the pages that will be within `soon` days.

    Args:
        knowledge: the files.
        region: the clinic's region, with its help lines.
        today: the date to compare with.
        soon: how many days ahead to look for review dates.
        folder: the name of the files' folder.
    """
    found = [*_passages(knowledge, today, soon), *_prices(knowledge, today, folder), *_help_lines(region, today)]
    return sorted(found, key=lambda s: (not s.overdue, s.due or date.min, s.file, s.name))


def _passages(knowledge: KnowledgeBase, today: date, soon: int) -> Iterator[Stale]:
    """One finding a page: its passages share its dates."""
    for file, group in groupby(knowledge.passages, key=lambda p: p.file):
        passages = list(group)
        due = passages[0].review_by
        if today + timedelta(days=soon) < due:
            continue
        overdue = today > due
        count = f"{len(passages)} passage{'s' if len(passages) > 1 else ''}"
        when = f"was due for review on {due}" if overdue else f"is due for review on {due}"
        message = f"the page with {count} {when}: read it against its sources, then renew 'reviewed' and 'review_by'"
        yield Stale("passages", file, file, due, overdue, message)


def _prices(knowledge: KnowledgeBase, today: date, folder: str) -> Iterator[Stale]:
    for price in knowledge.clinic.prices:
        due = price.as_of + timedelta(days=PRICE_DAYS)
        if today > due:
            age = f"is from {price.as_of}, more than {PRICE_DAYS} days ago"
            message = f"the price of '{price.item}' {age}: check it, then renew 'as_of'"
            yield Stale("price", price.item, f"{folder}/clinic.yml", due, True, message)


def _help_lines(region: Region, today: date) -> Iterator[Stale]:
    for line in region.all_resources():
        if line.is_stale(today):
            due = line.verified + timedelta(days=STALE_AFTER_DAYS) if line.verified else None
            last = (
                f"last verified on {line.verified}, more than {STALE_AFTER_DAYS} days ago"
                if line.verified
                else "never verified"
            )
            message = f"'{line.id}' ({line.shown}) was {last}: call or open it, then renew 'verified'"
            yield Stale("help line", line.id, f"bot/safety/regions/{region.id}.yml", due, True, message)
