"""`faqbot knowledge …`: what clinic staff use on the knowledge files."""

from __future__ import annotations

import dataclasses
import io
import json
import shutil
import statistics
import subprocess
import tarfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bot.cli.options import JSON, MOST_DAYS
from bot.cli.process import prepare_process
from bot.errors import KnowledgeError, Problem, UsageError
from bot.knowledge.check import check_content, reading_grade
from bot.knowledge.coverage import FACTS, read_coverage
from bot.knowledge.differences import Differences, PassageChange, compare
from bot.knowledge.importing import Imported, draft_page, read_questions
from bot.knowledge.model import TOPICS, KnowledgeBase
from bot.knowledge.parse import read_knowledge
from bot.knowledge.stale import Stale, find_stale
from bot.safety.resources import load_region
from bot.settings import read_settings
from bot.text import clean

# As many passages as the search ranks.
MOST_PASSAGES = 40

_FORMATS = {".csv": "csv", ".tsv": "csv", ".md": "md", ".markdown": "md", ".txt": "md", ".html": "html", ".htm": "html"}

folder_option = click.option(
    "--knowledge",
    "root",
    # Resolved, since the folder's name stands before each file's.
    type=click.Path(path_type=Path, resolve_path=True),
    default=lambda: read_settings().knowledge,
    show_default="FAQBOT_KNOWLEDGE, or knowledge",
    help="The knowledge folder.",
)


@click.group()
def knowledge() -> None:
    """Check, search and compare the knowledge files."""


@knowledge.command()
@folder_option
@click.option(
    "--draft", type=click.Path(path_type=Path), help="Check this draft page as though it stood in the folder."
)
@JSON
def check(root: Path, draft: Path | None, as_json: bool) -> int:
    """Say what is wrong with the knowledge files, a line for each problem.

    Ends with 1 where a problem keeps the files from being shown to visitors.

    Example: faqbot knowledge check
    """
    if draft:
        problems = check_draft(root, draft)
        summary: dict[str, float] = {"errors": sum(not p.warning for p in problems)}
        said = f"{draft}: {summary['errors']} problems to solve before it is moved into {root}"
    else:
        problems, summary = check_knowledge(root)
        said = (
            "{passages} passages, {questions} questions, {sources} sources, median reading grade {median_grade}: "
            "{errors} problems, {warnings} warnings".format_map(summary)
        )
    if as_json:
        _print_json({"problems": [vars(p) for p in problems], **summary})
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        click.echo(said)
    return 1 if summary["errors"] else 0


@knowledge.command()
@click.argument("query")
@click.option(
    "--top", type=click.IntRange(1, MOST_PASSAGES), default=5, show_default=True, help="How many passages to show."
)
@JSON
def search(query: str, top: int, as_json: bool) -> int:
    """Show the passages that the search ranks highest for a question, with their scores.

    The confidence is that of the first passage, from 0 to 1. Nothing is answered and nothing recorded.

    Example: faqbot knowledge search "does insurance pay for spravato" --top 3
    """
    found = search_knowledge(query, top)
    if as_json:
        _print_json(found)
        return 0
    click.echo(f"confidence {found['confidence']:.2f}")
    for number, passage in enumerate(found["passages"], 1):
        place = f"{passage['file']}:{passage['line']}"
        click.echo(f"{number:2}. {passage['score']:6.2f}  {passage['id']}  {passage['heading']}  ({place})")
    return 0


@knowledge.command()
@folder_option
@click.option(
    "--within",
    type=click.IntRange(0, MOST_DAYS),
    default=30,
    show_default=True,
    help="Also list pages due within so many days.",
)
@JSON
def stale(root: Path, within: int, as_json: bool) -> int:
    """List what a person has to look at again.

    These are pages past their review date, the clinic's prices after 180 days, and help lines that nobody verified
    in 90 days. Ends with 1 where something is overdue; what only comes due is a warning.

    Example: faqbot knowledge stale
    """
    base = read_valid(root)
    found = find_stale(base, load_region(base.clinic.region), date.today(), within, root.name)
    overdue = sum(s.overdue for s in found)
    if as_json:
        _print_json({"stale": [_stale_as_dict(s) for s in found], "overdue": overdue})
    else:
        for entry in found:
            click.echo(str(entry))
        click.echo(f"{overdue} overdue, {len(found) - overdue} due within {within} days")
    return 1 if overdue else 0


@knowledge.command()
@click.argument("old")
@click.argument("new", required=False)
@folder_option
@JSON
def diff(old: str, new: str | None, root: Path, as_json: bool) -> int:
    """Show what changed between two states of the knowledge, passage by passage.

    OLD and NEW are folders or git revisions; NEW is the knowledge folder where it is left out.

    Example: faqbot knowledge diff HEAD
    """
    with ExitStack() as stack:
        before = read_state(old, root, stack)
        after = read_state(new, root, stack) if new else read_valid(root)
    found = compare(before, after)
    if as_json:
        _print_json(found.as_dict())
    else:
        click.echo("\n".join(difference_lines(found)))
    return 0


@knowledge.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--topic",
    type=click.Choice(list(TOPICS)),
    default="basics",
    show_default=True,
    help="The topic that the page is for.",
)
@click.option("--out", type=click.Path(path_type=Path), help="The draft to write.  [default: drafts/TOPIC/NAME.md]")
@folder_option
@JSON
def import_page(file: Path, topic: str, out: Path | None, root: Path, as_json: bool) -> int:
    """Turn the clinic's own list of questions into a draft page.

    FILE is a CSV file with the columns question and answer (and source, phrasings), or a Markdown or HTML page.
    The draft stays outside the knowledge folder and unsigned, so no visitor sees it; what it still lacks is listed.
    Nothing is overwritten.

    Example: faqbot knowledge import our-faq.csv --topic cost
    """
    target = out or Path("drafts") / topic / f"{file.stem.lower().replace(' ', '-')}.md"
    questions = import_questions(file)
    write_file(target, draft_page(questions, file.stem, file.name, read_knowledge(root)[0].sources))
    problems = check_draft(root, target, topic)
    if as_json:
        _print_json({"draft": str(target), "passages": len(questions), "problems": [vars(p) for p in problems]})
        return 0
    for problem in problems:
        click.echo(str(problem))
    click.echo(
        f"{target}: {len(questions)} questions imported as a draft, {len(problems)} things to do: cite, shorten and "
        f"sign it, see what is left with 'faqbot knowledge check --draft {target}', then move it to {root / topic}"
    )
    return 0


@knowledge.command()
@folder_option
@click.option(
    "--facts",
    type=click.Path(path_type=Path),
    default=FACTS,
    show_default=True,
    help="Claims and facts.",
)
@click.option("--write", type=click.Path(path_type=Path), help="Write the table to this file.")
@JSON
def coverage(root: Path, facts: Path, write: Path | None, as_json: bool) -> int:
    """Say which reviewed claims and facts no passage answers.

    Example: faqbot knowledge coverage --write docs/coverage.md
    """
    found = read_coverage(facts, read_valid(root))
    problems = found.problems()
    if write:
        write_file(write, found.table(), replace=True)
    if as_json:
        _print_json(
            {
                "facts": {fact.id: [p.id for p in found.passages.get(fact.id, ())] for fact in found.facts},
                "problems": [vars(p) for p in problems],
            }
        )
    else:
        for problem in problems:
            click.echo(str(problem), err=True)
        without = sum(fact.id not in found.passages for fact in found.facts)
        click.echo(f"{len(found.facts)} claims and facts, {without} without a passage, {len(problems)} problems")
    return 1 if problems else 0


def check_knowledge(root: Path) -> tuple[list[Problem], dict[str, float]]:
    """Every problem of form and content, and the figures that sum the folder up."""
    base, problems = read_knowledge(root)
    problems = sorted(problems + check_content(base, root))
    grades = [reading_grade(p.text) for p in base.passages]
    return problems, {
        "passages": len(base.passages),
        "questions": sum(len(p.questions) for p in base.passages),
        "sources": len(base.sources),
        "median_grade": round(statistics.median(grades), 1) if grades else 0.0,
        "errors": sum(not p.warning for p in problems),
        "warnings": sum(p.warning for p in problems),
    }


def check_draft(root: Path, draft: Path, topic: str | None = None) -> list[Problem]:
    """The problems that a draft would have in the knowledge folder, at the draft's own lines.

    Args:
        root: the knowledge folder, which stays as it is.
        draft: the page.
        topic: its topic; the name of the folder that it is in where None.

    Raises:
        UsageError: one of the two is not there.
    """
    if not draft.is_file():
        raise UsageError(f"{draft}: no such file: name a draft page")
    if not root.is_dir():
        raise UsageError(f"{root}: no such folder: run this in the project's folder, or name the knowledge folder")
    with TemporaryDirectory() as scratch:
        trial = Path(scratch) / root.name
        shutil.copytree(root, trial, ignore_dangling_symlinks=True)
        name = f"{topic or draft.resolve().parent.name}/{draft.name}"
        (trial / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(draft, trial / name)
        base, problems = read_knowledge(trial)
        problems += check_content(base, trial)
    own = [dataclasses.replace(p, file=str(draft)) for p in problems if p.file == f"{root.name}/{name}"]
    return sorted(own)


def read_valid(root: Path) -> KnowledgeBase:
    """The knowledge of a folder that can be read without a problem of form.

    Raises:
        KnowledgeError: it cannot.
    """
    base, problems = read_knowledge(root)
    blocking = [problem for problem in problems if not problem.warning]
    if blocking:
        raise KnowledgeError(blocking)
    return base


def search_knowledge(query: str, top: int) -> dict[str, Any]:
    """The best passages for a question and the confidence in the first."""
    prepare_process()
    from bot.runtime import runtime

    parts = runtime()
    query = clean(query, len(query))
    passages = parts.search
    result = passages.search(parts.prepare(passages, query, {}), top)
    return {
        "query": query,
        "knowledge_version": parts.live.snapshot.version,
        "confidence": round(result.confidence, 3),
        "passages": [
            {
                "id": hit.passage.id,
                "heading": hit.passage.heading,
                "file": hit.passage.file,
                "line": hit.passage.line,
                "score": round(hit.score, 3),
                "features": {name: round(value, 3) for name, value in hit.features.items()},
            }
            for hit in result.hits
        ],
    }


def read_state(name: str, root: Path, stack: ExitStack) -> KnowledgeBase:
    """The knowledge of a folder or of a git revision.

    Raises:
        KnowledgeError: it cannot be read; the files are named as git names them, `REVISION:FILE`.
        UsageError: there is no such folder or revision.
    """
    folder = find_state(name, root, stack)
    try:
        return read_valid(folder)
    except KnowledgeError as error:
        if folder == Path(name):
            raise
        raise KnowledgeError([dataclasses.replace(p, file=f"{name}:{p.file}") for p in error.problems]) from error


def find_state(name: str, root: Path, stack: ExitStack) -> Path:
    """A folder with the knowledge as it was in a folder or at a git revision; `stack` removes what is unpacked.

    Raises:
        UsageError: it is neither.
    """
    if Path(name).is_dir():
        return Path(name)
    place = root.resolve()
    command = ["git", "archive", "--format=tar", "--end-of-options", name, place.name]
    done = subprocess.run(command, cwd=place.parent, capture_output=True, check=False)
    if done.returncode:
        raise UsageError(f"'{name}' is neither a folder nor a git revision that holds {root}: name one of the two")
    scratch = Path(stack.enter_context(TemporaryDirectory()))
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        # The first releases of Python 3.11 know no filters; the archive is git's own.
        if hasattr(tarfile, "data_filter"):
            archive.extraction_filter = tarfile.data_filter
        archive.extractall(scratch)
    return scratch / place.name


def difference_lines(found: Differences) -> list[str]:
    """The differences as lines for a terminal."""
    lines = [f"+ {p.id}: {p.heading} ({p.file}:{p.line})" for p in found.added]
    lines += [f"- {p.id}: {p.heading}" for p in found.removed]
    for change in found.changed:
        lines += _change_lines(change)
    for mark, sources in (("+", found.sources_added), ("-", found.sources_removed), ("~", found.sources_changed)):
        lines += [f"{mark} sources.yml: {name}" for name in sources]
    for file, names in (
        ("clinic.yml", found.clinic_changed),
        ("replies", found.replies_changed),
        ("vocabulary.yml", found.vocabulary_changed),
    ):
        lines += [f"~ {file}: {', '.join(names)}"] if names else []
    counts = f"{len(found.added)} passages added, {len(found.removed)} removed, {len(found.changed)} changed"
    return [*lines, counts]


def import_questions(file: Path) -> list[Imported]:
    """The questions of an exported file.

    Raises:
        UsageError: it is not there, is of another kind, or holds no questions.
    """
    if not file.is_file():
        raise UsageError(f"{file}: no such file: name a CSV, Markdown or HTML file")
    kind = _FORMATS.get(file.suffix.lower())
    if kind is None:
        raise UsageError(f"{file}: is not one of {', '.join(_FORMATS)}: save it as one of them")
    try:
        return read_questions(_decoded(file.read_bytes()), kind)
    except UsageError as error:
        raise UsageError(f"{file}: {error}") from error


def write_file(target: Path, text: str, replace: bool = False) -> None:
    """Writes a file, and its folder where there is none.

    Raises:
        UsageError: it is already there and may not be replaced, or cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w" if replace else "x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{target}: is already there, and nothing is overwritten: name another file") from error
    except OSError as error:
        raise UsageError(f"{target}: cannot be written ({error.strerror}): name another file") from error


def _decoded(data: bytes) -> str:
    """A text as office programs save it: UTF-8, UTF-16, or else the Western code page."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _change_lines(change: PassageChange) -> list[str]:
    return [
        f"~ {change.new.id} ({change.new.file}:{change.new.line})",
        *(f"    - {text}" for text in change.removed),
        *(f"    + {text}" for text in change.added),
        *(f"    - [^{name}]" for name in change.uncited),
        *(f"    + [^{name}]" for name in change.cited),
        *([f"    also changed: {', '.join(change.details)}"] if change.details else []),
    ]


def _stale_as_dict(entry: Stale) -> dict[str, Any]:
    return {**vars(entry), "due": entry.due.isoformat() if entry.due else None}


def _print_json(data: object) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))
