"""The life of a certificate as a service calls it, from the decision to the inspector's folder.

Nothing is stored and no network is needed. A real authority has its key from a certification
authority (`keys.load_file_key`, `keys.TokenKey`); this one makes a root and a signer for itself.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from totalize import api
from totalize.certificates import register, service
from totalize.certificates.authority import Setting
from totalize.certificates.chains import make_chain
from totalize.certificates.details import read_details
from totalize.certificates.draft import choose
from totalize.certificates.inspection.pack import as_zip, inspection_pack
from totalize.certificates.keys import to_pem
from totalize.certificates.model import Authority
from totalize.certificates.trust import Anchors
from totalize.certificates.verification.lookup import check_record
from totalize.certificates.verification.record import record_of_check
from totalize.certificates.verification.verifier import Verifier
from totalize.coverage.door import read_case
from totalize.kernel.errors import InputError
from totalize.kernel.reading import read_document

HERE = Path(__file__).parent
NOW = datetime(2027, 1, 15, 9, 30, tzinfo=UTC)
DURING = datetime(2028, 6, 1, 12, tzinfo=UTC)


def main() -> None:
    """Issue, check, amend, withdraw and pack; say what came of it."""
    setting = an_authority()
    anchors = setting.anchors
    if anchors is None or setting.key is None:
        raise TypeError("the authority below is complete")

    # The decision. What is certified comes from it alone.
    case = read_case(read("engineer.yaml"))
    details = read_details(read("engineer-details.yaml"))
    determination = api.check(case, date(2027, 1, 14))
    subject = choose(case, determination, "munich", details)

    # Issue. Everything in `issued` goes into the database in one transaction.
    taken: set[int] = set()
    issued = service.issue(subject, setting, NOW, taken.__contains__)
    taken.add(issued.status_index)
    print(f"issued     {len(issued.pdf) // 1024} kB, place {len(taken)} taken in the status list")

    # Somebody types reference and check word.
    reference, fact = issued.record.reference, issued.record.certificate.fact
    print("looked up ", check_record(issued.record, reference, fact, DURING).verdict)
    print("wrong word", check_record(issued.record, reference, "AAA-AAA", DURING).verdict)
    print("not there ", check_record(None, reference, fact, DURING).verdict)

    # She returns early: an amendment. The old file says so as soon as the list is published.
    amended = service.issue_amendment(
        issued.record,
        {"to": "2029-06-30"},
        setting,
        NOW + timedelta(days=400),
        taken.__contains__,
        reason="returns early",
    )
    taken.add(amended.status_index)
    records = [item for item in (amended.former, amended.record) if item is not None]
    statuses = service.publish_statuses(register.states_of(records), setting, DURING)
    verifier = Verifier(anchors, [statuses])
    report = verifier.check(issued.pdf, DURING)
    print("old file  ", report.verdict)
    print("new file  ", verifier.check(amended.pdf, DURING).verdict)

    # What is over is over: the old one cannot be amended again, or withdrawn.
    try:
        register.withdraw(records[0], DURING, "obtained by mistake")
    except InputError as error:
        print("refused   ", error.code)

    # An inspector asks: the folder in French, with a signed record of the check.
    check = record_of_check(report, setting.key, DURING, document=issued.pdf, language="fr")
    files = inspection_pack(
        amended.record.certificate,
        amended.pdf,
        "fr",
        DURING,
        check=check,
        anchors=to_pem(anchors.roots),
        status_list=statuses,
    )
    print("packed    ", ", ".join(name for name, _ in files))
    print("as a zip  ", len(as_zip(files, DURING)) // 1024, "kB")


def read(name: str) -> object:
    """Return an example file."""
    return read_document((HERE / name).read_text(encoding="utf-8"), name)


def an_authority() -> Setting:
    """Return an authority for this example, with a root and a signer that it makes itself."""
    office = "Example Office of Coverage"
    chain = make_chain(office, "Example root", "Example signer", NOW, country="US")
    return Setting(
        office=Authority(
            name=office,
            country="US",
            check_address="https://coverage.example.org/check",
        ),
        key=chain.key(),
        anchors=Anchors((chain.root,), (chain.signer,)),
        status_uri="https://coverage.example.org/status/1",
    )


if __name__ == "__main__":
    main()
