# SPDX-License-Identifier: Apache-2.0
"""An office without a gateway (spec 2.4): its mail server gets an ordinary mail, and the sender's gateway makes the
call with its own exchange. The telephones of office C are those of office B's exchange, whose gateway knows nothing."""
from __future__ import annotations

import pathlib
import smtplib

from offices import (AT_ONCE, Inbox, Mail, OfficesCase, PATIENCE, build_directory, compose, parse, submit, wait_for)
from plain_server import PlainServer
from two_offices import Gateway, Settings, TwoOffices
from voices import heard_at, melody, wav, whole

NUMBER = "044-222-3300"  # telephone 2000 of office B's exchange
PEOPLE = """
[[destination]]
name = "office-c.example"
host = "127.0.0.1"
port = {port}

[[destination]]
name = "office-d.example"
host = "127.0.0.1"
port = {port}
gateway = false
"""


class WithPlainOffice(TwoOffices):
    """Office A knows two offices more, both behind one mail server that is no gateway; of office D it knows that."""

    def __init__(self, server: PlainServer, settings: Settings) -> None:
        self.server = server
        super().__init__(build_directory(), settings)

    def _office(self, name: str, other: str, ports: dict[str, dict[str, int]]) -> Gateway:
        gateway = super()._office(name, other, ports)
        if name == "a":
            with open(gateway.directory / "people.toml", "a", encoding="utf-8") as people:
                people.write(PEOPLE.format(port=self.server.port))
        return gateway


class PlainOfficeCase(OfficesCase):
    server: PlainServer

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        cls.server = PlainServer()
        cls.addClassCleanup(cls.server.close)
        return WithPlainOffice(cls.server, settings)

    def setUp(self) -> None:
        self.server.forget()

    def tearDown(self) -> None:
        self.server.wave_through()
        super().tearDown()


class NoGateway(PlainOfficeCase):
    settings = {"exchange": {"simulated_recordings": "recordings"},
                "service": {"minimum_periodic": "1s", "default_periodic": "1s"}}

    def order(self, to: str = "sato@office-c.example", number: str | None = NUMBER, **fields: str) -> Mail:
        wanted = {**AT_ONCE, **({"Ringpost-Destination-Number": number} if number else {}),
                  **{name.replace("_", "-"): value for name, value in fields.items()}}
        return compose(self.hanako["address"], to, "please call", fields=wanted)

    def arrived(self, count: int = 1) -> list[Mail]:
        octets = wait_for(lambda: len(self.server.mails) >= count and list(self.server.mails), PATIENCE,
                          "the mail is at the other office")
        return [parse(each) for each in octets]

    def one_result(self, inbox: Inbox, number: str | None = None) -> dict[str, str]:
        result = inbox.result()
        inbox.look()
        self.assertEqual(len(inbox.results()), 1, inbox.results())
        return result

    def refusal(self, mail: Mail) -> str:
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            submit(self.a, self.hanako, mail)
        return f"{refused.exception.smtp_code} {refused.exception.smtp_error!r}"

    def test_the_own_exchange_makes_the_call_and_the_mail_is_an_ordinary_one(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        mail = self.order()
        submit(self.a, self.hanako, mail)
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        result = self.one_result(inbox)
        self.assertEqual(result["Result"], "success")
        self.assertEqual(inbox.completed()["Request-Number"], result["Request-Number"])
        received = self.arrived()
        self.assertEqual(len(received), 1)
        self.assertEqual(received[0]["Message-ID"], mail["Message-ID"])
        self.assertEqual(received[0]["Ringpost-Trigger"], "system-recognition")
        self.assertIsNone(received[0]["Ringpost-Exchange"], "the other server is told what only gateways understand")

    def test_a_busy_telephone_is_tried_again_and_again(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.order())
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.a, number, 3)
        marks = self.marks()
        self.b.do("phone", "hangup", "2003")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.one_result(inbox)["Result"], "success")

    def test_nobody_could_tell_when_the_mail_is_fetched(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.order(Ringpost_Trigger="user-reception"))
        result = self.one_result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "no-gateway"))
        self.assertEqual(len(self.arrived()), 1)
        self.expect_quiet(marks)

    def test_without_a_number_there_is_nothing_to_dial(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.order(number=None))
        result = self.one_result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "no-gateway"))
        said = next(part.get_content() for part in inbox.mails[-1].walk() if part.get_content_type() == "text/plain")
        self.assertIn("no telephone of sato@office-c.example is known here", said)
        self.assertEqual(len(self.arrived()), 1)

    def test_an_extension_of_the_other_office_is_none_of_ours(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.order(number="2001"))  # Ichiro has it in our office
        result = self.one_result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "no-gateway"))
        self.expect_quiet(marks)

    def test_a_mail_that_is_sent_again_asks_for_no_second_call(self) -> None:
        """The connection breaks when the server has the mail, but before it says so."""
        inbox = Inbox(self.a, self.hanako)
        self.server.break_after_mails(1)
        marks = self.marks()
        submit(self.a, self.hanako, self.order())
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.one_result(inbox)["Result"], "success")
        self.arrived(2)
        self.offices.hang_up_all()
        self.expect_quiet(self.marks())
        self.assertEqual(len(self.a.watch().since(marks[0], "2000", "ringing")), 1)

    def test_a_request_goes_on_after_a_kill(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.order())
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.a, number, 1)
        self.a.kill()
        self.a.start()
        self.a.wait_ready(PATIENCE)
        marks = self.marks()
        self.b.do("phone", "hangup", "2003")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.one_result(inbox)["Result"], "success")
        self.assertEqual(len(self.server.mails), 1)

    def test_it_can_be_cancelled_where_it_was_asked_for(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.order())
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.a, number, 1)
        self.a.do("request", "cancel", number)
        self.assertEqual(self.one_result(inbox)["Cause"], "cancelled")
        self.assertEqual(len(self.server.mails), 1, "the other office was told to cancel something")

    def cancel_by_mail(self, to: str, number: str) -> None:
        submit(self.a, self.hanako, compose(self.hanako["address"], to, "stop", fields={
            "Ringpost-Request": "cancel", "Ringpost-Reference": number}))

    def test_a_mail_to_the_one_who_was_to_be_called_cancels_it(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.order())
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.a, number, 1)
        self.cancel_by_mail("sato@office-c.example", number)
        inbox.wait(lambda _mail: len(inbox.results()) == 2, "both results")
        results = {result["Request"]: result for result in inbox.results()}
        self.assertEqual(results["cancel"]["Result"], "success")
        self.assertEqual((results["camp-on"]["Request-Number"], results["camp-on"]["Cause"]), (number, "cancelled"))
        self.assertEqual(len(self.server.mails), 1, "the other office was told to cancel something")

    def test_what_nobody_there_can_cancel_is_told(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.cancel_by_mail("sato@office-c.example", "1-2-3@office-c.example")
        result = self.one_result(inbox)
        self.assertEqual((result["Request"], result["Result"], result["Cause"]), ("cancel", "failure", "no-gateway"))
        self.assertEqual(len(self.arrived()), 1)

    def test_what_waits_to_be_handed_on_is_called_back_by_mail(self) -> None:
        self.server.refuse("450 4.2.1 not now")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.order())
        tried = wait_for(lambda: [row for row in self.a.ask("queue", "list") if row["attempts"]], PATIENCE, "it waits")
        self.cancel_by_mail("sato@office-c.example", tried[0]["request"])
        inbox.wait(lambda _mail: len(inbox.results()) == 2, "both results")
        self.server.wave_through()
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the queue is empty")
        self.assertEqual(self.server.mails, [])

    def test_a_server_that_refuses_the_mail_ends_the_request(self) -> None:
        self.server.refuse("550 5.1.1 no such person here")
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.order())
        self.assertEqual(self.one_result(inbox)["Result"], "failure")
        self.expect_quiet(marks)

    def test_where_it_is_known_beforehand_the_call_does_not_wait_for_the_mail(self) -> None:
        self.server.refuse("450 4.2.1 not now")
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.order("abe@office-d.example"))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.one_result(inbox)["Result"], "success")
        self.server.wave_through()
        self.assertIsNone(self.arrived()[0]["Ringpost-Exchange"])
        inbox.look()
        self.assertEqual(len(inbox.results()), 1)

    def test_where_it_is_known_beforehand_an_error_is_told_at_once(self) -> None:
        self.assertIn("550 b'5.6.0", self.refusal(self.order("abe@office-d.example", number=None)))
        said = self.refusal(self.order("abe@office-d.example", number="0990-123-456"))
        self.assertIn("550 b'5.7.1", said)
        self.assertEqual(self.server.mails, [])

    def test_a_recording_is_played_to_the_other_office(self) -> None:
        sound = melody(3, 7)
        mail = self.order()
        mail.add_attachment(wav(sound), "audio", "wav", filename="message.wav")
        before = self.recordings()
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, mail)
        self.expect(self.b, marks[1], "2000", "talking")
        result = self.one_result(inbox)
        self.assertEqual(result["Result"], "success", result)
        heard = [heard_at(path) for path in self.recordings() - before]
        self.assertTrue(any(whole(sound, each) for each in heard))

    def recordings(self) -> set[pathlib.Path]:
        return set((self.b.state / "recordings").glob("2000-*.wav"))
