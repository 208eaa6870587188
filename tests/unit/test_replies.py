"""The fixed texts: what a person in danger reads, in every region and language, and the clinic's own sentences."""

import itertools
import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from bot.answering.conversation import Conversation, Said
from bot.answering.replies import CONTACTS, TEXTS, Phrasebook, apology, crisis_reply, support_line, support_reason
from bot.answering.reply import Reply
from bot.knowledge.parse import read_knowledge
from bot.rendering.plain import plain_text
from bot.safety.gate import DISTRESS, HEAVY, STOPS, Verdict
from bot.safety.resources import FOLDER, load_region

KNOWLEDGE = Path(__file__).parents[2] / "knowledge"
REGIONS = sorted(path.stem for path in FOLDER.glob("*.yml"))
LANGUAGES = sorted(path.stem for path in TEXTS.glob("*.yml"))

# What must not be in a reply to a person in danger, after the rules of safe messaging that docs/safety.md cites.
FORBIDDEN = {
    "offers the treatment or a visit": r"esketamin|infusion|\bbook\b|booking|appointment|\bcita\b|schedul|candidat"
    r"|(?:try|start|get|help[s]? with) ketamin|ketamin\w* (?:can|may|might|could) help",
    "quotes a study": r"\bstud(?:y|ies)\b|\btrial|percent|\d ?%|\[\d",
    "scores or diagnoses": r"\bscore|\brisk level|assessment|diagnos|depression|on a scale|puntuaci",
    "promises secrecy": r"\bsecret|just between|won't tell|will not tell|no one will know|nadie lo sabr",
    "promises a call or a visit": r"(?:we|i|someone)(?:'ll| will) (?:call|come|contact|reach)|call you back"
    r"|(?:le|te) (?:llamar|contactar)",
    "claims to have alerted someone": r"i(?:'ve| have) (?:alerted|told|informed)|been (?:notified|alerted)|he avisado",
    "names a method": r"\bpills?\b|\bgun|firearm|\bknife|\bropes?\b|\bhang|\bjump|\bbridge|\bblade"
    r"|\bpoison(?!s? (?:control|line|information|centre))|pastilla|pistola|cuchillo|soga|puente|\bveneno|overdose on",
    "harms by its wording": r"commit(?:ted)? suicide|successful|failed attempt|suicidio consumado|cometer suicidio",
    "judges or argues": r"selfish|\bweak\b|\bcoward|attention|shame|guilt|burden|ego[ií]sta|cobarde|verg[uü]enza",
    "plays it down": r"\bjust\b|calm down|cheer up|could be worse|not that bad|c[aá]lmese|no es para tanto",
    "pretends to be a person": r"i understand how you feel|as a (?:person|doctor|nurse|friend)|s[eé] lo que siente",
    "refuses with nothing": r"^i (?:can't|cannot) help(?: you)?(?: with that)?\.?$",
}
MACHINE = {"en": "automated assistant", "es": "asistente automático"}

# Kinds of personal advice; E-22 is danger, which the gate answers.
ADVICE = [*(f"E-{n}" for n in range(1, 26) if n != 22), "any"]

every_stop = pytest.mark.parametrize("label", STOPS)
every_region = pytest.mark.parametrize("region", REGIONS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def said(reply: Reply) -> str:
    return "\n".join(p.text for p in reply.paragraphs)


@every_stop
@every_region
@every_language
class TestCrisisReply:
    def test_it_shows_the_way_to_a_person(self, label, region, language):
        reply = crisis_reply(label, load_region(region), language)
        assert reply.kind == ("emergency" if label == "emergency" else "crisis")
        assert reply.tier == (None if label == "emergency" else label)
        assert any(resource.action == "call" for resource in reply.resources)
        emergency = load_region(region).words(language)["emergency"]
        assert emergency in said(reply)

    def test_the_text_alone_names_every_number(self, label, region, language):
        reply = crisis_reply(label, load_region(region), language)
        text = plain_text(reply, {})
        for resource in reply.resources:
            assert resource.label in text
            assert resource.shown in text

    def test_it_says_that_it_is_a_machine(self, label, region, language):
        assert MACHINE[language] in said(crisis_reply(label, load_region(region), language))

    def test_nothing_is_left_unfilled(self, label, region, language):
        for before in range(3):
            text = plain_text(crisis_reply(label, load_region(region), language, before), {})
            assert not re.search(r"[{}]|\bNone\b|\.\.(?!\.)| ,|  ", text)

    def test_a_repeat_is_shorter_and_keeps_the_numbers(self, label, region, language):
        first = crisis_reply(label, load_region(region), language)
        again = crisis_reply(label, load_region(region), language, before=1)
        third = crisis_reply(label, load_region(region), language, before=2)
        for one, other in ((first, again), (first, third), (again, third)):
            assert not {p.text for p in one.paragraphs} & {p.text for p in other.paragraphs}
            assert len(said(other)) < len(said(first)) * 0.7
            assert other.resources == first.resources
        assert crisis_reply(label, load_region(region), language, before=3) == again

    def test_it_is_the_same_every_time(self, label, region, language):
        assert crisis_reply(label, load_region(region), language) == crisis_reply(label, load_region(region), language)


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_reply_to_danger_never(what):
    for region in map(load_region, REGIONS):
        for label, language, before in itertools.product(STOPS, LANGUAGES, range(3)):
            reply = crisis_reply(label, region, language, before)
            for paragraph in reply.paragraphs:
                found = re.search(FORBIDDEN[what], paragraph.text, re.I)
                assert not found, f"{region.id}, {label}: {found.group()!r} in {paragraph.text!r}"
            assert not reply.citations
            assert not reply.suggestions


@pytest.mark.parametrize("label", ["imminent", "personal", "third_party"])
def test_the_american_reply_names_the_veterans_and_the_spanish_line(label):
    text = said(crisis_reply(label, load_region("us"), "en"))
    assert "press 1" in text
    assert "838255" in text
    assert "AYUDA" in text


def test_help_comes_before_everything_else_that_is_asked_of_the_person():
    for label in ("imminent", "personal"):
        reply = crisis_reply(label, load_region("us"), "en")
        first_numbers = next(n for n, p in enumerate(reply.paragraphs) if re.search(r"988|911", p.text))
        assert first_numbers <= 1


def test_a_language_without_texts_gets_the_english_ones():
    assert crisis_reply("personal", load_region("us"), "fr") == replace(
        crisis_reply("personal", load_region("us"), "en"), language="fr"
    )


def test_every_language_has_every_text():
    files = [yaml.safe_load((TEXTS / f"{language}.yml").read_text(encoding="utf-8")) for language in LANGUAGES]
    assert {"en", "es"} <= set(LANGUAGES)
    for texts in files:
        assert set(texts) == {*STOPS, "again", "broken", "calmed", "support"}
        assert set(texts["again"]) == set(STOPS)
        assert all(len(again) == 2 for again in texts["again"].values())
        assert set(texts["calmed"]) == {"danger", "emergency"}
        assert set(texts["support"]) == {"distress", "information", "pinned", "pinned_emergency"}


@every_region
@every_language
@pytest.mark.parametrize("reason", ["distress", "information", "pinned"])
def test_the_line_of_support_names_the_crisis_line(region, language, reason):
    line = support_line(reason, load_region(region), language)
    assert load_region(region).words(language)["reach"] in line
    assert "{" not in line


@pytest.mark.parametrize(
    ("label", "said", "reason"),
    [
        (None, [], None),
        (None, [("crisis", "personal"), ("answer", None)], "pinned"),
        (None, [("crisis", "personal"), ("emergency", None), ("answer", None)], "pinned_emergency"),
        (DISTRESS, [("crisis", "personal")], "distress"),
        (DISTRESS, [("answer", "distress")], "information"),
        (DISTRESS, [("crisis", "personal"), ("answer", "distress")], "pinned"),
        (HEAVY, [], "information"),
        (HEAVY, [("crisis", "personal")], "pinned"),
    ],
)
def test_support_stays_for_the_conversation(label, said, reason):
    conversation = Conversation([Said(kind, tier, None, (), ()) for kind, tier in said])
    assert support_reason(Verdict(label, 0.0, "en"), conversation) == reason


@pytest.fixture(scope="module")
def shipped():
    return read_knowledge(KNOWLEDGE)[0]


@pytest.fixture
def phrases(shipped) -> Phrasebook:
    return Phrasebook(shipped, "en")


def test_the_apology_has_the_clinic_and_the_crisis_line(shipped):
    reply = apology(Phrasebook(shipped, "en"), load_region("us"))
    assert reply.kind == "error"
    assert shipped.clinic.phone in said(reply)
    assert "988" in said(reply)
    assert reply.resources


@every_region
@every_language
def test_where_no_sentence_can_be_read_the_apology_still_has_the_numbers(region, language):
    reply = apology(None, load_region(region), language)
    assert reply.kind == "error"
    assert load_region(region).words(language)["reach"] in said(reply)
    assert load_region(region).words(language)["emergency"] in said(reply)
    assert "{" not in said(reply)
    assert reply.resources


def test_clinic_facts_come_from_the_clinic_file(shipped):
    clinic = replace(
        shipped.clinic, name="Other Clinic", phone="+1 202-555-0199", hours=("Mondays",), address=("Here 1",)
    )
    text = "\n".join(s for name in CONTACTS for s in Phrasebook(replace(shipped, clinic=clinic), "en").sentences(name))
    for fact in ("Other Clinic", "+1 202-555-0199", "Mondays", "Here 1"):
        assert fact in text
    assert shipped.clinic.phone not in text


def test_a_fact_that_the_clinic_has_not_given_takes_its_sentence_with_it(shipped):
    clinic = replace(shipped.clinic, prices=(), booking_url="", directions="", email="")
    for language in ("en", "es"):
        phrases = Phrasebook(replace(shipped, clinic=clinic), language)
        for name in CONTACTS:
            sentences = phrases.sentences(name)
            assert clinic.phone in " ".join(sentences)
            assert not [s for s in sentences if not s.strip() or "{" in s]
            # Nothing announces what does not follow.
            assert not sentences[-1].endswith(":")
        assert (
            "precios"
            not in " ".join(Phrasebook(replace(shipped, clinic=clinic), "es").sentences("ask_clinic_prices"))[:20]
        )


def test_prices_carry_their_date(phrases):
    assert "(2026-11-22)" in "\n".join(phrases.sentences("ask_clinic_prices"))


@pytest.mark.parametrize("kind", ADVICE)
def test_every_kind_of_personal_advice_is_declined_with_the_right_person_and_safe_passages(shipped, phrases, kind):
    decline, point, passages = phrases.decline(kind)
    assert re.search(r"\bcan't\b", decline)
    assert re.search(
        r"prescriber|pharmacist|clinician|doctor|psychiatrist|obstetrician|clinic|plan|adviser|lawyer|helpline|team|physician",
        point,
        re.I,
    )
    assert passages or kind in ("E-23", "E-25", "any")
    assert set(passages) <= set(shipped.by_id)
    assert "{" not in decline + point


@pytest.mark.parametrize("kind", ADVICE)
def test_in_spanish_too_and_beside_the_same_passages(shipped, phrases, kind):
    decline, point, passages = Phrasebook(shipped, "es").decline(kind)
    assert re.search(r"\b[Nn]o puedo\b", decline)
    assert re.search(
        r"receta|farmac|profesional|médico|psiquiatra|obstetra|cl[ií]nic|plan|asesor|abogado|línea|personal",
        point,
        re.I,
    )
    assert passages == phrases.decline(kind)[2]
    assert "{" not in decline + point


def test_every_fixed_sentence_can_be_said(shipped, phrases):
    words = {"date": "2026-11-01", "review_by": "2027-05-31", "reviewer": "Editorial team"}
    for name in shipped.replies["en"]:
        if name not in ("labels", "declined"):
            sentences = phrases.sentences(name, **words)
            assert sentences
            assert not [s for s in sentences if "{" in s]
