"""Every example in the documentation runs, and gives what the page shows."""

from __future__ import annotations

import argparse
import doctest
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from docs_support import DOCS, ROOT, blocks, written_pages

from totalize.cli.main import COMMANDS, build_parser
from totalize.coverage.door import read_case
from totalize.kernel.reading import parse_trusted

PAGES = {path.relative_to(ROOT).as_posix(): path for path in written_pages()}
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def _sessions() -> list[str]:
    return [name for name, path in PAGES.items() if ">>> " in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", _sessions())
def test_a_python_session_gives_what_the_page_shows(name: str) -> None:
    text = "\n".join(blocks(PAGES[name].read_text(encoding="utf-8"), "python"))
    examples = doctest.DocTestParser().get_doctest(text, {}, name, name, 0)
    assert examples.examples
    said: list[str] = []
    doctest.DocTestRunner(optionflags=OPTIONS, verbose=False).run(examples, out=said.append)
    assert not said, "".join(said)


def test_the_pages_that_promise_examples_have_them() -> None:
    assert {"docs/how-an-answer-is-made.md", "docs/guide/law-editor.md"} <= set(_sessions())


@pytest.mark.parametrize("name", PAGES)
def test_yaml_on_a_page_can_be_read_and_a_case_is_a_case(name: str) -> None:
    for text in blocks(PAGES[name].read_text(encoding="utf-8"), "yaml"):
        document = parse_trusted(text)
        if isinstance(document, dict) and {"worker", "work"} <= set(document):
            assert read_case(document).work


SETTING = re.compile(r"^[A-Z_]+=")
# Programs of other people that a page shows in use; what they do is not ours to check.
OTHERS = {"curl", "openssl", "systemctl"}


def _commands(path: Path) -> list[str]:
    found = []
    for text in blocks(path.read_text(encoding="utf-8"), "console"):
        joined = text.replace("\\\n", " ")
        found += [line[2:] for line in joined.splitlines() if line.startswith("$ ")]
    return found


COMMAND_LINES = sorted({(name, line) for name, path in PAGES.items() for line in _commands(path)})


@pytest.mark.parametrize(("name", "line"), COMMAND_LINES)
def test_a_command_on_a_page_exists_with_its_options(name: str, line: str) -> None:
    words = shlex.split(line.split(" | ", maxsplit=1)[0].split(" > ", maxsplit=1)[0])
    while SETTING.match(words[0]):
        del words[0]
    if words[0] in OTHERS:
        return
    if words[0] == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert all(f"\n{target}:" in makefile for target in words[1:]), line
        return
    if words[0].removeprefix(".venv/bin/") == "python":
        assert (ROOT / words[1]).is_file(), f"{name}: {line}"
        return
    assert words[0].removeprefix(".venv/bin/") == "totalize", f"{name}: {line}"
    command = words[1]
    assert command in COMMANDS, f"{name}: {line}"
    import_module(f"totalize.cli.{command}")
    try:
        build_parser(command).parse_args(words[1:])
    except (SystemExit, argparse.ArgumentError) as refused:
        pytest.fail(f"{name}: {line} is refused: {refused}")


@pytest.mark.parametrize("name", PAGES)
def test_a_python_block_that_is_no_session_is_python(name: str) -> None:
    for text in blocks(PAGES[name].read_text(encoding="utf-8"), "python"):
        if ">>>" not in text:
            compile(text, name, "exec")


def test_every_decision_has_its_number_and_its_state_or_what_was_decided() -> None:
    numbers = []
    for path in sorted((DOCS / "adr").glob("[0-9]*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        number = path.name[:4]
        assert lines[0].startswith(f"# {number}: "), path.name
        assert any(re.match(r"Status: |\*\*Decision", line) for line in lines), path.name
        numbers.append(number)
    assert len(numbers) == len(set(numbers))
    assert len(numbers) >= 8
