"""Snapshots are complete or absent, never mixed, and cost only what changed."""

import json
import shutil

import numpy as np
import pytest

from bot.adapters import snapshots
from bot.errors import ArtifactError, KnowledgeError
from bot.retrieval.encoder import HashEncoder

PAGE = "safety/side-effects.md"


def ask(snapshot, text, encoder=None):
    search = snapshot.search["en"]
    return [hit.passage.id for hit in search.search(search.question(text, encoder or HashEncoder())).hits]


def test_a_published_snapshot_answers(knowledge, make_store):
    snapshot = make_store().publish(knowledge)
    assert ask(snapshot, "how much money is a drip one")[0] == "cost/prices#iv"
    assert len(ask(snapshot, "anything")) == 4


def test_publishing_the_same_files_again_builds_nothing(knowledge, make_store, encoder):
    first = make_store().publish(knowledge)
    manifest = (first.folder / "manifest.json").read_text()
    encoder.encoded.clear()
    assert make_store().publish(knowledge).version == first.version
    assert encoder.encoded == []
    assert (first.folder / "manifest.json").read_text() == manifest


def test_an_edit_embeds_only_what_changed(knowledge, make_store, encoder, edit):
    store = make_store()
    store.publish(knowledge)
    encoder.encoded.clear()
    edit(knowledge / PAGE, "for a while", "for an hour")
    after = store.publish(knowledge)
    assert len(encoder.encoded) == 1
    assert "for an hour" in encoder.encoded[0]
    assert "for an hour" in after.knowledge.by_id["safety/side-effects#common"].text


def test_embeddings_that_were_reused_belong_to_their_texts(knowledge, make_store, edit):
    store = make_store()
    store.publish(knowledge)
    edit(knowledge / PAGE, "## Can it harm the bladder? {#bladder}", "## Does it hurt the bladder? {#bladder}")
    folder = store.publish(knowledge).folder
    texts = json.loads((folder / "en.texts.json").read_text())
    assert np.allclose(np.load(folder / "en.vectors.npy"), HashEncoder().encode(texts), atol=1e-6)


def test_an_invalid_edit_never_becomes_current(knowledge, make_store, edit):
    store = make_store()
    before = store.publish(knowledge)
    edit(knowledge / PAGE, "while.[^one-2020]", "while.[^nobody]")
    with pytest.raises(KnowledgeError, match=r"\[\^nobody\] is not in sources\.yml"):
        store.publish(knowledge)
    assert store.current().version == before.version
    assert make_store().current().version == before.version


@pytest.mark.parametrize("left", ["manifest.json", "en.faiss", "en.head.npz", "knowledge/sources.yml"])
def test_a_snapshot_that_lacks_a_file_is_never_loaded(knowledge, make_store, edit, left):
    store = make_store()
    good = store.publish(knowledge)
    edit(knowledge / PAGE, "for a while", "for an hour")
    half = store.publish(knowledge)
    (half.folder / left).unlink()
    assert make_store().current().version == good.version
    with pytest.raises(ArtifactError):
        store.load(half.version)
    assert make_store().publish(knowledge).version == half.version


@pytest.mark.parametrize("name", ["en.faiss", "en.vectors.npy", "en.texts.json", f"knowledge/{PAGE}"])
def test_a_file_that_was_changed_is_noticed(knowledge, make_store, name):
    store = make_store()
    snapshot = store.publish(knowledge)
    with (snapshot.folder / name).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(ArtifactError, match="was changed"):
        store.load(snapshot.version)


@pytest.mark.parametrize("name", ["en.faiss", "en.head.npz", f"knowledge/{PAGE}", "manifest.json"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"3"])
def test_a_spoilt_snapshot_is_built_anew(knowledge, make_store, name, content):
    snapshot = make_store().publish(knowledge)
    (snapshot.folder / name).write_bytes(content)
    assert make_store().current() is None
    assert ask(make_store().publish(knowledge), "how much money is a drip one")[0] == "cost/prices#iv"


def test_an_edit_between_check_and_copy_is_never_kept_under_the_old_version(knowledge, make_store, edit, monkeypatch):
    store = make_store()
    load = snapshots.load_knowledge

    def load_then_edit(folder, check):
        checked = load(folder, check)
        monkeypatch.setattr(snapshots, "load_knowledge", load)
        edit(knowledge / PAGE, "for a while", "for an hour")
        return checked

    monkeypatch.setattr(snapshots, "load_knowledge", load_then_edit)
    with pytest.raises(ArtifactError, match="changed while it was read"):
        store.publish(knowledge)
    assert store.names() == []


@pytest.mark.parametrize("step", ["fit_head", "_digest"])
def test_a_build_that_is_interrupted_leaves_the_current_one(knowledge, make_store, edit, monkeypatch, step):
    store = make_store()
    good = store.publish(knowledge)
    edit(knowledge / PAGE, "for a while", "for an hour")

    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(snapshots, step, interrupt)
        with pytest.raises(KeyboardInterrupt):
            store.publish(knowledge)
    restarted = make_store()
    assert restarted.names() == [good.version]
    assert restarted.current().version == good.version
    assert "for an hour" in restarted.publish(knowledge).knowledge.by_id["safety/side-effects#common"].text


def test_what_a_dead_process_left_is_removed(knowledge, make_store, tmp_path):
    left = tmp_path / "snapshots/x.part-4194305"
    left.mkdir(parents=True)
    make_store().publish(knowledge)
    assert not left.exists()


def test_only_the_newest_snapshots_are_kept(knowledge, make_store, edit):
    store = make_store()
    for old, new in [("a while", "1 hour"), ("1 hour", "2 hours"), ("2 hours", "3 hours"), ("3 hours", "4 hours")]:
        current = store.publish(knowledge).version
        edit(knowledge / PAGE, old, new)
    current = store.publish(knowledge).version
    assert len(store.names()) == snapshots.KEEP
    assert store.names()[0] == current


def test_another_encoder_makes_snapshots_of_its_own(knowledge, make_store):
    small, large = make_store(), make_store(encoder=HashEncoder(128))
    assert small.publish(knowledge).version != large.publish(knowledge).version
    assert len(small.names()) == len(large.names()) == 1


def test_a_further_example_embeds_itself_alone(knowledge, make_store, encoder):
    before = make_store().publish(knowledge)
    encoder.encoded.clear()
    after = make_store(examples={"cost/prices#iv": ["what will the drip set me back"]}).publish(knowledge)
    assert after.version != before.version
    assert len(encoder.encoded) == 1
    assert "set me back" in encoder.encoded[0]


def test_other_engines_snapshots_go_when_they_are_old(knowledge, make_store):
    for number in range(snapshots.KEEP + 1):
        current = make_store(examples={"cost/prices#iv": [f"price {number}"]}).publish(knowledge)
    left = [p.name for p in current.folder.parent.iterdir() if p.is_dir()]
    assert len(left) == snapshots.KEEP
    assert current.version in left


def test_examples_teach_the_search(knowledge, make_store):
    plain = make_store().publish(knowledge)
    taught = make_store(examples={"effectiveness/ptsd#ptsd": ["nightmares from the war"]}).publish(knowledge)
    search = taught.search["en"]
    found = search.search(search.question("nightmares from the war", HashEncoder()))
    assert found.hits[0].passage.id == "effectiveness/ptsd#ptsd"
    assert taught.version != plain.version


def test_the_copy_in_a_snapshot_is_the_folder_of_that_moment(knowledge, make_store):
    snapshot = make_store().publish(knowledge)
    original = {p.relative_to(knowledge): p.read_bytes() for p in knowledge.rglob("*") if p.is_file()}
    shutil.rmtree(knowledge)
    copy = snapshot.folder / "knowledge"
    assert {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()} == original
