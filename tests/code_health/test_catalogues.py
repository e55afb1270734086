"""Every code that the program can give has its sentence, and no sentence is left over."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from typing import get_args

import pytest
from repository import SOURCE

from totalize.coverage import conditions
from totalize.coverage.determination import Rule
from totalize.coverage.facts import ALWAYS_KNOWN
from totalize.coverage.provisions import PROVISIONS
from totalize.law.agreements import ConditionName
from totalize.law.book import LawBook
from totalize.law.loading import load
from totalize.law.messages import Sentences, load_sentences
from totalize.logic.expressions import Condition, Expression, facts_in, walk

SENTENCES = load_sentences()


def _conditions() -> dict[str, Condition]:
    """Return every named test that a provision, or what stands around it, can make."""
    roots: list[Expression] = [provision.applies for provision in PROVISIONS]
    roots += [value for value in vars(conditions).values() if isinstance(value, Expression)]
    return {node.code: node for root in roots for node in walk(root) if isinstance(node, Condition)}


CONDITIONS = _conditions()


@pytest.mark.parametrize("code", sorted(CONDITIONS))
def test_a_test_has_a_sentence_for_each_result_it_can_have(code: str) -> None:
    wanted = {"true", "false"}
    if not facts_in(CONDITIONS[code]) <= set(ALWAYS_KNOWN):
        wanted.add("unknown")
    assert wanted <= set(SENTENCES.reasons[code])
    for text in SENTENCES.reasons[code].values():
        assert text[0].isupper() or text.startswith("{")
        assert text.endswith(".")


def test_no_sentence_is_about_a_test_that_nobody_makes() -> None:
    assert set(SENTENCES.reasons) == set(CONDITIONS)


def test_every_condition_of_the_closed_vocabulary_is_written_and_said() -> None:
    names = set(get_args(ConditionName))
    assert set(conditions.CONDITIONS) == names
    assert names <= set(SENTENCES.reasons)


def test_every_rule_has_its_sentence() -> None:
    assert set(SENTENCES.rules) == {rule.value for rule in Rule}


def _literals(path: str, call: str, first: int = 0) -> Iterator[str]:
    """Yield the texts given to a method, as they stand in a module."""
    tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr != call or len(node.args) <= first:
                continue
            for part in ast.walk(node.args[first]):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def test_every_warning_that_coverage_gives_is_in_the_catalogue_and_none_is_left_over() -> None:
    said = {
        code
        for path in (SOURCE / "coverage").glob("*.py")
        for code in _literals(path.relative_to(SOURCE).as_posix(), "_say")
    }
    assert len(said) > 10
    assert said == set(SENTENCES.warnings)


NAMES = {
    "partner", "Partner", "host", "Host", "home", "limit", "months", "years", "text", "ref",
    "deadline", "topic", "office", "others", "held", "authorities", "country",
}  # fmt: skip


def test_sentences_are_filled_in_with_names_that_exist() -> None:
    texts = [text for versions in SENTENCES.reasons.values() for text in versions.values()]
    texts += [*SENTENCES.rules.values(), *SENTENCES.warnings.values(), *SENTENCES.limits.values()]
    for text in texts:
        used = {name for _, name, _, _ in string.Formatter().parse(text) if name}
        assert used <= NAMES, text


def test_notes_of_agreements_do_not_take_the_code_of_a_warning() -> None:
    book = LawBook()
    for country in book.countries():
        agreement = book.agreement(country)
        assert agreement is not None
        for note in (*agreement.practice, *agreement.acceptance):
            assert note.code not in SENTENCES.warnings, f"{country}: {note.code}"


def test_every_language_has_the_same_codes() -> None:
    folder = SOURCE / "law" / "data" / "messages"
    for path in sorted(folder.glob("coverage.*.yaml")):
        other = load(f"messages/{path.name}", Sentences)
        assert {code: set(said) for code, said in other.reasons.items()} == {
            code: set(said) for code, said in SENTENCES.reasons.items()
        }, path.name
        assert set(other.warnings) == set(SENTENCES.warnings)
