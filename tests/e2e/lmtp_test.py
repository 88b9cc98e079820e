# SPDX-License-Identifier: Apache-2.0
"""Behind an existing mail server: LMTP (RFC 2033) by hand, by swaks, and from a real Postfix."""
from __future__ import annotations

import pathlib
import smtplib
import socket
import tempfile

from offices import (AT_ONCE, Inbox, OfficesCase, PATIENCE, compose, octets_of, parse, retrieve, run, uids, wait_for)
from postfix import Postfix
from two_offices import free_ports


class Handover(OfficesCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.place = tempfile.TemporaryDirectory(prefix="ringpost-lmtp-")
        cls.addClassCleanup(cls.place.cleanup)
        pathlib.Path(cls.place.name).chmod(0o755)
        cls.path = f"{cls.place.name}/lmtp"
        cls.port = free_ports(1)[0]
        super().setUpClass()

    @classmethod
    def make_offices(cls, settings):  # type: ignore[no-untyped-def]
        offices = super().make_offices(settings)
        # Of office A only: two gateways cannot share a socket.
        text = offices.a.config.read_text(encoding="utf-8")
        offices.a.config.write_text(text.replace("[mta]\n", f'[mta]\nlisten_lmtp = ["127.0.0.1:{cls.port}", "unix:{cls.path}"]\n'), encoding="utf-8")
        return offices

    def talk(self, *lines: str, path: str = "") -> list[str]:
        """The replies to each of these lines, all of a reply's lines in one text."""
        if path:
            peer = socket.socket(socket.AF_UNIX)
            peer.connect(path)
        else:
            peer = socket.create_connection(("127.0.0.1", self.port))
        replies: list[str] = []
        with peer, peer.makefile("rwb") as stream:
            peer.settimeout(30)

            def reply() -> str:
                text = b""
                while True:
                    line = stream.readline()
                    text += line
                    if line[3:4] != b"-":
                        return text.decode()

            replies.append(reply())
            for line in lines:
                stream.write(line.encode() + b"\r\n")
                stream.flush()
                replies.append(reply())
            stream.write(b"QUIT\r\n")
            stream.flush()
            rest = stream.read().decode()
        return [*replies, rest]

    def test_it_greets_and_offers_what_it_has(self) -> None:
        greeting, smtp_hello, lhlo, auth, _ = self.talk("EHLO front.example", "LHLO front.example", "AUTH PLAIN")
        self.assertRegex(greeting, "^220 .*LMTP")
        self.assertTrue(smtp_hello.startswith("500 "), smtp_hello)
        self.assertTrue(lhlo.startswith("250-"), lhlo)
        for keyword in ("SIZE", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES"):
            self.assertIn(keyword, lhlo)
        for keyword in ("AUTH", "XRINGPOST", "DSN", "FUTURERELEASE"):
            self.assertNotIn(keyword, lhlo)
        self.assertTrue(auth.startswith("500 "), auth)

    def test_each_recipient_gets_a_reply_after_the_mail(self) -> None:
        mail = octets_of(compose("someone@far.example", self.hanako["address"], "for two")).decode()
        for path in ("", self.path):
            with self.subTest(path):
                before = [len(uids(self.a, user)) for user in (self.hanako, self.ichiro)]
                replies = self.talk(
                    "LHLO front.example", "MAIL FROM:<someone@far.example>", f"RCPT TO:<{self.hanako['address']}>",
                    "RCPT TO:<nobody@office-a.example>", "RCPT TO:<x@far.example>",
                    f"RCPT TO:<{self.hanako['address'].replace('@', '+callnow@')}>", f"RCPT TO:<{self.ichiro['address']}>",
                    "DATA", mail + ".", path=path)
                self.assertEqual([reply[:3] for reply in replies[2:10]],
                                 ["250", "250", "550", "550", "550", "250", "354", "250"])
                rest = replies[10].splitlines()
                self.assertEqual([line[:3] for line in rest], ["250", "221"])
                self.assertIn("queued as", rest[0])
                for user, count in zip((self.hanako, self.ichiro), before):
                    wait_for(lambda: len(uids(self.a, user)) == count + 1, PATIENCE, "the mail is delivered")

    def test_nobody_is_a_503(self) -> None:
        replies = self.talk("LHLO c", "MAIL FROM:<>", "RCPT TO:<nobody@office-a.example>", "DATA")
        self.assertTrue(replies[4].startswith("503 5.5.1"), replies)

    def test_who_comes_this_way_is_a_stranger(self) -> None:
        """Though it names an own user as sender and orders a call."""
        marks = self.marks()
        before = set(uids(self.a, self.ichiro))
        mail = compose(self.hanako["address"], self.ichiro["address"], "forged", fields=AT_ONCE)
        with smtplib.LMTP("127.0.0.1", self.port, local_hostname="front.example") as client:
            client.sendmail(self.hanako["address"], [self.ichiro["address"]], octets_of(mail))
        uid = wait_for(lambda: set(uids(self.a, self.ichiro)) - before, PATIENCE, "the mail is delivered").pop()
        received = parse(retrieve(self.a, self.ichiro, uid))
        self.assertIn("with LMTP id", str(received["Received"]))
        self.expect_quiet(marks)

    def test_swaks(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        for words in (["--server", "127.0.0.1", "--port", str(self.port)], ["--socket", self.path]):
            run(["swaks", *words, "--protocol", "LMTP", "--from", "someone@far.example", "--to",
                 f"{self.hanako['address']},{self.ichiro['address']}", "--header", f"Subject: swaks {words[0]}"])
            inbox.wait(lambda mail: mail["Subject"] == f"swaks {words[0]}", "the mail is delivered")

    def test_a_postfix_in_front(self) -> None:
        """It tells the sender of the one recipient that there is not, in a bounce of its own."""
        for transport in (f"lmtp:inet:127.0.0.1:{self.port}", f"lmtp:unix:{self.path}"):
            with self.subTest(transport):
                front = Postfix("office-a.example", transport)
                self.addCleanup(front.close)
                front.wait_ready(PATIENCE)
                hanako, ichiro = Inbox(self.a, self.hanako), Inbox(self.a, self.ichiro)
                mail = compose("someone@far.example", self.hanako["address"], f"by {transport}")
                with smtplib.SMTP("127.0.0.1", front.port, local_hostname="client.example") as client:
                    client.sendmail(self.ichiro["address"], [self.hanako["address"], "nobody@office-a.example"],
                                    octets_of(mail))
                received = hanako.wait(lambda mail: mail["Subject"] == f"by {transport}", "the mail is delivered")
                self.assertIn("with LMTP id", str(received["Received"]))
                bounce = ichiro.wait(lambda mail: mail.get_content_type() == "multipart/report", "a bounce comes")
                self.assertIn("nobody@office-a.example", bounce.as_string())
                self.assertIn("550 5.1.1", bounce.as_string())
                self.assertNotIn(f"<{self.hanako['address']}>", bounce.get_payload(0).as_string())
