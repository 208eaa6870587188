"""Which questions a message asks, and which choice of those offered it names."""

import pytest

from bot.answering.choices import chosen, named, picks
from bot.answering.reading import content_roots
from bot.answering.splitting import MAX_PARTS, questions_in
from bot.knowledge.vocabulary import Vocabulary


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Is it safe and what does it cost?", ["Is it safe", "what does it cost?"]),
        ("Is it safe? What about pain?", ["Is it safe?", "What about pain?"]),
        ("hw much is it an wat does it do", ["hw much is it", "wat does it do"]),
        ("need ur number and do you do the spray there", ["need ur number", "do you do the spray there"]),
        ("will it last and if not what then", ["will it last", "if not what then"]),
        ("bladder / liver / memory", ["bladder", "liver", "memory"]),
        (
            "ok first question does it hurt second question can I read meanwhile",
            ["does it hurt", "can I read meanwhile"],
        ),
        ("Any chance of a rash, and is it OK with hay fever?", ["Any chance of a rash", "is it OK with hay fever?"]),
        ("May I read, and must we stay long?", ["May I read", "must we stay long?"]),
        ("does tea clash with it, oh and cocoa?", ["does tea clash with it", "oh and cocoa?"]),
        ("whats the drip like do ppl sleep", ["whats the drip like", "do ppl sleep"]),
        ("list: what is it, does it work, price", ["what is it", "does it work", "price"]),
        ("food rules + ride home", ["food rules", "ride home"]),
        ("My back hurts. I live far away. How long does it take?", ["How long does it take?"]),
        ("does it hurt. can i drive. is there food", ["does it hurt.", "Can i drive.", "Is there food"]),
        ("Does it raise the pressure, and for how long?", ["Does it raise the pressure", "for how long?"]),
        ("is it safe? also the liver thing", ["is it safe?", "Also the liver thing"]),
        ("how long does it last? hours? days?", ["how long does it last?"]),
        ("address? hours?", ["address?", "Hours?"]),
        ("is it legal here and if i move what happens", ["is it legal here", "if i move what happens"]),
        ("crps evidence; crps price; hours", ["crps evidence", "crps price", "hours"]),
        ("Two worries: his heart, and the methadone.", ["his heart", "the methadone"]),
        ("is it addictive does it hurt the bladder", ["is it addictive", "does it hurt the bladder"]),
        ("she takes a pill for it can she eat and who drives", ["she takes a pill for it can she eat", "who drives"]),
        ("Was it tested? And if it fails, what comes next?", ["Was it tested?", "And if it fails, what comes next?"]),
        (
            "Will you tell me, please, how often it is given, and whether I may drive?",
            ["Will you tell me, please, how often it is given", "whether I may drive?"],
        ),
    ],
)
def test_questions_are_told_apart(text, questions):
    assert questions_in(text) == questions


@pytest.mark.parametrize(
    "text",
    [
        "is it safe for people with high blood pressure and diabetes",
        "I am sad, tired, and alone",
        "hi, is it safe",
        "does it help depression or anxiety",
        "no, thanks, bye",
        "If it does nothing by week four, do they stop?",
        "He is on lithium, which has helped him, and is using a CPAP. Is that a problem?",
        "do you know how long it lasts",
        "does dr. patel do the infusions",
        "is wellbutrin + ketamine ok?",
        "why is it $500 / session",
        "A few concerns: my heart is bad, I am 70, and I live alone. Is it safe?",
        "can i stop my meds and do ketamine instead",
        "When I was young I used it at parties. Does that matter?",
        "which of these drugs can i take",
        "when my session is over, can i be alone",
        "",
        "/",
    ],
)
def test_one_thing_stays_one(text):
    assert len(questions_in(text)) == 1


def test_there_is_a_most():
    assert len(questions_in("a / b / c / d / e / f")) == MAX_PARTS


OFFERED = ["How much does one infusion cost?", "How much does Spravato cost?", "Does insurance pay for infusions?"]
VOCABULARY = Vocabulary({"form": {"spravato": ("Spravato", "nose spray"), "iv": ("infusion", "drip")}})


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("spravato", 1),
        ("the nose spray one please", 1),
        ("insurance", 2),
        ("the insurance one", 2),
        ("cost", None),
        ("infusion", None),
        ("what", None),
    ],
)
def test_a_word_names_a_choice_only_if_no_other_has_it_too(text, choice):
    assert named(text, OFFERED, VOCABULARY) == (None if choice is None else OFFERED[choice])


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("the first", 0),
        ("number one", 0),
        ("2", 1),
        ("2nd", 1),
        ("Second one of the list please", 1),
        ("last one please", 2),
        ("the first one pls, thanks", 0),
        ("number four", None),
    ],
)
def test_a_number_picks_a_choice(text, choice):
    assert chosen(text, OFFERED) == (None if choice is None else OFFERED[choice])


def test_nothing_is_named_where_nothing_was_offered():
    assert named("spravato", [], VOCABULARY) is None


def test_words_without_a_subject_do_not_count():
    assert not content_roots("and what about it")


@pytest.mark.parametrize(
    ("text", "is_pick"),
    [
        ("the insurance one", True),
        ("The bit on pills, please", True),
        ("is it the same", False),
        ("is the spray one safe", False),
    ],
)
def test_one_among_several_is_spoken_of(text, is_pick):
    assert picks(text) == is_pick
