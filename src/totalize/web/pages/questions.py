"""Questions about a case as forms: one fact each, asked as its kind wants it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

from django import forms
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from totalize import api
from totalize.coverage.interview import EARLIER
from totalize.kernel.countries import NAMES, US, country_name
from totalize.kernel.dates import parse_date, written_day
from totalize.kernel.errors import InputError
from totalize.law.wording import Question, fill_in, load_wording
from totalize.web.pages.field_errors import DATE

OTHER: Final = "other"
NONE: Final = "none"
_MOST_COUNTRIES = 3
_MOST_STAYS = 4
# Where somebody comes from is not where they work; where they live mostly is.
_ELSEWHERE = (".sent_from", ".via", ".affiliate_of")
_MOSTLY_HERE = (".residence", ".principal_country")
_YES_NO = (("yes", "Yes"), ("no", "No"))


class DayInput(forms.DateInput):
    """A date field of the browser's own."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.CharField):
    """A day between 1900 and 2199, as text in ISO form."""

    widget = DayInput

    def clean(self, value: Any) -> str:
        """Return the day, empty where none is needed and none was given."""
        text: str = super().clean(value)
        if not text:
            return ""
        try:
            return parse_date(text, "").isoformat()
        except InputError:
            raise forms.ValidationError(DATE) from None


class LongSelect(forms.Select):
    """A list to choose from, drawn at once: Django draws each of 250 options by a template."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: BaseRenderer | None = None,
    ) -> SafeString:
        """Return the list as HTML."""
        chosen = "" if value is None else str(value)
        given = self.build_attrs(self.attrs, {"name": name, **(attrs or {})})
        drawn = _options(tuple(_groups(self.choices)), chosen)
        return mark_safe(f"<select{flatatt(given)}>{drawn}</select>")  # noqa: S308 - escaped


_Group = tuple[str | None, tuple[tuple[str, str], ...]]


def _groups(choices: Iterable[tuple[Any, Any]]) -> Iterator[_Group]:
    """Yield choices in groups, those that stand alone in one without a name."""
    alone: list[tuple[str, str]] = []
    for key, text in choices:
        if not isinstance(text, list | tuple):
            alone.append((str(key), str(text)))
            continue
        if alone:
            yield None, tuple(alone)
            alone = []
        yield str(key), tuple([(str(inner), str(shown)) for inner, shown in text])
    if alone:
        yield None, tuple(alone)


@lru_cache(maxsize=512)
def _options(groups: tuple[_Group, ...], chosen: str) -> str:
    """Draw a list's options: countries and currencies, which are the same for everybody."""
    drawn = []
    for name, choices in groups:
        options = [
            f'<option value="{escape(key)}"{" selected" if key == chosen else ""}>'
            f"{escape(text)}</option>"
            for key, text in choices
        ]
        inside = "".join(options)
        drawn.append(
            inside if name is None else f'<optgroup label="{escape(name)}">{inside}</optgroup>'
        )
    return "".join(drawn)


@cache
def country_choices(empty: str) -> list[tuple[str, str | list[tuple[str, str]]]]:
    """Return all countries, those with an agreement first."""
    near = [US, *api.law().countries()]
    rest = sorted(set(NAMES) - set(near), key=country_name)

    def named(codes: Sequence[str]) -> list[tuple[str, str]]:
        return [(code, country_name(code)) for code in codes]

    return [
        ("", empty),
        ("United States and agreement countries", named(sorted(near, key=country_name))),
        ("All other countries", named(rest)),
    ]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A question as it is put to somebody.

    Attributes:
        none: what null means, where it is an answer.
    """

    ask: str
    none: str | None


def speak(question: Question, path: str, work: Mapping[str, Any]) -> Spoken:
    """Word a question for a work.

    Args:
        question: what to ask.
        path: of the fact.
        work: fills in the question's places.
    """
    words = question.words_for(self_employment=work.get("activity") == "self_employment")
    asked = _earlier(work) if path == EARLIER else words.ask
    none = None if words.none is None else fill_in(words.none, work)
    return Spoken(fill_in(asked, work), none)


class QuestionForm(forms.Form):
    """One question. `value` of a valid form is the answer as a case holds it."""

    value: Any
    # Why an answer that was given before can't be taken any more.
    problem: InputError | None = None

    def __init__(
        self,
        question: Question,
        path: str,
        work: Mapping[str, Any],
        known: Sequence[str],
        *given: Any,
        **options: Any,
    ) -> None:
        """Build the field.

        Args:
            question: what to ask.
            path: of the fact.
            work: fills in the question's places.
            known: countries that stand in the case already, likely answers.
            *given: as for a form.
            **options: as for a form.
        """
        super().__init__(*given, **options)
        self.question, self.path = question, path
        spoken = speak(question, path, work)
        self.ask, self.none = spoken.ask, spoken.none
        self.help = fill_in(question.help or "", work)
        host = work.get("country")
        self.likely = list(dict.fromkeys((US, *known)))
        if path.endswith(_ELSEWHERE):
            self.likely = [code for code in self.likely if code != host]
        elif host and path.endswith(_MOSTLY_HERE):
            self.likely = list(dict.fromkeys((host, *self.likely)))
        _BUILD[self.kind](self)

    @property
    def kind(self) -> str:
        """What an answer looks like."""
        if self.path == EARLIER:
            return "stays"
        if self.path.endswith("].country") or self.path == "worker.residence":
            return "place"
        return self.question.kind

    def clean(self) -> dict[str, Any]:
        """Put the answer together from the fields."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self.value = _READ[self.kind](self, given)
        return given

    def _radios(self, choices: Sequence[tuple[str, str]]) -> None:
        self.fields["answer"] = forms.ChoiceField(
            label=self.ask,
            help_text=self.help,
            choices=choices,
            widget=forms.RadioSelect,
        )

    def _select(self, name: str, label: str, *, needed: bool, hint: str = "") -> None:
        self.fields[name] = forms.ChoiceField(
            label=label,
            help_text=hint,
            choices=country_choices("Choose a country"),
            widget=LongSelect,
            required=needed,
            error_messages={"required": "Choose a country."},
        )

    def build_yes_no(self) -> None:
        """Ask yes or no."""
        self._radios(_YES_NO)

    def read_yes_no(self, given: Mapping[str, Any]) -> bool:
        """Return the truth."""
        return bool(given["answer"] == "yes")

    def build_choice(self) -> None:
        """Ask for one of several."""
        self._radios([(key, capital(text)) for key, text in self.question.choices.items()])

    def read_choice(self, given: Mapping[str, Any]) -> str:
        """Return the choice."""
        return str(given["answer"])

    def build_place(self) -> None:
        """Ask for a country with no guess at it."""
        self._select("answer", self.ask, needed=True, hint=self.help)

    def read_place(self, given: Mapping[str, Any]) -> str:
        """Return the country."""
        return str(given["answer"])

    def build_country(self) -> None:
        """Ask for a country, likely ones first."""
        choices = [(code, country_name(code)) for code in self.likely]
        if self.question.kind == "country_or_none":
            choices.append((NONE, capital(self.none or "none")))
        self._radios([*choices, (OTHER, "Another country")])
        self._select("other", "Which other country?", needed=False)

    def read_country(self, given: Mapping[str, Any]) -> str | None:
        """Return the country, None for none."""
        answer = given["answer"]
        if answer == OTHER:
            if not given["other"]:
                self.add_error("other", "Choose which other country.")
            return str(given.get("other"))
        return None if answer == NONE else str(answer)

    def build_countries(self) -> None:
        """Ask for one country or several."""
        required = self.question.none is None
        for number in range(_MOST_COUNTRIES):
            label = self.ask if number == 0 else "Another country"
            self._select(
                f"country_{number}",
                label,
                needed=required and number == 0,
                hint=self.help if number == 0 and required else "",
            )
        if self.none is not None:
            self._radios([(NONE, capital(self.none)), ("some", "In these countries too:")])
            self.order_fields(["answer"])
            self.fields["country_0"].label = "Country"

    def read_countries(self, given: Mapping[str, Any]) -> list[str]:
        """Return the countries, each once."""
        if given.get("answer") == NONE:
            return []
        names = [given[f"country_{number}"] for number in range(_MOST_COUNTRIES)]
        found = [name for name in dict.fromkeys(names) if name]
        if not found:
            self.add_error("country_0", "Choose a country.")
        return found

    def build_date(self) -> None:
        """Ask for a day."""
        self.fields["answer"] = DayField(
            label=self.ask,
            help_text=self.help,
            error_messages={"required": "Enter a date."},
        )

    def read_date(self, given: Mapping[str, Any]) -> str:
        """Return the day."""
        return str(given["answer"])

    def build_date_or_open(self) -> None:
        """Ask for a day, or that there is none."""
        self._radios([("day", "On this day:"), (NONE, f"No end is set ({self.none})")])
        self.fields["day"] = DayField(label="Last day", required=False)

    def read_date_or_open(self, given: Mapping[str, Any]) -> str | None:
        """Return the day, None when it is open."""
        if given["answer"] == NONE:
            return None
        if not given["day"]:
            self.add_error("day", "Enter the last day.")
        return str(given.get("day"))

    def build_text(self) -> None:
        """Ask for a word."""
        self.fields["answer"] = forms.CharField(label=self.ask, help_text=self.help, max_length=100)

    def read_text(self, given: Mapping[str, Any]) -> str:
        """Return the word."""
        return str(given["answer"])

    def build_stays(self) -> None:
        """Ask for earlier stays, each from its first to its last day."""
        self._radios([(NONE, "No, never before"), ("some", "Yes, from and to:")])
        for number in range(1, _MOST_STAYS + 1):
            for name, label in (("first", "first day"), ("last", "last day")):
                self.fields[f"{name}_{number}"] = DayField(
                    label=f"Stay {number}: {label}", required=False
                )

    def read_stays(self, given: Mapping[str, Any]) -> list[list[str]]:
        """Return the stays."""
        if given["answer"] == NONE:
            return []
        stays = []
        for number in range(1, _MOST_STAYS + 1):
            first, last = given[f"first_{number}"], given[f"last_{number}"]
            if bool(first) != bool(last):
                self.add_error(f"{'last' if first else 'first'}_{number}", "Enter this day too.")
            elif first:
                stays.append([first, last])
        if not stays and not self.errors:
            self.add_error("first_1", "Enter the first day of the earlier stay.")
        return stays

    def initial_for(self, value: Any) -> dict[str, Any]:
        """Return the fields filled in with an answer given before."""
        match self.kind:
            case "yes_no":
                return {"answer": "yes" if value else "no"}
            case "country" | "country_or_none":
                if value is None:
                    return {"answer": NONE}
                return (
                    {"answer": value} if value in self.likely else {"answer": OTHER, "other": value}
                )
            case "countries":
                filled = {f"country_{number}": code for number, code in enumerate(value)}
                return {"answer": "some" if value else NONE, **filled}
            case "date_or_open":
                return {"answer": NONE} if value is None else {"answer": "day", "day": value}
            case "stays":
                filled = {"answer": "some" if value else NONE}
                for number, (first, last) in enumerate(value, 1):
                    filled |= {f"first_{number}": first, f"last_{number}": last}
                return filled
        return {"answer": value}


_BUILD: Final = {
    "yes_no": QuestionForm.build_yes_no,
    "choice": QuestionForm.build_choice,
    "place": QuestionForm.build_place,
    "country": QuestionForm.build_country,
    "country_or_none": QuestionForm.build_country,
    "countries": QuestionForm.build_countries,
    "date": QuestionForm.build_date,
    "date_or_open": QuestionForm.build_date_or_open,
    "text": QuestionForm.build_text,
    "stays": QuestionForm.build_stays,
}
_READ: Final = {
    "yes_no": QuestionForm.read_yes_no,
    "choice": QuestionForm.read_choice,
    "place": QuestionForm.read_place,
    "country": QuestionForm.read_country,
    "country_or_none": QuestionForm.read_country,
    "countries": QuestionForm.read_countries,
    "date": QuestionForm.read_date,
    "date_or_open": QuestionForm.read_date_or_open,
    "text": QuestionForm.read_text,
    "stays": QuestionForm.read_stays,
}


def _earlier(work: Mapping[str, Any]) -> str:
    name = "earlier_self_employment" if work.get("activity") == "self_employment" else "earlier"
    return load_wording().interview[name]


def capital(text: str) -> str:
    """Return a text as it starts a line."""
    return text[:1].upper() + text[1:]


def shown(value: Any, question: Question, path: str, none: str | None = None) -> str:
    """Return an answer as the list of answers shows it.

    Args:
        value: the answer.
        question: that it answers.
        path: of the fact.
        none: what null means for this kind of work.
    """
    if path == EARLIER:
        if not value:
            return "Never before"
        return ", ".join(f"{_written(first)} to {_written(last)}" for first, last in value)
    if value is None or value == []:
        return capital(none or question.none or "none")
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(country_name(code) for code in value)
    if question.choices:
        return capital(question.choices.get(value, value))
    if question.kind in {"country", "country_or_none"}:
        return country_name(value)
    if question.kind in {"date", "date_or_open"}:
        return _written(value)
    return str(value)


def _written(day: str) -> str:
    return written_day(date.fromisoformat(day))
