"""Withdrawn, replaced, stale, another's list: each has its verdict."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tests.certificates import authority as office
from totalize.certificates.issuing import make
from totalize.certificates.jose import read_token, sign_token
from totalize.certificates.model import State
from totalize.certificates.statuslist import (
    DEFAULT_SIZE,
    new_index,
    read_status_list,
    status_list_token,
)
from totalize.certificates.trust import Anchors
from totalize.certificates.verification.report import Verdict
from totalize.certificates.verification.verifier import Verifier
from totalize.certificates.x5c import chain_header
from totalize.kernel.errors import InputError

NOW = office.IN_FORCE
INDEX = 4711


def published(states=None, at=NOW - timedelta(hours=1), uri=office.STATUS_URI, **options):
    return status_list_token(states or {}, uri, options.pop("key", office.key()), at, **options)


def check(document, *lists, at=NOW):
    return office.verifier(*lists).check(document, at)


@pytest.mark.parametrize(
    ("state", "verdict"),
    [
        (State.VALID, Verdict.VALID),
        (State.WITHDRAWN, Verdict.WITHDRAWN),
        (State.REPLACED, Verdict.REPLACED),
    ],
)
def test_the_list_decides(state, verdict):
    for document in (office.issued().pdf, office.issued().token):
        report = check(document, published({INDEX: state}))
        assert report.verdict is verdict
        assert report.status.state is state
        assert report.status.age_seconds == 3600


def test_the_neighbours_are_not_touched():
    states = {INDEX - 1: State.WITHDRAWN, INDEX + 1: State.REPLACED, 0: State.WITHDRAWN}
    assert check(office.issued().pdf, published(states)).verdict is Verdict.VALID


def test_every_place_of_a_list_keeps_its_own_state():
    states = {index: (State.WITHDRAWN, State.REPLACED)[index % 2] for index in range(0, 10_000, 7)}
    found = read_status_list(published(states, size=10_000), office.anchors())
    for index in range(10_000):
        assert found.state(index) is states.get(index, State.VALID)
    assert found.state(10_000) is None
    assert found.state(-1) is None


def test_a_stale_list_proves_nothing():
    old = published(at=NOW - timedelta(hours=13))
    report = check(office.issued().pdf, old)
    assert report.verdict is Verdict.UNKNOWN
    assert report.status.checked == "stale"
    assert "status_stale" in [note.code for note in report.reasons]


def test_a_list_from_the_future_proves_nothing_either():
    assert check(office.issued().pdf, published(at=NOW + timedelta(hours=2))).verdict is (
        Verdict.UNKNOWN
    )


def test_an_old_list_can_still_say_withdrawn():
    old = published({INDEX: State.WITHDRAWN}, at=NOW - timedelta(days=30))
    assert check(office.issued().pdf, old).verdict is Verdict.WITHDRAWN


def test_the_newest_of_several_lists_counts():
    earlier = published(at=NOW - timedelta(hours=5))
    later = published({INDEX: State.WITHDRAWN}, at=NOW - timedelta(hours=1))
    for order in ((earlier, later), (later, earlier)):
        assert check(office.issued().pdf, *order).verdict is Verdict.WITHDRAWN


def test_a_list_published_elsewhere_says_nothing():
    other = published(uri="https://coverage.example.org/status/2")
    report = check(office.issued().pdf, other)
    assert report.verdict is Verdict.UNKNOWN
    assert report.status.checked == "other_list"


def test_a_list_of_another_countrys_office_says_nothing():
    abroad = office.certify(90, "Foreign signer", issuer=office.intermediate(), country="FR")
    theirs = published(key=office.key(abroad))
    assert check(office.issued().pdf, theirs).status.checked == "other_list"


def test_a_list_of_a_stranger_says_nothing():
    stranger_root = office.certify(91, "Test root", years=(2020, 2060), ca=True)
    stranger = office.certify(92, "Coverage signer", issuer=stranger_root)
    from totalize.certificates.keys import FileKey

    forged = published(key=FileKey(stranger.key, stranger.certificate))
    report = check(office.issued().pdf, forged)
    assert report.verdict is Verdict.UNKNOWN
    assert report.status.checked == "list_untrusted"


def test_a_changed_list_says_nothing():
    token = published({INDEX: State.WITHDRAWN})
    header, payload, signature = token.split(".")
    other = published().split(".")[1]
    report = check(office.issued().pdf, f"{header}.{other}.{signature}")
    assert report.status.checked == "list_altered"
    assert report.verdict is Verdict.UNKNOWN
    assert payload != other


def test_without_a_list_the_report_says_that_nobody_looked():
    report = check(office.issued().pdf)
    assert report.verdict is Verdict.VALID
    assert report.status.checked == "no_list_given"


def test_what_is_over_is_over_whatever_the_list():
    later = datetime(2031, 1, 1, tzinfo=UTC)
    stale = published(at=NOW)
    assert check(office.issued().pdf, stale, at=later).verdict is Verdict.EXPIRED


def test_a_bomb_in_the_list_stays_folded():
    import base64
    import zlib

    bomb = base64.urlsafe_b64encode(zlib.compress(bytes(60_000_000), 9)).rstrip(b"=").decode()
    issued = int((NOW - timedelta(hours=1)).timestamp())
    claims = {
        "sub": office.STATUS_URI,
        "iat": issued,
        "exp": issued + 9999,
        "status_list": {"bits": 2, "lst": bomb},
    }
    key = office.key()
    token = sign_token(claims, key, {"typ": "statuslist+jwt", **chain_header(key)})
    assert read_status_list(token, office.anchors()) == "list_broken"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"sub": 1, "iat": 0, "exp": 1, "status_list": {"bits": 2, "lst": ""}},
        {"sub": "x", "iat": 1e300, "exp": 1, "status_list": {"bits": 2, "lst": "eJw="}},
        {"sub": "x", "iat": 0, "exp": 1, "status_list": {"bits": 3, "lst": "eJw="}},
        {"sub": "x", "iat": 0, "exp": 1, "status_list": {"bits": 2, "lst": "!!"}},
        {"sub": "x", "iat": 0, "exp": 1, "status_list": []},
    ],
)
def test_a_list_that_makes_no_sense_is_not_used(claims):
    key = office.key()
    token = sign_token(claims, key, {"typ": "statuslist+jwt", **chain_header(key)})
    assert read_status_list(token, office.anchors()) == "list_broken"


def test_a_list_hides_one_among_ten_thousand_or_more():
    with pytest.raises(InputError) as caught:
        published(size=9_996)
    assert caught.value.code == "bad_list_size"
    assert DEFAULT_SIZE >= 10_000
    claims = read_token(published()).payload
    assert claims["exp"] - claims["iat"] == 12 * 3600


def test_places_are_drawn_at_random_and_never_twice():
    taken = set()
    for _ in range(500):
        index = new_index(taken.__contains__, 10_000)
        assert index not in taken
        taken.add(index)
    assert sorted(taken) != list(range(500))
    with pytest.raises(InputError) as caught:
        new_index(lambda _: True, 10_000)
    assert caught.value.code == "list_full"


def test_a_document_that_names_no_list_says_so():
    plain = make(msgspec.structs.replace(office.certificate(), status=None), office.key())
    report = check(plain.pdf, published())
    assert report.verdict is Verdict.VALID
    assert report.status.checked == "no_entry"


def test_lists_need_anchors_of_their_own():
    nobody = Anchors((office.stamper().certificate,), ())
    assert read_status_list(published(), nobody) == "list_untrusted"
    assert isinstance(Verifier(nobody, [published()]), Verifier)
