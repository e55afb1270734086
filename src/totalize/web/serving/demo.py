"""Made-up people and their applications, in every state, to see what the service does."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from totalize.certificates.social_security_number import EXAMPLES
from totalize.web.accounts.models import (
    MemberRole,
    Membership,
    OfficeRole,
    Organisation,
    OrganisationKind,
    User,
)
from totalize.web.accounts.services import give_mandate
from totalize.web.applications import services
from totalize.web.applications.models import Application
from totalize.web.certificates import services as certificates
from totalize.web.desk import services as desk
from totalize.web.serving import demo_office
from totalize.web.serving.setup import say

PASSWORD = "only a demonstration"  # noqa: S105 - of made-up people, and printed
OFFICE = (
    OfficeRole.CASEWORKER,
    OfficeRole.SUPERVISOR,
    OfficeRole.AUDITOR,
    OfficeRole.ADMINISTRATOR,
)
WORKERS = ("Ada Example", "Ben Sample", "Cleo Test", "Dan Specimen", "Eve Model", "Fay Pattern")
WHY = "The answers show that this work is not covered by the agreement."

DETAILS: dict[str, Any] = {
    "birth_date": "1985-04-02",
    "birth_place": "Dayton, USA",
    "employer_home": {"name": "Example Corp", "address": "1 Example Street, Dayton"},
    "employer_host": {"name": "Example Corp abroad", "address": "2 Example Street"},
    "hire_date": "2019-05-01",
    "hire_place": "Dayton, USA",
    "hire_country": "US",
    "remains_employee": True,
    "stays_with_employer": True,
}


def fill() -> None:
    """Fill an installation that nobody uses yet; one with accounts is left as it is."""
    if User.objects.exists():
        say("There are accounts here already: nothing was made up.")
        return
    demo_office.set_up(settings.INSTALLATION.data_dir, timezone.now())
    manager, employer, workers, office = people()
    _applications(manager, employer, workers, office)
    connection.close()
    say("A DEMONSTRATION was filled in: nothing here is real, nothing is worth anything.")
    say("Sign in as worker1@demo.example, employer@, agent@, caseworker@, supervisor@, auditor@")
    say("or administrator@demo.example. An office sets up a second factor first.")
    say(f"with the password: {PASSWORD}")


@transaction.atomic
def people() -> tuple[User, Organisation, list[User], dict[str, User]]:
    """Make a manager, her company, its workers and the people of the office."""
    # One password for all of them: to hash it takes the fifth of a second that it has to.
    hashed = make_password(PASSWORD)
    office = {
        str(role): _account(str(role), f"{role.label} of the demonstration", hashed, role)
        for role in OFFICE
    }
    manager = _account("employer", "Mo Manager", hashed)
    agent = _account("agent", "Al Agent", hashed)
    employer = _organisation(manager, OrganisationKind.EMPLOYER, "Example Corp")
    adviser = _organisation(agent, OrganisationKind.ADVISER, "Example Advisers")
    workers = [_account(f"worker{number}", name, hashed) for number, name in enumerate(WORKERS, 1)]
    give_mandate(adviser=adviser, by=manager, employer=employer)
    return manager, employer, workers, office


def _account(name: str, full_name: str, hashed: str, role: str = "") -> User:
    user = User.objects.create(
        email=f"{name}@demo.example", full_name=full_name, password=hashed, office_role=role
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _organisation(owner: User, kind: str, name: str) -> Organisation:
    made = Organisation.objects.create(name=name, kind=kind, address="1 Example Street, Dayton")
    Membership.objects.create(user=owner, organisation=made, role=MemberRole.OWNER)
    return made


def _applications(
    manager: User, employer: Organisation, workers: list[User], office: dict[str, User]
) -> None:
    caseworker, supervisor = office["caseworker"], office["supervisor"]
    today = timezone.localdate()

    def sent(index: int, country: str = "DE") -> Application:
        application = ready(manager, employer, workers[index], today, country)
        return services.submit(application.id, manager)

    start(manager, employer, workers[0], today, "FR")
    sent(0)
    sent(1)
    desk.take(sent(2).id, caseworker)
    asked = desk.take(sent(3).id, caseworker)
    desk.ask(
        asked.id, caseworker, "On which day was the contract signed?", field="details.hire_date"
    )
    for index in (4, 5):
        issued = desk.issue(desk.take(sent(index).id, caseworker).id, caseworker)
    withdrawal = certificates.withdraw(issued.id, caseworker, "The work ended before it began.")
    certificates.second_withdrawal(withdrawal.id, supervisor)
    proposed = desk.take(sent(0, "JP").id, caseworker)
    desk.propose_refusal(proposed.id, caseworker, WHY)
    refused = desk.take(sent(1, "ES").id, caseworker)
    desk.propose_refusal(refused.id, caseworker, WHY)
    desk.second(refused.id, supervisor)
    consulted = desk.take(sent(2, "KR").id, caseworker)
    desk.consult(consulted.id, caseworker, "The other authority", "Do you agree to this?")
    services.take_back(sent(3, "NL"), manager, "The trip was called off.")


def case_of(today: date, country: str) -> dict[str, Any]:
    """Return the case of somebody who is sent there for two years by a US employer."""
    begins = today + timedelta(days=60)
    ends = begins + timedelta(days=2 * 365)
    return {
        "contract": 1,
        "worker": {"citizenships": ["US"], "residence": "US"},
        "work": [
            {
                "id": "work",
                "activity": "employment",
                "country": country,
                "start": begins.isoformat(),
                "expected_end": ends.isoformat(),
                "employer": {"country": "US", "american": True},
                "sent_from": "US",
                "via": None,
                "employed_before_transfer": True,
                "insured_before": "US",
                "insured_before_since": (today - timedelta(days=3000)).isoformat(),
                "health_insurance": {"worker": True, "family": True},
            }
        ],
    }


def start(
    manager: User, employer: Organisation, worker: User, today: date, country: str
) -> Application:
    """Start an application by the employer, for a worker who has an account."""
    application = services.start(
        by=manager, case=case_of(today, country), work="work", employer=employer
    )
    _, token = services.ask_confirmation(application, "worker", worker.email, manager)
    return services.confirm(token, worker)


def ready(
    manager: User,
    employer: Organisation,
    worker: User,
    today: date,
    country: str,
    *,
    number: str | None = None,
) -> Application:
    """Start an application and give everything that it asks.

    Args:
        manager: who starts it.
        employer: for whom.
        worker: of whom.
        today: the day.
        country: where the work is done.
        number: the worker's; the one of the example where none is given.
    """
    application = start(manager, employer, worker, today, country)
    own = {
        "full_name": worker.full_name,
        "social_security_number": number or EXAMPLES[WORKERS.index(worker.full_name)],
    }
    known = DETAILS | own
    for _ in range(3):
        found = services.readiness(application)
        details = [_after("details.", item.field) for item in found.missing]
        statements = [_after("statement.", item.field) for item in found.missing]
        given = {key: known[key] for key in details if key in known}
        if given:
            application = services.fill(application, {"details": given}, manager)
        application = services.tick(application, [code for code in statements if code], manager)
    return application


def _after(start: str, text: str) -> str:
    return text.removeprefix(start) if text.startswith(start) else ""
