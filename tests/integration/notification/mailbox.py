"""A small SMTP server that keeps what it is given, or refuses it as a test asks."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self._say(220, "ready")
        for line in self.rfile:
            verb = line.split()[0].upper() if line.strip() else b""
            if verb == b"DATA":
                self._say(354, "go on")
                self._say(*box.take(self._read_mail()))
            elif verb == b"RCPT":
                self._say(*box.answer_to_recipient)
            else:
                self._say(*((221, "bye") if verb == b"QUIT" else (250, "fine")))
            if verb == b"QUIT":
                return

    def _say(self, code: int, text: str) -> None:
        self.wfile.write(f"{code} {text}\r\n".encode())

    def _read_mail(self) -> bytes:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)


class Mailbox:
    """What arrived, and what the server answers."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer_to_recipient = (250, "fine")
        self.answer_to_mail = (250, "kept")
        self.port = 0

    def take(self, data: bytes) -> tuple[int, str]:
        if self.answer_to_mail[0] == 250:
            self.mails.append(message_from_bytes(data, policy=policy.default))  # type: ignore[arg-type]
        return self.answer_to_mail


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    """Run a server for the length of a block."""
    box = Mailbox()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
