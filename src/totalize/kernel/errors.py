"""Errors that say what is wrong, where, and what would be right."""

from __future__ import annotations


class TotalizeError(Exception):
    """Anything totalize refuses to do, with a code that does not change between versions."""

    code = "error"


class InputError(TotalizeError):
    """Something in a document given to totalize cannot be used.

    Attributes:
        path: where it stands, in the notation of the contract (`work[0].start`); empty for
            the document as a whole.
        problem: what is wrong, without the path.
        value: the value found, shortened for display; None when there is none to show.
        expected: what would be accepted.
        code: stable, for programs.
    """

    def __init__(
        self,
        path: str,
        problem: str,
        *,
        value: object = None,
        expected: str = "",
        code: str = "bad_input",
    ) -> None:
        self.path = path
        self.problem = problem
        self.value = None if value is None else _shorten(value)
        self.expected = expected
        self.code = code
        super().__init__(self.message())

    def message(self) -> str:
        """Return the whole error as one sentence for a person."""
        text = f"{self.path}: {self.problem}" if self.path else self.problem
        if self.value is not None:
            text += f" (found {self.value})"
        if self.expected:
            text += f"; expected {self.expected}"
        return text

    def to_dict(self) -> dict[str, str]:
        """Return what can be kept or sent: without the value, which may be somebody's number."""
        return {
            "path": self.path,
            "problem": self.problem,
            "expected": self.expected,
            "code": self.code,
        }

    def under(self, prefix: str) -> InputError:
        """Return the same error with its path placed below another one."""
        inner = self.path
        path = prefix if not inner else f"{prefix}{'' if inner.startswith('[') else '.'}{inner}"
        error = InputError(path, self.problem, expected=self.expected, code=self.code)
        error.value = self.value
        error.args = (error.message(),)
        return error


class LawError(TotalizeError):
    """The law data contradicts its schema or itself. A fault of ours, never of the user's."""

    code = "bad_law"

    def __init__(self, where: str, problem: str) -> None:
        self.where = where
        self.problem = problem
        super().__init__(f"{where}: {problem}")


def _shorten(value: object, limit: int = 60) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
