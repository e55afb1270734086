"""After issuing: amended, replaced, withdrawn, looked up; and everything that a service calls."""

from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from tests.certificates import authority as office
from tests.certificates.test_keys import setting
from tests.certificates.test_request import DETAILS, case, subject_of
from totalize.certificates import register, service
from totalize.certificates.authority import NotAnAuthorityError, Setting
from totalize.certificates.model import Kind, State, StatusEntry
from totalize.certificates.reference import new_reference
from totalize.certificates.register import Record, read_record
from totalize.certificates.verification.lookup import check_record
from totalize.certificates.verification.report import Verdict
from totalize.kernel.errors import InputError

LATER = office.SIGNED + timedelta(days=200)
HERE = StatusEntry(uri=office.STATUS_URI, index=12)


REFERENCE = new_reference(lambda count: bytes(range(count)))


def record(**changes):
    return Record(certificate=office.certificate(**{"reference": REFERENCE, **changes}))


def amended(changes, of=None):
    return register.amend(of or record(), changes, LATER, "a letter was wrong", HERE)


def other(**changes):
    """A certificate from another decision."""
    made = {"reference": new_reference(), "status": HERE, "made_on": LATER, **changes}
    return office.certificate(**made)


def first(made_on=office.SIGNED):
    subject, _ = subject_of(case(), DETAILS)
    return service.issue(subject, setting(), made_on, lambda _: False)


def listed(*records, at=LATER):
    return service.publish_statuses(register.states_of(records), setting(), at)


def check(document, *lists):
    return office.verifier(*lists).check(document, LATER + timedelta(minutes=1))


def test_an_amendment_names_what_it_corrects_and_keeps_the_decision():
    succession = amended({"worker.full_name": "Ada Q. Example", "work.place": "Nuremberg"})
    new, old = succession.successor, succession.former
    assert new.worker.full_name == "Ada Q. Example"
    assert new.work.place == "Nuremberg"
    assert new.amends == old.reference
    assert new.reference == old.successor != old.reference
    assert new.decided_on == office.certificate().decided_on
    assert new.made_on == LATER
    assert new.fact != office.certificate().fact
    assert old.state is State.AMENDED
    assert old.changed_on == LATER
    assert old.reason == "a letter was wrong"
    assert old.certificate == record().certificate


def test_an_earlier_end_is_an_amendment_and_a_later_one_is_not():
    assert amended({"to": "2029-06-30"}).successor.last == date(2029, 6, 30)
    assert amended({"to": date(2029, 6, 30)}).successor.last == date(2029, 6, 30)
    for changes in ({"to": "2031-02-28"}, {"to": None}, {"from": "2027-02-01"}):
        with pytest.raises(InputError) as caught:
            amended(changes)
        assert caught.value.code == "needs_decision"
    open_ended = record(last=None)
    assert amended({"to": "2040-01-01"}, open_ended).successor.last == date(2040, 1, 1)
    with pytest.raises(InputError) as caught:
        amended({"to": "2027-02-28"})
    assert caught.value.code == "empty_period"


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"covered_by": "DE"}, "covered_by", "needs_decision"),
        ({"ground.rule": "territorial"}, "ground.rule", "needs_decision"),
        ({"state": "withdrawn"}, "state", "needs_decision"),
        ({"worker.shoe_size": "43"}, "worker.shoe_size", "needs_decision"),
        ({"worker.birth_date": "yesterday"}, "worker.birth_date", "bad_value"),
        ({"worker.number_ending": "987-65-4320"}, "worker.number_ending", "bad_value"),
        ({"worker.full_name": None}, "worker.full_name", "bad_value"),
        ({"worker.full_name": " "}, "worker.full_name", "bad_text"),
        ({"worker.citizenships": "US"}, "worker.citizenships", "bad_value"),
        ({"to": "soon"}, "to", "bad_value"),
        ({"employer.name": "Example Software Corp."}, "changes", "nothing_changed"),
        ({}, "changes", "nothing_changed"),
    ],
)
def test_what_an_amendment_may_not_do_is_refused_by_path(changes, path, code):
    with pytest.raises(InputError) as caught:
        amended(changes)
    assert (caught.value.path, caught.value.code) == (path, code)


def test_a_replacement_names_what_it_replaces():
    succession = register.replace(record(), other(last=date(2031, 2, 28)), "longer stay")
    assert succession.successor.replaces == succession.former.reference
    assert succession.former.state is State.REPLACED
    assert succession.former.successor == succession.successor.reference


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": Kind.SPECIMEN}, "not_a_certificate"),
        ({"status": None}, "no_status"),
        ({"status": StatusEntry(uri=office.STATUS_URI, index=4711)}, "no_status"),
        ({"reference": REFERENCE}, "same_reference"),
        ({"made_on": office.SIGNED - timedelta(days=1)}, "bad_time"),
        (
            {"authority": msgspec.structs.replace(office.certificate().authority, country="DE")},
            "other_authority",
        ),
    ],
)
def test_what_can_not_take_a_place_is_refused(changes, code):
    with pytest.raises(InputError) as caught:
        register.replace(record(), other(**changes), "longer stay")
    assert caught.value.code == code


@pytest.mark.parametrize("state", [State.AMENDED, State.REPLACED, State.WITHDRAWN])
def test_a_certificate_moves_once(state):
    gone = msgspec.structs.replace(record(), state=state)
    moves = [
        lambda: amended({"to": "2029-06-30"}, gone),
        lambda: register.replace(gone, other(), "longer stay"),
        lambda: register.withdraw(gone, LATER, "obtained by mistake"),
    ]
    for move in moves:
        with pytest.raises(InputError) as caught:
            move()
        assert caught.value.code == f"already_{state.value}"
        assert state.value in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "on", "reason", "code"),
    [
        ({"kind": Kind.SPECIMEN}, LATER, "x", "not_a_certificate"),
        ({"kind": Kind.PROOF_OF_REQUEST}, LATER, "x", "not_a_certificate"),
        ({"status": None}, LATER, "x", "no_status"),
        ({}, office.SIGNED - timedelta(seconds=1), "x", "bad_time"),
        ({}, LATER.replace(tzinfo=None), "x", "bad_time"),
        ({}, LATER, "  ", "bad_text"),
    ],
)
def test_what_can_not_be_withdrawn_is_refused(changes, on, reason, code):
    with pytest.raises(InputError) as caught:
        register.withdraw(record(**changes), on, reason)
    assert caught.value.code == code


def test_a_record_is_stored_and_read_back():
    gone = register.withdraw(record(), LATER, "obtained by mistake")
    assert read_record(gone.to_dict()) == gone
    assert read_record(msgspec.json.decode(msgspec.json.encode(gone.to_dict()))) == gone
    with pytest.raises(msgspec.ValidationError):
        read_record({"certificate": {}})


def test_only_what_is_no_longer_in_force_goes_into_the_list():
    gone = register.withdraw(record(), LATER, "obtained by mistake")
    nowhere = record(status=None)
    assert register.states_of([record(status=HERE), gone, nowhere]) == {4711: State.WITHDRAWN}


def test_a_list_is_good_for_as_long_as_it_says():
    from totalize.certificates.jose import read_token

    text = service.publish_statuses({}, setting(), LATER, good_for=timedelta(minutes=30))
    claims = read_token(text).payload
    assert claims["exp"] - claims["iat"] == 1800
    assert claims["sub"] == office.STATUS_URI


def test_one_call_makes_everything_of_a_certificate():
    issued = first()
    certificate = issued.record.certificate
    assert issued.record.state is State.VALID
    assert issued.former is None
    assert certificate.status == StatusEntry(uri=office.STATUS_URI, index=issued.status_index)
    assert issued.code.startswith(office.CHECK_ADDRESS + "#")
    assert issued.qr.startswith("<svg")
    fresh = listed()
    for document in (issued.pdf, issued.code, issued.credential):
        report = check(document, fresh)
        assert report.verdict is Verdict.VALID
        assert report.intact
    assert check(issued.pdf).covers.person == DETAILS["full_name"]


def test_a_credential_is_bound_to_the_wallet_it_was_made_for():
    holder = ECKey.import_key(office.private(200))
    subject, _ = subject_of(case(), DETAILS)
    bound = service.issue(subject, setting(), office.SIGNED, lambda _: False, holder=holder)
    from totalize.certificates.jose import read_token

    assert "cnf" in read_token(bound.credential.split("~")[0]).payload
    unbound = check(first().credential)
    assert "holder_not_proven" in [note.code for note in unbound.reasons]


def test_amending_replacing_and_withdrawing_show_in_every_form_of_the_old_one():
    old = first()
    subject, _ = subject_of(case(), DETAILS)
    free = old.status_index.__eq__
    amendment = service.issue_amendment(
        old.record, {"to": "2029-06-30"}, setting(), LATER, free, reason="early return"
    )
    replacement = service.issue(
        subject, setting(), LATER, free, replaces=old.record, reason="new employer"
    )
    withdrawn = register.withdraw(old.record, LATER, "obtained by mistake")
    for former, verdict in (
        (amendment.former, Verdict.REPLACED),
        (replacement.former, Verdict.REPLACED),
        (withdrawn, Verdict.WITHDRAWN),
    ):
        for document in (old.pdf, old.code, old.credential):
            assert check(document, listed(former)).verdict is verdict
    for new in (amendment, replacement):
        assert check(new.pdf, listed(new.former)).verdict is Verdict.VALID
        assert new.status_index != old.status_index
    assert amendment.record.certificate.amends == old.record.reference
    assert replacement.record.certificate.replaces == old.record.reference


def test_only_an_authority_makes_any_of_it():
    subject, _ = subject_of(case(), DETAILS)
    with pytest.raises(NotAnAuthorityError):
        service.issue(subject, Setting(), office.SIGNED, lambda _: False)
    with pytest.raises(NotAnAuthorityError):
        service.issue_amendment(
            record(), {"to": "2029-06-30"}, Setting(), LATER, lambda _: False, reason="x"
        )
    with pytest.raises(NotAnAuthorityError) as caught:
        service.publish_statuses({}, Setting(), LATER)
    assert caught.value.problems


def test_an_office_amends_its_own_only():
    abroad = msgspec.structs.replace(office.certificate().authority, country="DE")
    with pytest.raises(InputError) as caught:
        service.issue_amendment(
            record(authority=abroad),
            {"to": "2029-06-30"},
            setting(),
            LATER,
            lambda _: False,
            reason="x",
        )
    assert caught.value.code == "other_authority"


@pytest.mark.parametrize(
    ("state", "at", "verdict"),
    [
        (State.VALID, office.IN_FORCE, Verdict.VALID),
        (State.VALID, office.SIGNED, Verdict.NOT_YET_VALID),
        (State.VALID, office.IN_FORCE + timedelta(days=900), Verdict.EXPIRED),
        (State.WITHDRAWN, office.IN_FORCE, Verdict.WITHDRAWN),
        (State.AMENDED, office.IN_FORCE, Verdict.REPLACED),
        (State.REPLACED, office.IN_FORCE, Verdict.REPLACED),
    ],
)
def test_reference_and_check_word_open_the_register(state, at, verdict):
    kept = msgspec.structs.replace(record(), state=state)
    typed = kept.reference.lower().replace("-", " ")
    report = check_record(kept, typed, kept.certificate.fact.lower(), at)
    assert report.verdict is verdict
    assert report.covers.person == "Ada Example"
    assert report.reference == kept.reference
    assert report.in_force is (at == office.IN_FORCE)


def test_a_looked_up_proof_of_request_is_no_certificate():
    kept = record(kind=Kind.PROOF_OF_REQUEST, status=None)
    report = check_record(kept, kept.reference, kept.certificate.fact, office.IN_FORCE)
    assert report.verdict is Verdict.PROOF_OF_REQUEST
    assert report.in_force is None


def test_an_unknown_reference_and_a_wrong_word_get_the_same_answer():
    kept = record()
    wrong = check_record(kept, kept.reference, "AAA-AAA", office.IN_FORCE)
    unknown = check_record(None, kept.reference, kept.certificate.fact, office.IN_FORCE)
    assert wrong == unknown
    assert wrong.verdict is Verdict.UNKNOWN
    assert wrong.covers is None
    elsewhere = check_record(kept, new_reference(), kept.certificate.fact, office.IN_FORCE)
    assert elsewhere.verdict is Verdict.UNKNOWN
    for word in ("", "0000-0000-0000-0000-0000-0000-0000"):
        empty = check_record(None, kept.reference, word, office.IN_FORCE)
        assert empty.verdict is Verdict.UNKNOWN


def test_a_typing_error_is_told_before_anything_is_looked_up():
    mistyped = "1" + REFERENCE[1:]
    with pytest.raises(InputError) as caught:
        check_record(None, mistyped, "7KQ-2MB", office.IN_FORCE)
    assert caught.value.code == "mistyped_reference"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["from", "to"]),
            st.none() | st.dates(date(2026, 1, 1), date(2032, 1, 1)),
        ),
        max_size=8,
    )
)
def test_no_chain_of_amendments_certifies_a_day_that_was_not_decided(steps):
    decided = office.certificate()
    kept = record()
    used = {4711}
    for path, day in steps:
        place = StatusEntry(uri=office.STATUS_URI, index=max(used) + 1)
        try:
            succession = register.amend(kept, {path: day}, LATER, "a change", place)
        except InputError:
            continue
        used.add(place.index)
        assert succession.former.state is State.AMENDED
        with pytest.raises(InputError):
            register.withdraw(succession.former, LATER, "again")
        kept = Record(certificate=succession.successor)
    now = kept.certificate
    assert decided.first <= now.first <= now.last <= decided.last
    assert (now.covered_by, now.exempt_in, now.ground) == (
        decided.covered_by,
        decided.exempt_in,
        decided.ground,
    )
