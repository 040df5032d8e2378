"""What the person at the terminal sees: phases with their times, addresses, and errors."""

import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from deploy.local.errors import LocalRunError
from services.chassis.logs import redact

GREEN, RED, DIM, BOLD = 32, 31, 2, 1


class Terminal:
    """Writes lines; in colour where somebody looks and NO_COLOR does not forbid it."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Chinese must not end the run

    def say(self, line: str = "") -> None:
        print(line, file=self._stream, flush=True)

    def paint(self, text: str, *styles: int) -> str:
        if not self._coloured:
            return text
        codes = ";".join(map(str, styles))
        return f"\x1b[{codes}m{text}\x1b[0m"

    @contextmanager
    def phase(self, zh: str, en: str) -> Iterator[None]:
        """Say that a phase is done, and how long it took; nothing when it fails."""
        began = time.monotonic()
        yield
        seconds = self.paint(f"{time.monotonic() - began:.1f} s", DIM)
        self.say(f"{self.paint('✓', GREEN)} {zh} · {en}  {seconds}")

    def title(self, text: str) -> str:
        return self.paint(text, BOLD)

    def table(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Show rows of a Chinese label, an English one, and a value."""
        width = max(len(en) for _, en, _ in rows)
        for zh, en, value in rows:
            self.say(f"  {zh}  {self.paint(en.ljust(width), DIM)}  {self.paint(value, BOLD)}")

    def complain(self, zh: str, en: str) -> None:
        self.say(f"{self.paint('✗', RED)} {zh}\n  {en}")

    def refuse(self, error: LocalRunError) -> None:
        """Say why there is no run."""
        self.complain(error.zh, f"{error.en}\n  {self.paint(f'[{error.code}]', DIM)}")


class ErrorLines(logging.Handler):
    """Repeats on the terminal, in one line each, the services' errors; the log has the full text.

    What the local run itself logs it also tells the terminal, in words of its own.
    """

    def __init__(self, terminal: Terminal) -> None:
        super().__init__(logging.ERROR)
        self.addFilter(lambda record: not record.name.startswith("deploy.local."))
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        service = getattr(record, "service", record.name)
        cause = record.exc_info[1] if record.exc_info else None
        because = f" ({type(cause).__name__})" if cause else ""
        sign = self._terminal.paint("✗", RED)
        at = time.strftime("%H:%M:%S", time.localtime(record.created))
        self._terminal.say(f"{sign} {at} {service}: {redact(record.getMessage())}{because}")
