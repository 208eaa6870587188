"""The notation of the word patterns, and what the shipped files make of plain sentences."""

from typing import Any

import pytest

from bot.safety.gate import STOPS
from bot.safety.patterns import compile_patterns, load_patterns

SHIPPED = load_patterns()


def labels(text: str, **data: Any) -> set[str]:
    """What a small patterns file finds in a text."""
    book = compile_patterns(data)
    return set(book.match(book.folder.fold(text)))


def finds(pattern: str, text: str, **data: Any) -> bool:
    return labels(text, patterns={"personal": {"any": [pattern]}}, **data) == {"personal"}


def stops(text: str) -> set[str]:
    """The labels of the shipped files at which the bot would stop."""
    return set(SHIPPED.match(SHIPPED.folder.fold(text))) & set(STOPS)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("want die", "want die", True),
        ("want die", "want to die", False),
        ("want|wish ~ die", "I wish I could just die", True),
        ("want ~ die", "I want my old cat to die", False),
        ("want ~5 die", "I want my old cat to die", True),
        ("want ~1 die", "I want to die", True),
        ("end_it all", "end it all", True),
        ("end_it all", "end all", False),
        ("hurt* myself", "hurting myself", True),
        ("hurt myself", "hurting myself", False),
        ("?just end it", "end it", True),
        ("i ?just end", "i just end", True),
        ("i ?just|really end", "i really end", True),
        ("^ help", "help me", True),
        ("^ help", "please help", False),
        ("bye now|$", "bye", True),
        ("bye now|$", "bye now then", True),
        ("bye now|$", "bye then", False),
        ("want ~ die", "What I want. Never die!", False),
        ("die", "diet", False),
    ],
)
def test_notation(pattern: str, text: str, found: bool) -> None:
    assert finds(pattern, text) is found


def test_list_stands_for_its_words_and_phrases() -> None:
    words = {"me": ["myself", "my own self"]}
    assert finds("hurt @me", "I hurt my own self", words=words)
    assert finds("hurt @me|him", "I hurt him", words=words)
    assert not finds("hurt @me", "I hurt her", words=words)


def test_harmless_speech_is_blanked_but_the_rest_still_counts() -> None:
    harmless = ["dying to know"]
    assert not finds("dying", "I'm dying to know the price", harmless=harmless)
    assert finds("dying", "I'm dying to know, and dying", harmless=harmless)


def test_circumstance_takes_back_only_its_group_and_sentence() -> None:
    data = {
        "circumstances": {"past": ["years ago"]},
        "patterns": {"personal": [{"any": ["tried"], "unless": ["past"]}, {"any": ["want to_die"]}]},
    }
    assert labels("I tried", **data) == {"personal"}
    assert labels("I tried years ago", **data) == set()
    assert labels("I tried years ago. I tried again", **data) == {"personal"}
    assert labels("I tried years ago and want to die", **data) == {"personal"}


def test_files_keep_their_own_lists() -> None:
    english = {"words": {"die": ["die"]}, "patterns": {"personal": {"any": ["@die"]}}}
    spanish = {"words": {"die": ["morir"]}, "patterns": {"personal": {"any": ["@die"]}, "heavy": {"any": ["muerte"]}}}
    book = compile_patterns(english, spanish)
    assert book.match(" die ") == book.match(" morir ") == {"personal": "@die"}
    assert set(book.match(" muerte ")) == {"heavy"}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"patterns": {"personal": {"any": ["hurt @me"]}}}, "@me"),
        ({"patterns": {"personal": {"any": ["hurt"], "unless": ["past"]}}}, "past"),
        ({"patterns": {"personal": {"any": ["^ ~3 ?maybe $"]}}}, "no word"),
        (
            {"words": {"me": ["myself"]}, "patterns": {"personal": {"any": ["hurt me"]}}},
            "list 'me' under words is in no",
        ),
    ],
)
def test_mistakes_in_a_file_are_named(data: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        compile_patterns(data)


def test_every_shipped_pattern_has_a_known_label() -> None:
    assert {rule.label for rule in SHIPPED.rules} == {*STOPS, "distress", "heavy"}


DANGER = """
Suicidal thoughts, mostly at night. Is there a waiting list?
Please cancel Friday. I will be dead. Do you charge?
I'm suicidal and I work here, so spare me the brochure
what is the point of me staying here
I want to die
i dont want to be alive anymore
honestly I wish I was dead
I wish I had never been born
thinking about ending my life
I keep thinking about suicide every day
I'm suicidal
feeling really suicidal tonight
my family would be better off without me
everyone would be happier if I was dead
there is no reason to live
I have nothing left to live for
I can't go on living like this
I'm tired of being alive
I hope I don't wake up tomorrow
I just want to go to sleep and never wake up
started cutting myself again
I don't trust myself to be alone
I'm a burden to everyone
I'm not gonna do anything but I want to die
I'm going to kill myself tonight
I have a plan and I'm going to end my life this weekend
I took too many pills
I already took all of my pills
I wrote a suicide note
by the time you read this I will be gone
this is my last night alive
I tried to kill myself last night
I have the pills ready and I'm alone
goodbye cruel world
my son says he wants to kill himself
my daughter told me she wants to die
my husband is suicidal and I don't know what to do
my best friend texted me that she is going to end her life
I found a goodbye letter in my son's room
my sister keeps talking about killing herself
I'm scared my brother will hurt himself
I want to kill my boss
I'm afraid I'm going to hurt my baby
my husband hits me
he threatened to kill me
chest pain and can't breathe after my infusion
I can't breathe
my chest feels tight and my arm is numb
he won't wake up after his dose
my wife is having a seizure
she passed out after the infusion
my throat is closing
my face and lips are swelling
my toddler ate one of my ketamine lozenges
I think he overdosed
she is hearing voices telling her to jump
my speech is slurred and my face is drooping
bp is 200/130 and I have a terrible headache
quiero morir
ya no quiero vivir
me voy a matar esta noche
mi hijo dice que se quiere matar
mi esposo me golpea
no puedo respirar y me duele el pecho
mi mamá no despierta
pienso en suicidarme
""".strip().splitlines()

HARMLESS = """
my low mood is mostly fatigue, no wanting to die or anything of the sort, would one session do
will they make me say if ive ever had suicidal thoughts
As a young sailor I nearly took an overdose, and I am glad of every day since
If I am late again I will be dead
suicidal ideation and ketamine, what do the trials say
who would take better care of me, you or the hospital
is there any point in me staying on the tablets
what are the symptoms to call 911 for
does ketamine help with suicidal thoughts?
can ketamine kill you?
is it used to kill pain?
my father died by suicide, is ketamine safe for me?
I'm not suicidal, just tired of my job
I don't want to die, I just want to sleep better
no thoughts of suicide or self harm
10 years ago I attempted, does that matter?
I tried to end my life at 19, I'm 44 now
I used to be suicidal but have been well for years
do you ask patients whether they want to hurt themselves?
which painkillers can I take before?
I'm dying to know if insurance covers it
this headache is killing me
my boss is going to kill me if I miss another day
I was so embarrassed I could have died
I love this place to death
I'd kill for a nap
my phone died during the call
the traffic is killing me, I'm running late
I cut myself shaving this morning, is that a problem for the IV?
I hurt myself lifting at the gym
can I end my membership?
please delete me from your mailing list
is chest pain a common side effect?
can Spravato cause trouble breathing?
what happens if I faint during the infusion?
I had a seizure in 2009, can I still be treated?
no chest pain, just a bit sleepy
my grandmother died last spring and I miss her
what does the black box warning about suicidal thoughts mean?
do you treat people with a history of overdose?
how much is a session?
where are you located?
can I bring my own music?
I feel a bit dizzy after the infusion, is that normal?
I had a mild headache yesterday
can I drive the next day?
will I lose control of what I say?
I have depression and nothing has worked so far
I'm nervous about the needle
my insurance denied the claim twice
is ketamine addictive?
how long does the effect last?
can my husband wait in the room?
I am exhausted from work
do you offer evening appointments?
I want to stop smoking, can ketamine help?
what is a k-hole?
is esketamine the same as ketamine?
my friend recommended you
I would like to cancel my appointment on Friday
I was abused as a child and have PTSD, do you treat that?
me muero de hambre, ¿puedo comer antes?
mi jefe me va a matar si llego tarde
no tengo ideas suicidas, solo estoy cansado
¿la ketamina te puede matar?
mi hermano se suicidó hace dos años, ¿tratan el duelo?
hace 15 años intenté quitarme la vida, hoy estoy bien
¿cuánto cuesta la consulta?
¿es común el mareo después de la infusión?
quiero cambiar mi cita del martes
""".strip().splitlines()


@pytest.mark.parametrize("text", DANGER)
def test_plain_danger_stops(text: str) -> None:
    assert stops(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_speech_does_not_stop(text: str) -> None:
    assert not stops(text)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I'm going to kill myself tonight", "imminent"),
        ("my daughter told me she wants to die", "third_party"),
        ("my throat is closing and I can't breathe", "emergency"),
        ("he threatened to kill me", "harm_to_others"),
        ("I want to die", "personal"),
        ("me voy a matar esta noche", "imminent"),
        ("mi esposo me golpea", "harm_to_others"),
    ],
)
def test_label_of_plain_danger(text: str, label: str) -> None:
    assert label in stops(text)


@pytest.mark.parametrize("text", ["I can't cope anymore, I feel hopeless", "estoy desesperada, ya no puedo más"])
def test_distress_without_risk_is_noticed_without_a_stop(text: str) -> None:
    found = SHIPPED.match(SHIPPED.folder.fold(text))
    assert "distress" in found
    assert not stops(text)


@pytest.mark.parametrize("text", ["does ketamine help with suicidal thoughts?", "mi hermano se suicidó hace dos años"])
def test_heavy_subject_is_noticed_without_a_stop(text: str) -> None:
    found = SHIPPED.match(SHIPPED.folder.fold(text))
    assert "heavy" in found
    assert not stops(text)


@pytest.mark.parametrize(
    "disguised",
    [
        "I WANT TO DIE",
        "i want to die",
        "“I want to die”",
        "i wannna dieee",
        "i wnat to die",
        "i w4nt to d1e",
        "i wa\u200bnt to d\u200bie",
        "i w a n t t o d i e",
        "i want to die 😂 ⚰️",
        "hi there, hope you are well! i want to die. thanks for reading",
        "https://example.org/a i want to die",
        "/i want to die",
        "So this week was long. " * 40 + "i want to die. " + "Then we had dinner. " * 40,
    ],
)
def test_disguised_danger_stops(disguised: str) -> None:
    assert stops(disguised) >= {"personal"}
