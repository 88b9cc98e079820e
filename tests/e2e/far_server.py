# SPDX-License-Identifier: Apache-2.0
"""A mail server for tests that is no gateway: says what it is told to say, and remembers what it was told."""
from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Transaction:
    mail: str                                         # the line after `MAIL `
    recipients: list[str] = field(default_factory=list)  # those accepted: the lines after `RCPT `
    refused: list[str] = field(default_factory=list)
    octets: bytes = b""

    def addresses(self) -> list[str]:
        return [line[line.index("<") + 1:line.index(">")] for line in self.recipients]


class FarServer:
    """`replies`: what RCPT of an address is answered, else 250. `most`: recipients that one mail may have. `silent_at`: the
    step (`CONNECT`, a command, `BODY`, `END` of a mail) at which it falls silent until the client goes; with `drips` it
    begins a reply there, an octet at a time, that never ends."""

    def __init__(self, address: str = "127.0.0.1", port: int = 0, keywords: tuple[str, ...] = ("8BITMIME",),
                 greeting: str = "220 far.example") -> None:
        self.keywords = keywords
        self.greeting = greeting
        self.replies: dict[str, str] = {}
        self.most = 1000
        self.silent_at = ""
        self.drips = False
        self.fell_silent = 0
        self.mails: list[Transaction] = []
        self.sessions = 0
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, port), family=family)
        self.address, self.port = address, self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listener.close()
        for peer in self._open:
            peer.close()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            self.sessions += 1
            self._open.append(peer)
            threading.Thread(target=self._serve, args=(peer,), daemon=True).start()

    def _serve(self, peer: socket.socket) -> None:
        try:
            with peer, peer.makefile("rwb") as stream:
                self._talk(stream)
        except (OSError, ValueError):
            return

    def _talk(self, stream: object) -> None:
        def say(line: str) -> None:
            stream.write(line.encode("ascii") + b"\r\n")  # type: ignore[attr-defined]
            stream.flush()  # type: ignore[attr-defined]

        def silent(step: str) -> bool:
            if step != self.silent_at:
                return False
            self.fell_silent += 1
            reply = b"250-"
            while self.drips:  # until it cannot be sent any more
                stream.write(reply[:1])  # type: ignore[attr-defined]
                stream.flush()  # type: ignore[attr-defined]
                reply = reply[1:] or b"x"
                threading.Event().wait(0.1)
            while step != "BODY" and stream.read(1):  # type: ignore[attr-defined]
                pass
            return True

        if silent("CONNECT"):
            return
        say(self.greeting)
        current: Transaction | None = None
        for raw in stream:  # type: ignore[attr-defined]
            line = raw.decode("ascii").rstrip("\r\n")
            verb, _, argument = line.partition(" ")
            verb = verb.upper()
            if silent(verb):
                return
            if verb == "EHLO":
                say("250-far.example")
                for keyword in self.keywords:
                    say(f"250-{keyword}")
                say("250 HELP")
            elif verb == "MAIL":
                current = Transaction(argument)
                say("250 2.1.0 Ok")
            elif verb == "RCPT" and current is not None:
                say(self._recipient(current, argument))
            elif verb == "DATA" and current is not None:
                if not current.recipients:
                    say("554 5.5.1 nobody")
                    continue
                say("354 go on")
                if silent("BODY"):
                    threading.Event().wait(6)  # unread, so that the client cannot go on either
                    return
                current.octets = self._read_data(stream)
                if silent("END"):
                    return
                self.mails.append(current)
                say("250 2.0.0 taken")
            elif verb == "QUIT":
                say("221 2.0.0 bye")
                return
            else:
                say("250 2.0.0 Ok")

    def _recipient(self, current: Transaction, argument: str) -> str:
        address = argument[argument.index("<") + 1:argument.index(">")]
        reply = self.replies.get(address, "250 2.1.5 Ok")
        if len(current.recipients) >= self.most:
            reply = "452 4.5.3 too many"
        (current.recipients if reply.startswith("2") else current.refused).append(argument)
        return reply

    @staticmethod
    def _read_data(stream: object) -> bytes:
        lines = []
        for raw in stream:  # type: ignore[attr-defined]
            if raw == b".\r\n":
                break
            lines.append(raw[1:] if raw.startswith(b".") else raw)
        return b"".join(lines)
