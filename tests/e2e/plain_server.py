# SPDX-License-Identifier: Apache-2.0
"""A mail server that is no gateway: takes what it is sent, keeps it, and can be told to misbehave."""
from __future__ import annotations

import socketserver
import threading


class Session(socketserver.StreamRequestHandler):
    server: Listener

    def say(self, line: str) -> None:
        self.wfile.write(line.encode("ascii") + b"\r\n")

    def handle(self) -> None:
        owner = self.server.owner
        taken = 0
        owner.sessions += 1
        self.say("220 mail.office-c.example ESMTP")
        while line := self.rfile.readline(4096):
            verb = line.split(b" ")[0].strip().upper()
            if taken and owner.one_mail_each:
                owner.turned_away += 1
                self.say("421 4.3.2 one mail for each connection")
                return
            if verb == b"EHLO":
                self.say("250-mail.office-c.example")
                for word in owner.announced:
                    self.say(f"250-{word}")
                self.say("250 8BITMIME")
            elif verb == b"RCPT":
                self.say(owner.refusal or "250 2.1.5 ok")
            elif verb == b"DATA":
                self.say("354 go on")
                if not self.take_mail():
                    return
                taken += 1
            elif verb == b"QUIT":
                self.say("221 2.0.0 bye")
                return
            else:
                self.say("250 2.0.0 ok")

    def take_mail(self) -> bool:
        """False: the connection is broken before the mail is answered."""
        if self.server.owner.mid_refusal:
            return self.refuse_midway()
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            self.server.owner.wait_a_little(len(line))
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return False  # cut off: nobody may take that for a mail
        if not self.server.owner.keep(b"".join(lines)):
            if self.server.owner.farewell:
                self.say(self.server.owner.farewell)
            return False
        self.say("250 2.0.0 taken")
        return True

    def refuse_midway(self) -> bool:
        """Part of the mail is read. False: the connection ends, with the rest unread."""
        owner = self.server.owner
        self.rfile.read(100_000)
        owner.cut += 1
        self.say(owner.mid_refusal)
        if owner.after_refusal == "hang":
            owner.released.wait(60)
        while owner.after_refusal == "drain" and self.rfile.readline() not in (b".\r\n", b""):
            pass
        return owner.after_refusal == "drain"


class Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: PlainServer


class PlainServer:
    """Listens on a free port of the loopback interface until close()."""

    def __init__(self, announced: tuple[str, ...] = ()) -> None:
        self.announced = announced
        self.mails: list[bytes] = []
        self.refusal: str | None = None
        self.one_mail_each = False  # whatever comes behind it is answered 421
        self.turned_away = 0
        self.sessions = 0
        self.farewell = ""  # what is said before a connection breaks
        self.mid_refusal = ""  # the answer to a mail before its end
        self.after_refusal = ""  # `close`, `hang` (nothing more is read) or `drain`
        self.released = threading.Event()
        self.pace = 0.0  # seconds for each 20 kB of a mail
        self.cut = 0
        self._breaks = 0
        self._lock = threading.Lock()
        self._listener = Listener(("127.0.0.1", 0), Session)
        self._listener.owner = self
        self.port: int = self._listener.server_address[1]
        self._thread = threading.Thread(target=self._listener.serve_forever, daemon=True)
        self._thread.start()

    def keep(self, mail: bytes) -> bool:
        with self._lock:
            self.mails.append(mail)
            self._breaks -= 1
            return self._breaks < 0

    def wait_a_little(self, octets: int) -> None:
        if self.pace:
            self.released.wait(self.pace * octets / 20_000)

    def forget(self) -> None:
        self.mails.clear()

    def refuse(self, reply: str) -> None:
        """To every RCPT from now on."""
        self.refusal = reply

    def break_after_mails(self, count: int, farewell: str = "") -> None:
        """So many mails are read, and instead of an answer the connection ends, without a word or with one."""
        self.farewell = farewell
        self._breaks = count

    def wave_through(self) -> None:
        self.refusal = None
        self._breaks = 0
        self.one_mail_each = False
        self.mid_refusal = ""
        self.announced = ()
        self.cut = 0
        self.pace = 0.0

    def close(self) -> None:
        self.released.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()
