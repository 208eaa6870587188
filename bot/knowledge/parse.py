"""Reads the knowledge folder. Every problem of every file is collected before any is raised.

A passage looks like this; `docs/knowledge-format.md` is the reference::

    ## What are the common side effects? {#common}

    Feeling detached, dizzy or sick is common.[^short-2018] Most of it passes the same day.[^jnj-dissociation-2024]

    Visitors ask:

    - what are the side effects
    - does ketamine make you feel weird

    Facts: B-89, B-152
    Next: safety/side-effects#how-long, aftercare/after-a-session#driving
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from bot.errors import KnowledgeError, Problem, UsageError
from bot.knowledge.model import (
    DEFAULT_LANGUAGE,
    SOURCE_KINDS,
    TOPICS,
    Clinic,
    KnowledgeBase,
    Passage,
    Price,
    Source,
    Statement,
)
from bot.knowledge.vocabulary import ENTITIES, Vocabulary

_HEADING = re.compile(r"^##\s+(?P<heading>.+?)\s*(?:\{#(?P<slug>[^}]*)\})?\s*$")
_SLUG = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")
_CITED = re.compile(r"\s*(?P<text>[^\[]*(?:\[(?!\^)[^\[]*)*?)(?P<marks>(?:\[\^[^\]\s]*\])+)", re.S)
_MARK = re.compile(r"\[\^([^\]\s]*)\]")
_LANGUAGE = re.compile(r"^[a-z]{2}$")
_FRONT_MATTER_KEYS = {"title", "reviewed", "review_by", "reviewer", "about"}


def read_knowledge(root: Path) -> tuple[KnowledgeBase, list[Problem]]:
    """Reads the knowledge folder; returns what could be read and every problem of form that was found.

    Whether the content holds is for `bot.knowledge.check`; `load_knowledge` does both.

    Raises:
        UsageError: the folder is not there.
    """
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder: run this in the project's folder, or name the knowledge folder")
    problems: list[Problem] = []
    sources = _read_sources(root / "sources.yml", problems)
    clinic = _read_clinic(root / "clinic.yml", problems)
    replies = _read_replies(root / "replies", problems)
    vocabulary = _read_vocabulary(root / "vocabulary.yml", problems)
    passages: list[Passage] = []
    for path in page_paths(root):
        passages += _PageReader(root, path, vocabulary, problems).read()
    knowledge = KnowledgeBase(tuple(passages), sources, clinic, vocabulary, replies, version=version_of(root))
    return knowledge, problems


def page_paths(root: Path) -> list[Path]:
    """The page files, in order: every Markdown file in a sub-folder."""
    return sorted(p for p in root.rglob("*.md") if p.parent != root)


def version_of(root: Path) -> str:
    """Digest of every file that the knowledge is made of, 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted([*page_paths(root), *root.rglob("*.yml")]):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@dataclass
class _Draft:
    """A passage while its lines are being collected."""

    heading: str
    slug: str
    line: int
    paragraphs: list[tuple[int, str]] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)


class _PageReader:
    """Reads one Markdown file."""

    def __init__(self, root: Path, path: Path, vocabulary: Vocabulary, problems: list[Problem]) -> None:
        self._path = path
        self._vocabulary = vocabulary
        self._problems = problems
        relative = path.relative_to(root)
        self._file = f"{root.name}/{relative.as_posix()}"
        folders = list(relative.parts[:-1])
        self._language = folders.pop(0) if _LANGUAGE.match(folders[0]) else DEFAULT_LANGUAGE
        self._topic = folders[0] if folders else ""
        self._page = relative.with_suffix("").as_posix()

    def read(self) -> list[Passage]:
        """The page's passages; problems go to the list that was given."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            self._problem(0, "is not UTF-8 text: save it as UTF-8")
            return []
        if self._topic not in TOPICS:
            self._problem(0, f"is in the folder '{self._topic}', which is not a topic: use one of {', '.join(TOPICS)}")
            return []
        lines = text.splitlines()
        meta, start = self._front_matter(lines)
        return [p for draft in self._drafts(lines, start) if (p := self._passage(draft, meta)) is not None]

    def _front_matter(self, lines: list[str]) -> tuple[dict[str, Any], int]:
        if not lines or lines[0].strip() != "---" or "---" not in (line.strip() for line in lines[1:]):
            self._problem(1, "has no front matter: begin the file with a block between two lines of ---")
            return {}, 0
        end = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
        meta = _load_yaml("\n".join(lines[1:end]), self._file, self._problems, offset=1)
        if not isinstance(meta, dict):
            self._problem(1, "front matter must be lines of 'name: value'")
            meta = {}
        for key in sorted(set(meta) - _FRONT_MATTER_KEYS):
            self._problem(_line_of(lines, key), f"'{key}' is not a front matter entry: use {', '.join(sorted(_FRONT_MATTER_KEYS))}")
        for key in ("title", "reviewer"):
            if not isinstance(meta.get(key), str):
                self._problem(1, f"front matter needs '{key}: …'")
        for key in ("reviewed", "review_by"):
            if not isinstance(meta.get(key), date):
                self._problem(_line_of(lines, key), f"front matter needs '{key}: ' with a date like 2026-11-22")
        if all(isinstance(meta.get(k), date) for k in ("reviewed", "review_by")) and meta["review_by"] <= meta["reviewed"]:
            self._problem(_line_of(lines, "review_by"), "'review_by' is not after 'reviewed': correct one of the two dates")
        return meta, end + 1

    def _drafts(self, lines: list[str], start: int) -> Iterator[_Draft]:
        draft: _Draft | None = None
        in_questions = False
        for number, line in enumerate(lines[start:], start + 1):
            stripped = line.strip()
            if line.startswith("#"):
                if draft:
                    yield draft
                draft, in_questions = self._heading(line, number), False
            elif not draft:
                if stripped:
                    self._problem(number, "text before the first heading is never shown: move it under a '## … {#…}' heading")
            elif stripped.lower() == "visitors ask:":
                in_questions = True
            elif stripped.startswith(("Facts:", "Next:")):
                name, _, rest = stripped.partition(":")
                (draft.facts if name == "Facts" else draft.related).extend(w.strip() for w in rest.split(",") if w.strip())
                in_questions = False
            elif in_questions and stripped.startswith("- "):
                draft.questions.append(stripped[2:].strip())
            elif in_questions and stripped:
                self._problem(number, "expected '- ' and a question: start each question under 'Visitors ask:' with '- '")
            elif stripped.startswith(("- ", "* ", "> ", "|", "```", "<")):
                self._problem(number, "lists, quotes, tables and HTML are not shown in a reply: write sentences")
            elif stripped:
                self._body_line(draft, number, line, previous=lines[number - 2])
        if draft:
            yield draft

    def _heading(self, line: str, number: int) -> _Draft:
        match = _HEADING.match(line)
        if not match:
            self._problem(number, "expected a passage heading: write '## The question {#a-short-name}'")
            return _Draft(line.lstrip("# ").strip(), f"line-{number}", number)
        slug = match["slug"] or ""
        if not _SLUG.match(slug):
            self._problem(number, "the heading needs a short name: end it with {#a-short-name}, lowercase letters, digits and hyphens")
            slug = f"line-{number}"
        return _Draft(match["heading"], slug, number)

    @staticmethod
    def _body_line(draft: _Draft, number: int, line: str, previous: str) -> None:
        """Adds a line to the paragraph that it continues, or begins a new one."""
        if draft.paragraphs and previous.strip() and not previous.startswith("#"):
            first, text = draft.paragraphs[-1]
            draft.paragraphs[-1] = (first, f"{text}\n{line}")
        else:
            draft.paragraphs.append((number, line))

    def _passage(self, draft: _Draft, meta: Mapping[str, Any]) -> Passage | None:
        paragraphs = tuple(tuple(self._statements(number, text)) for number, text in draft.paragraphs)
        if not paragraphs:
            self._problem(draft.line, f"'{draft.heading}' has no text: write the answer under the heading")
            return None
        dates = [meta.get(k) for k in ("reviewed", "review_by")]
        reviewed, review_by = (d if isinstance(d, date) else date.min for d in dates)
        return Passage(
            id=f"{self._page}#{draft.slug}",
            file=self._file,
            line=draft.line,
            language=self._language,
            topic=self._topic,
            heading=draft.heading,
            paragraphs=paragraphs,
            questions=tuple(draft.questions),
            facts=tuple(draft.facts),
            related=tuple(draft.related),
            reviewed=reviewed,
            review_by=review_by,
            reviewer=str(meta.get("reviewer", "")),
            about=self._about(meta, draft.heading),
        )

    def _about(self, meta: Mapping[str, Any], heading: str) -> tuple[str, ...]:
        """What the page says that it is about, and what the passage's own heading names."""
        declared = meta.get("about") or []
        declared = declared if isinstance(declared, list) else [declared]
        for value in declared:
            if value not in self._vocabulary.values:
                self._problem(1, f"'{value}' under 'about:' is not in vocabulary.yml: use one of {', '.join(self._vocabulary.values)}")
        return tuple(dict.fromkeys([*declared, *(m.value for m in self._vocabulary.find(heading))]))

    def _statements(self, number: int, text: str) -> Iterator[Statement]:
        """Cuts a paragraph behind each group of citation marks."""
        position = 0
        for match in _CITED.finditer(text):
            line = number + text.count("\n", 0, match.start("text"))
            words = match["text"].strip()
            if not words:
                self._problem(line, "a citation mark with no words before it: put [^source] behind the sentence that it supports")
            else:
                yield Statement(words, tuple(_MARK.findall(match["marks"])), line)
            position = match.end()
        rest = text[position:].strip()
        if rest:
            yield Statement(rest, (), number + text.count("\n", 0, len(text) - len(text[position:].lstrip())))

    def _problem(self, line: int, message: str) -> None:
        self._problems.append(Problem(self._file, line, message))


def _line_of(lines: list[str], key: str) -> int:
    """The line on which a front matter entry stands, 1 where there is none."""
    return next((i for i, line in enumerate(lines, 1) if line.startswith(f"{key}:")), 1)


def _load_yaml(text: str, file: str, problems: list[Problem], offset: int = 0) -> Any:
    """Parses YAML; what cannot be parsed becomes one problem in plain words, and None comes back."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = (mark.line + 1 if mark else 0) + offset
        reason = getattr(error, "problem", None) or "is not valid YAML"
        problems.append(Problem(file, line, f"cannot be read ({reason}): look for a missing quote, colon or bracket here or just above"))
    except ValueError as error:
        problems.append(Problem(file, 0, f"has a value that cannot be read ({error}): correct it"))
    return None


def _read_mapping(path: Path, problems: list[Problem]) -> dict[str, Any]:
    """A YAML file that must hold names and values at its top."""
    file = f"{path.parent.name}/{path.name}"
    if not path.is_file():
        problems.append(Problem(file, 0, "is missing: put it back"))
        return {}
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        problems.append(Problem(file, 0, "is not UTF-8 text: save it as UTF-8"))
        return {}
    data = _load_yaml(text, file, problems)
    if isinstance(data, dict):
        return data
    if data is not None or not problems:
        problems.append(Problem(file, 1, "must be lines of 'name: value'"))
    return {}


def _read_sources(path: Path, problems: list[Problem]) -> dict[str, Source]:
    file = f"{path.parent.name}/{path.name}"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    sources: dict[str, Source] = {}
    for key, entry in _read_mapping(path, problems).items():
        line = _line_of(lines, str(key))

        def wrong(message: str, line: int = line, key: object = key) -> None:
            problems.append(Problem(file, line, f"source '{key}': {message}"))

        if not isinstance(entry, dict):
            wrong("must have title, publisher, year, url, kind and read, each on an indented line")
            continue
        missing = [k for k in ("title", "publisher", "year", "url", "kind", "read") if not entry.get(k)]
        if missing:
            wrong(f"has no {', '.join(missing)}: add it")
            continue
        if entry["kind"] not in SOURCE_KINDS:
            wrong(f"kind '{entry['kind']}' is not one of {', '.join(SOURCE_KINDS)}")
        if not isinstance(entry["year"], int) or not 1900 <= entry["year"] <= 2100:
            wrong(f"year '{entry['year']}' is not a year")
            continue
        if not re.match(r"^https://[^\s]+$", str(entry["url"])):
            wrong(f"url '{entry['url']}' must begin with https:// and have no spaces")
            continue
        sources[str(key)] = Source(
            id=str(key),
            **{k: str(entry[k]) for k in ("title", "publisher", "url", "kind", "read")},
            year=entry["year"],
            authors=str(entry.get("authors", "")),
        )
    return sources


def _read_clinic(path: Path, problems: list[Problem]) -> Clinic:
    file = f"{path.parent.name}/{path.name}"
    data = _read_mapping(path, problems)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def text(key: str, required: bool = True) -> str:
        value = data.get(key, "")
        if data and required and not (isinstance(value, str) and value.strip()):
            problems.append(Problem(file, _line_of(lines, key), f"needs '{key}: …' with the text in quotes"))
        return str(value).strip()

    def texts(key: str, required: bool = True) -> tuple[str, ...]:
        value = data.get(key, [])
        if not isinstance(value, list) or (data and required and not value):
            problems.append(Problem(file, _line_of(lines, key), f"needs '{key}:' followed by lines that begin with '- '"))
            return ()
        return tuple(str(v) for v in value)

    for key in ("website", "booking_url"):
        url = str(data.get(key, ""))
        if url and not url.startswith("https://"):
            problems.append(Problem(file, _line_of(lines, key), f"'{key}' must begin with https://, and it is '{url}'"))
    overdue = str(data.get("overdue_passages", "label"))
    if overdue not in ("label", "withhold"):
        problems.append(Problem(file, _line_of(lines, "overdue_passages"), "'overdue_passages' must be 'label' or 'withhold'"))
    return Clinic(
        name=text("name"),
        example=bool(data.get("example", False)),
        region=text("region"),
        phone=text("phone"),
        after_hours=text("after_hours"),
        email=text("email", required=False),
        website=text("website"),
        booking_url=text("booking_url", required=False),
        address=texts("address"),
        hours=texts("hours"),
        directions=text("directions", required=False),
        prices=_read_prices(data.get("prices", []), file, _line_of(lines, "prices"), problems),
        overdue_passages=overdue,
        embed_on=texts("embed_on", required=False),
    )


def _read_prices(entries: object, file: str, line: int, problems: list[Problem]) -> tuple[Price, ...]:
    prices = []
    for entry in entries if isinstance(entries, list) else [None]:
        if isinstance(entry, dict) and isinstance(entry.get("as_of"), date) and {"item", "price"} <= set(entry):
            prices.append(Price(str(entry["item"]), str(entry["price"]), entry["as_of"]))
        else:
            problems.append(Problem(file, line, "each of 'prices' needs item, price and as_of with a date like 2026-11-22"))
    return tuple(prices)


def _read_vocabulary(path: Path, problems: list[Problem]) -> Vocabulary:
    file = f"{path.parent.name}/{path.name}"
    words: dict[str, dict[str, tuple[str, ...]]] = {entity: {} for entity in ENTITIES.values()}
    taken: dict[str, str] = {}
    for group, entries in _read_mapping(path, problems).items():
        if group not in ENTITIES or not isinstance(entries, dict):
            problems.append(Problem(file, 1, f"'{group}' is not one of {', '.join(ENTITIES)}, or has no entries under it"))
            continue
        for value, listed in entries.items():
            if not isinstance(listed, list) or not listed:
                problems.append(Problem(file, 1, f"'{value}' needs its words in brackets: {value}: [one, another]"))
                continue
            words[ENTITIES[group]][str(value)] = tuple(str(w) for w in listed)
            for word in listed:
                if taken.setdefault(str(word), str(value)) != str(value):
                    problems.append(Problem(file, 1, f"'{word}' stands under '{taken[str(word)]}' and '{value}': keep one"))
    return Vocabulary(words)


def _read_replies(folder: Path, problems: list[Problem]) -> dict[str, dict[str, object]]:
    """The fixed sentences, by language."""
    return {path.stem: _read_mapping(path, problems) for path in sorted(folder.glob("*.yml"))}


Check = Callable[[KnowledgeBase, Path], list[Problem]]


def load_knowledge(root: Path, check: Check) -> KnowledgeBase:
    """Reads the folder and checks it.

    Raises:
        KnowledgeError: with every problem that is not only a warning.
        UsageError: the folder is not there.
    """
    knowledge, problems = read_knowledge(root)
    problems += check(knowledge, root)
    blocking = [p for p in problems if not p.warning]
    if blocking:
        raise KnowledgeError(blocking)
    return knowledge
