"""How hard a text reads: the grade of Flesch and Kincaid (1975), reckoned without a download.

Syllables are groups of vowels, with the silent endings taken away; on common English words that
is right but for a few, as `test_public_pages.py` shows on words whose syllables are known.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[.?!]+(?:\s|$)")
_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)?")


def syllables_of(word: str) -> int:
    """Return the syllables of a word.

    >>> [syllables_of(word) for word in ("tax", "country", "certificate", "contributions")]
    [1, 2, 4, 4]
    """
    word = re.sub(r"[^a-z]", "", word.lower())
    heard = re.sub(r"(?<=[^aeiouy])e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouyscgxz])es$", "", word)
    if re.search(r"[^aeiouy]le$", word):
        heard = word
    groups = re.findall(r"[aeiouy]+", heard)
    apart = re.findall(r"(?:eo|ia[^lns]|iu|[aeou]ing$|ien[tc])", heard)
    return max(len(groups) + len(apart), 1)


def grade_of(text: str) -> float:
    """Return the years of school that it takes to read a text with ease."""
    sentences = [part for part in _SENTENCE.split(text) if _WORD.search(part)]
    words = _WORD.findall(text)
    syllables = sum(syllables_of(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
