"""Tells the questions of a message apart, however it is typed or dictated."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.text import collapse, sentences, straight

MAX_PARTS = 4
# An entry of a bare list has at most so many words; where signs, lines or numbers part three or more; where the list is
# announced ("two things: …").
ENTRY, LONG_ENTRY, ANNOUNCED_ENTRY = 4, 6, 10
# What begins with "also" and has no question word is one more question if it is this short; so is a subject of so many
# words before "and how much is it".
ADDED_WORDS, SUBJECT_WORDS = 8, 2

# Words that begin a question, wherever in a sentence they follow a conjunction, with how people spell them. Verbs that
# tell as often as they ask must be followed by what a question has there: "was it", not "was told".
_WH = r"(?:(?:what|how|when|where|why|who)(?:'?s)?|which|whether|wat|wats|wht|hw|wen|wich)"
_PREPOSITION = r"(?:for|at|after|in|from|on|with|by|until|till)\s+"
_BE = r"(?:is|are|isn'?t|aren'?t|r)(?!\s+(?:on|in|at|using|taking|having|going|being|now|not)\b)"
_DO = (
    r"(?:do|does|did|dus|dos|dose(?=\s+(?:it|this|that|insurance|ketamin\w*|spravato)\b)|can|could|should|will|would|may|might"
    r"|cn|wil|shud|cud|wud)(?!\s+(?:be|barely|hardly|not)\b)"
)
_HAVE = (
    r"(?:has|have|had|was|were|am|doesn'?t|don'?t|didn'?t|won'?t|can'?t|shouldn'?t|wouldn'?t|must|shall)\s+"
    r"(?:i|you|it|they|there|people|any|anyone|anybody|anything|that|this|he|she|we)\b"
)
_ASKS = rf"(?:{_WH}|{_BE}|{_DO}|{_HAVE})"
_ASKED = re.compile(rf"\b{_ASKS}\b", re.I)
# "If it fails, what then": a condition and its question are one.
_IF_NOT = r"if\s+(?:not|it\s+doesn'?t)\b,?\s*"
_IF = rf"if\s+(?:\S+\s+){{1,8}}?(?={_WH}\b|(?:{_BE}|{_DO})\s+(?:i|you|it|they|there|we|that)\b)"
# A question behind something told without a stop, or behind "and while I am at it".
_INVERTED = rf"\b(?:{_BE}|{_DO})\s+(?:i|he|she|you|it|they|there|we|those|these)\s+\w+"
# Wishes that ask as a question does, and words of wanting to know with what is to be known.
_WISHES = (
    r"^(?:(?:please|i|we|just|and|also)\s+)*(?:need|want|give|tell|send|explain|show|list)\s+(?!to\b)\w+"
    r"|^(?:\w+\s+){1,4}please\b\W*$"
)
_KNOW = (
    r"\b(?:know|wonder(?:ing)?|hear|ask(?:ing)?|told|tell me|find out|um|uh|so"
    r"|(?:things?|questions?)(?!\s+(?:is|are|was)\b))"
    rf"\s+(?:if\s+|{_ASKS}\s+)\w+"
)
# In a sentence with a full stop, which tells more often than it asks, only these are wishes.
_ASKING = (
    rf"\b(?:(?:like|love|want|need|glad|grateful|curious)\s+to\s+(?:know|hear|be\s+told|find\s+out|ask)|tell\s+me)\s+(?:if|{_ASKS})\s+\w+"
    r"|^(?:(?:please|also|and)\s+)*(?:tell|send|show|explain)\s+(?:me|us)\s+(?!(?:to|it|that|this|you|i)\b)\w+"
)
_QUESTION = re.compile(
    rf"{_WISHES}|^any(?:thing|one|body)?\s+\w+|^{_IF_NOT}|^(?:and\s+)?{_IF}|^(?:\w+\s+)?(?:{_PREPOSITION})?{_ASKS}\s+\w+|{_KNOW}|{_INVERTED}",
    re.I,
)
# A question of time, and guesses at its answer: "How long does it last? Hours? Days?"
_TIME = re.compile(r"\b(?:when|how\s+(?:long|often|soon|fast|quick(?:ly)?|many\s+times))\b", re.I)
_GUESS = re.compile(
    r"^(?:or\s+|like\s+|just\s+|a\s+few\s+|per\s+)*"
    r"(?:minutes?|mins?|hours?|hrs?|days?|weeks?|wks?|months?|years?|daily|weekly|monthly|once|twice|forever)\?$",
    re.I,
)
_OPENERS = r"and|also|but|so|ok|okay|hi|hello|first|second|third|finally|plus"
_STATED_QUESTION = re.compile(
    rf"^(?:(?:{_OPENERS})[,\s]+)*(?:{_IF})?{_ASKS}\s+\w+|^(?:first|second|third|finally)\b.*\b{_ASKS}\s+\w+|{_ASKING}",
    re.I,
)
# Sentences that begin like questions and tell: "…, which has helped her.", "When I was young I smoked.", "… is scared."
_TELLING = re.compile(
    r"^(?:which|who)\s+(?:has|have|had|is|was|are|were|to|will|would|i|he|she|we|they|means?|makes?)\b.*\.$"
    r"|^(?:so\s+)?when\s+(?:i|my|he|she|we|they|his|her)\b(?!.*(?:,\s+(?:is|are|do|does|what|how|will)|\b(?:can|could|should|may))\b).*\.$"
    r"|^what\s+(?:i|he|she)\s.*\.$"
    r"|^(?:is|are)\s+(?!(?:it|this|that|these|those|there|the|a|an|my|your|any|i|he|she|they|we|you|one)\b)\S+(?:\s+\S+){0,3}\.$"
    r"|^did\s+(?:\d|an?\b).*\.$",
    re.I,
)
_TELLS = re.compile(
    r"\b(?:i|im|i'm|ive|i've|my|me|we|our|he|she|his|her|they|thanks?|hi|hello|hey|ok|okay|yes|no|sorry)\b", re.I
)

# What ends a question: its mark; a conjunction or comma before a question word; "and also"; a comma before the last few
# words ("…, and with lithium?"); a sign or the number of an entry.
_AND = r"[,;]?(?<!\bor)(?<!\bbut)\s+(?:and|an|n|also|plus|then|&|\+)\s+"
_SPLIT = re.compile(
    "|".join(
        [
            r"(?<=\?)\s+",
            rf"{_AND}(?:also\s+|then\s+|if\s+so\s+)?"
            rf"(?=(?:{_IF_NOT}|{_IF}|{_PREPOSITION}(?={_WH}\b))?(?!do\s+(?:it|ketamine|a)\b){_ASKS}\b)",
            # "First question …, second question …", spoken into a telephone.
            r"(?:^|[,;.]?\s+)(?:and\s+)?(?:my\s+|the\s+)?(?:1st|2nd|3rd|first|second|third|last|other|next)\s+question(?:\s+is)?[,:]?\s+"
            rf"(?={_ASKS}\b)",
            rf"[,;:–—]\s+(?={_ASKS}\s+\w+)",
            r",?\s+(?:and|an|n)\s+(?=also\s+\w+)",
            r",\s+(?=(?:oh\s+)?and\s+(?:with|for|after|before|during|about)\s+(?:\S+\s+){0,4}\S+$)",
            r",\s+(?=oh\s+and\s+\S+(?:\s+\S+){0,4}$)",
            rf"\s+[/+]\s+(?={_ASKS}\b)",
            r"\s*(?:^|\s)(?:\d[.)]|\(?[a-d]\)|[-*•])\s+",
        ]
    ),
    re.I,
)
_CONJUNCTION = re.compile(r"\s+(?:and|n|&|plus)\s", re.I)
_ADDED = re.compile(r"^(?:oh\s+)?(?:also|and|plus|n|an)\b", re.I)
# What only leads to the question behind the next comma: a condition, a few words ("and besides ketamine"), "tell me".
_CONDITION = re.compile(
    r"^(?:(?:and|but|so|or|ok|okay)\s+)?(?:if|when|once|after|before|since|because|as|given|while|unless|suppose|say)\b"
    r"(?!\s+(?:can|do|does|did|will|would|should|is|are)\b)",
    re.I,
)
_FEW = re.compile(r"^(?:and|also|but|so|besides)(?:\s+\S+){0,3}$", re.I)
_ASKS_FOR = re.compile(r"\b(?:tell\s+(?:me|us)|know|ask|wondering)(?:,?\s+please)?$", re.I)

# Dictated without a stop: where one question follows another. What comes before must be a whole one, and its last word
# must not lead on to it ("do you know how long …"). No bare "how much": "does it change how much I need".
_RUN_ON = re.compile(
    r"\s+(?=(?:how\s+(?:long|often|soon)|how\s+much\s+(?:is|does|do)|what\s+happens|what\s+if|is\s+it|is\s+there|are\s+there"
    r"|does\s+(?:it|insurance|medicare|medicaid)|do\s+(?:i|they|you|u|ppl|people)|can\s+(?:i|you|it|they|we)|will\s+(?:it|i|they)"
    r"|should\s+i|am\s+i)\s+\w+)",
    re.I,
)
_WHOLE = re.compile(
    rf"^(?:\w+\s+){{0,6}}?(?:(?:{_BE}|{_DO}|{_HAVE})\b(?:\s+\S+){{2}}|what\s+if(?:\s+\S+){{2}})"
    r"|^(?:how\s+much|what|where|when)\s+(?:is|are)\s+\S+$"
    r"|^(?:what'?s|wats|hows|how's)(?:\s+\S+){2,}$|^how\s+(?:long|often|soon|much)\s+(?:do|does|will|is)(?:\s+\S+){2,}$",
    re.I,
)
_LEADING_ON = frozenset(
    "know ask asking tell me us please say explain see about on of or if what when where why how who which that than "
    "and but so even long much many often soon fast far drug drugs thing things".split()
)

# Lists: by signs or lines, by numbers or letters, by commas, and after "two things:".
_MARKS = re.compile(r"\s+[/+&]\s+|\s*;\s*|\n+")
_NUMBERS = re.compile(r"(?:^|\s+)(?:\(?\d\)?[.)]|\(?[a-d]\))\s+", re.I)
_COMMAS = re.compile(r"[,;]\s*(?:(?:and|or)\s+)?|\n+", re.I)
_LIST_WORD = re.compile(r"^\s*(?:list|questions?|topics?|info(?:rmation)?\s+on)\s*:?\s+", re.I)
_ANNOUNCED = re.compile(
    r"\b(?:two|three|four|2|3|4|several|some|few)\s+(?:\w+\s+)?"
    r"(?:things?|questions?|worries|points|matters|concerns)\s*:\s*([^.?!]+)[.?!]?$",
    re.I,
)
_FILLER = re.compile(r"^(?:please|pls|again|maybe|thanks|idk|not\s+sure|\d+)$", re.I)

# A small letter after a full stop begins a sentence; not after a number, an initial, a title or an ellipsis.
_SMALL = re.compile(
    r"(?<=[.!?]\s)(?<![\s.\d]\.\s)(?<!\b(?:dr|mr|st|mt|vs|mg|ml)\.\s)(?<!\b(?:mrs|etc)\.\s)(?<!\.[a-z]\.\s)[a-z]", re.I
)


def questions_in(text: str) -> list[str]:
    """The questions of a message in order, at most `MAX_PARTS`; the whole message where it asks one thing or none.

    >>> questions_in("How much is it and does insurance pay? I live in Ohio.")
    ['How much is it', 'does insurance pay?']
    >>> questions_in("Is it safe?")
    ['Is it safe?']
    >>> questions_in("bladder damage / liver damage")
    ['bladder damage', 'liver damage']
    """
    said = straight(text)
    if listed := _listed(said):
        return listed[:MAX_PARTS]
    asked: list[str] = []
    for sentence in sentences(_spaced(said)):
        for piece in _joined([collapse(piece or "").strip(" ,;:–—") for piece in _SPLIT.split(sentence)]):
            if _is_question(piece, asked[-1] if asked else ""):
                asked += _run_on(piece)
            elif not asked and _is_subject(piece, sentence):
                asked.append(piece)
    return asked[:MAX_PARTS] if asked else [text]


def _listed(text: str) -> list[str]:
    """The entries of a bare list of subjects, as in "price, risks, how long"; none where the message is something else.

    Signs, lines and numbers list two things or more. Commas do so from three on, and not where someone tells of
    themselves.
    """
    if announced := _ANNOUNCED.search(text):
        entries = _entries(_COMMAS.split(announced[1]), ANNOUNCED_ENTRY)
        if len(entries) > 1 and not all(_TELLS.search(entry) for entry in entries):
            return entries
    bare = _LIST_WORD.sub("", text)
    numbered = _entries(_NUMBERS.split(bare), LONG_ENTRY)
    if len(numbered) > 1:
        return numbered
    marks = _MARKS.split(bare)
    marked = _entries(marks, LONG_ENTRY if len(marks) > 2 else ENTRY)
    # "Wellbutrin + ketamine" are one subject, and "why is it $500 / session" is one question.
    is_pair = any(" " in entry for entry in marked) and len({bool(_ASKED.search(entry)) for entry in marked}) == 1
    if len(marked) > 2 or (len(marked) == 2 and is_pair):
        return [entry for entry in marked if not _TELLS.match(entry) or _QUESTION.search(entry)]
    named = _entries(_COMMAS.split(bare), ENTRY)
    return named if len(named) > 2 and not _TELLS.search(text) else []


def _entries(pieces: Sequence[str], longest: int) -> list[str]:
    """The pieces, if all of them are short enough for entries of a list; else none."""
    entries = [entry for piece in pieces if (entry := collapse(piece).strip(" ,;:.-"))]
    entries = [entry for entry in entries if not _FILLER.search(entry)]
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
        last = before.rpartition(" ")[2].lower()
        if last not in _LEADING_ON and _WHOLE.search(before) and not _CONDITION.search(before):
            asked.append(before)
            start = match.end()
    return [*asked, question[start:]]


def _is_question(piece: str, before: str) -> bool:
    """A sentence is a question by its mark or its first words; what was split off one, by any question word.

    After the question before, if any, a few words more ("also the liver thing") are another, but not a guess at its
    answer ("days?").
    """
    if piece.endswith("?"):
        return not (_TIME.search(before) and _GUESS.search(piece))
    if _TELLING.search(piece):
        return False
    if (_STATED_QUESTION if piece.endswith(".") else _QUESTION).search(piece):
        return True
    return bool(before and _ADDED.search(piece)) and len(piece.split()) <= ADDED_WORDS and not _TELLS.search(piece)


def _is_subject(piece: str, sentence: str) -> bool:
    """Whether a piece is the "price" of "price and do you take insurance"."""
    is_first = sentence.startswith(piece) and bool(_CONJUNCTION.match(sentence[len(piece) :]))
    return is_first and len(piece.split()) <= SUBJECT_WORDS and not _TELLS.search(piece)


def _spaced(text: str) -> str:
    """Line breaks end a sentence, and so do full stops before small letters; `??` is one question mark."""
    text = re.sub(r"(?<!\?)\?+(?=[A-Za-z]{2,}\b(?!=))", "? ", re.sub(r"\s*\n+\s*", ". ", text))
    text = re.sub(r"\?+", "?", text).replace("?.", "?")
    return _SMALL.sub(lambda match: match[0].upper(), text)
