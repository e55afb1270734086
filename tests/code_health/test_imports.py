"""`import totalize` stays light, and heavy libraries stay in their rooms."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from repository import SOURCE

HEAVY = {
    "polars", "pyarrow", "narwhals", "duckdb", "matplotlib", "plotext", "numpy", "pandas", "typst",
    "pyhanko", "cryptography", "joserfc", "segno", "django", "sphinx",
}  # fmt: skip
EDGES = {"yaml", "msgspec", "argparse"}
PURE = ("kernel", "law", "logic", "coverage", "contributions", "benefits", "filing")
CASE = (
    '{"worker": {"citizenships": ["US"]}, "work": [{"activity": "employment", "country": "IN", '
    '"start": "2026-01-01", "expected_end": null, "employer": {"country": "US"}}]}'
)


def _loaded_after(code: str) -> set[str]:
    """Run code in a fresh interpreter and return the top names of what it has loaded."""
    script = (
        f"import sys\n{code}\nimport json\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_importing_the_package_loads_none_of_its_libraries() -> None:
    assert _loaded_after("import totalize") & (HEAVY | EDGES) == set()


def test_deciding_a_case_loads_no_heavy_library() -> None:
    code = (
        f"import json, totalize\nfrom datetime import date\n"
        f"totalize.check(json.loads('''{CASE}'''), date(2026, 1, 1)).to_dict()"
    )
    loaded = _loaded_after(code)
    assert loaded & HEAVY == set()
    assert {"msgspec", "totalize"} <= loaded


def test_the_list_of_commands_loads_no_room() -> None:
    code = (
        "from totalize.cli.main import build_parser\nbuild_parser().format_help()\n"
        "rooms = [name for name in sys.modules if name.startswith('totalize.')]\n"
        "assert set(rooms) <= {'totalize.cli', 'totalize.cli.main', 'totalize.kernel', "
        "'totalize.kernel.errors'}, rooms"
    )
    assert _loaded_after(code) & HEAVY == set()


def _imports(path: Path) -> list[tuple[str, bool]]:
    """Return what a module imports, and whether it does so as it is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            late |= set(ast.walk(node))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node not in late) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [(node.module, node not in late)]
            found += [(f"{node.module}.{alias.name}", node not in late) for alias in node.names]
    return found


MODULES = sorted(path for room in PURE for path in (SOURCE / room).rglob("*.py"))


def _is_column_module(path: Path) -> bool:
    return "column" in path.stem


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_pure_module_loads_no_heavy_library_unless_it_is_about_columns(path: Path) -> None:
    names = [name for name, at_once in _imports(path) if at_once]
    heavy = {name.partition(".")[0] for name in names} & HEAVY
    if _is_column_module(path):
        assert heavy <= {"polars", "numpy"}
        return
    assert heavy == set()
    columns = [
        name
        for name in names
        if name.startswith("totalize.") and "column" in name.split(".")[-1] and name.islower()
        if (SOURCE / Path(*name.split(".")[1:])).with_suffix(".py").exists()
    ]
    assert columns == [], "a module of columns is for rosters, not for one case"


def test_the_modules_about_columns_are_the_ones_that_are_known() -> None:
    found = {path.relative_to(SOURCE).as_posix() for path in MODULES if _is_column_module(path)}
    assert {"logic/columns.py", "coverage/columns.py"} <= found


def test_types_are_learnt_in_one_place_only() -> None:
    # Elsewhere two threads that use a type first at the same time end the process.
    direct = {
        "msgspec.convert",
        "msgspec.json.decode",
        "msgspec.json.Decoder",
        "msgspec.yaml.decode",
    }
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).as_posix() != "kernel/typed.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in direct
        and (
            ast.unparse(node.func) != "msgspec.json.decode"
            or len(node.args) + len(node.keywords) > 1
        )
    ]
    assert found == []
