"""Pages to print: what goes with the return, the two-month statement, the answer to a notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import fill

from totalize.filing.documents import CertificateHeld, CoverageInYear, WorkInYear, unproven_days
from totalize.filing.due_dates import due_date
from totalize.filing.facts import FilingFacts
from totalize.filing.social_security import exempt_periods
from totalize.filing.wording import countries, say, written_days
from totalize.kernel.countries import in_sentence
from totalize.kernel.errors import InputError
from totalize.law.filing import FilingLaw

_WIDTH = 72
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Page:
    """A page to print.

    Attributes:
        name: of the file, without its ending.
        fields: label and value; None is a line to fill in by hand.
        paragraphs: running text.
        bullets: a list below it, under `bullets_title` when that is given.
        signed: whether there is a line to sign.
    """

    name: str
    title: str
    subtitle: str
    fields: tuple[tuple[str, str | None], ...] = ()
    paragraphs: tuple[str, ...] = ()
    bullets_title: str | None = None
    bullets: tuple[str, ...] = ()
    signature: str | None = None
    footer: str | None = None


def pages_of(
    facts: FilingFacts,
    law: FilingLaw,
    *,
    name: str | None = None,
    notice: str | None = None,
    notice_date: date | None = None,
) -> list[Page]:
    """Return the pages that this case and year call for.

    A statement of exemption and a letter exist only with the certificate that proves them.

    Args:
        facts: the year.
        law: its law.
        name: the person's name; a line to fill in without it. A social security number is
            never taken, only left to fill in.
        notice: the number of an IRS notice about missing self-employment tax.
        notice_date: the date on it.

    Raises:
        InputError: half of a notice is given, or a notice that the case cannot answer.
    """
    name = None if name is None else _one_line(name, "name")
    notice = None if notice is None else _one_line(notice, "notice")
    pages = []
    freed = list(exempt_periods(facts))
    proven = [item for item in freed if not unproven_days(item[1], item[0].certificate)]
    if proven and len(proven) == len(freed):
        pages.append(_statement(facts, law, name, proven))
    if facts.abroad_on_due_date and facts.us_person is not False:
        pages.append(_two_months(facts, law, name))
    if (notice is None) != (notice_date is None):
        missing = "notice" if notice is None else "notice_date"
        raise InputError(missing, "is missing", expected="both number and date", code="missing")
    if notice is not None and notice_date is not None:
        if not freed:
            raise InputError(
                "notice",
                "cannot be answered from this case: no agreement frees self-employment of "
                f"{facts.tax_year} from the US tax",
                value=notice,
                code="nothing_to_answer",
            )
        if notice_date.year <= facts.tax_year:
            raise InputError(
                "notice_date",
                f"lies before a return for {facts.tax_year} can be due",
                value=notice_date.isoformat(),
                expected=f"a day from {facts.tax_year + 1}-01-01",
                code="notice_too_early",
            )
        pages.extend(_answer(facts, law, name, (notice, notice_date), freed))
    return pages


def as_text(page: Page) -> str:
    """Return a page as plain text, 72 columns wide."""
    lines = [
        *_wrapped(page.title),
        "=" * min(_WIDTH, len(page.title)),
        *_wrapped(page.subtitle),
        "",
    ]
    label_width = max((len(label) for label, _ in page.fields), default=0)
    for label, value in page.fields:
        text = value if value is not None else "_" * (_WIDTH - label_width - 3)
        indent = " " * (label_width + 3)
        lines.append(
            fill(
                text, _WIDTH, initial_indent=f"{label:<{label_width}} : ", subsequent_indent=indent
            )
        )
    if page.fields:
        lines.append("")
    for paragraph in page.paragraphs:
        lines += [*_wrapped(paragraph), ""]
    if page.bullets_title:
        lines += [*_wrapped(f"{page.bullets_title}:")]
    for bullet in page.bullets:
        lines.append(fill(bullet, _WIDTH, initial_indent="[ ] ", subsequent_indent="    "))
    if page.bullets:
        lines.append("")
    if page.signature:
        lines += ["", "_" * 48, page.signature, ""]
    if page.footer:
        lines += ["-" * _WIDTH, *_wrapped(page.footer)]
    return "\n".join(lines).rstrip() + "\n"


def _wrapped(text: str) -> list[str]:
    return fill(text, _WIDTH).split("\n")


def _one_line(text: str, path: str) -> str:
    cleaned = " ".join(text.split())
    if not cleaned or len(cleaned) > _LONGEST or not cleaned.isprintable():
        raise InputError(
            path,
            "cannot be printed",
            value=text,
            expected=f"one line of 1 to {_LONGEST} characters",
            code="bad_text",
        )
    return cleaned


Freed = list[tuple[WorkInYear, CoverageInYear]]


def _systems(freed: Freed) -> str:
    return countries(dict.fromkeys(code for _, period in freed for code in period.covered_by or ()))


def _days(freed: Freed) -> str:
    return written_days((period.first, period.last) for _, period in freed)


def _person(facts: FilingFacts, law: FilingLaw, name: str | None) -> list[tuple[str, str | None]]:
    return [
        (say(law, "page_name").text, name),
        (say(law, "page_number").text, None),
        (say(law, "page_year").text, str(facts.tax_year)),
    ]


def _place(law: FilingLaw) -> dict[str, object]:
    entry = law.entry()
    return {
        "form": entry.form,
        "line": entry.line,
        "box": f" (box {entry.box})" if entry.box else "",
        "words": law.rules.words,
    }


def _statement(facts: FilingFacts, law: FilingLaw, name: str | None, freed: Freed) -> Page:
    """Return the page that goes with the copy of the certificate.

    Source: Instructions for Schedule SE; IRC 1401(c).
    """
    fields = _person(facts, law, name)
    fields.append((say(law, "page_entry").text, say(law, "page_entry_value", **_place(law)).text))
    for work, period in freed:
        fields += _certificate_fields(law, work, period)
    country = _systems(freed)
    return Page(
        name=f"exemption-statement-{facts.tax_year}",
        title=say(law, "page_statement_title", year=facts.tax_year).text,
        subtitle=say(law, "page_statement_subtitle").text,
        fields=tuple(fields),
        paragraphs=(
            say(law, "page_statement_body", country=country).text,
            say(law, "page_statement_copy").text,
        ),
        footer=say(law, "page_statement_not").text,
    )


def _certificate_fields(
    law: FilingLaw, work: WorkInYear, period: CoverageInYear
) -> Iterator[tuple[str, str | None]]:
    certificate = work.certificate
    if certificate is None:
        raise ValueError("a statement needs the certificate that proves it")
    activity = say(law, "page_activity_value", country=in_sentence(work.country), work=work.work)
    yield say(law, "page_activity").text, activity.text
    yield say(law, "page_days").text, written_days([(period.first, period.last)])
    yield say(law, "page_certificate").text, _certificate_words(law, certificate)
    yield say(law, "page_certificate_number").text, None


def _certificate_words(law: FilingLaw, certificate: CertificateHeld) -> str:
    code = "page_certificate_open" if certificate.last is None else "page_certificate_value"
    return say(
        law,
        code,
        country=in_sentence(certificate.issued_by),
        first=certificate.first,
        last=certificate.last,
    ).text


def _two_months(facts: FilingFacts, law: FilingLaw, name: str | None) -> Page:
    """Return the statement that claims the automatic two months.

    Source: Treas. Reg. 1.6081-5.
    """
    where = ""
    if facts.place is not None and facts.abroad_from_case:
        where = say(law, "page_months_where", country=in_sentence(facts.place)).text
    body = say(
        law,
        "page_months_body",
        day=due_date(law, "regular").day,
        year=facts.tax_year,
        where=where,
    )
    return Page(
        name=f"two-month-statement-{facts.tax_year}",
        title=say(law, "page_months_title", year=facts.tax_year).text,
        subtitle=say(law, "page_months_subtitle").text,
        fields=tuple(_person(facts, law, name)),
        paragraphs=(body.text,),
        signature=say(law, "page_signature").text,
    )


def _answer(
    facts: FilingFacts,
    law: FilingLaw,
    name: str | None,
    notice: tuple[str, date],
    freed: Freed,
) -> Iterator[Page]:
    """Yield the letter, if it can be proven, and the steps around it.

    Source: IRS, letter CP2000; IRC 1401(c).
    """
    number, day = notice
    unproven = [gap for work, period in freed for gap in unproven_days(period, work.certificate)]
    country, year = _systems(freed), facts.tax_year
    common: dict[str, object] = {"notice": number, "year": year, "country": country}
    common |= _place(law)
    days = int(law.rules.notice_days.value)
    abroad = int(law.rules.notice_days_abroad.value)
    first = ["page_steps_by", "page_steps_late", "page_steps_read"]
    if unproven:
        steps = ["page_steps_unproven", "page_steps_get", "page_steps_wait", *first]
    else:
        steps = [*first, "page_steps_words", "page_steps_mark", "page_steps_no_amend"]
        yield _letter(facts, law, name, common | {"date": day, "days": _days(freed)})
    common |= {"days": days, "by": day + timedelta(days=days)}
    common |= {"days_abroad": abroad, "by_abroad": day + timedelta(days=abroad)}
    gaps = {"days": written_days(unproven), "country": country}
    yield Page(
        name=f"notice-steps-{year}",
        title=say(law, "page_steps_title", **common).text,
        subtitle=say(law, "page_steps_subtitle").text,
        bullets=tuple(
            say(law, code, **(gaps if code == "page_steps_unproven" else common)).text
            for code in (*steps, "page_steps_keep")
        ),
    )


def _letter(
    facts: FilingFacts, law: FilingLaw, name: str | None, values: dict[str, object]
) -> Page:
    fields = _person(facts, law, name)
    fields.append(
        (say(law, "page_letter_notice").text, say(law, "page_letter_notice_value", **values).text)
    )
    return Page(
        name=f"notice-answer-{facts.tax_year}",
        title=say(law, "page_letter_title", **values).text,
        subtitle=say(law, "page_letter_subtitle").text,
        fields=tuple(fields),
        paragraphs=tuple(
            say(law, code, **values).text
            for code in (
                "page_letter_disagree",
                "page_letter_body",
                "page_letter_proof",
                "page_letter_ask",
            )
        ),
        bullets_title=say(law, "page_enclosures").text,
        bullets=tuple(
            say(law, code, **values).text
            for code in (
                "page_enclosure_response",
                "page_enclosure_certificate",
                "page_enclosure_return",
            )
        ),
        signature=say(law, "page_signature").text,
    )
