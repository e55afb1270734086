"""Plain values become models, in however many threads."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

import msgspec
import pytest

from totalize.kernel.typed import convert, decode

# In a process of its own: what this is about ends the process.
_AT_ONCE = """
import sys, threading, types
from totalize.kernel.typed import convert
sys.setswitchinterval(1e-6)
source = '''
import msgspec
class Reason(msgspec.Struct):
    text: str
    because: "list[Reason]" = []
class Answer(msgspec.Struct):
    reasons: "list[Reason]"
    number: int
    note: "str | None"
'''
plain = {"reasons": [{"text": "it is so"}], "number": 1, "note": None}
for number in range(100):
    module = types.ModuleType(f"fresh_{number}")
    sys.modules[module.__name__] = module
    exec(source, module.__dict__)
    start = threading.Barrier(4)
    found = []
    def use():
        start.wait()
        found.append(convert(plain, module.Answer).reasons[0].text)
    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    assert found == ["it is so"] * 4
"""


@dataclass
class Stay:
    country: str
    months: int


def test_a_model_that_several_threads_use_first_at_the_same_time_is_learnt_once():
    done = subprocess.run([sys.executable, "-c", _AT_ONCE], check=False, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")


def test_values_that_do_not_fit_are_refused_with_their_path():
    assert convert({"country": "DE", "months": 3}, Stay) == Stay("DE", 3)
    with pytest.raises(msgspec.ValidationError, match=r"\$\.months"):
        convert({"country": "DE", "months": "3"}, Stay)
    assert convert({"country": "DE", "months": "3"}, Stay, strict=False) == Stay("DE", 3)


def test_json_is_read_as_a_model_or_refused():
    assert decode(b'{"country": "DE", "months": 3}', Stay) == Stay("DE", 3)
    with pytest.raises(msgspec.DecodeError):
        decode(b"{", Stay)
