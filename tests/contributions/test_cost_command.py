"""`totalize cost` and `totalize.cost` over the real engine, from case files."""

import json

import pytest
from jsonschema import Draft202012Validator

import totalize
from totalize.cli.main import main
from totalize.kernel.errors import InputError

BERLIN = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "US"},
    "work": [
        {
            "id": "berlin",
            "activity": "employment",
            "country": "DE",
            "start": "2026-03-01",
            "expected_end": "2029-02-28",
            "employer": {"name": "Example Corp", "country": "US"},
            "sent_from": "US",
            "via": None,
            "employed_before_transfer": True,
            "insured_before": "US",
        }
    ],
}
PARIS = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "FR"},
    "work": [
        {
            "id": "paris",
            "activity": "self_employment",
            "country": "FR",
            "also_in": [],
            "start": "2025-01-01",
            "expected_end": None,
            "sent_from": None,
        }
    ],
}
MILAN = {
    "contract": 1,
    "worker": {"citizenships": ["US", "IT"], "residence": "IT"},
    "work": [
        {
            "id": "milan",
            "activity": "employment",
            "country": "IT",
            "start": "2026-01-01",
            "expected_end": None,
            "employer": {"country": "US"},
            "sent_from": "US",
            "via": None,
            "employed_before_transfer": True,
            "insured_before": "US",
        }
    ],
}
QUEBEC = {
    "contract": 1,
    "worker": {"citizenships": ["US"], "residence": "US"},
    "work": [{**BERLIN["work"][0], "id": "montreal", "country": "CA", "region": "QC"}],
}
COMMON = ("--earnings", "120000", "--currency", "USD", "--as-of", "2026-11-22")


@pytest.fixture
def case_file(tmp_path):
    def write(case):
        file = tmp_path / "case.json"
        file.write_text(json.dumps(case), encoding="utf-8")
        return str(file)

    return write


def as_json(capsys, file, *options):
    assert main(["cost", file, *options, "--json"]) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out)


def test_the_posted_employee_saves_the_german_contributions(capsys, case_file):
    result = as_json(capsys, case_file(BERLIN), *COMMON)
    assert result["year"] == 2026
    assert result["work"] == "berlin"
    assert result["months"] == 10
    assert result["with_certificate"]["US"] == result["without"]["US"]
    assert result["without"]["US"]["employee"] == 7650
    assert 0 < result["saved"] < result["without"]["DE"]["employee"] * 3
    assert result["assignment"]["years_without_figures"] == [2027, 2028, 2029]


def test_the_freelancer_under_french_law_saves_self_employment_tax(capsys, case_file):
    result = as_json(capsys, case_file(PARIS), *COMMON, "--year", "2026")
    tax = 120_000 * 0.9235 * 0.153
    assert result["saved"] == pytest.approx(tax, abs=0.01)
    assert result["with_certificate"]["US"]["self_employed"] == 0
    assert [refund["year"] for refund in result["refunds"]] == [2025, 2026]
    assert result["refunds"][0]["last_day"] == "2029-04-15"


def test_the_election_of_a_dual_national_shows_both_sides(capsys, case_file):
    result = as_json(capsys, case_file(MILAN), *COMMON)
    assert [side["system"] for side in result["alternatives"]] == ["US", "IT"]
    choosing = {**MILAN, "work": [{**MILAN["work"][0], "elects": "US"}]}
    chosen = as_json(capsys, case_file(choosing), *COMMON)
    assert chosen["with_certificate"]["total"] == result["alternatives"][0]["total"]


def test_a_stay_too_long_for_the_agreement_compares_the_exception_with_the_host(capsys, case_file):
    long = {**BERLIN, "work": [{**BERLIN["work"][0], "expected_end": "2033-02-28"}]}
    result = as_json(capsys, case_file(long), *COMMON)
    us, germany = result["alternatives"]
    assert (us["system"], germany["system"]) == ("US", "DE")
    assert germany["total"] == result["with_certificate"]["total"]
    assert us["total"] < germany["total"]


@pytest.mark.parametrize("case", [BERLIN, PARIS, MILAN, QUEBEC], ids=lambda c: c["work"][0]["id"])
def test_the_json_fits_the_schema_that_is_published(capsys, case_file, case):
    result = as_json(capsys, case_file(case), *COMMON)
    assert main(["schema", "cost"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(result)


def test_work_in_quebec_pays_into_the_plan_of_quebec(capsys, case_file):
    result = as_json(capsys, case_file(QUEBEC), *COMMON)
    schemes = {line["scheme"] for line in result["lines"] if line["system"] == "CA"}
    assert "qpp" in schemes
    assert "cpp" not in schemes


def test_the_text_fits_eighty_columns_and_names_what_matters(capsys, case_file):
    assert main(["cost", case_file(PARIS), *COMMON, "--lines", "--plot"]) == 0
    text = capsys.readouterr().out
    assert max(len(line) for line in text.splitlines()) <= 80
    for words in ("without certificate", "saves", "claim by 2029-04-15", "1 EUR = "):
        assert words in text


def test_earnings_of_a_month_are_a_twelfth_of_the_year(capsys, case_file):
    file = case_file(BERLIN)
    by_year = as_json(capsys, file, *COMMON)
    month = ("--earnings", "10000", "--per", "month", *COMMON[2:])
    assert as_json(capsys, file, *month)["without"] == by_year["without"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--earnings", "many"], "earnings"),
        (["--earnings", "-1"], "earnings"),
        (["--earnings", "1e400"], "earnings"),
        (["--earnings", "NaN"], "earnings"),
        (["--currency", "dollars"], "currency"),
        (["--year", "twenty"], "year"),
        (["--year", "2027"], "2027"),
        (["--year", "1999"], "does not run in 1999"),
        (["--rate", "EUR"], "rates"),
        (["--rate", "EUR=0"], "rates.EUR"),
        (["--rate", "USD=2"], "rates.USD"),
        (["--rate", "EURO=0.92"], "rates.EURO"),
        (["--year", "2200"], "from 1937 to 2199"),
        (["--rate", "EUR=1", "--rate", "EUR=2"], "given twice"),
        (["--choose", "DE.children=maybe"], "choices.DE.children"),
        (["--choose", "FR.employer_size=under_fifty"], "choices.FR.employer_size"),
        (["--status", "divorced"], "filing_status"),
        (["--us-wages", "10"], "other_us_wages"),
        (["--unit", "UF=39000"], "units.UF"),
        (["--work", "rome"], "berlin"),
        (["--as-of", "2026-02-30"], "as_of"),
        (["--chart", "picture.gif"], ".svg or .png"),
        (["--chart", "/no/such/folder/picture.svg"], "cannot write"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_with_nothing_on_standard_output(
    capsys, case_file, options, words
):
    assert main(["cost", case_file(BERLIN), *COMMON, *options]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert "Traceback" not in captured.err
    assert len(captured.err.strip().splitlines()) == 1


def test_an_undecidable_case_names_the_missing_fact(capsys, case_file):
    tokyo = {
        **BERLIN,
        "work": [
            {
                **BERLIN["work"][0],
                "country": "JP",
                "employer": {"country": "JP", "american": False, "affiliate_of": "US"},
            }
        ],
    }
    assert main(["cost", case_file(tokyo), *COMMON]) == 2
    assert "section_3121l" in capsys.readouterr().err


def test_several_works_ask_which_one():
    several = {**BERLIN, "work": [*BERLIN["work"], {**BERLIN["work"][0], "id": "bonn"}]}
    with pytest.raises(InputError) as refused:
        totalize.cost(several, earnings=1, currency="USD")
    assert refused.value.code == "which_work"
    assert refused.value.expected == "berlin or bonn"


def test_the_chart_is_written_and_described_in_words(capsys, case_file, tmp_path):
    for name, start in (("bars.svg", b"<?xml"), ("bars.png", b"\x89PNG")):
        file = tmp_path / name
        assert main(["cost", case_file(BERLIN), *COMMON, "--chart", str(file), "--json"]) == 0
        captured = capsys.readouterr()
        json.loads(captured.out)
        assert file.read_bytes().startswith(start)
        assert "without a certificate" in captured.err
    later = ["cost", case_file(BERLIN), *COMMON, "--year", "2027", "--project"]
    assert main([*later, "--chart", str(tmp_path / "later.svg"), "--json"]) == 0
    assert "projected" in capsys.readouterr().err
    assert "(projected, at least)" in (tmp_path / "later.svg").read_text(encoding="utf-8")
    svg = (tmp_path / "bars.svg").read_text(encoding="utf-8")
    assert 'role="img"' in svg
    assert "<desc" in svg
    assert "Germany, employer" in svg
