"""Turns a clinic's existing list of questions into a draft page, which people then cite, review and sign.

A draft has no review dates and no reviewer, so the bot refuses it wherever it is put until somebody fills them in.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser

from bot.errors import UsageError
from bot.knowledge.model import Source
from bot.text import collapse, sentences

# What a visitor's question may be called in the first line of a CSV file, and so on.
_COLUMNS = {
    "question": ("question", "q", "heading", "title"),
    "answer": ("answer", "a", "text", "reply"),
    "source": ("source", "sources", "citation", "citations", "url", "link"),
    "phrasings": ("phrasings", "visitors ask", "also asked", "variants"),
}
_SEVERAL = re.compile(r"\s*[;|\n]\s*")
_LONGEST_QUESTION = 200

_LINK = re.compile(r"!?\[([^\]^][^\]]*)\]\((\S+?)(?:\s[^)]*)?\)")
_EMPHASIS = re.compile(r"(\*\*|__|`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w))")
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$|^\*\*(.+?)\*\*$|^__(.+?)__$")
_ASKED = re.compile(r"^(?:Q|Question)\s*\d*\s*[:.)]\s*(.+)$", re.I)
_ANSWERED = re.compile(r"^(?:A|Answer)\s*[:.)]\s*(.+)$", re.I)
_BRACKETS = re.compile(r"[#{}\[\]]")
_BULLET = re.compile(r"^(?:[-*+•]|\d+[.)])\s+")

_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 dt summary button".split())
_BLOCKS = _HEADINGS | set("p dd div section article main details blockquote ul ol dl tr td br".split())
_SKIPPED = frozenset("head script style template noscript svg nav header footer form".split())


@dataclass(frozen=True)
class Imported:
    """One question with its answer, as the clinic had it.

    Attributes:
        question: the question, which becomes the heading.
        answer: the answer's paragraphs.
        sources: what the clinic names as its source: names of `sources.yml`, addresses, or other words.
        phrasings: further ways to ask it.
    """

    question: str
    answer: tuple[str, ...]
    sources: tuple[str, ...] = ()
    phrasings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Block:
    """A stretch of a page that is read as one, with the addresses that it links to."""

    text: str
    is_heading: bool
    links: tuple[str, ...] = ()


def read_questions(text: str, kind: str) -> list[Imported]:
    """The questions and answers of an exported file.

    Args:
        text: the whole file.
        kind: `csv`, `md` or `html`.

    Raises:
        UsageError: it has no question with an answer, or a CSV file has no such columns.
    """
    if kind == "csv":
        try:
            found = list(_rows(text))
        except csv.Error as error:
            raise UsageError("is not a table that can be read: save it as CSV again") from error
    else:
        found = list(_pairs(_html_blocks(text) if kind == "html" else _markdown_blocks(text)))
    if not found:
        raise UsageError(
            "no question with an answer was found: give each question a heading, or a line that ends with '?'"
        )
    return found


def draft_page(questions: list[Imported], title: str, origin: str, sources: Mapping[str, Source]) -> str:
    """The text of a draft page: what was imported, in the form that the knowledge folder needs, unsigned.

    Args:
        questions: what was read.
        title: title of the page.
        origin: name of the file that it came from.
        sources: the sources that may be cited.
    """
    unknown = dict.fromkeys(s for q in questions for s in q.sources if _source_name(s, sources) is None)
    lines = [
        "---",
        f"# A draft from {collapse(origin)}. Nothing of it is shown before the three empty lines below are filled in.",
        *(f"# To add to sources.yml, if it holds: {collapse(source)}" for source in unknown),
        f"title: {_quoted(title)}",
        "reviewed:",
        "review_by:",
        "reviewer:",
        "---",
    ]
    taken: set[str] = set()
    for question in questions:
        marks = "".join(f"[^{name}]" for s in question.sources if (name := _source_name(s, sources)))
        heading = collapse(_BRACKETS.sub(" ", question.question))
        lines += ["", f"## {heading} {{#{_slug(heading, taken)}}}"]
        for paragraph in question.answer:
            lines += ["", paragraph + marks]
        lines += [
            "",
            "Visitors ask:",
            "",
            *(f"- {asked}" for asked in (heading.rstrip(" ?"), *question.phrasings)),
        ]
    return "\n".join(lines) + "\n"


def _rows(text: str) -> Iterator[Imported]:
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    names = {collapse(name or "").lower(): name for name in reader.fieldnames or ()}
    column = {key: next((names[n] for n in known if n in names), None) for key, known in _COLUMNS.items()}
    if column["question"] is None or column["answer"] is None:
        found = ", ".join(names) or "nothing"
        raise UsageError(
            f"the first line names no 'question' and 'answer' column, but {found}: name the columns in the first line"
        )
    for row in reader:
        value = {key: (row.get(name) or "").strip() if name else "" for key, name in column.items()}
        paragraphs = tuple(p for part in re.split(r"\n\s*\n", value["answer"]) if (p := _sentence_text(part)))
        if value["question"] and paragraphs:
            several = {key: tuple(v for v in _SEVERAL.split(value[key]) if v) for key in ("source", "phrasings")}
            yield Imported(collapse(value["question"]), paragraphs, several["source"], several["phrasings"])


def _pairs(blocks: Iterator[_Block]) -> Iterator[Imported]:
    """Every heading that text follows; headings of sections, which only other headings follow, fall away."""
    question, answer, links = "", list[str](), list[str]()
    for block in [*blocks, _Block("", True)]:
        if block.is_heading or _is_question(block.text):
            if question and answer:
                yield Imported(question, tuple(answer), tuple(dict.fromkeys(links)))
            question, answer, links = block.text, [], []
        elif question:
            answer.append(block.text)
            links += block.links


def _is_question(text: str) -> bool:
    return text.endswith("?") and len(text) <= _LONGEST_QUESTION and len(sentences(text)) == 1


def _markdown_blocks(text: str) -> Iterator[_Block]:
    """The headings and paragraphs of a Markdown page; each point of a list is a sentence of its own."""
    paragraph: list[str] = []

    def finished() -> Iterator[_Block]:
        if paragraph:
            yield _markdown_block("\n".join(paragraph), is_heading=False)
            paragraph.clear()

    for line in _without_front_matter(text).splitlines():
        stripped = line.strip().lstrip(">").strip()
        if heading := _MARKDOWN_HEADING.match(stripped) or _ASKED.match(stripped):
            yield from finished()
            yield _markdown_block(next(filter(None, heading.groups())), is_heading=True)
        elif not stripped or set(stripped) <= set("-=*_ "):
            yield from finished()
        else:
            answered = _ANSWERED.match(stripped)
            paragraph.append(answered[1] if answered else stripped)
    yield from finished()


def _markdown_block(text: str, is_heading: bool) -> _Block:
    links = tuple(url for _, url in _LINK.findall(text) if url.startswith("http"))
    plain = _EMPHASIS.sub("", _LINK.sub(r"\1", text))
    return _Block(collapse(plain) if is_heading else _sentence_text(plain), is_heading, links)


def _without_front_matter(text: str) -> str:
    return re.sub(r"\A---\n.*?\n---\n", "", text.removeprefix("\ufeff"), count=1, flags=re.S)


def _html_blocks(text: str) -> Iterator[_Block]:
    reader = _HtmlReader()
    reader.feed(text)
    reader.close()
    reader.finish()
    yield from reader.blocks


class _HtmlReader(HTMLParser):
    """Cuts a web page into blocks of plain text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[_Block] = []
        self._words: list[str] = []
        self._links: list[str] = []
        self._skipped = 0
        self._heading = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begins a block, or notes a link."""
        if tag in _SKIPPED:
            self._skipped += 1
        elif tag == "li":
            self._words.append("\n- ")
        elif tag in _BLOCKS:
            self.finish()
            self._heading = tag in _HEADINGS
        elif tag == "a":
            self._links += [value for name, value in attrs if name == "href" and value and value.startswith("http")]

    def handle_endtag(self, tag: str) -> None:
        """Ends a block."""
        if tag in _SKIPPED:
            self._skipped = max(0, self._skipped - 1)
        elif tag in _BLOCKS:
            self.finish()

    def handle_data(self, data: str) -> None:
        """Collects words."""
        if not self._skipped:
            self._words.append(re.sub(r"\s+", " ", data))

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Passes over a section that is none of HTML's, as browsers do; Python's own reader gives up there."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i)

    def finish(self) -> None:
        """Keeps what was collected as one block."""
        words = "".join(self._words)
        text = collapse(words) if self._heading else _sentence_text(words)
        # A point of a list may hold a paragraph of its own, which leaves its dash behind.
        if re.search(r"\w", text):
            self.blocks.append(_Block(text, self._heading, tuple(self._links)))
        self._words, self._links, self._heading = [], [], False


def _sentence_text(text: str) -> str:
    """A paragraph as sentences on one line: each point of a list, and the whole, end with a full stop."""
    parts = []
    for line in filter(None, map(str.strip, text.splitlines())):
        point = _BULLET.match(line)
        words = line[point.end() :] if point else line
        parts.append(_stopped(words[:1].upper() + words[1:]) if point else words)
    return _stopped(collapse(" ".join(parts)).lstrip("#|>`< "))


def _stopped(text: str) -> str:
    return f"{text}." if text and text[-1].isalnum() else text


def _source_name(named: str, sources: Mapping[str, Source]) -> str | None:
    """The name in `sources.yml` of a source that is named by its name or its address, None where it is not there."""
    wanted = named.strip().strip("[]^")
    if wanted in sources:
        return wanted
    address = wanted.rstrip("/").lower()
    return next((s.id for s in sources.values() if s.url.rstrip("/").lower() == address), None)


def _slug(question: str, taken: set[str]) -> str:
    """A short name that the page does not have yet."""
    words = re.findall(r"[a-z0-9]+", question.lower().replace("'", "").replace("’", ""))
    short = [w for w in words if w not in _SMALL_WORDS] or words or ["question"]
    slug = base = "-".join(short[:4])
    number = 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


_SMALL_WORDS = frozenset(
    "a and are be can do does for how i in is it me my of on or the this to what when where which who will you".split()
)


def _quoted(text: str) -> str:
    return '"' + collapse(text).replace("\\", "").replace('"', "'") + '"'
