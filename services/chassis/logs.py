"""Logs: one JSON object a line on standard error, or short lines for a person at a terminal.

Of an exception only its class and its way through the code are written: a message, and the values on the way, may be
what somebody wrote in confidence.
"""

import logging
import re
import sys
from pathlib import Path
from traceback import walk_tb
from types import TracebackType

import structlog

LONGER_THAN_ONE_SEGMENT = re.compile(r"(?<=\s)(/[\w.-]*)[/?]\S*")

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def configure(level: str) -> None:
    """Set up structlog and the standard library's logging for this process."""
    number = logging.getLevelNamesMapping()[level.upper()]
    person = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(way),
            structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(_Discreet("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.WARNING), handlers=[handler], force=True)
    logging.getLogger("waitress").addFilter(_HidePaths())
    # While a broker starts or is away its client warns several times a second; our own loops say it once.
    logging.getLogger("kafka").setLevel(logging.ERROR)


def way(exc_info: ExcInfo) -> str:
    """The class of an exception, of its causes, and the places it came through, innermost last; no values."""
    _, error, _ = exc_info
    told = f"{type(error).__name__}: {_places(error.__traceback__)}"
    cause = error.__cause__ or error.__context__
    return told if cause is None else f"{told}; after {type(cause).__name__}: {_places(cause.__traceback__)}"


def _places(traceback: TracebackType | None) -> str:
    frames = [(frame.f_code, line) for frame, line in walk_tb(traceback)]
    return " > ".join(f"{code.co_name} ({Path(code.co_filename).name}:{line})" for code, line in frames)


class _HidePaths(logging.Filter):
    """A secret link is a secret in a path: where a server tells what it served, only the first segment is left."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Every record, with its paths cut."""
        record.msg, record.args = LONGER_THAN_ONE_SEGMENT.sub(r"\1/...", record.getMessage()), ()
        return True


class _Discreet(logging.Formatter):
    """The same for libraries that log by the standard way."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - the name is logging's
        """An exception without its words."""
        return way(ei)  # type: ignore[arg-type]
