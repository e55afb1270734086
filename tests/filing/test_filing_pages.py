"""The pages to print: which there are, what they say, and that anybody can read them."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from filing_support import facts_of

from totalize.filing.pages import Page, as_text, pages_of
from totalize.filing.typeset import as_pdf
from totalize.kernel.errors import InputError

HELD = {"issued_by": "FR", "from": "2024-01-01", "to": "2026-12-31"}


def _pages(certificate: dict[str, Any] | None = HELD, **options: Any) -> dict[str, Page]:
    work: dict[str, Any] = {
        "id": "lyon",
        "activity": "self_employment",
        "country": "FR",
        "covered": [
            {"from": "2024-01-01", "to": None, "covered_by": ["FR"], "otherwise": ["US", "FR"]}
        ],
    }
    if certificate is not None:
        work["certificate"] = certificate
    given = {"tax_year": options.pop("tax_year", 2025), "status": "single", "income": 62000}
    facts, law = facts_of({**given, "work": [work]})
    return {page.name: page for page in pages_of(facts, law, **options)}


def test_the_statement_shows_the_line_of_its_year_and_the_certificate() -> None:
    text = " ".join(as_text(_pages(tax_year=2024)["exemption-statement-2024"]).split())
    for words in (
        "for tax year 2024",
        'Schedule 2 (Form 1040), line 4: "Exempt, see attached statement"',
        "issued by France, valid from 1 January 2024 to 31 December 2026",
        "section 1401(c)",
        "not a certificate of coverage",
    ):
        assert words in text


@pytest.mark.parametrize(
    "certificate", [None, HELD | {"issued_by": "US"}, HELD | {"to": "2025-06-30"}]
)
def test_there_is_no_statement_without_the_certificate_that_proves_it(
    certificate: dict[str, Any] | None,
) -> None:
    pages = _pages(certificate, notice="CP2000", notice_date=date(2027, 2, 1))
    assert "exemption-statement-2025" not in pages
    assert "notice-answer-2025" not in pages
    steps = " ".join(pages["notice-steps-2025"].bullets)
    assert "no letter was written" in steps
    assert "ask for more time" in steps


def test_the_answer_to_a_notice_names_it_its_proof_and_what_is_enclosed() -> None:
    pages = _pages(notice="CP2000", notice_date=date(2027, 2, 1), name="Ada Lind")
    letter = as_text(pages["notice-answer-2025"])
    assert "Ada Lind" in letter
    assert "CP2000, dated 1 February 2027" in letter
    assert len(pages["notice-answer-2025"].bullets) == 3
    steps = " ".join(pages["notice-steps-2025"].bullets)
    # 30 days from 1 February; 60 for those who live outside the United States.
    assert "3 March 2027" in steps
    assert "2 April 2027" in steps


def test_the_two_month_statement_says_where_by_the_case() -> None:
    text = " ".join(as_text(_pages()["two-month-statement-2025"]).split())
    assert "On 15 April 2026" in text
    assert "outside the United States and Puerto Rico, in France." in text


def test_no_page_asks_for_or_holds_a_social_security_number() -> None:
    for page in _pages(name="Ada Lind").values():
        assert dict(page.fields)["Social security number"] is None


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"notice": "CP2000"}, "notice_date"),
        ({"notice_date": date(2027, 2, 1)}, "notice"),
        ({"notice": "CP2000", "notice_date": date(2025, 2, 1)}, "notice_date"),
        ({"notice": "", "notice_date": date(2027, 2, 1)}, "notice"),
        ({"name": "x" * 121}, "name"),
        ({"name": "Ada\u202eLind"}, "name"),
    ],
)
def test_half_a_notice_and_unprintable_names_are_refused(
    options: dict[str, Any], path: str
) -> None:
    with pytest.raises(InputError) as caught:
        _pages(**options)
    assert caught.value.path == path


def test_a_notice_that_no_agreement_answers_is_refused() -> None:
    facts, law = facts_of({"tax_year": 2025, "status": "single", "income": 1})
    with pytest.raises(InputError, match="no agreement frees"):
        pages_of(facts, law, notice="CP2000", notice_date=date(2027, 1, 1))


def test_text_pages_are_72_columns_wide_at_most() -> None:
    pages = _pages(name="A" * 60, notice="CP2000", notice_date=date(2027, 2, 1))
    assert len(pages) == 4
    for page in pages.values():
        assert max(map(len, as_text(page).splitlines())) <= 72


def test_the_pdf_is_tagged_titled_and_the_same_each_time() -> None:
    pytest.importorskip("typst")
    reader = pytest.importorskip("pyhanko.pdf_utils.reader")
    page = _pages(name="Ada *Lind* #1 <b>")["exemption-statement-2025"]
    made = as_pdf(page)
    assert made == as_pdf(page)
    root = reader.PdfFileReader(BytesIO(made)).root
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("en")
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].data.decode()
    assert "pdfuaid:part" in metadata
    assert page.title in metadata
