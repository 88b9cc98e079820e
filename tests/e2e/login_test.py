# SPDX-License-Identifier: Apache-2.0
"""Guessing passwords is slow, and the owner of the account does not notice."""
from __future__ import annotations

import base64
import select
import smtplib
import socket
from typing import BinaryIO

from offices import OfficesCase, PATIENCE, User, pop3, smtp, wait_for


class Guessing(OfficesCase):
    settings = {"authentication": {"free_failures": 1, "delay_first": "6s", "delay_most": "8s"},
                "mailbox": {"errors_per_session": 4}}

    def failures(self) -> int:
        return self.a.log.read_text(encoding="utf-8").count("directory.login-failed")

    @staticmethod
    def guess(connection: socket.socket, user: User, secret: str) -> BinaryIO:
        """Sends it; what the gateway answers is to be read from here."""
        text = f"\0{user['address']}\0{secret}".encode()
        answers = connection.makefile("rb")
        answers.readline()
        connection.sendall(b"EHLO client.example\r\n")
        while not answers.readline().startswith(b"250 "):
            pass
        connection.sendall(b"AUTH PLAIN " + base64.b64encode(text) + b"\r\n")
        return answers

    def test_a_guess_is_logged_at_once_and_answered_late(self) -> None:
        """The owner, whose network is known from the login before, gets in meanwhile, by SMTP and POP3."""
        with smtp(self.a, self.hanako), pop3(self.a, self.hanako):
            pass
        with smtp(self.a, None) as client:
            with self.assertRaises(smtplib.SMTPAuthenticationError) as first:
                client.login(self.hanako["address"], "wrong")
        before = self.failures()
        with socket.create_connection(self.a.smtp, timeout=PATIENCE) as connection:
            answers = self.guess(connection, self.hanako, "wrong too")
            wait_for(lambda: self.failures() == before + 1, 5, "the failure is in the log")
            self.assertEqual(select.select([connection], [], [], 0)[0], [], "the guess was answered already")
            with smtp(self.a, self.hanako), pop3(self.a, self.hanako):
                pass
            self.assertEqual(select.select([connection], [], [], 0)[0], [], "the owner had to wait for the guess")
            second = answers.readline().decode()
        self.assertEqual(second, f"{first.exception.smtp_code} {first.exception.smtp_error.decode()}\r\n")

    def test_many_connections_do_not_help(self) -> None:
        """While one guess waits for its answer, others are turned away with no word about the secret."""
        with smtp(self.a, None) as client, self.assertRaises(smtplib.SMTPAuthenticationError):
            client.login(self.ichiro["address"], "wrong")  # by PLAIN and by LOGIN: two failures
        before = self.failures()
        with socket.create_connection(self.a.smtp, timeout=PATIENCE) as waiting:
            self.guess(waiting, self.ichiro, "wrong")
            wait_for(lambda: self.failures() == before + 1, 5, "the failure is in the log")
            for secret in ("wrong", "wrong too", self.ichiro["secret"], self.ichiro["secret"]):
                with socket.create_connection(self.a.smtp, timeout=PATIENCE) as connection:
                    self.assertEqual(self.guess(connection, self.ichiro, secret).readline()[:9], b"454 4.7.0")

    def test_who_waits_when_the_gateway_is_stopped_is_told_so_at_once(self) -> None:
        """By SMTP and POP3, and with no word about the secret; nobody is cut."""
        with smtp(self.b, None) as client, self.assertRaises(smtplib.SMTPAuthenticationError):
            client.login(self.jiro["address"], "wrong")  # by PLAIN and by LOGIN: two failures
        log = self.b.log
        begin = log.stat().st_size
        with socket.create_connection(self.b.smtp, timeout=PATIENCE) as by_smtp, \
             socket.create_connection(self.b.pop3, timeout=PATIENCE) as by_pop3:
            replies = self.guess(by_smtp, self.jiro, "wrong")
            answers = by_pop3.makefile("rb")
            answers.readline()
            by_pop3.sendall(b"USER " + self.taro["address"].encode() + b"\r\nPASS wrong\r\n")
            self.assertTrue(answers.readline().startswith(b"+OK"))
            self.assertTrue(answers.readline().startswith(b"-ERR [AUTH]"))
            by_pop3.sendall(b"USER " + self.taro["address"].encode() + b"\r\nPASS wrong\r\nCAPA\r\n")
            self.assertTrue(answers.readline().startswith(b"+OK"))
            wait_for(lambda: log.read_bytes()[begin:].count(b"directory.login-failed") == 3, 5, "both are in the log")
            self.b.ask_to_stop()
            self.assertEqual(replies.readline()[:9], b"454 4.7.0")
            self.assertEqual(replies.readline()[:9], b"421 4.3.2")
            self.assertEqual(replies.readline(), b"")
            self.assertTrue(answers.readline().startswith(b"-ERR [SYS/TEMP]"))
            self.assertEqual(answers.readline(), b"")
        self.assertEqual(self.b.wait_stopped(), 0)
        said = log.read_bytes()[begin:]
        self.b.start()
        self.b.wait_ready(PATIENCE)
        self.assertNotIn(b"ringpostd.cut", said)

    def test_a_mailbox_session_has_so_many_errors_as_configured(self) -> None:
        with socket.create_connection(self.a.pop3, timeout=PATIENCE) as connection:
            answers = connection.makefile("rb")
            answers.readline()
            connection.sendall(b"NOOP\r\n" * 6)
            replies = list(answers)
        self.assertEqual(len(replies), 4)
        self.assertIn(b"too many errors", replies[-1])
