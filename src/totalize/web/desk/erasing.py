"""What the desk forgets when a person is erased: everything that was written about them."""

from __future__ import annotations

from totalize.web.applications.models import Decision, Question
from totalize.web.desk.models import Consultation
from totalize.web.people.models import Person
from totalize.web.people.services import ERASED


def forget(person: Person) -> None:
    """Blank questions, reasons and answers; that there was a decision, and when, stays."""
    Question.objects.filter(application__person=person).update(words=ERASED, answer="")
    Decision.objects.filter(application__person=person).update(
        reason="", returned_note="", other_authority=None
    )
    Consultation.objects.filter(application__person=person).update(
        words=ERASED, answer_words="", file_number=""
    )
