"""The schemas are made from the models; the agreements are shown as read."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import jsonschema
import pytest
from cli_support import CASES, Shell, refused

from totalize import api
from totalize.coverage.facts import PATHS
from totalize.kernel.reading import read_document
from totalize.law import agreement_text, agreements
from totalize.law.loading import load
from totalize.law.wording import load_wording


@pytest.mark.parametrize("name", api.SCHEMAS)
def test_every_schema_is_a_sound_one_of_2020_12(totalize: Shell, name: str) -> None:
    ran = totalize("schema", name)
    assert ran.status == 0
    assert ran.plain["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(ran.plain)
    for part in ran.plain["$defs"].values():
        assert part.get("description") or part.get("enum"), "a model without a word on it"


def test_the_names_of_all_schemas_are_listed(totalize: Shell) -> None:
    assert [line.split()[0] for line in totalize("schema").out.splitlines()] == list(api.SCHEMAS)
    refused(totalize("schema", "nonsense"), "'nonsense'", "determination")


def test_the_examples_fit_the_schema_of_a_case() -> None:
    validator = jsonschema.Draft202012Validator(api.schema("case"))
    for path in CASES.glob("*.yaml"):
        validator.validate(read_document(path.read_bytes(), path.name))


@pytest.mark.parametrize(
    "change",
    [
        {"worker": {}},
        {"extra": 1},
        {"work": [{"activity": "hobby", "country": "DE", "start": "2026-01-01"}]},
        {"work": [{"activity": "employment", "country": "DE", "start": 5}]},
    ],
)
def test_what_the_reader_refuses_the_schema_refuses(change: dict[str, Any]) -> None:
    good = {
        "contract": 1,
        "worker": {"citizenships": ["US"]},
        "work": [{"activity": "employment", "country": "DE", "start": "2026-01-01"}],
    }
    validator = jsonschema.Draft202012Validator(api.schema("case"))
    validator.validate(good)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(good | change)


def test_results_of_other_rooms_fit_their_schemas() -> None:
    filed = api.filing(
        read_document((CASES / "berlin.yaml").read_bytes()),
        tax_year=2025,
        status="single",
        income="50000",
    )
    jsonschema.validate(filed.to_dict(), api.schema("filing"))
    record = {
        "contract": 1,
        "birth_date": "1960-05-15",
        "entitlement": "2026-06",
        "earnings": {"1990": 25000, "1991": "26000.50"},
        "foreign": [
            {"country": "DE", "periods": [{"from": "1984-02-01", "to": "1989-11-30"}]},
        ],
    }
    jsonschema.validate(record, api.schema("benefit_record"))
    jsonschema.validate(api.benefit(record).to_dict(), api.schema("benefit"))
    jsonschema.validate(api.benefit_plan(record).to_dict(), api.schema("benefit_plan"))


def test_an_agreement_as_json_fits_its_schema(totalize: Shell) -> None:
    validator = jsonschema.Draft202012Validator(api.schema("agreement"))
    for country in sorted(api.law().countries()):
        validator.validate(totalize("agreements", country, "--json").plain["agreement"])


def test_the_list_counts_thirty_in_force_and_two_signed(totalize: Shell) -> None:
    plain = totalize("agreements", "--json").plain
    states = [item["status"] for item in plain["agreements"]]
    assert (states.count("in_force"), states.count("signed")) == (30, 2)
    shown = totalize("agreements").out
    assert "30 agreements in force, 2 signed." in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "DK  Denmark          1 October 2008    5 years / 3 years   where they live" in shown
    assert "IE  Ireland          1 September 1993  5 years / not read  where they live" in shown


@pytest.mark.parametrize("country", sorted(api.law().countries()))
def test_every_agreement_is_shown_with_its_sources_in_eighty_columns(
    totalize: Shell, country: str
) -> None:
    ran = totalize("agreements", country)
    assert ran.status == 0
    assert max(map(len, ran.out.splitlines())) <= 80
    agreement = api.law().agreement(country)
    assert agreement is not None
    flat = " ".join(ran.out.split())
    for block in (agreement.cite, agreement.coverage.territorial[0].cite):
        assert " ".join(block[0].ref.split()) in flat
        assert str(block[0].checked_on) in flat
    assert "{" not in ran.out


@pytest.mark.parametrize("name", ["DE", "de", "Germany", "germany"])
def test_a_country_is_found_by_code_and_by_name(totalize: Shell, name: str) -> None:
    assert totalize("agreements", name).out.startswith("Germany (DE)\n  In force since")


def test_a_country_without_agreement_is_said_to_have_none(totalize: Shell) -> None:
    assert "no agreement with India" in totalize("agreements", "India").out
    assert totalize("agreements", "IN", "--json").plain["agreement"] is None
    refused(totalize("agreements", "Atlantis"), "country", "'Atlantis'")


def test_every_word_of_the_law_s_vocabulary_can_be_said() -> None:
    words = load("messages/agreements.en.yaml", agreement_text._Words).words
    vocabularies = {
        "third_country": agreements.ThirdCountry,
        "affiliate": agreements.Affiliate,
        "measured": agreements.Measured,
        "self_employed": agreements.SelfEmployedRule,
        "in_both_countries": agreements.InBothCountries,
        "classed_differently": agreements.ClassedDifferently,
        "crew": agreements.CrewRule,
        "government": agreements.GovernmentRule,
    }
    for name, vocabulary in vocabularies.items():
        assert get_origin(vocabulary) is Literal
        for value in get_args(vocabulary):
            assert f"{name}.{value}" in words
    tests = api.law().sentences().reasons
    for condition in get_args(agreements.ConditionName):
        assert "true" in tests[condition]


def test_every_fact_that_can_be_missing_has_its_question() -> None:
    questions = load_wording().questions
    for path in PATHS.values():
        assert path.replace("[{}]", "") in questions
