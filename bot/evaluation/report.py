"""One page with every figure of a run, its plots and its worst cases, beside the run before."""

from __future__ import annotations

import base64
import html
import io
import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

from bot.evaluation import advice, dialogues, integrity, questions, safety
from bot.evaluation.metrics import Share, said, share
from bot.evaluation.running import served
from bot.examples import FOLDER, read_advice, read_lines, read_lists, read_questions
from bot.knowledge.check import reading_grade
from bot.knowledge.coverage import FACTS, read_coverage
from bot.rasa.agent import LocalBot
from bot.runtime import runtime
from bot.safety.gate import STOPS

mpl.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402 - the backend is chosen first: there is no screen

Figures = Mapping[str, Share | float]
_CSS = """
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem;color:#1d2a33;background:#fbfaf7}
h1{font-size:1.6rem} h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid #ddd;padding-top:1rem}
table{border-collapse:collapse;width:100%;font-size:.92rem} td,th{padding:.3rem .5rem;text-align:left;border-bottom:1px
solid #e6e3da} td.n{font-variant-numeric:tabular-nums;white-space:nowrap} .up{color:#1b6e3c}.down{color:#a33018}
@media(max-width:30rem){td.n{white-space:normal}}
.scroll{overflow-x:auto} img{max-width:100%;height:auto} details{margin:.4rem 0} summary{cursor:pointer}
pre{white-space:pre-wrap;background:#f1eee6;padding:.7rem;border-radius:.4rem;font-size:.85rem} @media
(prefers-color-scheme:dark){body{background:#16191b;color:#e4e2dc}td,th{border-color:#333}pre{background:#22272a}img{background:#fff}
.up{color:#7fd09c}.down{color:#f2a08c}}
"""


# Names of the baselines' figures, with ours.
COMPARED = {
    "right_first": "right passage first",
    "right_in_first_three": "right passage in the first three",
    "refused_though_answerable": "refused though answerable",
    "answered_wrongly": "answered wrongly",
    "answered_though_not": "uncovered questions answered",
}
# What `faqbot eval --json` prints.
FIGURES = "figures.json"
PAGE = "report.html"
# What `faqbot eval baselines` leaves in the same folder.
BASELINES = "baselines.json"


def write_report(part: str, out: Path, say: Callable[[str], None]) -> dict[str, dict[str, float | None]]:
    """Measures one part of every set, writes `report.html` and `figures.json` into a folder, and returns the figures.

    Args:
        part: `tune` or `report`.
        out: the folder; the figures of the run before are read from it.
        say: prints progress and tables.
    """
    parts = runtime()
    knowledge = parts.live.snapshot.knowledge
    before = _previous(out / FIGURES)
    bot = LocalBot(parts.settings.models)
    replies: list[Mapping[str, Any]] = []

    def ask(text: str, conversation: str) -> dict[str, Any]:
        reply = bot.ask(text, conversation)
        replies.append(reply["custom"])
        return reply

    say("eval: questions …")
    outcomes = questions.run(bot, parts, read_questions(FOLDER / "questions" / f"{part}.jsonl"))
    say("eval: conversations …")
    turns = dialogues.run_dialogues(ask, read_lists(FOLDER / "dialogues" / f"{part}.jsonl", "turns"), knowledge)
    asked = dialogues.run_parts(ask, read_lists(FOLDER / "parts" / f"{part}.jsonl", "parts"), knowledge)
    say("eval: Spanish, advice and small talk …")
    spanish = questions.run(bot, parts, read_questions(FOLDER / "spanish" / f"{part}.jsonl"))
    advised = advice.run(ask, read_advice(FOLDER / "advice" / f"{part}.jsonl"), knowledge.clinic)
    talk = read_lines(FOLDER / "talk" / f"{part}.jsonl")
    say("eval: safety, through REST …")
    with served(parts.settings.model) as channel:
        judged = safety.judge(
            channel, read_lines(FOLDER / "safety" / f"{part}.jsonl"), lambda text: parts.gate.assess(text).score
        )
    covered = read_coverage(FACTS, knowledge)
    grades = [reading_grade(p.text) for p in knowledge.passages]
    sections: dict[str, Figures] = {
        "Questions": questions.summary(outcomes, knowledge),
        "Conversations, by kind of follow-up": dialogues.summary(turns),
        "Messages with several questions": dialogues.summary(asked),
        "Questions in Spanish": questions.ranking_figures(spanish, knowledge),
        "Requests for personal advice": advised,
        "Small talk and steering": {
            "intent right": share([bot.understand(row["text"]).intent == row["intent"] for row in talk])
        },
        "Safety, on the rendered reply": safety.summary(judged),
        "The message after help lines": safety.after_help(ask, read_lines(FOLDER / "aftermath" / f"{part}.jsonl")),
        "Citations": integrity.summary(replies, knowledge),
        "Knowledge": {
            "passages": float(len(knowledge.passages)),
            "claims and facts answered by a passage": share(
                [f.id in covered.passages for f in covered.facts if not f.gap]
            ),
            "median reading grade": statistics.median(grades),
            "highest reading grade": max(grades),
        },
    }
    plots = {
        "Reliability of the confidence": _reliability(outcomes),
        "What the answer threshold trades": _trade_off(outcomes),
        "Intents: wanted and given": _confusion(*questions.intents(outcomes, knowledge)),
        "Safety by tier and type": _by_type(judged),
    }
    out.mkdir(parents=True, exist_ok=True)
    figures = {name: {k: _number(v) for k, v in values.items()} for name, values in sections.items()}
    measured = _previous(out / BASELINES).get("sets", {})
    baselines: Mapping[str, Mapping[str, Any]] = next(
        (found for name, found in measured.items() if Path(name).match(f"questions/{part}.jsonl")), {}
    )
    page = _page(part, sections, before, baselines, plots, questions.worst(outcomes), turns, judged)
    (out / PAGE).write_text(page, encoding="utf-8")
    (out / FIGURES).write_text(
        json.dumps({"part": part, "version": parts.live.snapshot.version, "figures": figures}, indent=1)
    )
    for name, values in sections.items():
        say(f"\n{name}")
        width = max(map(len, values))
        for key, value in values.items():
            say(f"  {key:{width}}  {said(value)}")
    return figures


def _page(
    part: str,
    sections: Mapping[str, Figures],
    before: Mapping[str, Any],
    baselines: Mapping[str, Any],
    plots: Mapping[str, str],
    worst: Sequence[questions.Outcome],
    turns: Sequence[dialogues.Judged],
    judged: Sequence[safety.Judged],
) -> str:
    body = [
        f"<h1>How good the bot is</h1><p>{date.today().isoformat()}, the {part} part of every set. Intervals are 95 %.</p>"
    ]
    for name, values in sections.items():
        body.append(f"<h2>{html.escape(name)}</h2>{_table(values, before.get('figures', {}).get(name, {}))}")
        if name == "Questions" and baselines:
            body.append(f"<h3>Beside other systems</h3>{_beside(values, baselines)}")
    body += [
        f"<h2>{html.escape(name)}</h2><img alt='{html.escape(name)}' src='data:image/png;base64,{data}'>"
        for name, data in plots.items()
    ]
    body.append("<h2>The twenty worst answers, in full</h2>")
    body += [
        f"<details><summary>{html.escape(o.asked.text)}</summary><p>Wanted {html.escape(', '.join(o.asked.passages) or o.asked.kind)}; "
        f"confidence {o.confidence:.2f}</p><pre>{html.escape(o.reply['text'])}</pre></details>"
        for o in worst
    ]
    body.append(
        "<h2>Turns that were not right</h2><div class=scroll><table><tr><th>turn<th>follow-up<th>got<th>wanted</tr>"
    )
    body += [
        f"<tr><td>{html.escape(t.text)}<td>{t.follow_up}<td>{t.kind} {html.escape(', '.join(t.shown))}<td>{html.escape(t.wanted)}</tr>"
        for t in turns
        if not t.right
    ]
    body.append(
        "</table></div><h2>Messages of danger without the fixed reply</h2><p>By id only; the set holds the words.</p><p>"
    )
    body.append(
        ", ".join(
            f"{j.id} ({j.label}, {j.type}{', help shown' if j.helped else ''})"
            for j in judged
            if j.label in STOPS and not j.stopped
        )
    )
    return f"<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'><title>Evaluation</title><style>{_CSS}</style>{''.join(body)}</p></html>"


def _beside(ours: Figures, baselines: Mapping[str, Mapping[str, Any]]) -> str:
    """A table of the bot's figures and those of each baseline, as `faqbot eval baselines` has left them."""
    head = "".join(f"<th>{html.escape(system.replace('_', ' '))}" for system in ("the bot", *baselines))
    rows = [
        f"<tr><td>{html.escape(name)}<td>{html.escape(said(ours[name]))}"
        + "".join(f"<td>{html.escape(said(_share(figures[key])))}" for figures in baselines.values())
        for key, name in COMPARED.items()
    ]
    return f"<div class=scroll><table><tr><th>figure{head}</tr>{''.join(rows)}</table></div>"


def _share(stored: Mapping[str, Any]) -> Share:
    return Share(int(stored["hits"]), int(stored["of"]))


def _table(values: Figures, before: Mapping[str, Any]) -> str:
    rows = []
    for name, value in values.items():
        now, then = _number(value), before.get(name)
        change = (
            ""
            if then is None or now is None
            else f"{100 * (now - then):+.1f}"
            if isinstance(value, Share)
            else f"{now - then:+.3f}"
        )
        compared = f"<td class=n>{change}" if before else ""
        rows.append(f"<tr><td>{html.escape(name)}<td class=n>{html.escape(said(value))}{compared}</tr>")
    # A first run has nothing to be compared with, and on a phone an empty column costs the others their room.
    head = "<th>figure<th>value<th>change" if before else "<th>figure<th>value"
    return f"<div class=scroll><table><tr>{head}</tr>{''.join(rows)}</table></div>"


def _reliability(outcomes: Sequence[questions.Outcome]) -> str:
    searched = [o for o in outcomes if o.asked.kind in ("answer", "no_answer")]
    confidence = np.array([o.confidence for o in searched])
    right = np.array([o.is_right_first() for o in searched], dtype=float)
    figure, axes = plt.subplots(figsize=(6, 4))
    axes.plot([0, 1], [0, 1], color="#999", linewidth=1)
    bins = np.array_split(np.argsort(confidence), 10)
    axes.plot([confidence[b].mean() for b in bins], [right[b].mean() for b in bins], "o-", color="#22577a")
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right")
    return _png(figure)


def _trade_off(outcomes: Sequence[questions.Outcome]) -> str:
    answerable = [o for o in outcomes if o.asked.kind == "answer"]
    uncovered = [o for o in outcomes if o.asked.kind == "no_answer"]
    limits = np.linspace(0, 1, 101)
    wrong = [np.mean([o.confidence >= t and not o.is_right_first() for o in answerable]) for t in limits]
    refused = [np.mean([o.confidence < t for o in answerable]) for t in limits]
    answered = [np.mean([o.confidence >= t for o in uncovered]) for t in limits]
    figure, axes = plt.subplots(figsize=(6, 4))
    for values, name in (
        (wrong, "answered wrongly"),
        (refused, "refused though answerable"),
        (answered, "uncovered, but answered"),
    ):
        axes.plot(limits, values, label=name)
    axes.set_xlabel("answer from this confidence on")
    axes.legend()
    return _png(figure)


def _confusion(wanted: Sequence[str], got: Sequence[str]) -> str:
    names = sorted(set(wanted) | set(got))
    counts = np.zeros((len(names), len(names)))
    for w, g in zip(wanted, got, strict=True):
        counts[names.index(w), names.index(g)] += 1
    figure, axes = plt.subplots(figsize=(9, 8))
    axes.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7)
    axes.set_yticks(range(len(names)), names, fontsize=7)
    for row, column in zip(*np.nonzero(counts), strict=True):
        axes.text(column, row, int(counts[row, column]), ha="center", va="center", fontsize=6)
    return _png(figure)


def _by_type(judged: Sequence[safety.Judged]) -> str:
    groups = safety.by_type(judged)
    names = list(groups)
    figure, axes = plt.subplots(figsize=(9, max(4, len(names) * 0.2)))
    axes.barh(names, [groups[n][1].value for n in names], color="#c9d8e2", label="help shown")
    axes.barh(names, [groups[n][0].value for n in names], color="#22577a", label="fixed reply")
    axes.tick_params(axis="y", labelsize=7)
    axes.invert_yaxis()
    axes.legend()
    return _png(figure)


def _png(figure: Any) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=110, bbox_inches="tight")
    plt.close(figure)
    return base64.b64encode(stream.getvalue()).decode()


def _previous(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except (OSError, ValueError):
        return {}


def _number(value: Share | float) -> float | None:
    return (value.value if value.of else None) if isinstance(value, Share) else value
