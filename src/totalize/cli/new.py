"""Ask the questions of a case one by one and write a case file.

Questions go to standard error, so that the case can go to standard output. Answers come from
the terminal or, line by line, from a pipe.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from totalize.kernel.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from totalize.coverage.interview import Interview
    from totalize.law.wording import Question, Wording

_YES = frozenset({"yes", "y", "true", "1"})
_NO = frozenset({"no", "n", "false", "0"})
_NONE = frozenset({"none", "no", "nobody", "nowhere", "open", "-", "null"})


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--out", metavar="FILE", help="a new file for the case, .yaml or .json; standard output"
    )
    parser.add_argument("--as-of", metavar="DATE", help="ask as of this day; today")


def run(options: argparse.Namespace) -> int:
    """Ask, write the case, say the answer in short."""
    from datetime import date

    from totalize import api
    from totalize.coverage.case_file import write_case
    from totalize.coverage.determine import Determiner
    from totalize.coverage.interview import Interview
    from totalize.kernel.dates import parse_date
    from totalize.law.wording import load_wording

    as_of = date.today() if options.as_of is None else parse_date(options.as_of, "as_of")
    if options.out is not None:
        _refuse_existing(Path(options.out))
    wording = load_wording()
    determiner = Determiner(api.law())
    interview = Interview(lambda case: determiner.decide(case, as_of))
    try:
        Conversation(interview, wording, sys.stdin, sys.stderr).hold()
        text = write_case(interview.document, as_json=str(options.out).endswith(".json"))
        if options.out is None:
            sys.stdout.write(text)
        else:
            _write(Path(options.out), text)
    except KeyboardInterrupt:
        print(f"\n{wording.interview['stopped']}", file=sys.stderr)
        return 130
    _say_answer(interview, wording, options.out)
    return 0


class Conversation:
    """Ask until nothing more matters.

    Args:
        interview: knows what to ask and takes the answers.
        wording: how questions are worded.
        answers: where answers come from, one a line.
        questions: where questions go.
    """

    def __init__(
        self, interview: Interview, wording: Wording, answers: TextIO, questions: TextIO
    ) -> None:
        self._interview = interview
        self._wording = wording
        self._answers = answers
        self._questions = questions
        self._patient = answers.isatty()

    def hold(self) -> None:
        """Ask question after question.

        Raises:
            InputError: answers from a pipe cannot be used, or end before what is needed.
        """
        from totalize.coverage.interview import EARLIER, NEEDED

        if self._patient:
            self._tell(self._wording.interview["welcome"])
        while (path := self._interview.next_question()) is not None:
            needed = path in NEEDED
            self._ask(path)
            line = self._answers.readline()
            if not line:
                if needed:
                    raise InputError(path, "has no answer and is needed", code="missing_field")
                return
            try:
                self._take(path, line.strip(), needed=needed, earlier=path == EARLIER)
            except InputError as error:
                if not self._patient:
                    raise
                self._tell(f"  {error}")

    def _take(self, path: str, text: str, *, needed: bool, earlier: bool) -> None:
        if text == "?":
            self._explain(path, earlier=earlier)
        elif earlier:
            stays = [] if text.casefold() in _NONE | {""} else read_stays(text)
            self._interview.add_earlier_stays(stays)
        elif text:
            value = read_answer(text, self._wording.question(path), path)
            self._interview.answer(path, value)
        elif needed:
            raise InputError(path, "is needed", code="missing_field")
        else:
            self._interview.skip(path)

    def _ask(self, path: str) -> None:
        from totalize.coverage.interview import EARLIER

        self_employed = self._interview.work.get("activity") == "self_employment"
        if path == EARLIER:
            kind = "earlier_self_employment" if self_employed else "earlier"
            self._tell(self._fill(self._wording.interview[kind]))
            self._tell(f"  {self._wording.interview['earlier_help']}")
        else:
            question = self._wording.question(path)
            words = question.words_for(self_employment=self_employed)
            self._tell(self._fill(words.ask))
            for number, text in enumerate(question.choices.values(), 1):
                self._tell(f"  {number}  {text}")
            if words.none is not None:
                meaning = self._fill(words.none)
                self._tell(f"  {self._wording.interview['none']} = {meaning}")
        self._questions.write("> ")
        self._questions.flush()

    def _explain(self, path: str, *, earlier: bool) -> None:
        lines = self._wording.interview
        question = self._wording.question(path)
        told = [lines["earlier_help"]] if earlier else [question.help or ""]
        if question.kind == "countries":
            told.append(lines["how_countries"])
        text = " ".join(item for item in told if item) or lines["no_help"]
        self._tell(f"  {self._fill(text)}")

    def _fill(self, text: str) -> str:
        from totalize.law.wording import fill_in

        return fill_in(text, self._interview.work)

    def _tell(self, text: str) -> None:
        from totalize.cli.layout import Page

        page = Page()
        indent = len(text) - len(text.lstrip())
        page.add(text.lstrip(), indent=indent)
        self._questions.write(f"{page}\n")


def read_answer(text: str, question: Question, path: str) -> Any:
    """Read an answer as its question asks for it.

    Raises:
        InputError: it is no such answer.
    """
    from totalize.kernel.countries import find_country
    from totalize.kernel.dates import parse_date

    word = text.casefold()
    match question.kind:
        case "yes_no":
            if word in _YES | _NO:
                return word in _YES
            raise InputError(path, "is neither yes nor no", value=text, expected="yes or no")
        case "country_or_none" | "date_or_open" if word in _NONE:
            return None
        case "country" | "country_or_none":
            return find_country(text, path)
        case "countries":
            if word in _NONE:
                return []
            names = [name for name in re.split(r"[,;]|\band\b", text) if name.strip()]
            return [find_country(name, path) for name in names]
        case "date" | "date_or_open":
            return parse_date(text, path).isoformat()
        case "choice":
            return _choose(word, question, path)
    return text


def _choose(word: str, question: Question, path: str) -> str:
    keys = list(question.choices)
    if word.isdecimal() and len(word) < 3 and 1 <= int(word) <= len(keys):
        return keys[int(word) - 1]
    for key, words in question.choices.items():
        if word in {key, words.casefold()}:
            return key
    raise InputError(
        path, "is not one of the choices", value=word, expected=f"a number from 1 to {len(keys)}"
    )


def read_stays(text: str) -> list[tuple[date, date]]:
    """Read stays written `2019-05-01 to 2021-04-30`, several with commas between.

    Raises:
        InputError: they are not written so.
    """
    from totalize.coverage.interview import EARLIER
    from totalize.kernel.dates import parse_date

    stays = []
    for part in re.split(r"[,;]", text):
        first, found, last = part.partition(" to ")
        if not found:
            raise InputError(
                EARLIER, "is not a stay", value=part, expected="2019-05-01 to 2021-04-30, or none"
            )
        stays.append((parse_date(first.strip(), EARLIER), parse_date(last.strip(), EARLIER)))
    return stays


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise InputError(
            "out", "is there already", value=str(path), expected="the name of a new file"
        )
    if not path.parent.is_dir():
        raise InputError("out", "is in no folder that exists", value=str(path))


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise InputError("out", f"cannot write {path}: {error.strerror}") from None


def _say_answer(interview: Interview, wording: Wording, out: str | None) -> None:
    from totalize.cli.layout import Page, wants_colour
    from totalize.coverage.words import english

    page = Page(colour=wants_colour(sys.stderr))
    said = english()
    page.add()
    for period in interview.periods():
        page.add(said.headline(period), style="bold")
        page.add(said.when(period))
        if paper := said.paper(period):
            page.add(paper)
    labels = dict.fromkeys(said.label(path) for path in interview.open_facts())
    if labels:
        page.add(wording.interview["open"].format(labels=", ".join(labels)))
    if out is not None:
        page.add(wording.interview["written"].format(file=out))
    print(page, file=sys.stderr)
