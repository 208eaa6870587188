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
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path
from typing import Any

from bot.errors import KnowledgeError, Problem, UsageError
from bot.knowledge.files import is_date, line_of, load_yaml, read_text
from bot.knowledge.model import (
    DEFAULT_LANGUAGE,
    SITE,
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
_MARKS = re.compile(r"(?:\[\^[^\]\s]*\])+")
_MARK = re.compile(r"\[\^([^\]\s]*)\]")
_LANGUAGE = re.compile(r"^[a-z]{2}$")
_QUESTIONS = re.compile(r"^visitors?\s+asks?\s*:?$", re.I)
_POINT = re.compile(r"^[-*•–]\s+")
# What a reader would see as it stands: brackets that make no citation mark, and the signs of bold and code.
_STRAY = re.compile(r"\[|\]|\(\^|\*\*|__|`")
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
    problems += _unread(root)
    passages: list[Passage] = []
    for path in page_paths(root):
        passages += _PageReader(root, path, vocabulary, problems).read()
    knowledge = KnowledgeBase(tuple(passages), sources, clinic, vocabulary, replies, version=version_of(root))
    return knowledge, problems


def page_paths(root: Path) -> list[Path]:
    """The page files, in order: every Markdown file in a sub-folder."""
    return sorted(p for p in root.rglob("*.md") if p.parent != root and p.is_file())


def list_paths(root: Path) -> list[Path]:
    """The YAML files, in order; not what only looks like one, as a folder or an editor's lock does."""
    return sorted(p for p in root.rglob("*.yml") if p.is_file())


def _unread(root: Path) -> Iterator[Problem]:
    """Warnings of files that someone may have meant as a page."""
    read = {*page_paths(root), *root.rglob("*.yml"), root / "README.md"}
    for path in sorted(root.rglob("*")):
        if path.is_file() and path not in read and not path.name.startswith(".") and not path.name.endswith("~"):
            message = "is not read: a page stands in a topic's folder and its name ends in .md"
            yield Problem(f"{root.name}/{path.relative_to(root).as_posix()}", 0, message, warning=True)


def version_of(root: Path) -> str:
    """Digest of every file that the knowledge is made of, 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for path in sorted([*page_paths(root), *list_paths(root)]):
        digest.update(f"{path.relative_to(root)}\0".encode())
        # A file that cannot be read is a problem that its reader reports.
        with suppress(OSError):
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
        text = read_text(self._path, self._file, self._problems)
        if text is None:
            return []
        if self._topic not in TOPICS:
            self._problem(0, f"is in the folder '{self._topic}', which is not a topic: use one of {', '.join(TOPICS)}")
            return []
        if not _SLUG.match(self._path.stem):
            self._problem(0, "has a name with more than lowercase letters, digits and hyphens: rename it")
        if not text.strip():
            self._problem(1, "is empty: write a page into it, or delete it")
            return []
        lines = text.split("\n")
        meta, start = self._front_matter(lines)
        return [p for draft in self._drafts(lines, start) if (p := self._passage(draft, meta)) is not None]

    def _front_matter(self, lines: list[str]) -> tuple[dict[str, Any], int]:
        end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), None)
        if lines[0].strip() != "---" or end is None:
            self._problem(1, "has no front matter: begin the file with a block between two lines of ---")
            return {}, next((i for i, line in enumerate(lines) if line.startswith("#")), len(lines))
        problems: list[Problem] = []
        meta = load_yaml("\n".join(lines[1:end]), self._file, problems, first_line=2)
        self._problems += problems
        if not isinstance(meta, dict):
            if not problems:
                self._problem(1, "front matter must be lines of 'name: value'")
            return {}, end + 1
        meta = {str(key): value for key, value in meta.items()}
        for key in sorted(set(meta) - _FRONT_MATTER_KEYS):
            self._problem(
                line_of(lines, key),
                f"'{key}' is not a front matter entry: use {', '.join(sorted(_FRONT_MATTER_KEYS))}",
            )
        for value in _declared(meta):
            if value not in self._vocabulary.values:
                known = ", ".join(self._vocabulary.values)
                self._problem(
                    line_of(lines, "about"), f"'{value}' under 'about:' is not in vocabulary.yml: use one of {known}"
                )
        for key in ("title", "reviewer"):
            if not isinstance(meta.get(key), str):
                self._problem(1, f"front matter needs '{key}: …'")
        for key in ("reviewed", "review_by"):
            if not is_date(meta.get(key)):
                self._problem(line_of(lines, key), f"front matter needs '{key}: ' with a date like 2026-11-22")
        if all(is_date(meta.get(k)) for k in ("reviewed", "review_by")) and meta["review_by"] <= meta["reviewed"]:
            self._problem(
                line_of(lines, "review_by"), "'review_by' is not after 'reviewed': correct one of the two dates"
            )
        return meta, end + 1

    def _drafts(self, lines: list[str], start: int) -> Iterator[_Draft]:  # noqa: C901 - one branch a kind of line
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
                    self._problem(
                        number, "text before the first heading is never shown: move it under a '## … {#…}' heading"
                    )
            elif _QUESTIONS.match(stripped):
                in_questions = True
            elif stripped.startswith(("Facts:", "Next:")):
                name, _, rest = stripped.partition(":")
                (draft.facts if name == "Facts" else draft.related).extend(
                    w.strip() for w in rest.split(",") if w.strip()
                )
                in_questions = False
            elif in_questions and (point := _POINT.match(stripped)):
                draft.questions.append(stripped[point.end() :])
            elif in_questions and stripped:
                self._problem(
                    number, "expected '- ' and a question: start each question under 'Visitors ask:' with '- '"
                )
            elif _POINT.match(stripped) or stripped.startswith((">", "|", "```", "<")):
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
            self._problem(
                number,
                "the heading needs a short name: end it with {#a-short-name}, lowercase letters, digits and hyphens",
            )
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
        reviewed, review_by = (d if is_date(d) else date.min for d in dates)
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
        return tuple(dict.fromkeys([*_declared(meta), *(m.value for m in self._vocabulary.find(heading))]))

    def _statements(self, number: int, text: str) -> Iterator[Statement]:
        """Cuts a paragraph behind each group of citation marks."""
        position = 0
        for marks in _MARKS.finditer(text):
            yield from self._statement(number, text, position, marks.start(), tuple(_MARK.findall(marks.group())))
            position = marks.end()
        yield from self._statement(number, text, position, len(text), ())

    def _statement(self, number: int, text: str, start: int, end: int, sources: tuple[str, ...]) -> Iterator[Statement]:
        """The statement between two positions of a paragraph that begins on line `number`, if words stand there."""
        words = text[start:end].strip()
        line = number + text.count("\n", 0, end - len(text[start:end].lstrip()))
        if not words:
            if sources:
                self._problem(line, "a citation mark with no words before it: put [^source] right behind a sentence")
            return
        if start and words[0] in ".,;:!?":
            self._problem(line, f"a citation mark stands before the '{words[0]}': put it right behind")
        if stray := _STRAY.search(words):
            line_of_stray = line + words.count("\n", 0, stray.start())
            self._problem(
                line_of_stray, f"'{stray.group()}' would be shown as it stands: take it out; a citation is [^source]"
            )
        yield Statement(words, sources, line)

    def _problem(self, line: int, message: str) -> None:
        self._problems.append(Problem(self._file, line, message))


def _declared(meta: Mapping[str, Any]) -> list[Any]:
    """What a page says that it is about: one value, or a list."""
    declared = meta.get("about") or []
    return declared if isinstance(declared, list) else [declared]


def _read_mapping(path: Path, file: str, problems: list[Problem]) -> tuple[dict[str, Any], list[str]]:
    """A YAML file that must hold names and values at its top, and its lines."""
    if not path.is_file():
        problems.append(Problem(file, 0, "is missing: put it back"))
        return {}, []
    found: list[Problem] = []
    text = read_text(path, file, found)
    data = load_yaml(text, file, found) if text is not None else None
    problems += found
    if isinstance(data, dict):
        return {str(key): value for key, value in data.items()}, (text or "").split("\n")
    if not found:
        problems.append(Problem(file, 1, "must be lines of 'name: value'"))
    return {}, []


def _read_sources(path: Path, problems: list[Problem]) -> dict[str, Source]:
    file = f"{path.parent.name}/{path.name}"
    sources: dict[str, Source] = {}
    data, lines = _read_mapping(path, file, problems)
    for key, entry in data.items():
        values = entry if isinstance(entry, dict) else {}
        problems += [Problem(file, line_of(lines, key), f"source '{key}': {wrong}") for wrong in _source_errors(entry)]
        # A source with a problem is kept, so that its citations are not called unknown as well.
        sources[key] = Source(
            id=key,
            **{k: str(values.get(k, "")) for k in ("title", "publisher", "url", "kind", "read", "authors")},
            year=values["year"] if isinstance(values.get("year"), int) else 0,
        )
    return sources


def _source_errors(entry: object) -> Iterator[str]:
    """What is wrong with an entry of sources.yml."""
    if not isinstance(entry, dict):
        yield "must have title, publisher, year, url, kind and read, each on an indented line"
        return
    missing = [k for k in ("title", "publisher", "year", "url", "kind", "read") if not entry.get(k)]
    if missing:
        yield f"has no {', '.join(missing)}: add it"
        return
    if entry["kind"] not in SOURCE_KINDS:
        yield f"kind '{entry['kind']}' is not one of {', '.join(SOURCE_KINDS)}"
    if not isinstance(entry["year"], int) or not 1900 <= entry["year"] <= 2100:
        yield f"year '{entry['year']}' is not a year"
    if not re.match(r"^https://[^\s]+$", str(entry["url"])):
        yield f"url '{entry['url']}' must begin with https:// and have no spaces"


def _read_clinic(path: Path, problems: list[Problem]) -> Clinic:
    file = f"{path.parent.name}/{path.name}"
    data, lines = _read_mapping(path, file, problems)

    def text(key: str, required: bool = True) -> str:
        value = data.get(key, "")
        if data and required and not (isinstance(value, str) and value.strip()):
            problems.append(Problem(file, line_of(lines, key), f"needs '{key}: …' with the text in quotes"))
        return str(value).strip()

    def texts(key: str, required: bool = True) -> tuple[str, ...]:
        value = data.get(key, [])
        if not isinstance(value, list) or (data and required and not value):
            problems.append(
                Problem(file, line_of(lines, key), f"needs '{key}:' followed by lines that begin with '- '")
            )
            return ()
        return tuple(str(v) for v in value)

    known = [f.name for f in fields(Clinic)]
    for key in sorted(set(data) - set(known)):
        problems.append(Problem(file, line_of(lines, key), f"'{key}' is not an entry: use one of {', '.join(known)}"))
    for key in ("website", "booking_url"):
        url = str(data.get(key, ""))
        if url and not url.startswith("https://"):
            problems.append(Problem(file, line_of(lines, key), f"'{key}' must begin with https://, and it is '{url}'"))
    for site in texts("embed_on", required=False):
        if not SITE.fullmatch(site.rstrip("/")):
            found = f"'{site}' is not a site: write it like https://www.example.org, without a page behind it"
            problems.append(Problem(file, line_of(lines, "embed_on"), found, warning=True))
    overdue = str(data.get("overdue_passages", "label"))
    if overdue not in ("label", "withhold"):
        problems.append(
            Problem(file, line_of(lines, "overdue_passages"), "'overdue_passages' must be 'label' or 'withhold'")
        )
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
        prices=_read_prices(data.get("prices", []), file, line_of(lines, "prices"), problems),
        overdue_passages=overdue,
        embed_on=texts("embed_on", required=False),
    )


def _read_prices(entries: object, file: str, line: int, problems: list[Problem]) -> tuple[Price, ...]:
    prices = []
    for entry in entries if isinstance(entries, list) else [None]:
        if isinstance(entry, dict) and is_date(entry.get("as_of")) and {"item", "price"} <= set(entry):
            prices.append(Price(str(entry["item"]), str(entry["price"]), entry["as_of"]))
        else:
            problems.append(
                Problem(file, line, "each of 'prices' needs item, price and as_of with a date like 2026-11-22")
            )
    return tuple(prices)


def _read_vocabulary(path: Path, problems: list[Problem]) -> Vocabulary:
    file = f"{path.parent.name}/{path.name}"
    words: dict[str, dict[str, tuple[str, ...]]] = {entity: {} for entity in ENTITIES.values()}
    taken: dict[str, str] = {}
    data, lines = _read_mapping(path, file, problems)

    def wrong(key: object, message: str) -> None:
        problems.append(Problem(file, line_of(lines, str(key)), message))

    for group, entries in data.items():
        if group not in ENTITIES or not isinstance(entries, dict):
            wrong(group, f"'{group}' is not one of {', '.join(ENTITIES)}, or has no entries under it")
            continue
        for value, listed in entries.items():
            if not isinstance(listed, list) or not listed:
                wrong(value, f"'{value}' needs its words in brackets: {value}: [one, another]")
                continue
            words[ENTITIES[group]][str(value)] = tuple(str(w) for w in listed)
            for word in listed:
                if taken.setdefault(str(word), str(value)) != str(value):
                    wrong(value, f"'{word}' stands under '{taken[str(word)]}' and '{value}': keep one")
    return Vocabulary(words)


def _read_replies(folder: Path, problems: list[Problem]) -> dict[str, dict[str, object]]:
    """The fixed sentences, by language."""
    place = f"{folder.parent.name}/{folder.name}"
    return {p.stem: _read_mapping(p, f"{place}/{p.name}", problems)[0] for p in sorted(folder.glob("*.yml"))}


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
