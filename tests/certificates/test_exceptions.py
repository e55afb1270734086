"""Where only both authorities help: whom to write to, with what, and what is refused."""

from datetime import UTC, date, datetime

import pytest

from tests.certificates import authority as office
from tests.certificates.test_keys import setting
from tests.certificates.test_request import DETAILS, TODAY, case, pack_of, text_of
from totalize import api
from totalize.certificates import service
from totalize.certificates.details import read_details
from totalize.certificates.draft import Consent, draft
from totalize.certificates.exceptions import choose_exception, choose_for_request, with_consent
from totalize.certificates.model import Authority, Kind, State
from totalize.certificates.pack.assembly import request_pack
from totalize.certificates.verification.report import Verdict
from totalize.certificates.wording import OFFICE_LANGUAGES, catalogue, languages
from totalize.coverage.door import read_case
from totalize.kernel.errors import InputError
from totalize.law.agreements import countries, load_agreement

GIVEN = {**DETAILS, "reasons": "The plant opens in 2034."}
CONSENT = Consent(date(2027, 3, 1), date(2034, 2, 28), date(2027, 1, 10), "SSA 17, DVKA 4711")


def too_long(host="DE", home="US", **changes):
    return case(home, host, expected_end="2034-02-28", **changes)


def nobody_decides(host="IE", **changes):
    """A designer who lives in a third country, where residence would decide."""
    document = case(host=host, activity="self_employment", worker={"residence": "CH"}, **changes)
    kept = {"id", "activity", "country", "start", "expected_end"}
    own = {key: value for key, value in document["work"][0].items() if key in kept}
    document["work"][0] = {**own, "sent_from": None, "residence": "CH", **changes}
    return document


def wish_of(document, details=None, as_of=TODAY, **options):
    read = read_case(document)
    answer = api.check(read, as_of)
    return choose_exception(read, answer, "stay", read_details(details or {}), **options)


def ask(document, details=None):
    read = read_case(document)
    answer = api.check(read, TODAY)
    subject = choose_for_request(read, answer, "stay", read_details(details or {}))
    return request_pack(subject, answer.for_work("stay"), TODAY)


def flat(text):
    return " ".join(text.split())


def test_a_stay_too_long_from_the_start_gets_letters_to_both_authorities():
    pack = ask(too_long(), GIVEN)
    names = [paper.name for paper in pack.papers]
    assert "request-letter.de" in names  # as the law stands, the German certificate
    to_us = flat(text_of(pack, "exception-letter-us.en"))
    to_them = flat(text_of(pack, "exception-letter-de.de"))
    for letter in (to_us, to_them):
        assert "The plant opens in 2034." in letter
        assert "Art. 6(1)" in letter
        assert "60" in letter
        assert "RS 02001.135" in letter
    assert "Social Security Administration" in to_us
    assert "GKV-Spitzenverband" in to_them
    assert "subject to the social security legislation of: United States" in to_us
    assert "allein die Rechtsvorschriften dieses Staates anzuwenden: Vereinigte Staaten" in to_them


def test_the_first_page_says_that_it_is_one_or_the_other():
    cover = flat(text_of(ask(too_long(), GIVEN), "cover"))
    assert "As the law stands it is Germany from the first day" in cover
    assert "Decide which of the two you want" in cover
    assert "ask for the exception before 1 March 2027" in cover


def test_a_number_is_told_only_to_the_office_that_keeps_it():
    pack = ask(too_long(), GIVEN)
    assert "987-65-4320" in text_of(pack, "exception-letter-us.en")
    assert "987-65-4320" not in text_of(pack, "exception-letter-de.de")


def test_employer_and_worker_sign_both_and_the_self_employed_alone():
    letter = text_of(ask(too_long(), GIVEN), "exception-letter-us.en")
    assert letter.count("Date and signature:") == 2
    assert "Employer and worker ask together" in letter
    alone = text_of(ask(nobody_decides(), GIVEN), "exception-letter-us.en")
    assert alone.count("Date and signature:") == 1
    assert "Employer and worker" not in alone


def test_where_no_rule_decides_the_pack_asks_both_and_nothing_else():
    pack = ask(nobody_decides(), {**GIVEN, "wanted_coverage": "US"})
    assert [paper.name for paper in pack.papers] == [
        "cover",
        "exception-letter-us.en",
        "exception-letter-ie.en",
    ]
    cover = flat(text_of(pack, "cover"))
    assert "Nothing is exempt before both authorities have agreed" in cover
    assert "both systems claim, and no rule of the agreement decides" in cover
    assert "RS 02001.835" in cover
    assert "Dublin 2" in text_of(pack, "exception-letter-ie.en")


def test_nobody_guesses_whose_system_is_wanted():
    pack = ask(nobody_decides(), GIVEN)
    assert pack.missing[0].path == "details.wanted_coverage"
    letter = text_of(pack, "exception-letter-us.en")
    assert letter.startswith("*** DRAFT")
    assert "legislation of: [to be completed]" in flat(letter)
    own = ask(nobody_decides(), {**GIVEN, "wanted_coverage": "IE"})
    assert "legislation of: Ireland" in flat(text_of(own, "exception-letter-us.en"))


def test_without_reasons_it_is_a_draft():
    pack = ask(too_long(), DETAILS)
    assert "details.reasons" in [item.path for item in pack.missing]
    assert text_of(pack, "exception-letter-de.de").startswith("*** ENTWURF")


@pytest.mark.parametrize(
    ("wanted", "code"), [("FR", "wrong_country"), ("DE", "wrong_country"), ("Germany", None)]
)
def test_the_country_wanted_is_the_other_one_of_the_two(wanted, code):
    with pytest.raises(InputError) as caught:
        wish_of(too_long(), {"wanted_coverage": wanted})
    assert caught.value.path == "details.wanted_coverage"
    assert caught.value.code == (code or "unknown_country")


def test_an_extension_goes_to_the_office_that_issued_and_before_the_end():
    pack = pack_of(case(end="2033-02-28"), GIVEN)
    names = [paper.name for paper in pack.papers if paper.name.startswith("exception")]
    assert names == ["exception-letter.en"]
    assert "Social Security Administration" in text_of(pack, "exception-letter.en")
    cover = flat(text_of(pack, "cover"))
    assert "Send the letter before 1 March 2032" in cover
    home = pack_of(case("PT", "US", end="2033-02-28"), GIVEN)
    letter = flat(text_of(home, "exception-letter.pt"))
    assert "Instituto da Segurança Social" in letter
    assert "12 meses" in letter  # the longest extension that Portugal's agreement knows


def test_where_no_provision_was_read_no_letter_is_written_and_the_page_says_so():
    pack = ask(too_long("BR"), GIVEN)
    assert not [paper for paper in pack.papers if "exception" in paper.name]
    assert any("no provision on exceptions was read" in note for note in pack.notes)
    with pytest.raises(InputError) as caught:
        ask(nobody_decides("GR"), GIVEN)
    assert caught.value.code == "no_exception_provision"
    assert "Greece" in str(caught.value)


def test_what_the_rules_settle_needs_no_exception():
    with pytest.raises(InputError) as caught:
        wish_of(case())
    assert caught.value.code == "no_exception"
    with pytest.raises(InputError) as caught:
        ask(case("US", "IN"))
    assert caught.value.code == "no_certificate"
    assert not [paper for paper in ask(case()).papers if "exception" in paper.name]


def test_nothing_is_certified_before_both_have_agreed():
    wish = wish_of(too_long(), GIVEN)
    for kind in (Kind.CERTIFICATE, Kind.SPECIMEN, Kind.PROOF_OF_REQUEST):
        with pytest.raises(InputError) as caught:
            draft(wish, kind, Authority(name="Office", country="US"), office.SIGNED)
        assert caught.value.code == "needs_consent"
    unchosen = with_consent(wish_of(nobody_decides(), GIVEN), CONSENT)
    with pytest.raises(InputError) as caught:
        draft(unchosen, Kind.CERTIFICATE, Authority(name="Office", country="US"), office.SIGNED)
    assert caught.value.code == "needs_consent"


def test_what_both_have_agreed_to_is_issued_on_that_ground():
    wish = wish_of(too_long(), GIVEN, consent=CONSENT)
    issued = service.issue(wish, setting(), office.SIGNED, lambda _: False)
    certificate = issued.record.certificate
    assert certificate.ground.rule == "special_exception"
    assert certificate.ground.citations == ("RS 02001.135",)
    assert (certificate.first, certificate.last) == (CONSENT.first, CONSENT.last)
    assert certificate.decided_on == CONSENT.agreed_on
    assert (certificate.covered_by, certificate.exempt_in) == ("US", "DE")
    assert issued.record.state is State.VALID
    at = datetime(2033, 1, 1, tzinfo=UTC)
    assert office.verifier().check(issued.pdf, at).verdict is Verdict.VALID


def test_a_consent_for_fewer_days_certifies_no_more():
    less = Consent(date(2027, 4, 1), date(2030, 3, 31), date(2027, 1, 10), "SSA 17")
    wish = wish_of(too_long(), GIVEN, consent=less)
    made = draft(wish, Kind.CERTIFICATE, Authority(name="Office", country="US"), office.SIGNED)
    assert (made.first, made.last) == (less.first, less.last)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2027, 2, 28), date(2034, 2, 28)),
        (date(2027, 3, 1), date(2034, 3, 1)),
        (date(2027, 3, 1), None),
    ],
)
def test_a_consent_for_other_days_is_refused(first, last):
    consent = Consent(first, last, date(2027, 1, 10), "SSA 17")
    with pytest.raises(InputError) as caught:
        wish_of(too_long(), GIVEN, consent=consent)
    assert caught.value.code == "bad_consent"


def test_every_language_has_every_sentence_of_the_letters():
    keys = [
        key
        for key in catalogue("en").sentences
        if key.startswith(("rule_", "insurance_", "condition_", "exception_"))
    ]
    english_only = ("exception_cover", "exception_and", "exception_who", "exception_when")
    decided_here = ("rule_domestic", "rule_no_agreement", "rule_before_agreement")
    for language in languages():
        lacking = [
            key
            for key in keys
            if not catalogue(language).has(key)
            and not key.startswith(english_only)
            and key not in (*decided_here, "exception_not_read")
        ]
        assert not lacking, (language, lacking)


def test_every_agreement_in_force_gets_its_letters_or_says_why_not():
    english = {"AU", "GB", "IE", "CA"}
    unread = {("IE", "US")}  # how long one may be sent this way was not read
    for country in countries():
        agreement = load_agreement(country)
        if agreement.status != "in_force" or country == "IT":  # Italy knows no limit
            continue
        for home, host in (("US", country), (country, "US")):
            cover = {"health_insurance": {"worker": True, "family": True}, "also_in": []}
            document = too_long(host, home, **cover)
            if (home, host) in unread:
                with pytest.raises(InputError, match="the answer is unsettled"):
                    ask(document, GIVEN)
                continue
            pack = ask(document, GIVEN)
            letters = [paper.name for paper in pack.papers if "exception" in paper.name]
            if agreement.special_exception is None:
                assert not letters, country
                assert any("no provision on exceptions" in note for note in pack.notes), country
                continue
            tongue = "en" if country in english else OFFICE_LANGUAGES.get(country, "en")
            assert letters == [
                "exception-letter-us.en",
                f"exception-letter-{country.lower()}.{tongue}",
            ]
            named = agreement.special_exception.foreign_authority
            text = flat(text_of(pack, letters[1]))
            assert named is None or flat(named.partition(";")[0]) in text, country
            assert "None" not in text
            assert "{" not in text
