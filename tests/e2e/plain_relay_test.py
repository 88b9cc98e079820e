# SPDX-License-Identifier: Apache-2.0
"""Mails to a server that is no gateway: each goes there once and whole, whatever fails at the office that sends it."""
from __future__ import annotations

import os
import pathlib
from collections.abc import Callable

from fallback_test import PlainOfficeCase
from offices import Inbox, PATIENCE, compose, submit, wait_for

SATO = "sato@office-c.example"


class PlainRelay(PlainOfficeCase):
    _log_from = 0

    def restart(self, faults: str = "") -> None:
        self.a.stop()
        self.a.start({"RINGPOST_FAULT": faults} if faults else None)
        self.a.wait_ready(PATIENCE)
        self._log_from = self.a.log.stat().st_size

    def logged(self, event: str) -> int:
        """How often, since restart()."""
        return self.a.log.read_bytes()[self._log_from:].count(event.encode("ascii"))

    def queue_is_empty(self) -> None:
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the queue is empty")


class Once(PlainRelay):
    def test_what_became_of_it_cannot_be_stored_for_a_while(self) -> None:
        failing = 4
        self.restart(",".join(f"commit:mail.relayed:before:{count}:eio" for count in range(1, failing + 1)))
        submit(self.a, self.hanako, compose(self.hanako["address"], SATO, "hello"))
        self.queue_is_empty()
        self.assertEqual(self.logged("mta.not-settled"), failing)
        self.assertEqual(len(self.server.mails), 1)
        self.restart()

    def test_the_gateway_stops_while_it_cannot_be_stored(self) -> None:
        """Once more it is tried then; and the end is not waited for."""
        self.restart("commit:mail.relayed:before:1+:eio")
        submit(self.a, self.hanako, compose(self.hanako["address"], SATO, "hello"))
        wait_for(lambda: self.logged("mta.not-settled"), PATIENCE, "it was not stored")
        self.restart()
        self.queue_is_empty()
        self.assertEqual(len(self.server.mails), 2)


class Damaged(PlainRelay):
    settings = {"relay": {"expiry": "5s", "delay_notice_after": "2s"}}

    def bounced(self, damage: Callable[[pathlib.Path], None]) -> tuple[str, str]:
        """What is told of a large mail whose file is damaged while it waits: text and delivery status."""
        self.server.refuse("450 4.2.1 not now")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], SATO, "contract", text="\n".join(
            f"line {number} of the contract" for number in range(30000))))
        self.a.do("queue", "hold", "--all")
        wait_for(lambda: self.a.ask("queue", "list")[0]["state"] == "held", PATIENCE, "it is held")
        files = list((self.a.state / "spool").iterdir())
        self.assertEqual(len(files), 1)
        damage(files[0])
        self.server.wave_through()
        self.a.do("queue", "release", "--all")
        bounce = inbox.wait(lambda mail: mail.get_content_type() == "multipart/report"
                            and "Action: failed" in mail.as_string(), "it comes back", PATIENCE * 2)
        self.assertEqual(self.server.mails, [], "a part of the mail was sent")
        self.queue_is_empty()
        text, status = bounce.get_payload()[:2]  # type: ignore[index]
        return text.get_content(), status.as_string()

    def nothing_was_sent(self, damage: Callable[[pathlib.Path], None]) -> None:
        text, status = self.bounced(damage)
        self.assertIn("Status: 4.3.0", status)
        self.assertNotIn("smtp;", status)
        self.assertNotIn("Remote-MTA", status)
        for told in (text, status):
            self.assertNotIn(str(self.a.state), told)
            self.assertIn("cannot read the mail where it is stored", " ".join(told.split()))
        self.assertTrue(self.logged("mta.mail-unreadable"))

    def test_a_file_that_was_cut_off(self) -> None:
        self.nothing_was_sent(lambda path: os.truncate(path, 4096 * 40))

    def test_a_file_that_is_gone(self) -> None:
        self.nothing_was_sent(pathlib.Path.unlink)


class Reused(PlainRelay):
    """Mails one after the other over a connection that is kept."""

    settings = {"relay": {"retry_first": "1h", "retry_max": "1h", "idle_timeout": "5m"}}

    def setUp(self) -> None:
        super().setUp()
        self.restart()  # nothing is kept from the test before
        self.server.sessions = self.server.turned_away = 0

    def tearDown(self) -> None:
        self.a.do("queue", "delete", "--all", "--silently")
        super().tearDown()

    def send(self, subject: str) -> None:
        submit(self.a, self.hanako, compose(self.hanako["address"], SATO, subject))

    def arrived(self, count: int) -> None:
        wait_for(lambda: len(self.server.mails) == count, PATIENCE, f"mail {count} has arrived")

    def test_a_server_that_takes_one_mail_for_each_connection(self) -> None:
        self.server.one_mail_each = True
        for count in (1, 2, 3):
            self.send(f"mail {count}")
            self.arrived(count)
        self.assertEqual(self.server.turned_away, 2, "no connection was used again")
        self.queue_is_empty()

    def test_what_was_announced_before_decides_nothing(self) -> None:
        """The server takes larger mails now; the connection that has not heard of it is still open."""
        self.server.announced = ("SIZE 100",)
        inbox = Inbox(self.a, self.hanako)
        self.send("too large")
        bounce = inbox.wait(lambda mail: "larger than the 100 octets" in " ".join(mail.as_string().split()),
                            "what is too large for a server comes back")
        self.assertIn("Status: 5.3.4", bounce.as_string())
        self.server.announced = ()
        self.send("welcome")
        self.arrived(1)
        self.queue_is_empty()
        self.assertEqual(self.server.sessions, 2)

    def unanswered(self, farewell: str) -> dict[str, object]:
        """The second mail of a connection is read whole, and then the connection ends: how it waits."""
        self.send("mail 1")
        self.arrived(1)
        self.queue_is_empty()
        self.server.break_after_mails(1, farewell)
        self.send("mail 2")
        waiting: dict[str, object] = wait_for(
            lambda: next((row for row in self.a.ask("queue", "list") if row["attempts"]), None), PATIENCE,
            "the second mail waits for its next try")
        self.assertEqual(len(self.server.mails), 2, "it was sent again at once")
        self.assertEqual(self.server.sessions, 1)
        self.assertEqual(waiting["attempts"], 1)
        self.assertEqual((self.logged("mta.relayed"), self.logged("mta.not-relayed")), (1, 1))
        return waiting

    def test_a_whole_mail_that_is_not_answered_is_not_repeated_at_once(self) -> None:
        self.assertIn("the connection was ended", str(self.unanswered("")["last_error"]))

    def test_a_whole_mail_that_is_answered_with_the_end_is_not_repeated_at_once(self) -> None:
        self.assertEqual(self.unanswered("421 4.3.2 bye")["last_error"], "127.0.0.1 to the mail: 421 4.3.2 bye")


class Refused(PlainRelay):
    """What a server says before a mail has ended counts, whatever it does then."""

    settings = {"mta": {"size_limit": "32MiB"}, "relay": {"data_block_timeout": "1s", "retry_first": "1h", "retry_max": "1h"}}

    def large(self, subject: str) -> None:
        """More than the kernels keep on the way."""
        mail = compose(self.hanako["address"], SATO, subject, text=("y" * 900 + "\n") * 18_000)
        submit(self.a, self.hanako, mail)

    def refused(self, after: str) -> None:
        self.server.mid_refusal, self.server.after_refusal = "552 5.3.4 mailbox too small", after
        inbox = Inbox(self.a, self.hanako)
        self.large(after)
        bounce = inbox.wait(lambda mail: mail.get_content_type() == "multipart/report", "it comes back", PATIENCE * 2)
        status = bounce.get_payload()[1].as_string()  # type: ignore[index, union-attr]
        self.assertIn("Diagnostic-Code: smtp; 552 5.3.4 mailbox too small", status)
        self.assertIn("Remote-MTA: dns; [127.0.0.1]", status)
        self.queue_is_empty()
        self.assertEqual(self.server.cut, 1)

    def test_a_server_that_refuses_and_closes(self) -> None:
        self.refused("close")

    def test_a_server_that_refuses_and_reads_no_more(self) -> None:
        self.refused("hang")

    def test_a_server_that_refuses_and_reads_on_is_not_trusted_with_the_next_mail(self) -> None:
        self.refused("drain")
        known = self.server.sessions
        self.server.wave_through()
        submit(self.a, self.hanako, compose(self.hanako["address"], SATO, "next"))
        self.queue_is_empty()
        self.assertEqual((len(self.server.mails), self.server.sessions), (1, known + 1))

    def test_a_refusal_for_now_is_tried_again_later(self) -> None:
        self.server.mid_refusal, self.server.after_refusal = "452 4.3.1 disk full", "close"
        self.large("later")
        wait_for(lambda: "127.0.0.1 to the mail: 452 4.3.1 disk full" in
                 [row["last_error"] for row in self.a.ask("queue", "list")], PATIENCE, "it waits")
        self.a.do("queue", "delete", "--all", "--silently")


class Slow(PlainRelay):
    """Each piece is taken in time, the mail is not."""

    settings = {"mta": {"size_limit": "32MiB"},
                "relay": {"data_block_timeout": "2s", "mail_timeout": "2s", "retry_first": "1h", "retry_max": "1h"}}

    def test_a_whole_mail_has_its_time(self) -> None:
        self.server.pace = 0.01
        submit(self.a, self.hanako, compose(self.hanako["address"], SATO, "slow", text=("y" * 900 + "\n") * 25_000))
        wait_for(lambda: any("too long for the mail as a whole" in row["last_error"]
                             for row in self.a.ask("queue", "list")), PATIENCE, "it waits for its next try")
        self.assertEqual(len(self.server.mails), 0)
        self.a.do("queue", "delete", "--all", "--silently")
