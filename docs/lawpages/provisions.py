"""Part II of an agreement in words: who is covered where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from totalize.law.agreements import (
    Agreement,
    Crew,
    DetachedDirections,
    DetachedWorker,
    Directions,
    Government,
    HostClaim,
    Nationality,
    SelfEmployed,
    Territorial,
    Transfer,
    Version,
)
from totalize.law.sources import Sure

from . import markdown
from .words import Words, capital, sides

VersionType = TypeVar("VersionType", bound=Version)
Lines = list[str]


def coverage_sections(agreement: Agreement, words: Words) -> Lines:
    """Return everything that the agreement says on coverage, section by section."""
    coverage = agreement.coverage
    out, back = sides(agreement.country)
    lines = markdown.heading(2, "Employees: the general rule")
    rule = words.rule("territorial")
    if coverage.nationality:
        rule = f"For nationals of neither country: {rule[:1].lower()}{rule[1:]}"
    lines += _versions(coverage.territorial, lambda v: _territorial(v, rule, words), words)
    if coverage.nationality:
        lines += markdown.heading(2, "Nationality and choice")
        lines += _versions(coverage.nationality, lambda v: _nationality(v, words, out), words)
    lines += markdown.heading(2, "Employees sent for a time")
    if coverage.detached_worker is None:
        lines += markdown.paragraph(words.sentence("no_rule", rule="employees sent for a time"))
    else:
        lines += _both_ways(
            "detached_worker",
            coverage.detached_worker,
            lambda version, names: _detached(version, words, names),
            words,
            (out, back),
        )
    lines += markdown.heading(2, "The self-employed")
    lines += _versions(coverage.self_employed, lambda v: _self_employed(v, words, out), words)
    lines += markdown.heading(2, "A business moved for a time")
    if coverage.self_employed_transfer is None:
        lines += markdown.paragraph(words.sentence("no_rule", rule="a business moved for a time"))
    else:
        lines += _both_ways(
            "self_employed_transfer",
            coverage.self_employed_transfer,
            lambda version, names: transfer(version, words, names),
            words,
            (out, back),
        )
    for title, crews in (
        ("Crews of ships", coverage.seafarer),
        ("Crews of aircraft", coverage.aircrew),
    ):
        lines += markdown.heading(2, title)
        lines += _versions(crews, lambda v: _crew(v, words), words)
    lines += markdown.heading(2, "Government staff")
    lines += _versions(coverage.government, lambda v: _government(v, words), words)
    if coverage.host_claim:
        lines += markdown.heading(2, f"What the law of {out['partner']} claims by itself")
        lines += _versions(coverage.host_claim, lambda v: _host_claim(v, words), words)
    return lines


def _versions(
    versions: Sequence[VersionType],
    describe: Callable[[VersionType], Sequence[str]],
    words: Words,
) -> Lines:
    """Return all versions of a provision, the newest first."""
    lines: Lines = []
    for version in reversed(versions):
        lines += markdown.paragraph(f"**{time_of(version)}**")
        if version.sure is Sure.UNREAD:
            lines += markdown.paragraph(words.sentence("not_read"))
        else:
            lines += markdown.bullets(describe(version))
        extension = getattr(version, "extension", None)
        cites = [*version.cite, *(extension.cite if extension is not None else ())]
        lines += words.sources(dict.fromkeys(cites))
    return lines


def _both_ways(
    rule: str,
    directions: DetachedDirections | Directions,
    describe: Callable[[Any, dict[str, str]], Sequence[str]],
    words: Words,
    names: tuple[dict[str, str], dict[str, str]],
) -> Lines:
    lines: Lines = []
    both = (directions.us_to_foreign, directions.foreign_to_us)
    if any(version.sure is not Sure.UNREAD for versions in both for version in versions):
        lines += markdown.paragraph(words.rule(rule))
        lines += markdown.paragraph(words.sentence("which_version"))
    for versions, side in zip(both, names, strict=True):
        lines += markdown.heading(3, f"From {side['home']} to {side['host']}")
        lines += _versions(versions, partial(_described, describe, side), words)
    return lines


def _described(
    describe: Callable[[Any, dict[str, str]], Sequence[str]], side: dict[str, str], version: Any
) -> Sequence[str]:
    return describe(version, side)


def time_of(version: Version) -> str:
    """Return when a version holds, in words."""
    if version.last is None:
        return f"Since {markdown.day(version.first)}"
    return f"From {markdown.day(version.first)} to {markdown.day(version.last)}"


def limit(version: Transfer, words: Words) -> str:
    """Return the limit of a stay, in words."""
    if version.max_months is not None:
        return words.sentence("limit", limit=words.duration(version.max_months))
    return words.sentence("no_limit")


def transfer(version: Transfer, words: Words, names: dict[str, str]) -> Lines:
    """Return the conditions of a stay abroad that keeps the system it came from."""
    found = [limit(version, words)]
    if version.max_months is not None:
        found.append(words.say("clock", version.clock))
    found.append(words.say("measured", version.measured))
    found += [words.condition(name, **names) for name in version.conditions]
    found += [
        words.sentence("unread_condition", text=words.raw_condition(name, **names))
        for name in version.unread_conditions
    ]
    if version.repeat is not None:
        longer = version.repeat.gap_exceeded
        found.append(
            words.sentence(
                "repeat_longer" if longer else "repeat",
                within=words.duration(version.repeat.within_months_of_first_start),
                gap=words.duration(version.repeat.or_gap_months),
            )
        )
    elif version.max_months is not None:
        found.append(words.sentence("repeat_none"))
    if version.extension is not None:
        text = words.sentence("extension", text=version.extension.text)
        if version.extension.max_months is not None:
            text += f" At most {words.duration(version.extension.max_months)}."
        found.append(text)
    return found


def _detached(version: DetachedWorker, words: Words, names: dict[str, str]) -> Lines:
    return [
        *transfer(version, words, names),
        *([words.sentence("whatever_nationality")] if version.whatever_nationality else []),
        words.say("third_country", version.third_country, **names),
        words.say("affiliate", version.affiliate, **names),
    ]


def _self_employed(version: SelfEmployed, words: Words, names: dict[str, str]) -> Lines:
    found = [words.say("self_employed", version.rule)]
    if not version.needs_double_claim:
        found.append(words.sentence("needs_double_claim", **names))
    if version.rule != "residence" or version.in_both_countries != "unread":
        found.append(words.say("in_both_countries", version.in_both_countries))
    if version.rule == "residence":
        found.append(words.say("elsewhere", version.elsewhere))
    found.append(words.say("classed_differently", version.classed_differently))
    return found


def _territorial(version: Territorial, rule: str, words: Words) -> Lines:
    more = version.residents_working_in_both
    return [rule, *([words.sentence("residents_working_in_both")] if more else [])]


def _crew(version: Crew, words: Words) -> Lines:
    found = [words.say("crew", version.rule)]
    if version.rule != "unread" and len(version.sides) == 1:
        found.append(words.say("sides", version.sides[0]))
    if version.own_flags_only:
        found.append(words.sentence("own_flags_only"))
    return found


def _government(version: Government, words: Words) -> Lines:
    found = [
        words.say("government", f"for_{side}", rule=words.raw(f"government.{rule}"))
        for side, rule in (("us", version.us), ("foreign", version.foreign))
    ]
    regions = ", ".join(version.nationals_in_regions)
    return [*found, words.sentence("government_regions", regions=regions)] if regions else found


def _nationality(version: Nationality, words: Words, names: dict[str, str]) -> Lines:
    months = words.sentences.limits["months"].format(months=version.election_months)
    return [
        words.rule("nationality"),
        words.sentence("only_us_national", **names),
        words.sentence("election", months=months, **names),
    ]


def _host_claim(version: HostClaim, words: Words) -> Lines:
    unusual = {
        "employment": not version.employment,
        "self_employment": not version.self_employment,
        "nationals": version.nationals_abroad_for_own_employers,
        "letter": not version.certifies_own_coverage,
    }
    return [words.say("host_claim", name) for name, holds in unusual.items() if holds]


def at_a_glance(agreement: Agreement, words: Words) -> Lines:
    """Return the newest rules as one table: kind of work by direction."""
    coverage = agreement.coverage
    out, back = sides(agreement.country)
    partner = capital(out["partner"])
    hosts = (partner, "United States")
    if coverage.territorial[-1].sure is Sure.UNREAD:
        hosts = ("not read", "not read")
    by_nationality = bool(coverage.nationality)
    rows = [
        [
            "Employee hired there, or moved on their own",
            *(["nationality decides"] * 2 if by_nationality else hosts),
        ]
    ]
    if coverage.detached_worker is not None:
        rows.append(
            [
                "Employee sent there for a time",
                _glance("United States", coverage.detached_worker.us_to_foreign[-1], words),
                _glance(partner, coverage.detached_worker.foreign_to_us[-1], words),
            ]
        )
    alone = words.say("self_employed_short", coverage.self_employed[-1].rule)
    rows.append(["Self-employed there", *([alone] * 2 if alone else hosts)])
    if coverage.self_employed_transfer is not None:
        rows.append(
            [
                "Business moved there for a time",
                _glance("United States", coverage.self_employed_transfer.us_to_foreign[-1], words),
                _glance(partner, coverage.self_employed_transfer.foreign_to_us[-1], words),
            ]
        )
    government = coverage.government[-1]
    for title, crew in (
        ("Crew of a ship", coverage.seafarer[-1]),
        ("Crew of an aircraft", coverage.aircrew[-1]),
    ):
        rows.append([title, *[_short(words.say("crew", crew.rule))] * 2])
    rules = (government.us, government.foreign)
    staff = [_short(words.say("government", rule)) for rule in rules]
    rows.append(["Staff of the sending government", *staff])
    return markdown.table(
        [
            "Who",
            f"Work in {out['host']}",
            f"Work in {back['host']}",
        ],
        rows,
    )


def _short(sentence: str) -> str:
    """Return a sentence as it stands in a cell."""
    return sentence[:1].lower() + sentence[1:].removesuffix(".")


def _glance(home: str, version: Transfer, words: Words) -> str:
    if version.max_months is not None:
        return f"{home}, up to {words.duration(version.max_months)}"
    if version.sure is Sure.UNREAD:
        return "not read"
    return f"{home}, no limit in months"
