"""Numbers of people never reach a log line, whoever writes it."""

from __future__ import annotations

import logging
import re

_NUMBER = re.compile(r"\b\d{3}-?\d{2}-?\d{4}\b|\b\d{9,}\b")


class WithoutNumbers(logging.Filter):
    """Mask whatever has the shape of a personal number, in messages and in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the line, masked."""
        record.msg = _NUMBER.sub("[number]", record.getMessage())
        record.args = None
        if record.exc_info:
            text = logging.Formatter().formatException(record.exc_info)
            record.exc_text = _NUMBER.sub("[number]", text)
            record.exc_info = None
        return True
