"""Which passages answer which of the reviewed claims and facts of `docs/facts.yml`, as a table to audit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bot.errors import KnowledgeError, Problem, UsageError
from bot.knowledge.files import line_of, load_yaml, read_text
from bot.knowledge.model import KnowledgeBase, Passage

# What an entry of each part of the file needs: its mark, its text, and of a claim what is true of it.
_PARTS = {"claims": ("verdict", "claim", "say"), "facts": ("mark", "fact")}


# The reviewed claims and facts that the shipped knowledge was written from.
FACTS = Path("docs/facts.yml")


@dataclass(frozen=True)
class Fact:
    """One numbered claim of the source articles (`A-…`) or one numbered fact (`B-…`).

    Attributes:
        id: its number.
        mark: the verdict on a claim (`supported`, `overstated`, …); how a fact was read (`V`, `V2`, `K`, `P`).
        text: what is claimed, or the fact.
        say: for a claim, what is true of it.
        gap: why no passage needs to answer it; empty where one must.
    """

    id: str
    mark: str
    text: str
    say: str
    gap: str


@dataclass(frozen=True)
class Coverage:
    """The facts, and the passages that name each of them under `Facts:`."""

    facts: tuple[Fact, ...]
    knowledge: KnowledgeBase
    file: str

    @cached_property
    def passages(self) -> Mapping[str, tuple[Passage, ...]]:
        """Passages by the fact that they answer, in file order."""
        found: dict[str, tuple[Passage, ...]] = {}
        for passage in self.knowledge.passages:
            for name in passage.facts:
                found[name] = (*found.get(name, ()), passage)
        return found

    def problems(self) -> list[Problem]:
        """Facts that no passage answers without a reason, and references of passages to facts that are not there."""
        known = {fact.id for fact in self.facts}
        parts = {name[:2] for name in known}
        missing = [
            Problem(
                self.file,
                0,
                f"{fact.id} is answered by no passage: name it under 'Facts:' of one, or say why under 'gap:'",
            )
            for fact in self.facts
            if not fact.gap and fact.id not in self.passages
        ]
        unknown = [
            Problem(passage.file, passage.line, f"'{name}' under 'Facts:' is not in {self.file}: correct it")
            for name, passages in self.passages.items()
            if name[:2] in parts and name not in known
            for passage in passages
        ]
        return sorted(missing + unknown)

    def table(self) -> str:
        """The whole coverage as a Markdown page."""
        claims, facts = ([f for f in self.facts if f.id.startswith(part)] for part in ("A-", "B-"))
        lines = [
            "# Which passage answers what",
            "",
            "Written by `faqbot knowledge coverage --write docs/coverage.md` from [facts.yml](facts.yml) and the",
            "`Facts:` lines of the knowledge files; do not edit it by hand.",
            "",
            f"- {self._sum(claims, 'claims of the source articles')}",
            f"- {self._sum(facts, 'facts')}",
            "",
            "## Claims of the five source articles",
            "",
            "| | Claim | Verdict | What is true of it | Answered by |",
            "| --- | --- | --- | --- | --- |",
            *(f"| {f.id} | {_cell(f.text)} | {f.mark} | {_cell(f.say)} | {self._answered_by(f)} |" for f in claims),
            "",
            "## Facts",
            "",
            "V was read at its source, V2 second-hand, K is general knowledge, P is the project's own policy.",
            "",
            "| | Fact | Read | Answered by |",
            "| --- | --- | --- | --- |",
            *(f"| {f.id} | {_cell(f.text)} | {f.mark} | {self._answered_by(f)} |" for f in facts),
        ]
        return "\n".join(lines) + "\n"

    def _sum(self, facts: list[Fact], what: str) -> str:
        answered = sum(f.id in self.passages for f in facts)
        left = f"; {len(facts) - answered} without one, each with its reason" if answered < len(facts) else ""
        return f"{len(facts)} {what}: {answered} with a passage{left}."

    def _answered_by(self, fact: Fact) -> str:
        passages = self.passages.get(fact.id, ())
        links = (f"[{p.id}](../{p.file})" for p in passages)
        return "<br>".join(links) if passages else f"none: {_cell(fact.gap) or '**missing**'}"


def read_coverage(facts: Path, knowledge: KnowledgeBase) -> Coverage:
    """Reads the claims and facts.

    Raises:
        UsageError: the file is not there.
        KnowledgeError: it cannot be read, or an entry lacks something.
    """
    if not facts.is_file():
        raise UsageError(f"{facts}: no such file: name the file of claims and facts with --facts")
    file = facts.as_posix()
    problems: list[Problem] = []
    text = read_text(facts, file, problems) or ""
    data = load_yaml(text, file, problems)
    if not problems and not isinstance(data, Mapping):
        problems.append(Problem(file, 1, "needs 'claims:' and 'facts:', each with its entries"))
    found = () if problems else tuple(f for part in _PARTS for f in _facts(data, part, file, text, problems))
    if problems:
        raise KnowledgeError(problems)
    return Coverage(found, knowledge, file)


def _facts(data: Mapping[str, Any], part: str, file: str, text: str, problems: list[Problem]) -> Iterator[Fact]:
    lines = text.split("\n")
    entries = data.get(part)
    if not isinstance(entries, Mapping):
        problems.append(Problem(file, line_of(lines, part), f"needs '{part}:' with its entries, or {{}} for none"))
        return
    for name, entry in entries.items():
        given = entry if isinstance(entry, Mapping) else {}
        needed = [given.get(key) for key in _PARTS[part]]
        gap = given.get("gap", "")
        if all(isinstance(value, str) for value in (*needed, gap)):
            mark, what, *say = map(str, needed)
            yield Fact(str(name), mark, what, "".join(say), str(gap))
        else:
            named = ", ".join(f"'{key}: …'" for key in _PARTS[part])
            problems.append(Problem(file, line_of(lines, str(name)), f"{name} needs {named}, each with a text"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
