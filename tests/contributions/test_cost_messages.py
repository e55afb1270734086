"""Every code that a cost can give has its sentence, and every sentence its code."""

import re
from pathlib import Path

import totalize.contributions
from totalize.law.contributions import load_sentences

ROOM = Path(totalize.contributions.__file__).parent


def test_every_notice_has_a_sentence_and_every_sentence_is_used():
    source = "".join(file.read_text(encoding="utf-8") for file in ROOM.glob("*.py"))
    used = set(re.findall(r"notice\(\s*\"([a-z_]+)\"", source))
    assert used == set(load_sentences().warnings)


def test_both_sides_of_a_choice_and_the_foreign_refund_have_words():
    assert set(load_sentences().given_up) == {"united_states", "other"}
    assert set(load_sentences().refund) == {"foreign"}
