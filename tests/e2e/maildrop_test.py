# SPDX-License-Identifier: Apache-2.0
"""A maildrop of 50,000 mails, and one mail of 10 MB."""
from __future__ import annotations

import contextlib
import pathlib
import poplib
import socket
import sqlite3

from offices import OfficesCase, PATIENCE, User, compose, octets_of, pop3, smtp, submit, uids, wait_for
from two_offices import Gateway

MAILS = 50_000
BODY = b"From: <ken@office-a.example>\r\nSubject: one of many\r\n\r\nHello.\r\n"


def fill(gateway: Gateway, user: User, count: int) -> None:
    """Puts mails into the mailbox of a gateway that is stopped, as it would have stored them."""
    prefix = b"Return-Path: <ken@office-a.example>\r\n"
    with contextlib.closing(sqlite3.connect(gateway.state / "ringpost.db")) as database:
        owner, = database.execute("SELECT user_id FROM user_address WHERE address = ?", (user["address"],)).fetchone()
        first, = database.execute("SELECT coalesce(max(id), 0) + 1 FROM mail").fetchone()
        ids = range(first, first + count)
        database.executemany(
            "INSERT INTO mail (id, accepted_at, reverse_path, standing, submitter, automatic, message_id, subject, trace, "
            "content, size) VALUES (?, 1, '', 'stranger', '', 0, '', '', x'', ?, ?)",
            ((id, BODY, len(BODY)) for id in ids))
        database.executemany(
            "INSERT INTO mailbox_entry (user_id, mail_id, prefix, octets, delivered_at) VALUES (?, ?, ?, ?, 1)",
            ((owner, id, prefix, len(prefix) + len(BODY)) for id in ids))
        database.commit()


class Maildrop(OfficesCase):
    settings = {"mta": {"size_limit": "20MiB"}}

    def test_fifty_thousand_mails(self) -> None:
        self.assertEqual(self.a.stop(), 0)
        fill(self.a, self.ken, MAILS)
        self.a.start()
        self.a.wait_ready(PATIENCE)
        with pop3(self.a, self.ken) as client:
            count, octets = client.stat()
            self.assertEqual(count, MAILS)
            self.assertEqual(len(client.list()[1]), MAILS)
            self.assertEqual(len({line.split()[1] for line in client.uidl()[1]}), MAILS)
            self.assertEqual(len(b"".join(line + b"\r\n" for line in client.retr(MAILS)[1])), octets // MAILS)
        self.delete_all()
        self.assertEqual(uids(self.a, self.ken), [])

    def delete_all(self) -> None:
        """50,000 pipelined DELE; the answers are read as they come. Meanwhile others are served."""
        with socket.create_connection(self.a.pop3, timeout=60) as connection:
            reader = connection.makefile("rb")

            def say(line: str) -> None:
                connection.sendall(line.encode() + b"\r\n")

            self.assertTrue(reader.readline().startswith(b"+OK"))
            for line in (f"USER {self.ken['address']}", f"PASS {self.ken['secret']}"):
                say(line)
                self.assertTrue(reader.readline().startswith(b"+OK"))
            for first in range(1, MAILS + 1, 1000):
                say("\r\n".join(f"DELE {number}" for number in range(first, first + 1000)))
                for _ in range(1000):
                    self.assertTrue(reader.readline().startswith(b"+OK"))
            say("QUIT")
            known = set(uids(self.a, self.ichiro))
            submit(self.a, self.hanako, compose(self.hanako["address"], self.ichiro["address"], "meanwhile"))
            wait_for(lambda: set(uids(self.a, self.ichiro)) - known, PATIENCE, "another mail is delivered meanwhile")
            self.assertTrue(reader.readline().startswith(b"+OK"))

    def test_pipelined_retrievals(self) -> None:
        """In the order in which they were asked for, forwards, backwards and twice, with other commands between them."""
        subjects = [f"number {number}" for number in range(1, 41)]
        with smtp(self.a, self.ken) as client:
            for number, subject in enumerate(subjects):
                mail = compose(self.ken["address"], self.hanako["address"], subject, "x" * 60 + "\n.\n" * (number * 100))
                client.sendmail(self.ken["address"], self.hanako["address"], octets_of(mail))
        with pop3(self.a, self.hanako) as client:
            self.assertEqual(client.stat()[0], len(subjects))
            whole = {number: client.retr(number)[1] for number in range(1, len(subjects) + 1)}
        for number, subject in enumerate(subjects, 1):
            self.assertIn(f"Subject: {subject}".encode(), whole[number])
        commands = [f"RETR {number}" for number in [*range(1, 31), *range(40, 20, -1), 7, 7]]
        commands[5:5] = ["STAT", "DELE 39", "TOP 2 0"]
        commands += ["RETR 39", "QUIT"]
        client = poplib.POP3(*self.a.pop3, timeout=30)
        with contextlib.closing(client):
            client.user(self.hanako["address"])
            client.pass_(self.hanako["secret"])
            client.sock.sendall("".join(f"{command}\r\n" for command in commands).encode())
            for command in commands:
                number = int(command.split()[1]) if " " in command else 0
                if command.startswith("RETR") and number != 39:
                    self.assertEqual(client._getlongresp()[1], whole[number], command)
                elif command.startswith("RETR"):
                    self.assertRaisesRegex(poplib.error_proto, "no such message", client._getresp)
                elif command.startswith("TOP"):
                    self.assertIn(b"Subject: number 2", client._getlongresp()[1])
                else:
                    self.assertTrue(client._getresp().startswith(b"+OK"), command)
        with pop3(self.a, self.hanako) as client:
            self.assertEqual(client.stat()[0], len(subjects) - 1)

    def test_one_of_pipelined_retrievals_is_damaged(self) -> None:
        """The others are whole, and the session goes on."""
        subjects = [f"spooled {number}" for number in range(1, 6)]
        files = set(self.a.state.glob("spool/*"))
        spooled: list[pathlib.Path] = []
        known = set(uids(self.a, self.ichiro))
        for subject in subjects:
            submit(self.a, self.ken, compose(self.ken["address"], self.ichiro["address"], subject, ("y" * 70 + "\n") * 10_000))
            wait_for(lambda: len(set(uids(self.a, self.ichiro)) - known) > len(spooled), PATIENCE, "it is delivered")
            spooled += set(self.a.state.glob("spool/*")) - files - set(spooled)
        self.assertEqual(len(spooled), len(subjects))
        spooled[2].unlink()
        client = poplib.POP3(*self.a.pop3, timeout=30)
        with contextlib.closing(client):
            client.user(self.ichiro["address"])
            client.pass_(self.ichiro["secret"])
            first = client.stat()[0] - len(subjects) + 1
            client.sock.sendall("".join(f"RETR {first + index}\r\n" for index in range(len(subjects))).encode() + b"QUIT\r\n")
            for index, subject in enumerate(subjects):
                if index == 2:
                    self.assertRaises(poplib.error_proto, client._getresp)
                else:
                    self.assertIn(f"Subject: {subject}".encode(), client._getlongresp()[1])
            self.assertTrue(client._getresp().startswith(b"+OK"))

    def test_large_mails_are_deleted(self) -> None:
        """Together they are more than one transaction deletes."""
        mail = octets_of(compose(self.ken["address"], self.ken["address"], "large", ("z" * 70 + "\n") * 6_500))
        before = len(uids(self.a, self.ken))
        with smtp(self.a, self.ken) as client:
            for _ in range(12):
                client.sendmail(self.ken["address"], self.ken["address"], mail)
        with pop3(self.a, self.ken) as client:
            count, octets = client.stat()
            self.assertEqual(count, before + 12)
            self.assertGreater(octets, 5 << 20)
            for number in range(1, count):
                client.dele(number)
        self.assertEqual(len(uids(self.a, self.ken)), 1)

    def test_ten_megabytes(self) -> None:
        mail = compose(self.hanako["address"], self.ichiro["address"], "large", ("0123456789" * 7 + "\n") * 150_000)
        known = set(uids(self.a, self.ichiro))
        submit(self.a, self.hanako, mail)
        wait_for(lambda: set(uids(self.a, self.ichiro)) - known, PATIENCE, "it is delivered")
        with pop3(self.a, self.ichiro) as client:
            number = client.stat()[0]
            self.assertLess(len(client.top(number, 3)[1]), 100)
            lines = client.retr(number)[1]
            self.assertEqual(client.top(number, 4294967295)[1], lines)
        self.assertIn(octets_of(mail).split(b"\r\n\r\n", 1)[1].rstrip(), b"\r\n".join(lines))
