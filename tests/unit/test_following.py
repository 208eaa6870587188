"""What a message asks for that stands on what was said before."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bot.answering.conversation import Conversation, Said
from bot.answering.following import CUES, SIGNS, FollowUpRanker, FollowUps, gather, in_context
from bot.answering.reading import cues_of
from bot.errors import ArtifactError
from bot.retrieval.encoder import HashEncoder
from bot.retrieval.passages import Result
from bot.runtime import FOLLOW_UPS

ENCODER = HashEncoder()
SHOWN = "safety/side-effects#common"


@pytest.fixture
def search(knowledge, make_store):
    return make_store().publish(knowledge).search["en"]


@pytest.fixture
def evidence(search):
    def make(text, *said):
        return gather(text, typed(search, text), ENCODER, Conversation(said), search)

    return make


def typed(search, text):
    return search.search(search.question(text, ENCODER), top=30)


def shown(*names):
    return Conversation([Said("answer", None, None, (name,), ()) for name in names])


def signs_of(evidence, name):
    row = [p.id for p in evidence.passages].index(name)
    return dict(zip(SIGNS, evidence.signs[row], strict=True))


def test_where_a_passage_stands_to_the_last_answer_is_seen(evidence):
    found = evidence("and the bladder?", Said("answer", None, "safety", (SHOWN,), ()))
    assert signs_of(found, SHOWN)["just_shown"] == 1
    assert signs_of(found, "safety/side-effects#bladder")["same_page"] == 1
    assert signs_of(found, "cost/prices#iv")["follows"] == 1
    assert signs_of(found, "effectiveness/ptsd#ptsd")["same_page"] == 0


def test_what_was_offered_is_a_candidate_even_where_no_search_finds_it(evidence):
    found = evidence("xyzzy", Said("clarify", None, None, ("cost/prices#iv", SHOWN), ("One?", "Two?")))
    assert signs_of(found, "cost/prices#iv")["offered"] == 1


def test_the_ranker_sees_the_cues_beside_each_passage(evidence):
    found = evidence("why?", Said("answer", None, "safety", (SHOWN,), ()))
    assert found.inputs.shape == (len(found.passages), len(SIGNS) + len(CUES))
    assert (found.inputs[:, len(SIGNS) + CUES.index("empty")] == 1).all()


def test_what_a_sign_counts_for_can_hang_on_the_message(evidence):
    size = len(SIGNS) + len(CUES)
    same_page, short = SIGNS.index("same_page"), len(SIGNS) + CUES.index("short")
    unit = [1.0 if column in (same_page, short) else 0.0 for column in range(size)]
    ranker = FollowUpRanker((0.0,) * size, (tuple(unit),), (-1.0,), (1.0,))
    rows = np.zeros((3, size))
    rows[0, same_page] = rows[1, short] = 1.0
    rows[2, [same_page, short]] = 1.0
    assert ranker.scores(rows).tolist() == [0.0, 0.0, 1.0]


def test_a_page_is_left_where_the_message_names_something_else(evidence):
    ranker = FollowUpRanker.load(FOLLOW_UPS)
    found = evidence("can trauma get better with this three", Said("answer", None, "safety", (SHOWN,), ()))
    result = ranker.rank(found, top=3)
    assert result.hits[0].passage.id == "effectiveness/ptsd#ptsd"
    assert 0 <= result.confidence <= 1


def test_an_answer_in_another_language_is_no_ground_to_stand_on(evidence, search):
    abroad = replace(search.passages[0], id="seguridad/efectos#comunes", language="es")
    search.knowledge = replace(search.knowledge, passages=(*search.knowledge.passages, abroad))
    found = evidence("why?", Said("answer", None, "safety", (abroad.id,), ()))
    assert abroad not in found.passages
    assert not found.signs[:, SIGNS.index("same_page")].any()


def test_weights_for_other_evidence_are_refused(tmp_path):
    path = tmp_path / "following.json"
    FollowUpRanker().save(path)
    assert FollowUpRanker.load(path) == FollowUpRanker()
    path.write_text(path.read_text().replace('"same_page"', '"same_book"'))
    with pytest.raises(ArtifactError):
        FollowUpRanker.load(path)


def test_a_message_is_read_behind_its_last_two_subjects(search):
    headings = [search.by_id[name].heading for name in ("cost/prices#iv", SHOWN)]
    conversation = shown("effectiveness/ptsd#ptsd", "cost/prices#iv", SHOWN, SHOWN)
    assert in_context("and bladder", conversation, search) == " | ".join([*headings, "and bladder"])
    assert in_context("and bladder", Conversation(), search) == "and bladder"


def test_what_is_only_near_in_the_conversation_is_a_candidate(search):
    # The words of the last heading find its page again, though the message has none of them.
    found = gather("xyzzy", Result((), 0.0), ENCODER, shown("cost/prices#iv"), search)
    assert found.passages
    vector = ENCODER.encode([in_context("xyzzy", shown("cost/prices#iv"), search)])[0]
    assert found.nearness.max() == max(search.nearness(vector))


def test_a_whole_question_that_the_search_is_sure_of_is_not_looked_for_again(search):
    nobody = SimpleNamespace(encode=lambda texts: pytest.fail("encoded again"))
    sure = Result(typed(search, "does it help").hits, 0.99)
    follow_ups = FollowUps(FollowUpRanker(), nobody)
    assert follow_ups.find("can you tell me what one infusion costs", sure, shown(SHOWN), search) is sure


def test_cues_are_told_from_the_words(search):
    cues = cues_of("and is it ok with xanax", search.knowledge.vocabulary)
    assert (cues.leads, cues.points, cues.is_empty, cues.named) == (True, True, False, ("benzodiazepine",))
    assert cues_of("why?", search.knowledge.vocabulary).is_empty
