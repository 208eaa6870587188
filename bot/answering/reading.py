"""Reads a message as a person would: which questions it asks, and what in it only makes sense after the last answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.knowledge.model import Passage
from bot.knowledge.vocabulary import Mention, Vocabulary
from bot.text import collapse, sentences

MAX_PARTS = 4
# A longer message is a story with a question somewhere in it.
STORY_WORDS = 25
# An entry of a bare list has at most so many words; where signs or lines part three or more; and where the list is
# announced ("two things: …").
ENTRY, LONG_ENTRY, ANNOUNCED_ENTRY = 4, 6, 10
# What begins with "also" and has no question word is one more question if it is this short.
ADDED_WORDS = 8

# Words that begin a question, wherever in a sentence they follow a conjunction, with how people spell them. Verbs that
# tell as often as they ask must be followed by what a question has there: "was it", not "was told".
_WH = r"(?:what(?:'?s)?|how(?:'?s)?|when|where|why|who(?:'?s)?|which|whether|wat|wats|wht|hw|wen|wich)"
_PREPOSITION = r"(?:for|at|after|in|from|on|with|by|until|till)\s+"
_BE = r"(?:is|are|isnt|isn't|r)(?!\s+(?:on|in|at|using|taking|having|going|being|now|not)\b)"
_DO = r"(?:do|does|dus|dos|did|can|could|should|will|would|may|might|cn|wil|shud|cud|wud)(?!\s+be\b)"
_HAVE = (
    r"(?:has|have|had|was|were|am)\s+(?:i|you|it|they|there|people|any|anyone|anybody|anything|that|this|he|she|we)\b"
)
_ASKS = rf"(?:{_WH}|{_BE}|{_DO}|{_HAVE})"
# "If it fails, what then": a condition and its question are one.
_IF = rf"if\s+(?:\S+\s+){{1,8}}?(?={_WH}\b|(?:{_BE}|{_DO})\s+(?:i|you|it|they|there|we|that)\b)"
# Wishes that ask as a question does.
_WISHES = (
    r"^(?:(?:please|i|we|just|and|also)\s+)*(?:need|want|give|tell|send|explain|show|list)\s+(?!to\b)\w+"
    r"|^(?:\w+\s+){1,4}please\b\W*$"
)
_WORDS = re.compile(r"[\w']+")
# A question mark, a conjunction or a comma before a question word, and a slash or a list mark end a question; so does a
# comma before a last few words ("…, and with lithium?").
_SPLIT = re.compile(
    rf"(?<=\?)\s+|[,;]?\s+(?:and|an|n|also|plus|then|&|\+)\s+(?:also\s+|then\s+|if\s+so\s+)?(?=(?:if\s+(?:not|it\s+doesn'?t),?\s+|{_IF}|{_PREPOSITION}(?={_WH}\b))?{_ASKS}\b)|[,;:]\s+(?={_ASKS}\s+\w+)"
    r"|,?\s+(?:and|an|n)\s+(?=also\s+\w+)|,\s+(?=and\s+(?:with|for|after|before|during|about)\s+(?:\S+\s+){0,4}\S+$)"
    r"|\s+[/+]\s+|\s*(?:^|\s)(?:\d[.)]|[-*•])\s+",
    re.I,
)
# Words that tell of wanting to know, and what may follow them; in a whole sentence only those that ask.
_KNOW = rf"\b(?:know|wonder(?:ing)?|hear|ask(?:ing)?|told|tell me|find out|um|uh|so|things?|questions?)\s+(?:if\s+|{_ASKS}\s+)\w+"
_ASKING = rf"\b(?:(?:like|love|want|need|glad|grateful|curious)\s+to\s+(?:know|hear|be\s+told|find\s+out|ask)|tell\s+me)\s+(?:if|{_ASKS})\s+\w+"
# A question behind something told without a stop, or behind "and while I am at it".
_INVERTED = rf"\b(?:{_BE}|{_DO})\s+(?:i|he|she|you|it|they|there|we)\s+\w+"
_QUESTION = re.compile(
    rf"{_WISHES}|^if\s+(?:not|it\s+doesn'?t)\b|^(?:and\s+)?{_IF}|^(?:\w+\s+){{0,1}}(?:{_PREPOSITION})?{_ASKS}\s+\w+"
    rf"|{_KNOW}|{_INVERTED}",
    re.I,
)
_STARTS = re.compile(
    rf"^(?:(?:and|also|but|so|ok|okay|hi|hello|first|second|third|finally|plus)[,\s]+)*(?:{_IF})?{_ASKS}\s+\w+"
    rf"|^(?:first|second|third|finally)\b.*\b{_ASKS}\s+\w+|{_ASKING}",
    re.I,
)
# "…, which has kept her well." tells.
_TELLING = re.compile(
    r"^(?:which|who)\s+(?:has|have|had|is|was|are|were|to|will|would|i|he|she|we|they|means?|makes?)\b.*\.$", re.I
)
# What only leads to the question behind the next comma: a condition, or a few words ("and besides ketamine").
_CONDITION = re.compile(
    r"^(?:(?:and|but|so|or|ok|okay)\s+)?(?:if|when|once|after|before|since|because|as|given|while|unless|suppose|say)\b(?!\s+(?:can|do|does|did|will|would|should|is|are)\b)",
    re.I,
)
_FEW = re.compile(r"^(?:and|also|but|so|besides)(?:\s+\S+){0,3}$", re.I)
_ASKS_FOR = re.compile(r"\b(?:tell\s+(?:me|us)|know|ask|wondering)(?:,?\s+please)?$", re.I)
_ADDED = re.compile(r"^(?:also|and|plus|n|an)\b", re.I)
# Dictated without a stop: where one question follows another. What comes before must be a whole one, and not lead on to
# it ("how long does it …", "do you know how long …").
_RUN_ON = re.compile(
    r"\s+(?=(?:how\s+(?:long|often|soon)|what\s+happens|what\s+if|is\s+it|is\s+there|are\s+there|does\s+it|do\s+(?:i|they|you)"
    r"|can\s+(?:i|you|it|they|we)|will\s+(?:it|i|they)|should\s+i|am\s+i)\s+\w+)",
    re.I,
)
_WHOLE = re.compile(
    rf"^(?:\w+\s+){{0,6}}?(?:(?:{_BE}|{_DO}|{_HAVE})\b(?:\s+\S+){{2,}}|what\s+if(?:\s+\S+){{2,}})", re.I
)
_LEADS_ON = re.compile(
    r"\b(?:know|ask|asking|tell|me|us|please|say|explain|see|about|on|of|or|if|what|when|where|why|how|who|which|that|than|and|but|so|even|long|much|many|often|soon|"
    r"fast|far|drugs?|things?)$",
    re.I,
)
_MARKS = re.compile(r"\s+[/+&]\s+|\s*;\s*|\n+")
_COMMAS = re.compile(r",\s*(?:and\s+|or\s+)?|\n+")
_LIST_WORD = re.compile(r"^\s*(?:list|questions?|topics?|info(?:rmation)?\s+on)\s*:?\s+", re.I)
_ANNOUNCED = re.compile(
    r"\b(?:two|three|four|2|3|4|several|some|few)\s+(?:\w+\s+)?(?:things?|questions?|worries|points|matters|concerns)\s*:\s*(.+)$",
    re.I,
)
_ENTRY_END = re.compile(r"[,;]\s*(?:and\s+)?", re.I)
_TELLS = re.compile(
    r"\b(?:i|im|i'm|ive|i've|my|me|we|our|he|she|his|her|they|thanks?|hi|hello|hey|ok|okay|yes|no|sorry)\b", re.I
)

# Words that carry no subject of their own.
_EMPTY = frozenset(
    "a an the and or but so also ok okay then well hi hello hey um uh like just please thanks thank you u i im i'm ive my me we our us for with "
    "without about of on in at to from by as if is are am was be been it's its it that that's thats this these those they them there their "
    "one ones he she his her do does did can could should would will what what's whats how hows which who when where why same thing too "
    "though tho exactly really actually even still any some more much many have has had got get case instead else mean yes no not kind sort "
    "type version cool great sure right alright hmm oh ah wait person people someone".split()
)
_POINTERS = frozenset(
    "it its it's that thats that's this these those they them their there one ones both either".split()
)
# Openers of a message that goes on from the last answer, and fillers before them.
_LEAD = re.compile(
    r"^(?:(?:and|or|but|so|also|ok(?:ay)?|then|now|well|right|cool|great|good|fine|perfect|interesting|thanks|thank you|got it|i see|"
    r"makes sense|hmm+|huh|wow|damn|lol|yeah|yes|no|oh|alright|sure|gotcha|sorry|actually|i mean(?:t)?|wait|"
    r"what about|how about|what of|what if|same (?:question )?for|is it the same (?:for|with))\b[\s,.!?]*)+",
    re.I,
)


@dataclass(frozen=True)
class Completion:
    """A message completed from the conversation.

    Attributes:
        text: what to search for instead. keeps_topic: whether the topic of the last answer still holds; else the
        message names a new aspect of the same subject. about: values of the vocabulary that the message puts in the
        place of the last answer's.
    """

    text: str
    keeps_topic: bool
    about: tuple[str, ...] = ()


def questions_in(text: str) -> list[str]:
    """The questions of a message in order, at most `MAX_PARTS`; the whole message where it asks one thing or none.

    >>> questions_in("How much is it and does insurance pay? I live in Ohio.")
    ['How much is it', 'does insurance pay?']
    >>> questions_in("Is it safe?")
    ['Is it safe?']
    >>> questions_in("bladder damage / liver damage")
    ['bladder damage', 'liver damage']
    """
    if listed := _listed(text):
        return listed[:MAX_PARTS]
    asked: list[str] = []
    for sentence in sentences(_spaced(text)):
        for piece in _joined([collapse(piece or "").strip(" ,;:") for piece in _SPLIT.split(sentence)]):
            if _is_question(piece, after=bool(asked)):
                asked += _run_on(piece)
    return asked[:MAX_PARTS] if asked else [text]


@dataclass(frozen=True)
class Cues:
    """What the words of a message alone say of how it stands to what came before.

    Attributes:
        is_empty: no word carries a subject of its own.
        is_short: at most three words.
        points: "it", "that", "there".
        leads: begins like a message that goes on: "and", "what about".
        named: values of the vocabulary that it names.
        content: how many words carry a subject that the vocabulary does not know.
    """

    is_empty: bool
    is_short: bool
    points: bool
    leads: bool
    named: tuple[str, ...]
    content: int


def cues_of(text: str, vocabulary: Vocabulary) -> Cues:
    """The cues of a message."""
    said = [w.lower() for w in _WORDS.findall(text)]
    mentions = vocabulary.find(text)
    covered = {w for m in mentions for w in _WORDS.findall(m.text.lower())}
    content = [w for w in said if w not in _EMPTY and w not in covered]
    return Cues(
        is_empty=not content and not mentions,
        is_short=len(said) <= 3,
        points=any(w in _POINTERS for w in said),
        leads=bool(_LEAD.match(text)),
        named=tuple(dict.fromkeys(m.value for m in mentions)),
        content=len(content),
    )


def complete(text: str, shown: Passage, vocabulary: Vocabulary) -> Completion | None:
    """What a message means after a passage was shown; None where there is nothing to complete.

    "And for anxiety?" takes the passage's heading with the new condition in it; "why?" takes the heading too;
    "how long does that last?" takes the passage's subject; any other short message takes the heading behind it.
    """
    said = [w.lower() for w in _WORDS.findall(text)]
    if not said or len(said) > STORY_WORDS:
        return None
    cues = cues_of(text, vocabulary)
    mentions, heading = vocabulary.find(text), vocabulary.find(shown.heading)
    if mentions and cues.content <= 1 and (cues.leads or len(said) <= 4):
        return _with_other_subject(shown.heading, heading, mentions, vocabulary)
    rest = _LEAD.sub("", text) or text
    if not mentions and cues.content <= 1 and (cues.leads or cues.points or cues.is_short):
        return Completion(f"{rest} {shown.heading}", keeps_topic=True)
    if cues.points or cues.leads:
        named = {m.entity for m in mentions}
        subject = [m for m in heading if m.entity not in named] or _subjects(shown, vocabulary, named)
        names = [vocabulary.words[m.entity][m.value][0] if isinstance(m, Mention) else m for m in subject]
        about = ", ".join(dict.fromkeys(names)) or shown.heading
        return Completion(f"{rest} ({about})", keeps_topic=False)
    return Completion(f"{rest} ({shown.heading})", keeps_topic=False)


def content_roots(text: str) -> frozenset[str]:
    """The words that carry a subject, by their first five letters.

    >>> sorted(content_roots("And the costs of infusions?"))
    ['cost', 'infus']
    """
    return frozenset(
        word[:5] if len(word) > 5 else word.removesuffix("s")
        for word in map(str.lower, _WORDS.findall(text))
        if word not in _EMPTY
    )


def _with_other_subject(
    heading: str, found: Sequence[Mention], new: Sequence[Mention], vocabulary: Vocabulary
) -> Completion:
    """The heading with its condition, form or medicine replaced, or with the new one behind it."""
    mention = new[-1]
    name = vocabulary.words[mention.entity][mention.value][0]
    old = next((m for m in found if m.entity == mention.entity), None)
    if old is None:
        return Completion(f"{heading} ({name})", keeps_topic=True, about=(mention.value,))
    return Completion(f"{heading[: old.start]}{name}{heading[old.end :]}", keeps_topic=True, about=(mention.value,))


def _subjects(shown: Passage, vocabulary: Vocabulary, named: set[str]) -> list[str]:
    """Plain names of what a passage is about, without kinds that the message names itself."""
    return [
        ws[value][0]
        for entity, ws in vocabulary.words.items()
        if entity not in named
        for value in ws
        if value in shown.about
    ][:2]


def _listed(text: str) -> list[str]:
    """The entries of a bare list of subjects, as in "price, risks, how long"; none where the message is something else.

    Slashes, plus signs and lines list two things or more. Commas do so from three on, and not where someone tells of
    themselves.
    """
    if announced := _ANNOUNCED.search(text):
        entries = _entries(_ENTRY_END.split(announced[1]), ANNOUNCED_ENTRY)
        if len(entries) > 1:
            return entries
    marks = _MARKS.split(_LIST_WORD.sub("", text))
    marked = _entries(marks, LONG_ENTRY if len(marks) > 2 else ENTRY)
    if len(marked) > 1:
        return [entry for entry in marked if not _TELLS.match(entry) or _QUESTION.search(entry)]
    named = _entries(_COMMAS.split(_LIST_WORD.sub("", text)), ENTRY)
    return named if len(named) > 2 and not _TELLS.search(text) else []


def _entries(pieces: Sequence[str], longest: int) -> list[str]:
    """The pieces, if all of them are short enough for entries of a list; else none."""
    entries = [entry for piece in pieces if (entry := collapse(piece).strip(" ,;:.-"))]
    return entries if all(len(entry.split()) <= longest for entry in entries) else []


def _joined(pieces: Sequence[str]) -> list[str]:
    """The pieces of a sentence, each that only leads to the next together with it.

    >>> _joined(["And if it fails", "is there more?"])
    ['And if it fails, is there more?']
    """
    whole: list[str] = []
    lead = ""
    for piece in filter(None, pieces):
        piece = f"{lead}, {piece}" if lead else piece
        leads = not piece.endswith(("?", ".", "!")) and (_CONDITION.search(piece) or _FEW.search(piece))
        lead = piece if (leads and not lead) or _ASKS_FOR.search(piece) else ""
        if not lead:
            whole.append(piece)
    return [*whole, lead] if lead else whole


def _run_on(question: str) -> list[str]:
    """The questions of one that was dictated without a stop.

    >>> _run_on("does it hurt the bladder can I drink the next day")
    ['does it hurt the bladder', 'can I drink the next day']
    >>> _run_on("how long does it last")
    ['how long does it last']
    """
    asked: list[str] = []
    start = 0
    for match in _RUN_ON.finditer(question):
        before = question[start : match.start()].strip(" ,")
        if _WHOLE.search(before) and not _LEADS_ON.search(before) and not _CONDITION.search(before):
            asked.append(before)
            start = match.end()
    return [*asked, question[start:]]


def _is_question(piece: str, after: bool) -> bool:
    """A sentence is a question by its mark or its first words; what was split off one, by any question word.

    After a question, a few words more ("also the liver thing") are another.
    """
    if after and _ADDED.search(piece) and len(piece.split()) <= ADDED_WORDS:
        return True
    if _TELLING.search(piece):
        return False
    return piece.endswith("?") or bool((_STARTS if piece.endswith(".") else _QUESTION).search(piece))


def _spaced(text: str) -> str:
    """Line breaks end a sentence, and so do full stops before small letters; `??` is one question mark."""
    text = re.sub(r"\?+", "?", re.sub(r"\s*\n+\s*", ". ", text)).replace("?.", "?")
    return re.sub(r"(?<=[.!?]\s)[a-z]", lambda match: match[0].upper(), text)
