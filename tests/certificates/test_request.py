"""The request pack: exactly what the agreement asks, in the office's language, with its gaps."""

from datetime import UTC, date, datetime

import pytest

from totalize import api
from totalize.certificates.details import read_details
from totalize.certificates.draft import choose
from totalize.certificates.pack.assembly import as_text, page_of, request_pack, write_pack
from totalize.certificates.pack.cover import deadline_of
from totalize.certificates.pack.facts import asked_of
from totalize.certificates.wording import ENGLISH, OFFICE_LANGUAGES, catalogue, languages
from totalize.coverage.door import read_case
from totalize.kernel.errors import InputError
from totalize.law.agreements import countries
from totalize.law.offices import load_offices
from totalize.law.requests import load_requests

TODAY = date(2026, 11, 22)
DETAILS = {
    "full_name": "Anna Katharina Example",
    "birth_place": "Columbus, Ohio",
    "social_security_number": "987-65-4320",
    "foreign_insurance_number": "12 345678 A 901",
    "employer_home": {"name": "Example Corp.", "address": "1 Main Street, Columbus, OH"},
    "employer_host": {"name": "Example GmbH", "address": "Leopoldstraße 1, 80802 München"},
    "hire_date": "2021-06-01",
    "hire_place": "Columbus, Ohio",
    "hire_country": "United States",
    "applicant": {"name": "Pat Smith", "role": "HR manager", "address": "1 Main Street"},
}


def case(home="US", host="DE", **changes):
    worker = changes.pop("worker", {})
    return {
        "contract": 1,
        "worker": {"citizenships": [home], "residence": home, "birth_date": "1985-04-02", **worker},
        "work": [
            {
                "id": "stay",
                "activity": "employment",
                "country": host,
                "start": "2027-03-01",
                "expected_end": "2030-02-28",
                "employer": {"name": "Example Corp.", "country": home, "affiliate_of": None},
                "sent_from": home,
                "via": None,
                "employed_before_transfer": True,
                "insured_before": home,
                "insured_before_since": "2015-01-01",
                **changes,
            }
        ],
    }


def subject_of(document, details=None, as_of=TODAY):
    read = read_case(document)
    determination = api.check(read, as_of)
    chosen = choose(read, determination, "stay", read_details(details or {}))
    return chosen, determination.for_work("stay")


def pack_of(document, details=None, made_on=TODAY):
    subject, result = subject_of(document, details, made_on)
    return request_pack(subject, result, made_on)


def text_of(pack, name):
    return as_text(next(paper for paper in pack.papers if paper.name == name))


def test_a_complete_request_is_no_draft_and_says_exactly_what_is_asked():
    subject, result = subject_of(case(), DETAILS)
    pack = request_pack(subject, result, TODAY)
    assert not pack.is_draft
    assert all(paper.draft is None for paper in pack.papers)
    letter = text_of(pack, "request-letter.en")
    for item in asked_of(subject):
        assert item.label[:1].upper() + item.label[1:] in letter.replace("\n    ", " ")
    assert "987-65-4320" in letter
    assert "12 345678 A 901" not in letter  # the German number is not asked for a US certificate
    assert "health" not in letter.lower()


def test_missing_details_are_listed_by_field_and_the_papers_are_drafts():
    pack = pack_of(case(), {"full_name": "Anna"})
    paths = [item.path for item in pack.missing]
    assert "details.birth_place" in paths
    assert "details.full_name" not in paths
    letter = text_of(pack, "request-letter.en")
    assert letter.startswith("*** DRAFT")
    assert "[to be completed]" in letter
    cover = text_of(pack, "cover")
    assert "details.birth_place: place of birth" in cover


def test_a_paper_for_somebody_to_sign_is_a_draft_until_it_names_both_sides():
    bare = pack_of(case(), {})
    text = text_of(bare, "employer-confirmation")
    assert text.startswith("*** DRAFT")
    letter = text_of(bare, "request-letter.en")
    for paper in (text, letter):
        assert "full_name" not in paper
        assert "employer_home" not in paper
    assert "[to be completed: full name]" in letter
    assert "[to be completed: Employer]" in letter
    whole = pack_of(case(), DETAILS)
    assert "DRAFT" not in text_of(whole, "employer-confirmation")


@pytest.mark.parametrize("country", sorted(OFFICE_LANGUAGES))
def test_a_foreign_office_is_written_to_in_its_language_too(country):
    if load_offices(country) is None or country not in countries():
        pytest.fail(f"{country} has a language but no agreement")
    language = OFFICE_LANGUAGES[country]
    choice = {"elects": "IT"} if country == "IT" else {}
    pack = pack_of(case(country, "US", **choice), DETAILS)
    names = [paper.name for paper in pack.papers]
    assert "request-letter.en" in names
    assert f"request-letter.{language}" in names
    letter = text_of(pack, f"request-letter.{language}")
    assert "Anna Katharina Example" in letter
    assert catalogue(language).say("letter_greeting") in letter


def test_a_language_without_a_catalogue_falls_back_and_says_so():
    pack = pack_of(case("PL", "US"), DETAILS)
    assert [paper.name for paper in pack.papers if "letter" in paper.name] == ["request-letter.en"]
    assert any("Poland" in note for note in pack.notes)
    files = dict(write_pack(pack, datetime(2026, 11, 22, tzinfo=UTC)))
    assert b"Poland" in files["notes.txt"]


def test_the_named_form_is_filled_box_by_box():
    pack = pack_of(case("PL", "US"), {**DETAILS, "tax_number": "1234567890"})
    sheet = text_of(pack, "form-answers")
    assert "PL/USA 1" in sheet
    assert "1234567890" in sheet
    assert sheet.index("Date of birth") < sheet.index("Name and address of the US company")


def test_a_form_that_was_not_read_says_so():
    assert "boxes of this form were not read" in text_of(
        pack_of(case("DE", "US"), DETAILS), "form-answers"
    ).replace("\n", " ")


def test_the_answer_sheet_follows_the_online_form():
    sheet = text_of(pack_of(case(), DETAILS), "answer-sheet")
    order = [section.title for section in load_requests().online_form.sections]
    places = [sheet.index(f"\n{title}\n") for title in order]
    assert places == sorted(places)


def test_france_asks_for_the_health_statement():
    covered = case(host="FR", health_insurance={"worker": True, "family": True})
    pack = pack_of(covered, DETAILS)
    assert "Private health insurance covers" in text_of(pack, "request-letter.en")
    assert "private health insurance covers Anna" in text_of(pack, "health-insurance-statement")
    assert "within two months" in text_of(pack, "cover").replace("\n  ", " ")
    alone = case(host="FR", health_insurance={"worker": True}, family_accompanies=False)
    assert "I state that" in text_of(pack_of(alone, DETAILS), "health-insurance-statement")


def test_nobody_is_made_to_state_cover_that_is_unknown():
    subject, _ = subject_of(
        case(host="FR", health_insurance={"worker": True, "family": True}), DETAILS
    )
    item = next(item for item in asked_of(subject) if item.key == "health_insurance_statement")
    assert item.statement
    assert item.value is True


def test_italys_request_says_that_asking_elects():
    italian = case(host="IT", worker={"citizenships": ["US", "IT"]}, elects="US")
    cover = text_of(pack_of(italian, DETAILS), "cover").replace("\n  ", " ")
    assert "Asking for this certificate is the election" in cover
    assert "election" not in text_of(pack_of(case(), DETAILS), "cover")


def test_form_2032_comes_with_its_warning():
    affiliate = {"name": "Example GmbH", "country": "DE", "affiliate_of": "US", "american": False}
    covered = case(employer={**affiliate, "section_3121l": True})
    assert "Form 2032" not in text_of(pack_of(covered, DETAILS), "cover")
    subject, result = subject_of(covered, DETAILS)
    from dataclasses import replace

    import msgspec

    work = msgspec.structs.replace(
        subject.work, employer=msgspec.structs.replace(subject.work.employer, section_3121l=False)
    )
    cover = as_text(request_pack(replace(subject, work=work), result, TODAY).papers[0])
    assert "can never be ended" in cover.replace("\n  ", " ")


def test_what_goes_on_longer_than_the_rule_allows_gets_an_exception_letter():
    longer = case(end="2033-02-28")
    pack = pack_of(longer, DETAILS)
    letter = text_of(pack, "exception-letter.en")
    assert letter.startswith("*** DRAFT")
    assert "Our reasons\n-----------\n[to be completed]" in letter
    assert "details." not in letter
    assert "1 March 2032 to 28 February 2033" in letter
    given = pack_of(longer, {**DETAILS, "reasons": "The plant opens later."})
    assert "The plant opens later." in text_of(given, "exception-letter.en")
    assert "exception" not in " ".join(paper.name for paper in pack_of(case(), DETAILS).papers)


def at_home(activity="self_employment"):
    """Somebody who lives and works in the country that is asked, and was sent by nobody."""
    return case(
        host="FR",
        worker={"residence": "FR"},
        activity=activity,
        sent_from=None,
        expected_end=None,
        employed_before_transfer=False,
        also_in=[],
    )


def test_who_works_where_they_are_insured_is_not_asked_as_if_sent_abroad():
    subject, _ = subject_of(at_home())
    asked = {item.key: item for item in asked_of(subject)}
    assert asked["start_date"].label == "first day of the work"
    assert not asked["business_host"].missing
    assert asked["business_home"].missing
    letter = text_of(pack_of(at_home()), "request-letter.fr")
    assert "Premier jour du travail\u00a0:" in letter
    assert "autre pays" not in letter
    assert "entreprise (États-Unis)\u00a0:\n    néant" in letter


def test_an_employer_that_keeps_nobody_of_its_own_abroad_confirms_nothing_of_the_kind():
    pack = pack_of(at_home("employment"))
    assert "employer-confirmation" not in [paper.name for paper in pack.papers]
    assert "employer-confirmation" in [paper.name for paper in pack_of(case()).papers]
    subject, _ = subject_of(at_home("employment"), {"employer_host": DETAILS["employer_home"]})
    asked = {item.key: item for item in asked_of(subject)}
    assert not asked["employer_home"].missing
    neither, _ = subject_of(at_home("employment"))
    assert {"employer_home", "employer_host"} <= {
        item.key for item in asked_of(neither) if item.missing
    }


@pytest.mark.parametrize("language", languages())
def test_a_gap_is_marked_in_the_words_of_the_language_and_never_by_a_field(language):
    words = catalogue(language)
    assert words.gap().startswith("[")
    assert words.gap("X").endswith("X]")
    if language != ENGLISH:
        assert words.gap() != catalogue(ENGLISH).gap()
    colon = "\u00a0:" if language == "fr" else ":"
    assert words.say("asked", label="X") == f"X{colon}"
    assert f"{colon} X]" in words.gap("X")


@pytest.mark.parametrize("country", ["DE", "ES", "NL", "PT"])
def test_no_paper_shows_the_name_of_a_field_in_place_of_an_answer(country):
    for host, home in ((country, "US"), ("US", country)):
        pack = pack_of(case(home=home, host=host, end="2039-02-28"))
        for paper in pack.papers[1:]:
            assert "details." not in as_text(paper), paper.name
            assert "_" not in as_text(paper).replace("_" * 30, ""), paper.name


@pytest.mark.parametrize("country", sorted(OFFICE_LANGUAGES))
def test_an_office_is_addressed_in_its_language_where_its_name_is_only_described(country):
    for office in load_offices(country).offices:
        if office.issues == "foreign" and office.name.startswith("The "):
            assert office.letter_to, office.code
            assert "The " not in office.letter_to


def test_the_letter_to_the_french_office_names_it_in_french():
    letter = text_of(pack_of(at_home()), "request-letter.fr")
    assert "Urssaf, service Mobilité internationale\n\n" in letter
    assert "office" not in letter
    assert "The French office" in text_of(pack_of(at_home()), "request-letter.en")


def test_a_refusal_leads_to_the_substitute_letter():
    refused = {**DETAILS, "refusal": {"office": "INPS", "reason": "over 65"}}
    pack = pack_of(case("DE", "US"), refused)
    letter = text_of(pack, "substitute-letter.en")
    assert "over 65" in letter
    assert "P.O. Box 17741" in letter


def test_the_last_day_is_counted_back_only_from_a_known_time():
    dutch, _ = subject_of(case("NL", "US"), DETAILS)
    days = deadline_of(dutch)
    assert days.processing_days == 56
    assert days.latest == date(2026, 12, 21)  # 1 March 2027 less 56 days, less 14 for the post
    american, _ = subject_of(case(), DETAILS)
    assert deadline_of(american).latest is None
    cover = text_of(pack_of(case(), DETAILS), "cover").replace("\n    ", " ")
    assert "publishes no time that was found" in cover


def test_japan_takes_no_request_before_six_months():
    subject, _ = subject_of(case("JP", "US", start="2027-09-01"), DETAILS)
    assert deadline_of(subject).earliest == date(2027, 3, 1)


def test_work_that_has_begun_is_asked_for_at_once():
    late = pack_of(case(), DETAILS, made_on=date(2027, 4, 1))
    assert "the work began on 1 March 2027" in text_of(late, "cover").replace("\n    ", " ")


def test_no_certificate_is_asked_for_where_none_is_needed():
    with pytest.raises(InputError) as caught:
        subject_of(case("US", "IN"), DETAILS)
    assert caught.value.code == "no_certificate"
    with pytest.raises(InputError) as caught:
        choose(read_case(case()), api.check(case(), TODAY), "other")
    assert caught.value.code == "no_work"


def test_every_paper_says_the_same_as_its_text():
    for paper in pack_of(case("DE", "US"), DETAILS).papers:
        page = page_of(paper)
        for block in page["blocks"]:
            if block["kind"] == "paragraph":
                words = block["text"].split()
                assert words[0] in as_text(paper)
        lines = as_text(paper).splitlines()
        assert all(len(line) <= 80 for line in lines if "://" not in line)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"birthplace": "x"}, "details.birthplace"),
        ({"social_security_number": "12"}, "details.social_security_number"),
        ({"hire_date": "2021-13-01"}, "details.hire_date"),
        ({"employer_home": {"adress": "x"}}, "details.employer_home.adress"),
        ({"family_members": "two"}, "details.family_members"),
        ({"family_members": [{"relationship": "wife"}]}, "details.family_members[0].name"),
        ({"full_name": True}, "details.full_name"),
        ({"full_name": "a\x00b"}, "details.full_name"),
        ("text", "details"),
    ],
)
def test_details_that_can_not_be_used_are_named_by_path(document, path):
    with pytest.raises(InputError) as caught:
        read_details(document)
    assert caught.value.path == path


def test_a_number_never_stands_in_an_error():
    with pytest.raises(InputError) as caught:
        read_details({"social_security_number": "987-65-43210"})
    assert "987" not in str(caught.value)


def test_every_language_fills_the_same_blanks():
    import re

    def blanks(sentence):
        return set(re.findall(r"\{(\w+)\}", sentence))

    english = catalogue(ENGLISH).sentences
    for language in languages():
        for key, sentence in catalogue(language).sentences.items():
            assert blanks(sentence) <= blanks(english.get(key, sentence)), (language, key)
            assert key in english or key.startswith("fact_"), (language, key)


def test_every_question_of_every_agreement_has_a_name_in_every_language():
    asked_abroad = {
        item.key
        for country in countries()
        for item in load_offices(country).required_information.items
        if "foreign" in item.issues and country in OFFICE_LANGUAGES
    }
    for language in set(OFFICE_LANGUAGES.values()):
        lacking = {key for key in asked_abroad if not catalogue(language).has(f"fact_{key}")}
        assert not lacking, (language, lacking)


def test_every_code_of_a_reason_has_a_sentence():
    import re
    from pathlib import Path

    import totalize.certificates as room

    source = "".join(path.read_text() for path in Path(room.__file__).parent.rglob("*.py"))
    english = catalogue(ENGLISH)
    for code in re.findall(r'return "([a-z]+_[a-z_]+)"', source):
        if code.startswith(
            ("list_", "signer_", "no_path", "not_for", "frame", "content", "append")
        ):
            assert english.has(f"found_{code}") or english.has(f"found_status_{code}"), code


def test_where_no_certificate_is_issued_a_letter_of_exemption_is_asked_for():
    from totalize.certificates.draft import draft
    from totalize.certificates.model import Authority, Kind

    designer = case(
        "US",
        "AU",
        activity="self_employment",
        sent_from=None,
        residence="AU",
        worker={"residence": "AU"},
        employer=None,
        employed_before_transfer=None,
    )
    own = {key: value for key, value in designer["work"][0].items() if value is not None}
    designer["work"][0] = {**own, "sent_from": None, "via": None}
    subject, result = subject_of(designer, DETAILS)
    assert subject.partner == "AU"
    pack = request_pack(subject, result, TODAY)
    letter = text_of(pack, "request-letter.en").replace("\n", " ")
    assert "Australia issues no certificate for it" in letter
    assert "letter of exemption" in letter
    nobody = Authority(name="Nobody", country="US")
    with pytest.raises(InputError) as caught:
        draft(subject, Kind.SPECIMEN, nobody, datetime(2026, 11, 22, tzinfo=UTC))
    assert caught.value.code == "letter_of_exemption"
