"""The public functions do what the commands do."""

from tests.certificates import authority as office
from tests.certificates.test_request import DETAILS, case
from totalize import request, specimen, verify
from totalize.certificates.keys import to_pem


def test_the_three_functions_work_together():
    pack = request(case(), "stay", details=DETAILS, as_of=office.SIGNED.date())
    assert not pack.is_draft
    made = specimen(case(), "stay", details=DETAILS, made_on=office.SIGNED)
    report = verify(made.made.pdf, made.anchors, office.IN_FORCE)
    assert report.verdict.value == "specimen"
    anchors = to_pem([office.root().certificate, office.intermediate().certificate])
    assert verify(office.issued().pdf, anchors, office.IN_FORCE).exit_status == 0
