"""Write the answer for a terminal: three boxes, 80 columns, sources numbered at the end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill

from totalize.filing.result import (
    AccountReport,
    Deadline,
    Entry,
    Filing,
    Outcome,
    Said,
    Source,
    Test,
)
from totalize.filing.wording import dollars, say, status_name, written_days
from totalize.kernel.countries import in_sentence
from totalize.kernel.dates import written_day
from totalize.law.filing import FilingLaw, load_filing

_WIDTH = 79


def write_filing(result: Filing, *, full_sources: bool = False) -> str:
    """Return the whole answer as text.

    Args:
        result: the answer.
        full_sources: give the address of each source and its note; addresses may be long.
    """
    return _Writer(load_filing(result.tax_year), full_sources=full_sources).write(result)


class _Writer:
    def __init__(self, law: FilingLaw, *, full_sources: bool) -> None:
        self.law = law
        self.full_sources = full_sources
        self.lines: list[str] = []
        self.sources: dict[tuple[str, str | None], Source] = {}

    def write(self, result: Filing) -> str:
        status = status_name(self.law, result.status)
        title = say(
            self.law, "heading_answer", year=result.tax_year, status=status, income=result.income
        )
        self.lines.append(fill(title.text, _WIDTH))
        self._return(result)
        self._social_security(result)
        self._heading(3, "heading_accounts")
        for report in result.account_reports:
            self._report(report)
        self._list_sources()
        return "\n".join(self.lines)

    def _return(self, result: Filing) -> None:
        box = result.income_tax_return
        self._heading(1, "heading_return")
        self._paragraph(box.text)
        settled = box.outcome is Outcome.REQUIRED
        self._tests(
            [
                test
                for test in box.tests
                if not (settled and test.threshold is None and test.met is None)
            ]
        )
        if box.deadlines:
            self._label("heading_dates")
        self._deadlines(box.deadlines)
        self._notes(box.notes)

    def _social_security(self, result: Filing) -> None:
        box = result.social_security_tax
        self._heading(2, "heading_social")
        for period in box.periods:
            days = written_days([(period.first, period.last)])
            activity = period.activity.replace("_", "-")
            place = in_sentence(period.country)
            self._paragraph(f"{period.work}: {activity} in {place}, {days}")
            for said in period.findings:
                self._item("-", said.text, said.sources)
        if box.entry is not None:
            self._entry(box.entry)
        tax = box.self_employment_tax
        if tax is not None:
            self._label("heading_tax", profit=tax.net_profit)
            total = self.law.sentences["line_total"].text
            for text, amount in [
                *((line.text, line.amount) for line in tax.lines),
                (total, tax.total),
            ]:
                self.lines.append(f"    {text:<56} {dollars(amount):>16}")
        self._notes(box.notes)

    def _entry(self, entry: Entry) -> None:
        self._label("heading_entry" if entry.proven else "heading_entry_unproven")
        for number, step in enumerate(entry.steps, start=1):
            self._item(f"{number}.", step.text, step.sources)
        for note in entry.notes:
            self._item("-", note.text, note.sources)

    def _report(self, report: AccountReport) -> None:
        self._paragraph(report.form)
        self._tests(report.tests, label=False)
        self._deadlines(report.deadlines)
        for note in report.notes:
            self._item("-", note.text, note.sources)

    def _tests(self, tests: Sequence[Test], *, label: bool = True) -> None:
        if tests and label:
            self._label("heading_tests")
        names = {True: "met", False: "not_met", None: "unknown"}
        for test in tests:
            verdict = self.law.sentences[names[test.met]].text
            self._item(f"{verdict:<9}", test.text, test.sources)

    def _deadlines(self, deadlines: Iterable[Deadline]) -> None:
        for deadline in deadlines:
            text = f"{deadline.text} ({deadline.moved})" if deadline.moved else deadline.text
            if deadline.code in self._undated:
                self._item("-", text, deadline.sources)
            else:
                day = deadline.day
                word = self.law.sentences["depends"].text if day is None else written_day(day)
                self._item(f"{word:<16}", text, deadline.sources)

    # Remarks among the dates: their day, if any, stands in the sentence.
    _undated = frozenset(
        {
            "interest",
            "abroad_yes",
            "abroad_no",
            "abroad_unknown",
            "joint_two_months",
            "separate_two_months",
        }
    )

    def _notes(self, notes: Iterable[Said]) -> None:
        notes = list(notes)
        if notes:
            self._label("heading_notes")
        for note in notes:
            self._item("-", note.text, note.sources)

    def _list_sources(self) -> None:
        self.lines += ["", self.law.sentences["heading_sources"].text]
        for number, source in enumerate(self.sources.values(), start=1):
            sure = self.law.sentences[f"confidence_{source.sure}"].text
            text = f"{source.ref}; {sure}, {source.checked_on}"
            if source.note and self.full_sources:
                text += f". {source.note}"
            self._item(f"[{number}]", text)
            if source.url and self.full_sources:
                self.lines.append(f"        {source.url}")
        if not self.full_sources:
            self.lines += ["", f"  {self.law.sentences['more_sources'].text}"]

    def _heading(self, number: int, code: str) -> None:
        self.lines += ["", f"{number}. {self.law.sentences[code].text.upper()}", ""]

    def _label(self, code: str, **values: object) -> None:
        self.lines += ["", f"  {say(self.law, code, **values).text}"]

    def _paragraph(self, text: str) -> None:
        self.lines.append(fill(text, _WIDTH, initial_indent="  ", subsequent_indent="  "))

    def _item(self, mark: str, text: str, sources: Iterable[Source] = ()) -> None:
        numbers = [self._number(source) for source in sources]
        if numbers:
            text = f"{text} [{', '.join(map(str, numbers))}]"
        indent = " " * (len(mark) + 5)
        self.lines.append(
            fill(
                text,
                _WIDTH,
                initial_indent=f"    {mark} ",
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )

    def _number(self, source: Source) -> int:
        self.sources.setdefault((source.ref, source.url), source)
        return list(self.sources).index((source.ref, source.url)) + 1
