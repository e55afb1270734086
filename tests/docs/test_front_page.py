"""The front page keeps what it promises."""

from __future__ import annotations

import importlib.util
import re
import xml.etree.ElementTree as ET
from types import ModuleType

from docs_support import DOCS, ROOT, blocks

from totalize.cli.main import COMMANDS
from totalize.law.book import LawBook

README = (ROOT / "README.md").read_text(encoding="utf-8")


def _picture_maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("picture", DOCS / "images" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_two_commands_stand_in_the_readme_and_in_the_makefile() -> None:
    first = blocks(README, "console")[0].splitlines()
    assert first == ["$ make run", "$ make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "\nrun:" in makefile
    assert "\ntest:" in makefile


def test_the_readme_is_short_and_opens_with_what_the_program_does() -> None:
    lines = README.splitlines()
    assert lines[0] == "# totalize"
    assert "social security" in lines[2]
    assert len(lines) < 60


def test_the_readme_counts_the_agreements_in_force() -> None:
    book = LawBook()
    found = [book.agreement(country) for country in book.countries()]
    in_force = [agreement for agreement in found if agreement and agreement.status == "in_force"]
    said = re.findall(r"(\d+) agreements", README + (DOCS / "index.md").read_text(encoding="utf-8"))
    assert said == [str(len(in_force))] * 2


def test_the_readme_names_only_commands_that_exist() -> None:
    named = set(re.findall(r"`totalize (\w+)", README))
    assert named
    assert named <= set(COMMANDS)


def test_the_picture_shows_what_the_program_prints_today() -> None:
    maker = _picture_maker()
    assert maker.draw(maker.output()) == maker.PICTURE.read_text(encoding="utf-8"), (
        "the output changed; draw the picture again: python docs/images/make.py"
    )


def test_the_picture_holds_every_line_in_80_columns() -> None:
    maker = _picture_maker()
    root = ET.parse(maker.PICTURE).getroot()
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    printed = [line.strip() for line in maker.output() if line.strip()]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts[1:]] == printed
    assert texts[0] == f"$ {maker.SHOWN}"
    assert max(map(len, maker.output())) <= 80


def test_the_changelog_keeps_a_place_for_the_law() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[", changelog, re.MULTILINE)
    assert "### Law" in changelog
    names = {"United Kingdom", "Romania", "Mexico"}
    book = LawBook()
    for country in book.countries():
        agreement = book.agreement(country)
        assert agreement is not None
        aliases = {agreement.name, {"SK": "Slovak Republic"}.get(country, agreement.name)}
        assert any(name in changelog for name in aliases | (names & {agreement.name})), country
