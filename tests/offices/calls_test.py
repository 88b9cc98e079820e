# SPDX-License-Identifier: Apache-2.0
"""From a mail to two people who hear each other: which telephone rings when, what it shows, and how a call ends."""
from __future__ import annotations

import pathlib
import tempfile

from office_case import OfficesCase, Party, User, wait_for  # first: it knows where the others are
from offices import PATIENCE, Inbox, compose, run, submit, uids, write_private
from tones import RATE
from two_offices import Gateway, e164


class CallCase(OfficesCase):
    def expect_shown(self, marks: tuple[int, int], here: Party, there: Party, numbers: tuple[str, str]) -> None:
        """Each telephone showed the number of the other while it rang, and shows it now; `numbers` is what `here` and
        `there` are known by."""
        for (gateway, number), other in ((here, numbers[1]), (there, numbers[0])):
            mark = marks[0] if gateway is self.a else marks[1]
            rung = self.rings_of(gateway, mark, number)
            self.assertEqual([e164(event["with"]) for event in rung], [e164(other)])
            self.assertEqual(e164(gateway.phones()[number]["with"]), e164(other))

    def recorded(self, party: Party) -> int:
        samples = self.telephone(*party).recording()
        return 0 if samples is None else len(samples)

    def expect_talk_on(self, first: Party, second: Party) -> None:
        """Each hears the other, and nobody else, for a second that begins now."""
        ends = {party: self.recorded(party) + RATE for party in (first, second)}
        for party, end in ends.items():
            wait_for(lambda: self.recorded(party) >= end, PATIENCE, f"{party[0].domain} {party[1]} hears something")
        self.expect_hear(first, second)


class AtOnce(CallCase):
    def test_a_mail_from_a_to_b_connects_two_telephones_over_the_public_network(self) -> None:
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        called, caller = (self.b, "2000"), (self.a, "2000")
        self.expect_call(marks, called, caller)
        self.expect_shown(marks, called, caller, (self.taro["external_number"], self.hanako["external_number"]))
        result = self.succeeded(inbox, attempts=1)
        self.assertEqual(result["Request-Number"], inbox.completed()["Request-Number"])
        for gateway, mark in zip(self.offices.both, marks):
            self.assertEqual([event["number"] for event in self.rings_of(gateway, mark)], ["2000"])

    def test_a_mail_from_b_to_a(self) -> None:
        marks = self.marks()
        inbox = self.order(self.b, self.jiro, self.ken)
        called, caller = (self.a, "2002"), (self.b, "2001")
        self.expect_call(marks, called, caller)
        self.expect_shown(marks, called, caller, (self.ken["external_number"], self.jiro["external_number"]))
        self.succeeded(inbox, attempts=1)

    def test_a_mail_inside_the_office_makes_a_call_inside_the_office(self) -> None:
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.ichiro)
        called, caller = (self.a, "2001"), (self.a, "2000")
        self.expect_call(marks, called, caller)
        self.expect_shown(marks, called, caller, ("2001", "2000"))
        self.succeeded(inbox, attempts=1)
        self.assertEqual(self.offices.bed.b.asterisk.channels(), [], "the other office had to do with it")

    def test_the_own_network_is_named_in_the_mail(self) -> None:
        marks = self.marks()
        inbox = self.order(self.b, self.taro, self.yuki, Network="own")
        self.expect_call(marks, (self.b, "2002"), (self.b, "2000"))
        self.succeeded(inbox, attempts=1)

    def test_source_first_rings_the_source_first(self) -> None:
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Call_Order="source-first")
        self.expect_call(marks, (self.a, "2000"), (self.b, "2000"))
        self.succeeded(inbox, attempts=1)

    def test_an_external_number_is_called_by_the_own_exchange_when_no_gateway_has_it(self) -> None:
        """The addressee is in the own office, the number is not: the telephone behind it belongs to no gateway."""
        with self.office(self.b).faulty("talks") as talks:
            marks = self.marks()
            inbox = self.order(self.a, self.hanako, self.ichiro, Destination_Number="044-222-3391")
            self.expect(self.a, marks[0], "2000", "talking")
            wait_for(lambda: self.heard(self.a, "2000", 1.0) == {talks.tone: 1.0}, PATIENCE, "its tone is heard")
            self.assertEqual(e164(self.a.phones()["2000"]["with"]), "+81442223391")
            self.succeeded(inbox, attempts=1)
            self.a.do("phone", "hangup", "2000")
            self.expect_no_channels()


class Ends(CallCase):
    def setUp(self) -> None:
        self.called: Party = (self.b, "2000")
        self.caller: Party = (self.a, "2000")

    def talk(self, **fields: str) -> Inbox:
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, **fields)
        self.expect_call(marks, self.called, self.caller)
        return inbox

    def expect_over(self) -> None:
        """Both are idle, no exchange has a call, and nothing rings any more."""
        marks = self.marks()
        for party in (self.called, self.caller):
            self.expect_idle(*party)
        self.expect_no_channels()
        self.expect_quiet(marks)

    def test_the_called_person_hangs_up_and_the_caller_is_idle(self) -> None:
        self.succeeded(self.talk())
        self.b.do("phone", "hangup", "2000")
        self.expect_over()

    def test_the_caller_hangs_up_and_the_called_person_is_idle(self) -> None:
        self.succeeded(self.talk())
        self.a.do("phone", "hangup", "2000")
        self.expect_over()

    def test_two_of_one_office_hang_up(self) -> None:
        for last, first in (("2001", "2000"), ("2000", "2001")):
            with self.subTest(hangs_up=first):
                marks = self.marks()
                inbox = self.order(self.a, self.hanako, self.ichiro)
                self.expect_call(marks, (self.a, "2001"), (self.a, "2000"))
                self.succeeded(inbox)
                self.a.do("phone", "hangup", first)
                self.expect_idle(self.a, last)
                self.expect_no_channels()

    def test_they_go_on_talking_when_the_gateway_is_killed(self) -> None:
        """kill -9 of the gateway that made the call; the next one leaves it alone, and tells the sender once."""
        inbox = self.talk()
        self.b.kill()
        self.expect_talk_on(self.called, self.caller)
        self.b.start()
        self.b.wait_ready(PATIENCE)
        marks = self.marks()
        self.expect_talk_on(self.called, self.caller)
        self.expect_quiet(marks)
        self.succeeded(inbox, attempts=1)
        self.assertEqual([self.state_with(party) for party in (self.called, self.caller)],
                         [("talking", self.hanako["external_number"]), ("talking", self.taro["external_number"])])
        self.b.do("phone", "hangup", "2000")
        self.expect_over()
        inbox.look()
        self.assertEqual(len(inbox.results()), 1)

    def test_they_go_on_talking_when_both_gateways_are_killed(self) -> None:
        self.succeeded(self.talk())
        self.offices.kill()
        self.expect_talk_on(self.called, self.caller)
        for gateway in self.offices.both:
            gateway.start()
        for gateway in self.offices.both:
            gateway.wait_ready(PATIENCE)
        self.expect_talk_on(self.called, self.caller)
        self.a.do("phone", "hangup", "2000")
        self.expect_over()

    def test_they_go_on_talking_when_the_gateway_is_stopped(self) -> None:
        self.succeeded(self.talk())
        self.assertEqual(self.b.stop(), 0)
        self.expect_talk_on(self.called, self.caller)
        self.b.start()
        self.b.wait_ready(PATIENCE)
        self.expect_talk_on(self.called, self.caller)

    def state_with(self, party: Party) -> tuple[str, str]:
        gateway, number = party
        wait_for(lambda: gateway.state_of(number) != "unreachable", PATIENCE, f"{number} is known again")
        row = gateway.phones()[number]
        return row["state"], e164(row["with"] or "")


class UserReception(CallCase):
    """A mail of normal delivery; its call comes when the addressee fetches it."""

    def setUp(self) -> None:
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C.UTF-8"}

    def deliver(self, gateway: Gateway, to: User, subject: str) -> tuple[Inbox, tuple[int, int]]:
        """Hanako's mail is in the mailbox of `to`, and nothing rings."""
        before = set(uids(gateway, to))
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], to["address"], subject, fields={
            "Ringpost-Trigger": "user-reception"}))
        wait_for(lambda: set(uids(gateway, to)) - before, PATIENCE, "the mail is delivered")
        self.assertEqual(inbox.completed()["Trigger"], "user-reception")
        self.expect_quiet(marks)
        return inbox, marks

    def fetch(self, *words: str) -> str:
        return run(list(words), env=self.environment, cwd=self.home).stdout

    def test_curl_fetches_and_the_telephones_ring(self) -> None:
        inbox, marks = self.deliver(self.b, self.taro, "by curl")
        host, port = self.b.pop3
        words = ("curl", "--silent", "--show-error", "--max-time", "60", "--user",
                 f"{self.taro['address']}:{self.taro['secret']}",
                 f"pop3://{host}:{port}/{len(uids(self.b, self.taro))}")
        self.assertIn("Subject: by curl", self.fetch(*words))
        called, caller = (self.b, "2000"), (self.a, "2000")
        self.expect_call(marks, called, caller)
        self.expect_shown(marks, called, caller, (self.taro["external_number"], self.hanako["external_number"]))
        self.succeeded(inbox, attempts=1)
        self.offices.hang_up_all()
        marks = self.marks()
        self.assertIn("Subject: by curl", self.fetch(*words))
        self.expect_quiet(marks)

    def test_fetchmail_fetches_and_the_telephones_ring(self) -> None:
        """With `fetchall`, which makes it ask for RETR; else it asks for TOP, which is no reception."""
        inbox, marks = self.deliver(self.b, self.jiro, "by fetchmail")
        host, port = self.b.pop3
        write_private(self.home / "fetchmailrc", "\n".join([
            f"poll {host} protocol pop3 port {port}", f'  user "{self.jiro["address"]}"',
            f'  password "{self.jiro["secret"]}" fetchall sslproto "" mda "cat >> {self.home}/inbox"', ""]))
        self.fetch("fetchmail", "--fetchmailrc", str(self.home / "fetchmailrc"), "--pidfile", str(self.home / "pid"),
                   "--idfile", str(self.home / "ids"), "--nosyslog")
        self.assertIn("Subject: by fetchmail", (self.home / "inbox").read_text(encoding="utf-8"))
        self.expect_call(marks, (self.b, "2001"), (self.a, "2000"))
        self.succeeded(inbox, attempts=1)

    def test_mpop_fetches_inside_the_office_and_the_telephones_ring(self) -> None:
        inbox, marks = self.deliver(self.a, self.ichiro, "by mpop")
        host, port = self.a.pop3
        write_private(self.home / "mpoprc", "\n".join([
            "account default", f"host {host}", f"port {port}", "tls off", "auth user",
            f"user {self.ichiro['address']}", f"password {self.ichiro['secret']}", "keep off", "received_header off",
            f"uidls_file {self.home}/uidls", f"delivery mbox {self.home}/mbox", ""]))
        self.fetch("mpop", "--file", str(self.home / "mpoprc"), "--quiet")
        self.assertIn("Subject: by mpop", (self.home / "mbox").read_text(encoding="utf-8"))
        called, caller = (self.a, "2001"), (self.a, "2000")
        self.expect_call(marks, called, caller)
        self.expect_shown(marks, called, caller, ("2001", "2000"))
        self.succeeded(inbox, attempts=1)
