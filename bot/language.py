"""Tells Spanish from English by the small words that hardly occur in the other language."""

from __future__ import annotations

import re
import unicodedata

DEFAULT_LANGUAGE = "en"

_SPANISH = frozenset(
    "el la los las un una unos unas de del que qué y en por para con sin como cómo pero si sí muy mas más ya yo tu tú "
    "usted ustedes mi mis su sus me te se le les lo nos es son soy eres estoy esta está están estan este esto eso esa "
    "ese esos hay fue ser estar tener tengo tiene tienen quiero quiere puedo puede pueden necesito siento hace hacer "
    "cuanto cuánto cuando cuándo donde dónde quien quién cual cuál porque hola gracias buenas buenos dias días tardes "
    "noches adios adiós ayuda ayudenme ayúdame favor doctor cita seguro dolor ansiedad depresion depresión vida morir "
    "muerte matar matarme morirme vivir nada nadie todo todos toda todas nunca siempre también tambien ahora hoy ayer "
    "mañana manana mama mamá papa papá hijo hija hermano hermana amigo amiga esposo esposa novio novia mucho mucha "
    "muchos tanto cansado cansada triste solo sola funciona sirve cuesta tratamiento ketamina espanol español ingles "
    "inglés habla hablan hablas".split()
)
_ENGLISH = frozenset(
    "the a an of to and in is it i im you he she they we my your his her their this that these those are was were be "
    "been do does did dont can could will would should have has had with for from on at by not what when where who "
    "how why if or but so just about get got want need feel help please there any some all me".split()
) - {"me", "a", "so"}
# Spanish words that also turn up in English, as words or in names; one of them alone proves nothing.
_SHARED = frozenset(
    "me mi te se le lo la el los las un de del y no si con sin son solo es ser doctor papa mama sola mas fue".split()
)
_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str:
    """`es` for a message that is mostly Spanish, else `en`.

    >>> detect_language("hola, cuanto cuesta el tratamiento?"), detect_language("tell me more")
    ('es', 'en')
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text[:2000]).lower().replace("'", "").replace("’", ""))
    found = [w for w in words if w in _SPANISH]
    spanish = len(found) + 2 * ("¿" in text or "¡" in text)
    english = sum(w in _ENGLISH for w in words)
    if spanish < 2 and all(w in _SHARED for w in found):
        return DEFAULT_LANGUAGE
    return "es" if spanish > english else DEFAULT_LANGUAGE
