"""Tells Spanish from English by the small words that hardly occur in the other language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

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
    "inglés habla hablan hablas años desde voy dice bien ni antes otra otro casa trabajo después despues vez veces "
    "tres cuatro cinco seis siete ocho nueve diez noche hasta así asi mejor llevo sesión sesiones cada algo saber ella "
    "hora horas hago alguien pienso clínica clinica infusión mes meses semanas ganas aquí aqui allá dejé dejar falta "
    "pasa tarde miedo pastilla pastillas pecho casi mismo misma sobre tiempo cabeza gente luego mano veo dormir "
    "viernes lunes martes jueves sábado domingo cosa cosas niño niños niña mujer hombre médico medicina familia igual "
    "muero muerto muerta suicidio mal hijos cuenta daño quedó perro última último aceptan puso llego hablar hablo dura "
    "duele duelen presión puerta creo toca pido volver pregunta rato entonces paciente sabe deja bueno buena nomás "
    "nomas pagar comer cara corazón cuerpo doy pongo lado durante aunque cuántas cuántos cuantas cuantos bebé pedir "
    "dinero efecto efectos espalda edad sigue primera primero enfermera esperar poco menos decir debo tomar tomo "
    "aguanto quitarme irme hacerme existir respira respirar horario info llamen va van dar podría podrían cubre legal "
    "dan tienes dejan dejo vivo quieren ofrecen reciben inyección inyeccion náuseas nauseas sangre embarazada adicto "
    "direccion dirección ubicacion teléfono telefono numero número caro precios precio agendar cancelar reservar "
    "consulta toman quisiera porfa dia horrible labios encuentro despierta esperanza paro llorar salida secundarios "
    "citas diferencia manejar ayunas antidepresivos dosis mareo aviso brazo lengua suero quería tuve estuve dijo uso "
    "riesgo rodilla migraña ansiosa deprimido deprimida pena calma verdad quedo atienden minutos viene traigo salir "
    "llegar llamar cambiar perdón señor señora sueño empezar".split()
)
_ENGLISH = frozenset(
    "the a an of to and in is it i im you he she they we my your his her their this that these those are was were be "
    "been do does did dont can could will would should have has had with for from on at by not what when where who "
    "how why if or but so just about get got want need feel help please there any some all me".split()
) - {"me", "a", "so"}
# What an English speaker may say without any of these small words.
_ENGLISH_TALK = frozenset(
    "thanks thank thx ty yes yeah yep hi hello hey bye goodbye please pls sorry english sure".split()
)
# Spanish words that also turn up in English, as words or in names; one of them alone proves nothing.
_SHARED = frozenset(
    "me mi te se le lo la el los las un de del y no si con sin son solo es ser doctor papa mama sola mas fue va legal "
    "ya yo hay sus dan gracias hasta pena van info".split()
)
# Letters that English hardly writes, but for words of which it kept the spelling.
_ACCENT = re.compile(r"[áéíóúñ]")
_BORROWED = frozenset("café cafés fiancé fiancée résumé résumés cliché décor naïve jalapeño touché née olé".split())
_WORD = re.compile(r"[^\W\d_]+")
_CLAUSE_END = re.compile(r"[.,;:!?\n]+")


def detect_language(text: str) -> str:
    """`es` for a message that is mostly Spanish, else `en`.

    >>> detect_language("hola, cuanto cuesta el tratamiento?"), detect_language("tell me more")
    ('es', 'en')
    """
    words = _words(text)
    found = _spanish_in(words)
    spanish = len(found) + 2 * ("¿" in text or "¡" in text)
    english = sum(w in _ENGLISH for w in words)
    if spanish < 2 and all(w in _SHARED for w in found):
        return DEFAULT_LANGUAGE
    return "es" if spanish > english else DEFAULT_LANGUAGE


def has_spanish_clause(text: str) -> bool:
    """Whether a message in two languages says something in Spanish.

    >>> has_spanish_clause("sorry my english is bad, quiero morirme"), has_spanish_clause("la la la, is it safe")
    (True, False)
    """
    return any(_is_spanish_clause(_words(clause)) for clause in _CLAUSE_END.split(text))


def is_undecided(text: str) -> bool:
    """Whether the word or two of a message could be of either language, so that the conversation's is meant.

    >>> is_undecided("gracias"), is_undecided("thank you")
    (True, False)
    """
    words = _words(text)
    return 0 < len(words) <= 2 and not any(w in _ENGLISH or w in _ENGLISH_TALK for w in words)


def _is_spanish_clause(words: Sequence[str]) -> bool:
    found = _spanish_in(words)
    is_sure = len(found) >= 2 and not all(w in _SHARED for w in found)
    return is_sure and 2 * len(found) >= len(words) and not any(w in _ENGLISH for w in words)


def _spanish_in(words: Iterable[str]) -> list[str]:
    return [w for w in words if w in _SPANISH or (_ACCENT.search(w) and w not in _BORROWED)]


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text[:2000]).lower().replace("'", "").replace("’", ""))
