"""Rules for all files: their length, their style, and what must not stand in them."""

from __future__ import annotations

import re
import tomllib

from repository import ROOT, SOURCE, all_files, files, text_of
from yamllint import linter
from yamllint.config import YamlLintConfig

LONGEST = 500
# Longer on purpose: the module, and the reason.
LONG: dict[str, str] = {}


def test_no_module_is_longer_than_it_should_be() -> None:
    long = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST
    }
    assert long <= set(LONG), "split it, or list it with a reason"
    assert all((SOURCE / name).exists() for name in LONG)


# `make check` holds all files to it.
CONFIG = YamlLintConfig(file=str(ROOT / ".yamllint.yaml"))


def test_the_style_refuses_a_key_that_stands_twice_and_a_bare_no() -> None:
    problems = [problem.rule for problem in linter.run("a: 1\na: 2\ncountry: NO\n", CONFIG)]
    assert {"key-duplicates", "truthy"} <= set(problems)


# Written in parts, so that this file does not find itself.
MACHINE = re.compile(r"(?<![\w./:%>-])/(?:" + "|".join(("root", "work", "home", "Users")) + r")/\w")
HOSTS = re.compile("|".join((r"files\.pythonhosted", r"pypi\.org/simple", r"index-url")))


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in all_files()
        if (text := text_of(path)) is not None
        for match in MACHINE.finditer(text)
    ]
    assert found == []
    assert MACHINE.search("see " + "/root" + "/x")
    assert not MACHINE.search("https://a.b/portal" + "/home" + "/x")


def test_requirements_are_pinned_by_hash_and_hold_no_address() -> None:
    paths = [path for path in files("requirements") if path.suffix == ".txt"]
    assert {path.stem for path in paths} >= {"run", "test", "docs"}
    for path in paths:
        entries = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        entries = [entry for entry in entries if entry and not entry.startswith("#")]
        assert len(entries) > 5
        for entry in entries:
            assert "://" not in entry, entry
            assert re.match(r"[\w.\[\],-]+==\S+ ", entry), entry
            assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


def test_no_lock_file_with_addresses_is_kept() -> None:
    names = {path.name for path in all_files()}
    assert not names & {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock"}
    found = [
        path.name
        for path in all_files()
        if path.suffix in {".txt", ".toml", ".cfg", ".ini"} and HOSTS.search(text_of(path) or "")
    ]
    assert found == []


# A module loaded late is explained by the rule that all rooms keep: heavy libraries load on use.
SELF_EXPLAINING = {"PLC0415"}
_SILENCED = re.compile(
    r"#\s*(?:noqa: (?P<codes>[A-Z]+\d+(?:, ?[A-Z]+\d+)*)|type: ignore\[[\w, -]+\])"
)


def _unexplained(text: str) -> list[int]:
    """Return the lines that silence a check with no reason there, above or earlier."""
    explained = set(SELF_EXPLAINING)
    found = []
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        match = _SILENCED.search(line)
        if match is None:
            if "# noqa" in line or "type: ignore" in line:
                found.append(number)
            continue
        codes = set(re.split(r", ?", match["codes"] or match.group()))
        above = lines[number - 2].strip() if number > 1 else ""
        if len(line[match.end() :].lstrip(" -#")) >= 5 or above.startswith("# "):
            explained |= codes
        elif not codes <= explained:
            found.append(number)
    return found


def test_a_silenced_check_gives_its_reason() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): lines
        for path in files("src")
        if path.suffix == ".py" and (lines := _unexplained(path.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_check_silenced_without_a_reason_is_noticed() -> None:
    silent = "x = 1  # " + "noqa: S101"
    assert _unexplained(silent) == [1]
    assert _unexplained("x = 1  # " + "noqa") == [1]
    assert _unexplained(f"{silent} - because it is so\n{silent}") == []


def test_nothing_is_left_for_later() -> None:
    words = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "X" * 3 + r"\b")))
    found = [
        path.relative_to(ROOT).as_posix()
        for path in files("src", "docs", "bench", "examples")
        if path.suffix in {".py", ".md", ".yaml", ".typ"} and words.search(text_of(path) or "")
    ]
    assert found == []


def test_every_room_stands_in_the_map_of_arrows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    named = {
        name.strip().removeprefix("totalize.") for layer in layers for name in layer.split("|")
    }
    rooms = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert rooms <= named
