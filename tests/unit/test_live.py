"""The running server follows the knowledge folder: every valid edit, no invalid one, and never a gap."""

import time

import pytest

from bot.adapters.live import LiveKnowledge
from bot.errors import KnowledgeError

PAGE = "safety/side-effects.md"
SHOWN = "safety/side-effects#common"


@pytest.fixture
def live(knowledge, make_store):
    return LiveKnowledge(make_store(), knowledge, interval=0.05)


def text_of(live: LiveKnowledge) -> str:
    return live.snapshot.knowledge.by_id[SHOWN].text


def wait_for(condition, seconds=20.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_a_valid_edit_is_shown_without_a_restart(live, knowledge, edit):
    live.follow()
    try:
        edit(knowledge / PAGE, "for a while", "for an hour")
        assert wait_for(lambda: "for an hour" in text_of(live))
    finally:
        live.stop()


def test_an_invalid_edit_is_not_shown_and_is_told(live, knowledge, edit):
    live.follow()
    try:
        edit(knowledge / PAGE, "for a while.[^one-2020]", "for an hour.")
        assert wait_for(lambda: live.problems)
        assert "for a while" in text_of(live)
        assert live.problems[0].startswith(f"knowledge/{PAGE}:")
        edit(knowledge / PAGE, "for an hour.", "for an hour.[^one-2020]")
        assert wait_for(lambda: "for an hour" in text_of(live))
        assert not live.problems
    finally:
        live.stop()


def test_a_turn_that_began_before_an_edit_ends_with_what_it_began(live, knowledge, edit):
    held = live.snapshot
    edit(knowledge / PAGE, "for a while", "for an hour")
    assert live.refresh()
    assert "for a while" in held.knowledge.by_id[SHOWN].text
    assert live.snapshot.version != held.version


def test_a_new_page_and_a_removed_one_are_noticed(live, knowledge):
    page = knowledge / "cost/prices.md"
    copy = knowledge / "finding-care/prices.md"
    copy.parent.mkdir()
    page.rename(copy)
    copy.write_text(copy.read_text())
    (knowledge / PAGE).write_text(
        (knowledge / PAGE).read_text().replace("Next: cost/prices#iv", "Next: finding-care/prices#iv")
    )
    assert live.refresh()
    assert "finding-care/prices#iv" in live.snapshot.knowledge.by_id


def test_a_restart_with_invalid_files_serves_the_last_valid_version(live, knowledge, make_store, edit):
    edit(knowledge / PAGE, "for a while.[^one-2020]", "for an hour.")
    restarted = LiveKnowledge(make_store(), knowledge, interval=1)
    assert restarted.snapshot.version == live.snapshot.version
    assert restarted.problems


def test_a_first_start_with_invalid_files_says_what_is_wrong(knowledge, make_store, edit):
    edit(knowledge / PAGE, "[^one-2020]", "")
    with pytest.raises(KnowledgeError, match="has no source"):
        LiveKnowledge(make_store(), knowledge, interval=1)


def test_whatever_breaks_while_publishing_the_old_version_stays(live, knowledge, edit, encoder, monkeypatch):
    def fail(texts):
        raise RuntimeError("no memory")

    monkeypatch.setattr(encoder, "encode", fail)
    edit(knowledge / PAGE, "for a while", "for an hour")
    assert not live.refresh()
    assert live.problems == ("RuntimeError",)
    assert "for a while" in text_of(live)


def test_trouble_that_passes_holds_an_edit_back_for_a_moment_only(live, knowledge, edit, encoder, monkeypatch, caplog):
    with monkeypatch.context() as broken:
        broken.setattr(encoder, "encode", lambda texts: (_ for _ in ()).throw(OSError("disk full")))
        edit(knowledge / PAGE, "for a while", "for an hour")
        live.follow()
        assert wait_for(lambda: live.problems == ("disk full",))
    assert wait_for(lambda: "for an hour" in text_of(live))
    live.stop()
    assert caplog.text.count("cannot be taken up yet") == 1


def test_an_edit_that_is_wrong_in_the_same_way_is_told_again(live, knowledge, edit, caplog):
    edit(knowledge / PAGE, "while.[^one-2020]", "while.[^nobody]")
    live.refresh()
    live.refresh()
    assert caplog.text.count("has problems and is not shown") == 2


def test_what_only_looks_like_a_file_of_the_knowledge_is_passed_over(live, knowledge, edit):
    (knowledge / ".#clinic.yml").symlink_to("someone@somewhere.1234")
    (knowledge / "old.yml").mkdir()
    edit(knowledge / PAGE, "for a while", "for an hour")
    assert live.refresh()
    assert "for an hour" in text_of(live)


def test_a_restart_that_cannot_build_serves_the_last_valid_version(live, knowledge, make_store, edit, monkeypatch):
    store = make_store()

    def fail(folder):
        raise OSError("the disk is full")

    monkeypatch.setattr(store, "publish", fail)
    edit(knowledge / PAGE, "for a while", "for an hour")
    again = LiveKnowledge(store, knowledge, interval=1)
    assert "for a while" in text_of(again)
    assert again.problems == ("the disk is full",)


def test_no_word_of_the_folder_is_followed_once_it_is_stopped(live, knowledge, edit):
    live.follow()
    live.stop()
    time.sleep(0.2)
    edit(knowledge / PAGE, "for a while", "for an hour")
    time.sleep(0.3)
    assert "for a while" in text_of(live)
