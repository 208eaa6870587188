"""The command line as people and scripts meet it: what it prints where, and how it ends."""

import json
import shutil
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import click
import pytest

from bot.adapters.outcome_log import OUTCOMES, OutcomeLog
from bot.answering.outcomes import Outcome
from bot.cli.main import cli, main
from bot.cli.unanswered import FEEDBACK
from bot.runtime import Runtime
from bot.settings import Settings
from bot.web.feedback import FeedbackStore

PAGE = "safety/side-effects.md"
FACTS = str(Path("docs/facts.yml").resolve())


@pytest.fixture
def run(knowledge, capsys, monkeypatch):
    """Runs `faqbot` in the knowledge folder's parent; returns exit code, standard output and standard error."""
    monkeypatch.chdir(knowledge.parent)

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["faqbot", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        code = ended.value.code
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        return int(code or 0), out, err

    return call


def commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every command of a group and of the groups in it."""
    found = []
    for name, command in group.commands.items():
        inner = isinstance(command, click.Group)
        found += commands(command, (*path, name)) if inner else [(*path, name)]
    return found


@pytest.mark.parametrize("command", commands(cli), ids=" ".join)
def test_every_command_has_a_help_text_with_an_example(run, command):
    code, out, _ = run(*command, "--help")
    assert code == 0
    assert f"Example: faqbot {' '.join(command)}" in " ".join(out.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("knowledge", "nonsense"),
        ("knowledge", "check", "--nonsense"),
        ("knowledge", "check", "--knowledge", "nowhere"),
        ("knowledge", "check", "--draft", "nowhere.md"),
        ("knowledge", "search"),
        ("knowledge", "search", "x", "--top", "0"),
        ("knowledge", "stale", "--within", "soon"),
        ("knowledge", "stale", "--within", "99999999"),
        ("knowledge", "diff"),
        ("knowledge", "diff", "no-such-revision"),
        ("knowledge", "diff", "--", "--output=x"),
        ("knowledge", "import", "nowhere.csv"),
        ("knowledge", "import", "knowledge/clinic.yml"),
        ("knowledge", "coverage", "--facts", "nowhere.yml"),
        ("knowledge", "coverage", "--facts", FACTS, "--write", "knowledge/clinic.yml/x"),
        ("unanswered", "--data", "nowhere"),
        ("unanswered", "--days", "1000000"),
        ("serve", "--port", "0"),
        ("serve", "--port", "99999"),
        ("serve", "--host", "127.0..1"),
        ("train", "--ranker", "--detectors"),
        ("eval", "safety", "--messages", "knowledge/clinic.yml/x"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_two_and_one_sentence(run, arguments):
    code, out, err = run(*arguments)
    assert code == 2
    assert out == ""
    assert len(err.strip()) > 10
    assert len(err.strip().splitlines()) == 1
    assert not Path("x").exists()


def test_outside_the_project_the_way_back_is_told(run, monkeypatch):
    monkeypatch.setattr("bot.cli.unanswered.data_folders", lambda _: Path("endpoints.yml").read_text())
    code, _, err = run("unanswered")
    assert (code, err) == (2, "endpoints.yml: No such file or directory: run it in the project's folder\n")


def test_check_is_quiet_about_files_that_hold(run):
    code, out, err = run("knowledge", "check", "--json")
    assert json.loads(out)["passages"] == 4
    assert json.loads(out)["errors"] == 0
    assert (code, err) == (0, "")


def test_check_names_each_problem_with_its_line(run, knowledge, edit):
    edit(knowledge / PAGE, "{#common}", "")
    code, out, err = run("knowledge", "check")
    assert code == 1
    assert f"knowledge/{PAGE}:8: the heading needs a short name" in err
    assert "problems" in out


def test_the_knowledge_folder_can_be_set_once_for_all_commands(run, knowledge, monkeypatch):
    monkeypatch.setenv("FAQBOT_KNOWLEDGE", "elsewhere")
    assert run("knowledge", "check")[0] == 2
    shutil.move(knowledge, "elsewhere")
    assert run("knowledge", "check")[0] == 0


@pytest.mark.parametrize(("where", "named"), [(".", "."), ("cost", "..")])
def test_the_knowledge_folder_is_named_from_within_too(run, knowledge, edit, monkeypatch, where, named):
    edit(knowledge / PAGE, "{#common}", "")
    edit(knowledge / "clinic.yml", "as_of: 2026", "as_of: 2006")
    Path("faq.csv").write_text("question,answer\nIs it far?,No.\n")
    monkeypatch.chdir(knowledge / where)
    problem = f"knowledge/{PAGE}:8: the heading needs a short name"
    assert problem in run("knowledge", "check", "--knowledge", named)[2]
    edit(knowledge / PAGE, "effects?", "effects? {#common}")
    assert "knowledge/clinic.yml: the price" in run("knowledge", "stale", "--knowledge", named)[1]
    draft = knowledge.parent / "drafts/cost/faq.md"
    told = run("knowledge", "import", knowledge.parent / "faq.csv", "--out", draft, "--knowledge", named)[1]
    assert f"{draft}:1: front matter needs 'reviewer: …'" in told
    assert f"{draft}:1: " in run("knowledge", "check", "--draft", draft, "--knowledge", named)[2]


def test_stale_names_a_folder_of_another_name(run, knowledge, edit):
    edit(knowledge / "clinic.yml", "as_of: 2026", "as_of: 2006")
    shutil.move(knowledge, "texts")
    assert "texts/clinic.yml: the price" in run("knowledge", "stale", "--knowledge", "texts")[1]


def test_the_folder_of_models_can_be_set_once_for_all_commands(run, monkeypatch):
    monkeypatch.setenv("FAQBOT_MODELS", "elsewhere")
    assert run("ask", "is it safe") == (2, "", "elsewhere: holds no model: run 'faqbot train'\n")
    assert "[default: (FAQBOT_MODELS, or models)]" in " ".join(run("ask", "--help")[1].split())
    monkeypatch.setenv("FAQBOT_PROXIES", "many")
    assert run("ask", "is it safe")[0] == 2


def test_search_shows_ranked_passages_with_their_scores(run, knowledge, make_store, encoder, monkeypatch):
    snapshot = make_store().publish(knowledge)
    parts = SimpleNamespace(
        live=SimpleNamespace(snapshot=snapshot),
        search=snapshot.search["en"],
        prepare=lambda search, text, topics: search.question(text, encoder, topics),
    )
    monkeypatch.setattr("bot.runtime.runtime", lambda: parts)
    code, out, _ = run("knowledge", "search", "what does an infusion cost", "--top", "2", "--json")
    found = json.loads(out)
    assert code == 0
    assert [p["id"] for p in found["passages"]][0] == "cost/prices#iv"
    assert len(found["passages"]) == 2
    assert found["passages"][0]["score"] >= found["passages"][1]["score"]
    assert found["knowledge_version"] == snapshot.version
    assert "1. " in run("knowledge", "search", "what does an infusion cost")[1]
    # What a terminal of another encoding sends.
    assert json.loads(run("knowledge", "search", "caf\udce9 cost", "--json")[1])["query"] == "caf cost"


def test_stale_ends_with_one_where_something_is_overdue(run, knowledge, edit):
    code, out, _ = run("knowledge", "stale", "--json")
    found = json.loads(out)
    assert code == (1 if found["overdue"] else 0)
    edit(knowledge / PAGE, "2026-11-01\nreview_by: 2027-05-31", "2019-01-01\nreview_by: 2020-01-01")
    code, out, _ = run("knowledge", "stale")
    assert code == 1
    assert f"knowledge/{PAGE}: the page with 2 passages was due for review on 2020-01-01" in out


def test_stale_does_not_judge_files_that_cannot_be_read(run, knowledge):
    (knowledge / "clinic.yml").write_text("name: [")
    code, out, err = run("knowledge", "stale")
    assert (code, out) == (1, "")
    assert "knowledge/clinic.yml:1: cannot be read" in err


def test_a_stray_file_keeps_no_command_from_its_work(run, knowledge):
    (knowledge / "notes.txt").write_text("remember the milk")
    assert "notes.txt" not in "".join(run("knowledge", "stale")[1:])


def test_a_port_in_use_is_told_before_anything_is_loaded(run):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, _, err = run("serve", "--port", str(taken.getsockname()[1]))
    assert code == 2
    assert "cannot listen there" in err


@pytest.mark.parametrize(
    ("endpoints", "told"),
    [
        ("nlg: {type: bot.rasa.generator.ReplyGeneratr}", "bot.rasa.generator.ReplyGeneratr': correct it under 'nlg'"),
        ("nlg: quick", "must be a mapping, not str: correct it under 'nlg'"),
        ("lock_store: {type: nowhere.Store}", "'nowhere.Store': correct it under 'nlg', 'lock_store'"),
        ("tracker_store: {type: nowhere.Store}", "No module named 'nowhere': correct it under 'nlg', 'lock_store' or"),
        ("tracker_store: {type: sqll}", "from path sqll: correct it under 'nlg', 'lock_store' or 'tracker_store'"),
        ("nlg: [", "Failed to read YAML"),
        ("{}", "FAQBOT_LANGUAGE=fr: no page is in that language: use one of en"),
    ],
)
def test_what_keeps_the_server_from_starting_is_told_before_it_runs(run, monkeypatch, endpoints, told, make_store):
    parts = Runtime(Settings(language="fr", knowledge=Path("knowledge")))
    parts.__dict__["store"] = make_store()
    monkeypatch.setattr("bot.rasa.server.runtime", lambda: parts)
    monkeypatch.setattr("bot.rasa.server.configure_logging", lambda: None)
    monkeypatch.setattr("bot.cli.serve.check_address", lambda *_: None)
    for name, text in (("model.tar.gz", ""), ("endpoints.yml", endpoints), ("credentials.yml", "rest:")):
        Path(name).write_text(text)
    code, out, err = run("serve", "--no-train", "--model", "model.tar.gz")
    assert (code, out) == (2, "")
    assert told in err
    assert len(err.strip().splitlines()) == 1


def test_a_folder_is_no_model(run, knowledge, monkeypatch):
    monkeypatch.setattr("bot.cli.serve.check_address", lambda *_: None)
    code, _, err = run("serve", "--no-train", "--model", knowledge)
    assert code == 2
    assert f"{knowledge}: no such file, and the server needs a trained model" in err


def test_diff_compares_two_folders(run, knowledge, edit):
    shutil.copytree(knowledge, "before/knowledge")
    edit(knowledge / PAGE, "Heavy use can harm", "Frequent use may harm")
    code, out, _ = run("knowledge", "diff", "before/knowledge", "knowledge")
    assert code == 0
    assert out.splitlines() == [
        f"~ safety/side-effects#bladder (knowledge/{PAGE}:31)",
        "    - Heavy use can harm the bladder.",
        "    + Frequent use may harm the bladder.",
        "0 passages added, 0 removed, 1 changed",
    ]
    assert json.loads(run("knowledge", "diff", "before/knowledge", "--json")[1])["passages_changed"]


def test_diff_compares_with_a_git_revision(run, knowledge, edit):
    def git(command: str) -> None:
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@x.example", *command.split()], check=True)

    good = (knowledge / PAGE).read_text()
    edit(knowledge / PAGE, "{#common}", "")
    git("init -q")
    for text in ((knowledge / PAGE).read_text(), good):
        (knowledge / PAGE).write_text(text)
        git("add .")
        git("commit -qm x")
    assert run("knowledge", "diff", "HEAD")[1] == "0 passages added, 0 removed, 0 changed\n"
    code, _, err = run("knowledge", "diff", "HEAD~1")
    assert code == 1
    assert err.startswith(f"HEAD~1:knowledge/{PAGE}:8: the heading needs a short name")
    edit(knowledge / PAGE, "{#bladder}", "{#urine}")
    edit(knowledge / "clinic.yml", "0142", "0199")
    assert run("knowledge", "diff", "HEAD")[1].splitlines() == [
        f"+ safety/side-effects#urine: Can it harm the bladder? (knowledge/{PAGE}:31)",
        "- safety/side-effects#bladder: Can it harm the bladder?",
        "~ clinic.yml: phone",
        "1 passages added, 1 removed, 0 changed",
    ]


def test_import_writes_a_draft_once_and_outside_the_knowledge(run, knowledge):
    Path("our faq.csv").write_bytes('question,answer,source\nCafé?,"Yes, with milk.",one-2020\n'.encode("cp1252"))
    code, out, _ = run("knowledge", "import", "our faq.csv", "--topic", "cost")
    assert code == 0
    draft = Path("drafts/cost/our-faq.md")
    assert "Yes, with milk.[^one-2020]" in draft.read_text(encoding="utf-8")
    assert f"{draft}:1: front matter needs 'reviewer: …'" in out
    assert "1 questions imported as a draft" in out
    assert run("knowledge", "check")[0] == 0
    written = draft.read_text(encoding="utf-8")
    code, _, err = run("knowledge", "import", "our faq.csv", "--topic", "cost")
    assert code == 2
    assert "nothing is overwritten" in err
    assert draft.read_text(encoding="utf-8") == written


def test_a_finished_draft_passes_the_check_and_can_be_moved(run, knowledge):
    draft = Path("drafts/cost/parking.md")
    draft.parent.mkdir(parents=True)
    page = (knowledge / "cost/prices.md").read_text().replace("{#iv}", "{#parking}").replace("money is a drip", "x")
    draft.write_text(page)
    assert run("knowledge", "check", "--draft", draft)[0] == 0
    draft.write_text(page.replace("reviewer: Editorial team", "reviewer:"))
    code, out, _ = run("knowledge", "check", "--draft", draft, "--json")
    assert code == 1
    assert [p["message"] for p in json.loads(out)["problems"]] == ["front matter needs 'reviewer: …'"]
    assert not (knowledge / "cost/parking.md").exists()


def test_coverage_writes_its_table_and_ends_with_one_for_a_gap(run, knowledge):
    fact = '{mark: V, fact: "x"}'
    Path("facts.yml").write_text(f"claims: {{}}\nfacts:\n  B-1: {fact}\n")
    code, out, _ = run("knowledge", "coverage", "--facts", "facts.yml", "--write", "coverage.md", "--json")
    assert code == 0
    assert len(json.loads(out)["facts"]["B-1"]) == 4
    assert "| B-1 | x | V |" in Path("coverage.md").read_text()
    Path("facts.yml").write_text(f"claims: {{}}\nfacts:\n  B-1: {fact}\n  B-2: {fact}\n")
    code, _, err = run("knowledge", "coverage", "--facts", "facts.yml")
    assert code == 1
    assert "B-2 is answered by no passage" in err


def test_unanswered_sums_up_what_several_servers_counted(run):
    assert run("unanswered") == (0, "Nothing was left unanswered.\n", "")
    assert not Path("var").exists()
    for folder, kind in (("a", "no_answer"), ("b", "no_answer"), ("b", "clarify")):
        OutcomeLog(Path(folder, OUTCOMES), lambda: datetime.now(UTC)).add(
            Outcome(kind, ("cost/prices#iv", "cost/x#y"), 0.2)
        )
    code, out, _ = run("unanswered", "--data", "a", "--data", "b")
    assert code == 0
    assert out.splitlines()[1].split() == ["2", "not", "answered", "cost", "0.20", "cost/prices#iv,", "cost/x#y"]
    assert "not answered 2, asked back 1" in out
    data = json.loads(run("unanswered", "--data", "b", "--json")[1])
    assert {(gap["kind"], gap["count"]) for gap in data["gaps"]} == {("no_answer", 1), ("clarify", 1)}


def test_unanswered_reads_the_data_folder_with_the_opinions_in_it(run, monkeypatch):
    monkeypatch.setenv("FAQBOT_DATA", "kept")
    OutcomeLog(Path("kept", OUTCOMES), lambda: datetime.now(UTC)).add(Outcome("clarify", ("cost/prices#iv",), 0.4))
    store = FeedbackStore(Path("kept/feedback.db"))
    store.add("r1", "answer", ["cost/prices#iv"], helpful=False, reason="too_long")
    store.add("r2", "answer", ["cost/prices#iv"], helpful=True)
    store.add("r3", "answer", ["safety/side-effects#common"], helpful=True)
    out = run("unanswered")[1]
    assert "asked back" in out
    assert "    1  not helpful, of 2 opinions: cost/prices#iv (too_long)" in out
    assert "side-effects" not in out
    (opinion,) = json.loads(run("unanswered", "--json")[1])["not_helpful"]
    assert opinion == {"passage": "cost/prices#iv", "not_helpful": 1, "helpful": 1, "reasons": ["too_long"]}


@pytest.mark.parametrize("name", [OUTCOMES, FEEDBACK])
def test_a_damaged_file_of_counts_is_named(run, tmp_path, name):
    (tmp_path / name).write_text("no database")
    code, _, err = run("unanswered", "--data", tmp_path)
    assert code == 2
    assert f"{tmp_path / name}: cannot be read" in err
