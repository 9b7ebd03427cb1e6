"""One stream of log lines for our code and every library, with nothing secret in any of them.

Lines go to standard error, one a line in JSON, or coloured for people on a terminal. Every field
is searched for secrets before rendering, and the finished line again, so that none slips through a
message, an argument or a traceback. Our own part of the bargain: log ids and codes only, never
names or words.
"""

import json
import logging
import re
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import Any, TextIO
from urllib.parse import quote

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
# Shorter ones would blank out ordinary words; the patterns below find them where they matter.
SHORTEST_SECRET = 6
# They log addresses (with the token), statements with their parameters, or every update in full.
QUIET = (
    "aiohttp", "aiosqlite", "alembic", "apscheduler", "asyncio", "asyncpg", "httpcore", "httpx",
    "matplotlib", "PIL", "sqlalchemy", "telegram", "uvicorn",
)  # fmt: skip

_SHAPES = (
    # A bot token, also in an address.
    (re.compile(r"\d{6,}(?::|%3[Aa])[A-Za-z0-9_-]{30,}"), HIDDEN),
    # A Fernet key: 43 signs and an equals sign.
    (re.compile(r"[A-Za-z0-9_-]{43}="), HIDDEN),
    # The password in an address such as a database's.
    (re.compile(r"(://[^\s:/@]*:)[^\s/@]+@"), rf"\1{HIDDEN}@"),
    # What SQLAlchemy appends to an error: the values of the row, words and names among them.
    (re.compile(r"\[parameters: (?!\[hidden)[^\n]*"), f"[parameters: {HIDDEN}]"),
)


class Redactor:
    """Takes secrets out of text: the given ones, and whatever looks like one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {form for secret in secrets for form in _forms(secret)}
        longest_first = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, longest_first))) if known else None

    def __call__(self, text: str) -> str:
        """`text` with each secret replaced by `HIDDEN`."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for shape, instead in _SHAPES:
            text = shape.sub(instead, text)
        return text

    def fields(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        """A structlog processor: every text in the event, at any depth, without secrets."""
        return {key: self._clean(value) for key, value in event.items()}

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {self(str(key)): self._clean(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self._clean(inner) for inner in value]
        return value if isinstance(value, (int, float, type(None))) else self(str(value))


def _forms(secret: str) -> set[str]:
    """How a secret may be written: as it is, in a Python or JSON string, in an address."""
    if len(secret) < SHORTEST_SECRET:
        return set()
    return {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe="")}


class RedactingFormatter(structlog.stdlib.ProcessorFormatter):
    """Renders a record of structlog or of the standard library, then redacts the finished line."""

    def __init__(self, render: Processor, redact: Redactor) -> None:
        super().__init__(
            processors=[self.remove_processors_meta, redact.fields, render],
            foreign_pre_chain=_common(),
        )
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        """The finished line; a record whose arguments do not fit gives only where it came from.

        The standard library would print such a record's arguments as they are.
        """
        try:
            return self._redact(super().format(record))
        except (TypeError, ValueError, KeyError) as error:
            return f"unreadable record: {record.name}:{record.lineno} ({type(error).__name__})"


def configure_logging(
    level: str = "INFO",
    log_format: str = "console",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
) -> None:
    """Send all logs, and uncaught errors, to `stream` (standard error) as redacted lines.

    Args:
        level: the least level shown; the libraries in `QUIET` show warnings and worse only.
        log_format: "console" or "json".
        secrets: what must never show, beside everything that has a secret's shape.
        stream: where lines go.
    """
    target = stream or sys.stderr
    handler = logging.StreamHandler(target)
    render = _renderer(log_format, colors=target.isatty())
    handler.setFormatter(RedactingFormatter(render, Redactor(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_common(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _log_uncaught


def _common() -> list[Processor]:
    """What every record is given, whoever made it."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        # Plain text: richer tracebacks show local variables.
        structlog.processors.format_exc_info,
    ]


def _renderer(log_format: str, *, colors: bool) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(
        colors=colors, exception_formatter=structlog.dev.plain_traceback
    )


def _log_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("bot").critical("uncaught", exc_info=(kind, error, trace))
