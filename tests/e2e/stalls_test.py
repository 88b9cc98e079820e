# SPDX-License-Identifier: Apache-2.0
"""Peers that fall silent, at each step of SMTP: clients of the gateway, and servers that it relays to."""
from __future__ import annotations

import base64
import socket

from far import FarCase
from offices import PATIENCE, OfficesCase, compose, submit, uids, wait_for


class SilentClients(OfficesCase):
    settings = {"mta": {"command_timeout": "500ms", "data_timeout": "500ms"}}

    def test_a_client_that_falls_silent_at_any_step_is_told_so_and_leaves_nothing(self) -> None:
        secret = base64.b64encode(f"\0{self.jiro['address']}\0{self.jiro['secret']}".encode())
        steps = (b"EHLO client.example", b"AUTH LOGIN", b"*", b"AUTH PLAIN " + secret,
                 b"MAIL FROM:<" + self.jiro["address"].encode() + b">", b"RCPT TO:<" + self.taro["address"].encode() + b">",
                 b"DATA", b"Subject: never ended")
        before = len(uids(self.b, self.taro))
        for count in range(len(steps) + 1):
            with self.subTest(steps[:count][-1:]), socket.create_connection(self.b.smtp, PATIENCE) as connection:
                replies = connection.makefile("rb")
                self.assertTrue(replies.readline().startswith(b"220 "))
                for step in steps[:count]:
                    connection.sendall(step + b"\r\n")
                    while step != steps[-1] and replies.readline()[3:4] == b"-":
                        pass
                self.assertRegex(replies.readline(), rb"^421 4\.4\.2 ")
                self.assertEqual(replies.readline(), b"", "and nothing more")
        submit(self.b, self.jiro, compose(self.jiro["address"], self.taro["address"], "after"))
        wait_for(lambda: len(uids(self.b, self.taro)) == before + 1, PATIENCE, "the next mail is served, and it alone")


class SilentServers(FarCase):
    @classmethod
    def make_offices(cls, settings):  # type: ignore[no-untyped-def]
        settings["mta"]["size_limit"] = "16MiB"
        # No connection is kept: each mail comes to each step. The answer to a large mail takes its time here.
        settings["relay"].update({f"{name}_timeout": "500ms" for name in ("greeting", "command", "data_start")},
                                 data_block_timeout="2s", data_end_timeout="3s", idle_timeout="0s")
        return super().make_offices(settings)

    def tearDown(self) -> None:
        self.far.silent_at = self.plain.silent_at = ""
        self.far.drips = False
        super().tearDown()

    def test_a_server_that_falls_silent_at_any_step_gets_the_mail_later_and_once(self) -> None:
        """far.example with pipelining, plain.example without."""
        for server, domain in ((self.far, "far.example"), (self.plain, "plain.example")):
            for step in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "BODY", "END"):
                with self.subTest(domain=domain, step=step):
                    server.mails.clear()
                    server.silent_at, server.fell_silent = step, 0
                    mail = compose(self.hanako["address"], f"x@{domain}", step)
                    if step == "BODY":  # more than the kernels keep
                        mail.set_content("y" * 70 + "\n" + ("z" * 900 + "\n") * 11_000)
                    self.send([f"x@{domain}"], mail)
                    wait_for(lambda: server.fell_silent > 0, PATIENCE, f"the server is silent at {step}")
                    error = wait_for(self.last_error, PATIENCE, "the mail waits for the next try")
                    self.assertIn("took too long", error)
                    server.silent_at = ""
                    self.arrived(server)
                    wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the mail has left")
                    self.assertEqual([each.octets.count(f"Subject: {step}".encode()) for each in server.mails], [1])

    def test_a_server_that_drips_its_reply_is_as_good_as_silent(self) -> None:
        """The time is for the whole reply, not for its next octet."""
        self.far.drips = True
        for step in ("EHLO", "RCPT", "END"):
            with self.subTest(step=step):
                self.far.mails.clear()
                self.far.silent_at, self.far.fell_silent = step, 0
                self.send(["x@far.example"])
                wait_for(lambda: self.far.fell_silent > 0, PATIENCE, f"the server drips at {step}")
                self.assertIn("took too long", wait_for(self.last_error, PATIENCE, "the mail waits for the next try"))
                self.far.silent_at = ""
                self.arrived(self.far)
                wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the mail has left")
                self.assertEqual(len(self.far.mails), 1)

    def setUp(self) -> None:
        super().setUp()
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "no mail of an earlier test is left")

    def test_a_server_that_is_silent_at_quit_has_the_mail(self) -> None:
        self.plain.silent_at = "QUIT"
        self.send(["x@plain.example"])
        self.arrived(self.plain)
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the mail has left")
        self.assertEqual(len(self.plain.mails), 1)

    def last_error(self) -> str:
        return next((row["last_error"] for row in self.a.ask("queue", "list") if row["last_error"]), "")
