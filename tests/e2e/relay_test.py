# SPDX-License-Identifier: Apache-2.0
"""Between the gateways, and over restarts: octets unchanged, nothing lost, nothing twice."""
from __future__ import annotations

import re
import smtplib

from offices import (AT_ONCE, Inbox, OfficesCase, PATIENCE, build_directory, compose, data, octets_of, retrieve, smtp,
                     submit, uids, wait_for)
from two_offices import Gateway, Settings, TwoOffices, write_private

AWKWARD = (b"Received: by nobody; Fri, 20 Nov 2026 10:00:00 +0900\r\n"
           b"DKIM-Signature: v=1; a=rsa-sha256; d=office-a.example; s=x; h=from:subject;\r\n"
           b"\tbh=AAAA; b=BBBB\r\n"
           b"From:   hanako@office-a.example\r\n"
           b"SUBJECT:\t  Octets,  with  blanks  \r\n"
           b"To: taro@office-b.example\r\n"
           b"X-Folded: one\r\n   two\r\n\t three\r\n"
           b"Content-Type: text/plain; charset=iso-8859-1\r\n"
           b"Content-Transfer-Encoding: 8bit\r\n"
           b"Ringpost-Trigger: user-reception\r\n"
           b"\r\n"
           b"\xe9t\xe9 \x1b$B2q5D\x1b(B\r\n"
           b".\r\n..\r\n.a line with a dot\r\n"
           b"trailing blanks   \r\n\r\n\r\n"
           b"From the beginning\r\n"
           + b"y" * 5000 + b"\r\n")


def stuffed(octets: bytes) -> bytes:
    return re.sub(rb"(?m)^\.", b"..", octets)


class Octets(OfficesCase):
    def deliver(self, octets: bytes) -> bytes:
        before = set(uids(self.b, self.taro))
        with smtp(self.a, self.hanako) as client:
            client.docmd("MAIL", f"FROM:<{self.hanako['address']}> BODY=8BITMIME")
            client.rcpt(self.taro["address"])
            code, text = data(client, stuffed(octets) + b".\r\n")
            self.assertEqual(code, 250, text)
        uid = wait_for(lambda: set(uids(self.b, self.taro)) - before, PATIENCE, "the mail is delivered").pop()
        return retrieve(self.b, self.taro, uid)

    def test_what_was_sent_is_handed_out_behind_the_trace_fields(self) -> None:
        received = self.deliver(AWKWARD)
        self.assertTrue(received.endswith(AWKWARD), received[:2000])
        front = received[:-len(AWKWARD)]
        self.assertTrue(front.endswith(b"\r\n"))
        names = {line.split(b":")[0].lower() for line in front.split(b"\r\n") if line and line[:1] not in b" \t"}
        self.assertIn(b"received", names)
        self.assertIn(b"ringpost-exchange", names)
        self.assertIn(b"return-path", names)

    def test_an_own_field_of_ours_that_the_sender_wrote_is_renamed_and_nothing_else(self) -> None:
        mail = AWKWARD.replace(b"X-Folded:", b"Ringpost-Exchange: id=\"7@office-b.example\"\r\nX-Folded:")
        received = self.deliver(mail)
        self.assertNotIn(b"\r\nRingpost-Exchange: id=\"7@office-b.example\"", received)
        self.assertTrue(received.endswith(AWKWARD[AWKWARD.index(b"X-Folded:"):]))

    def test_a_large_mail_arrives_whole(self) -> None:
        mail = AWKWARD + b"0123456789abcdef .\r\n.\r\n" * 30000
        self.assertTrue(self.deliver(mail).endswith(mail))


class Peers(OfficesCase):
    def peer(self, secret: str) -> smtplib.SMTP:
        client = smtplib.SMTP(*self.b.smtp, local_hostname="office-a.example", timeout=30)
        client.login("office-a.example", secret)
        return client

    def relayed(self, number: str, source: str, subject: str) -> bytes:
        front = (f'Ringpost-Exchange: id="{number}"; request=camp-on; trigger=system-recognition; '
                 f'source="{source}"\r\n')
        return front.encode() + octets_of(compose(self.hanako["address"], self.taro["address"], subject))

    def send(self, client: smtplib.SMTP, octets: bytes) -> tuple[int, str]:
        client.mail(self.hanako["address"])
        client.rcpt(self.taro["address"])
        return data(client, stuffed(octets) + b".\r\n")

    def test_a_mail_that_a_peer_repeats_is_dropped(self) -> None:
        """The id is taken from a mail that gateway A really relayed."""
        before = set(uids(self.b, self.taro))
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "once",
                                            fields={"Ringpost-Trigger": "user-reception"}))
        uid = wait_for(lambda: set(uids(self.b, self.taro)) - before, PATIENCE, "the mail is delivered").pop()
        marks = self.marks()
        received = retrieve(self.b, self.taro, uid)
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.offices.hang_up_all()
        # From the field of gateway A on, this is what it sent.
        again = received[received.index(b"Ringpost-Exchange:"):]
        after = set(uids(self.b, self.taro))
        marks = self.marks()
        client = self.peer(self.a.people["destination"][0]["secret"])
        for _ in range(2):
            code, text = self.send(client, again)
            self.assertEqual(code, 250, text)
        client.quit()
        self.expect_quiet(marks)
        self.assertEqual(set(uids(self.b, self.taro)), after)

    def test_a_peer_may_only_name_its_own_source_numbers(self) -> None:
        taro = Inbox(self.b, self.taro)
        marks = self.marks()
        client = self.peer(self.a.people["destination"][0]["secret"])
        code, text = self.send(client, self.relayed("900001@office-a.example", "+81335551234", "not yours"))
        self.assertEqual(code, 250, text)
        client.quit()
        taro.wait(lambda mail: mail["Subject"] == "not yours", "it is delivered as ordinary mail")
        self.expect_quiet(marks)

    def test_why_an_order_was_refused_is_told_and_nothing_else(self) -> None:
        """Whatever was in the way of the delivery meanwhile."""
        self.b.stop()
        self.b.start({"RINGPOST_FAULT": "commit:mail.determine:before:1:eio,commit:mail.accept:before:2:eio"})
        self.b.wait_ready(PATIENCE)
        taro = Inbox(self.b, self.taro)
        submit(self.b, self.jiro, compose(self.jiro["address"], self.taro["address"], "ordinary",
                                          fields={"Ringpost-Service": "time; after=1s"}))
        ordinary = taro.wait(lambda mail: mail["Subject"] == "ordinary", "the ordinary mail is delivered")
        self.assertIsNone(ordinary["X-Ringpost-Refused"])
        client = self.peer(self.a.people["destination"][0]["secret"])
        nonsense = b"Ringpost-Exchange: nonsense\r\n" + octets_of(
            compose(self.hanako["address"], self.taro["address"], "refused"))
        code, text = self.send(client, nonsense)
        self.assertIn(code, (451, 452), text)
        code, text = self.send(client, nonsense)
        self.assertEqual(code, 250, text)
        client.quit()
        refused = taro.wait(lambda mail: mail["Subject"] == "refused", "the refused mail is delivered")
        self.assertIn("Ringpost-Exchange", refused["X-Ringpost-Refused"])
        log = self.b.log.read_text(encoding="utf-8")
        self.assertEqual(log.count("mta.not-determined"), 1)

    def test_a_wrong_secret_is_no_peer(self) -> None:
        with self.assertRaises(smtplib.SMTPAuthenticationError):
            self.peer("wrong")

    def test_a_mail_waits_for_a_gateway_that_is_down(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.assertEqual(self.b.stop(), 0)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "wait", fields=AT_ONCE))
        wait_for(lambda: self.a.ask("queue", "list"), PATIENCE, "the mail is queued")
        self.a.kill()
        self.a.start()
        self.a.wait_ready(PATIENCE)
        self.b.start()
        self.b.wait_ready(PATIENCE)
        result = inbox.result(PATIENCE * 2)
        self.assertEqual(result["Result"], "success")
        inbox.look()
        self.assertEqual(len(inbox.results()), 1)

    def test_a_request_goes_on_after_a_kill(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "go on", fields=AT_ONCE))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.b.kill()
        self.b.start()  # its telephones are idle now
        self.b.wait_ready(PATIENCE)
        result = inbox.result(PATIENCE * 2)
        self.assertEqual((result["Request-Number"], result["Result"]), (number, "success"))

    def test_the_first_gateway_passes_show_and_cancel_on(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "cancel", fields=AT_ONCE))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.assertEqual(self.a.ask("request", "show", number)["number"], number)
        self.a.do("request", "cancel", number)
        result = inbox.result()
        self.assertEqual((result["Request-Number"], result["Cause"]), (number, "cancelled"))


class LostAnswer(OfficesCase):
    """Office B has the mail, but its answer is lost, and what it tells does not reach office A."""

    settings = {"relay": {"retry_first": "1h", "retry_max": "1h"}}

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        class Mute(TwoOffices):
            def _make(self) -> tuple[Gateway, Gateway]:
                a, b = super()._make()
                people = b.directory / "people.toml"
                text, count = re.subn(r"(?m)^port = \d+$", "port = 9", people.read_text(encoding="utf-8"))
                assert count == 1, f"{people}: {count} destinations"
                write_private(people, text)
                return a, b

        return Mute(build_directory(), settings)

    def test_a_request_that_is_cancelled_then_rings_nowhere(self) -> None:
        self.make_busy(self.b, "2000")
        self.a.stop()
        self.a.start({"RINGPOST_FAULT": "relay.body-sent:1:eio"})
        self.a.wait_ready(PATIENCE)
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call", fields=AT_ONCE))
        number = wait_for(lambda: self.b.ask("request", "list"), PATIENCE, "office B has it")[0]["number"]
        wait_for(lambda: self.a.ask("queue", "list")[0]["attempts"], PATIENCE, "the answer is lost")
        self.a.do("request", "cancel", number)
        wait_for(lambda: (self.request(self.b, number) or {}).get("state") == "cancelled", PATIENCE,
                 "it is cancelled at office B")
        marks = self.marks()
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks, 2.5)
        self.assertEqual(inbox.result()["Cause"], "cancelled")
        self.assertEqual(self.a.ask("queue", "list"), [])
        told = [row["recipient"] for row in self.b.ask("queue", "list")]
        self.assertEqual(told, [self.hanako["address"]], "more than the completed notice")


class Stopping(OfficesCase):
    def tearDown(self) -> None:
        for gateway in self.offices.both:
            if not gateway.alive():
                gateway.start()
                gateway.wait_ready(PATIENCE)
        super().tearDown()

    def test_sigterm_lets_sessions_know_and_ends_with_0(self) -> None:
        client = smtplib.SMTP(*self.a.smtp, timeout=30)
        client.login(self.hanako["address"], self.hanako["secret"])
        self.assertEqual(self.a.stop(), 0)
        with self.assertRaises((smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException, OSError)):
            code, _ = client.noop()
            if code == 421:
                raise smtplib.SMTPServerDisconnected("421")
        client.close()

    def test_what_was_accepted_before_sigterm_is_there_afterwards(self) -> None:
        inbox = Inbox(self.b, self.jiro)
        for index in range(5):
            submit(self.a, self.hanako, compose(self.hanako["address"], self.jiro["address"], f"before {index}"))
        self.assertEqual(self.a.stop(), 0)
        self.a.start()
        self.a.wait_ready(PATIENCE)
        wanted = {f"before {index}" for index in range(5)}
        inbox.wait(lambda _mail: {str(mail["Subject"]) for mail in inbox.mails} >= wanted, "all five are delivered")
        self.assertEqual(len(inbox.mails), 5)

    def test_a_second_daemon_on_the_same_state_refuses_to_start(self) -> None:
        first = self.a.process
        assert first is not None
        ready = (self.a.state / "ready.json").read_bytes()
        self.a.start()
        second = self.a.process
        assert second is not None
        self.assertNotEqual(second.wait(PATIENCE), 0)
        self.a.process = first
        (self.a.state / "ready.json").write_bytes(ready)
        self.a.wait_ready(PATIENCE)
