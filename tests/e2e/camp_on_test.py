# SPDX-License-Identifier: Apache-2.0
"""Camp-on: busy telephones, their release, the end of the monitor time, numbers that lead nowhere, cancelling."""
from __future__ import annotations

from offices import AT_ONCE, Inbox, OfficesCase, PATIENCE, compose, submit, wait_for


class CampOn(OfficesCase):
    def order(self, **fields: str) -> Inbox:
        """Hanako asks to be connected with Taro; `Destination_Number=…` is the field Ringpost-Destination-Number."""
        inbox = Inbox(self.a, self.hanako)
        named = {f"Ringpost-{name.replace('_', '-')}": value for name, value in fields.items()}
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call",
                                            fields={**AT_ONCE, **named}))
        return inbox

    def failed(self, inbox: Inbox, cause: str) -> dict[str, str]:
        result = inbox.result()
        self.assertEqual((result["Result"], result["Cause"]), ("failure", cause))
        return result

    def test_a_busy_telephone_is_rung_when_it_is_released(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order()
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        released = self.expect(self.b, marks[1], "2000", "idle")["time"]
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertLess(released, self.expect(self.b, marks[1], "2000", "ringing")["time"])
        result = inbox.result()
        self.assertEqual(result["Result"], "success")
        self.assertEqual(result["Request-Number"], number)
        self.assertGreaterEqual(int(result["Attempts"]), 2)

    def test_a_telephone_that_stays_busy_ends_with_busy(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        self.failed(self.order(Monitor_Time="3s"), "busy")
        self.expect_quiet(marks, 0.2)
        # A failed order of system delivery is in the mailbox, as a mail that fires nothing.
        taro = Inbox(self.b, self.taro)
        self.b.do("phone", "hangup", "2003")
        taro.known.clear()
        taro.wait(lambda mail: mail["Subject"] == "call", "the mail is in Taro's mailbox")
        self.expect_quiet(marks)

    def test_every_five_seconds_without_a_release(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = self.order(Retry="every 5s")
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 2)
        self.b.hang_up_all()
        self.assertEqual(inbox.result()["Result"], "success")

    def test_a_number_that_nobody_has(self) -> None:
        marks = self.marks()
        self.failed(self.order(Destination_Number="2999"), "no-such-number")
        self.expect_quiet(marks, 0.2)

    def test_somebody_who_rejects(self) -> None:
        self.b.do("phone", "set", "2000", "--answer-after", "reject")
        try:
            self.failed(self.order(), "rejected")
        finally:
            self.b.do("phone", "set", "2000", "--answer-after", "1s")

    def test_no_answer_ends_with_the_monitor_time(self) -> None:
        self.b.do("phone", "set", "2000", "--answer-after", "never")
        try:
            result = self.failed(self.order(Ring_Time="2s", Monitor_Time="5s"), "no-answer")
            self.assertEqual(int(result["Attempts"]), 1, "no answer counts as busy until the telephone was used")
        finally:
            self.b.do("phone", "set", "2000", "--answer-after", "1s")

    def test_a_busy_source_ends_the_request(self) -> None:
        self.make_busy(self.a, "2000")
        self.failed(self.order(), "source-busy")

    def test_numbers_are_read_where_the_call_is_made(self) -> None:
        """Both offices have the extensions 2000 to 2003."""
        for written, rings in (("2001", "2001"), ("044-222-3302", "2002"), ("+81 44 222 3301", "2001"),
                               ("(044) 222.3300", "2000")):
            with self.subTest(written=written):
                marks = self.marks()
                inbox = self.order(Destination_Number=written)
                self.expect_call(marks, (self.b, rings), (self.a, "2000"))
                self.assertEqual(inbox.result()["Destination-Number"], written)
                self.offices.hang_up_all()

    def test_a_source_that_is_another_own_telephone(self) -> None:
        marks = self.marks()
        inbox = self.order(Source_Number="2002")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2002"))
        self.assertEqual(inbox.result()["Result"], "success")

    def test_the_sender_cancels_at_his_own_gateway(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order()
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "cancel", fields={
            "Ringpost-Request": "cancel", "Ringpost-Reference": number}))
        wait_for(lambda: (self.request(self.b, number) or {}).get("state") == "cancelled", PATIENCE, "it is cancelled")
        inbox.wait(lambda _mail: any(fields["Request-Number"] == number and fields.get("Cause") == "cancelled"
                                     for fields in inbox.results()), "the result says cancelled")
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks, 2.5)

    def test_request_show_tells_each_attempt_and_what_comes_next(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = self.order()
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        shown = self.b.ask("request", "show", number)
        self.assertEqual(shown["number"], number)
        self.assertEqual(shown["state"], "waiting")
        self.assertEqual([attempt["cause"] for attempt in shown["attempts_made"]], ["busy"])
        self.assertTrue(shown["next"])
        self.assertEqual(self.b.ringpost("request", "show", "0@office-b.example").returncode, 1)
