# SPDX-License-Identifier: Apache-2.0
"""Camp-on: telephones that are busy, silent or away, who is served first, and what ends a request before its call."""
from __future__ import annotations

from office_case import OfficesCase, seconds_between, time_of, wait_for  # first: it knows where the others are
from offices import PATIENCE, Inbox, compose, submit
from two_offices import Event, Gateway, Settings

GUARD = 1.0   # service.guard_time of the tests
SLACK = 0.05  # a telephone tells the gateway in its own time that it has hung up


class CampOnCase(OfficesCase):
    settings: Settings = {"service": {"minimum_periodic": "1s", "default_periodic": "2s", "unreachable_retry": "2s"}}

    def expect_guard_time(self, gateway: Gateway, mark: int, number: str) -> None:
        """After `mark` the telephone was idle first, and rang the guard time later, soon."""
        idle, ringing = (self.expect(gateway, mark, number, event) for event in ("idle", "ringing"))
        self.assertGreaterEqual(seconds_between(idle, ringing), GUARD - SLACK)
        self.assertLess(seconds_between(idle, ringing), GUARD + 3)

    def number_of(self, inbox: Inbox) -> str:
        return inbox.completed()["Request-Number"]

    def camp(self, gateway: Gateway, inbox: Inbox) -> str:
        """The request has met busy and waits for the release; its number."""
        number = self.number_of(inbox)
        self.wait_attempts(gateway, number, 1)
        shown = self.shown(gateway, number)
        self.assertEqual((shown["state"], shown["cause"]), ("waiting", "busy"))
        return number

    def use_once(self, gateway: Gateway, number: str) -> int:
        """Somebody calls 2003 from this telephone, they talk, and he hangs up; a mark before that."""
        mark = gateway.watch().mark()
        gateway.do("phone", "call", number, "2003")
        self.expect(gateway, mark, "2003", "talking")
        mark = gateway.watch().mark()
        gateway.do("phone", "hangup", number)
        return mark


class OnRelease(CampOnCase):
    def test_a_busy_telephone_is_left_alone_and_rings_when_it_is_released(self) -> None:
        """The call that it is in is none of Ringpost's."""
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        number = self.camp(self.b, inbox)
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        self.expect_guard_time(self.b, marks[1], "2000")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual([event["event"] for event in self.b.watch().since(marks[1], "2000")],
                         ["idle", "ringing", "talking"])
        result = self.succeeded(inbox, attempts=2)
        self.assertEqual(result["Request-Number"], number)
        self.assertEqual([row["cause"] for row in self.shown(self.b, number)["attempts_made"]], ["busy", ""])

    def test_the_other_side_hangs_up_first(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.camp(self.b, inbox)
        self.b.do("phone", "hangup", "2000")
        self.expect_guard_time(self.b, marks[1], "2000")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox, attempts=2)

    def test_a_telephone_that_is_busy_again_within_the_guard_time_is_left_alone(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.camp(self.b, inbox)
        self.b.do("phone", "hangup", "2003")
        self.expect(self.b, marks[1], "2000", "idle")
        self.b.do("phone", "call", "2000", "2001")
        self.expect(self.b, marks[1], "2001", "talking")
        again = self.marks()
        self.expect_quiet((marks[0], again[1]))
        self.assertEqual(self.rings_of(self.b, marks[1], "2000"), [])
        self.b.do("phone", "hangup", "2000")
        self.expect_guard_time(self.b, again[1], "2000")
        self.expect_call((marks[0], again[1]), (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox)

    def test_a_call_from_outside_occupies_it_too(self) -> None:
        mark = self.b.watch().mark()
        self.a.do("phone", "call", "2001", "0442223300")
        self.expect(self.b, mark, "2000", "talking")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.camp(self.b, inbox)
        self.expect_quiet(marks)
        self.a.do("phone", "hangup", "2001")
        self.expect_guard_time(self.b, marks[1], "2000")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox, attempts=2)

    def test_a_telephone_that_somebody_else_lets_ring_is_busy(self) -> None:
        self.lets_ring(self.b, "2000")
        mark = self.b.watch().mark()
        self.b.do("phone", "call", "2003", "2000")
        self.expect(self.b, mark, "2000", "ringing")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.camp(self.b, inbox)
        self.expect_quiet(marks)
        self.answers(self.b, "2000")
        self.b.do("phone", "hangup", "2003")  # gives up
        self.expect_guard_time(self.b, marks[1], "2000")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox, attempts=2)

    def test_a_telephone_that_nobody_answered_rings_again_after_it_was_used(self) -> None:
        """Completion on no reply (RFC 6910): somebody who telephones is there."""
        self.lets_ring(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Ring_Time="2s")
        rung = self.expect(self.b, marks[1], "2000", "ringing")
        stopped = self.expect(self.b, marks[1], "2000", "idle")
        self.assertAlmostEqual(seconds_between(rung, stopped), 2.0, delta=0.5)
        number = self.number_of(inbox)
        shown = self.wait_state(self.b, number, "waiting")
        self.assertEqual(shown["cause"], "no-answer")
        self.assertRegex(self.shown(self.b, number)["next"], "has been used")
        self.expect_quiet(self.marks())
        self.answers(self.b, "2000")
        used = self.use_once(self.b, "2000")
        self.expect_guard_time(self.b, used, "2000")
        self.expect_call((marks[0], used), (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox, attempts=2)

    def test_a_call_that_is_not_answered_is_no_use_of_the_telephone(self) -> None:
        self.lets_ring(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Ring_Time="1s")
        self.expect(self.b, marks[1], "2000", "ringing")
        self.expect(self.b, marks[1], "2000", "idle")
        self.wait_state(self.b, self.number_of(inbox), "waiting")
        mark = self.b.watch().mark()
        self.b.do("phone", "call", "2003", "2000")
        self.expect(self.b, mark, "2000", "ringing")
        self.b.do("phone", "hangup", "2003")
        self.expect(self.b, mark, "2000", "idle")
        self.expect_quiet(self.marks(), GUARD + 1)

    def test_a_mail_that_was_fetched_camps_on_too(self) -> None:
        self.make_busy(self.b, "2001")
        inbox = Inbox(self.a, self.hanako)
        fetched = Inbox(self.b, self.jiro)
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.jiro["address"], "fetch me", fields={
            "Ringpost-Trigger": "user-reception"}))
        fetched.wait(lambda mail: mail["Subject"] == "fetch me", "Jiro fetches the mail")
        self.camp(self.b, inbox)
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        self.expect_guard_time(self.b, marks[1], "2001")
        self.expect_call(marks, (self.b, "2001"), (self.a, "2000"))
        self.succeeded(inbox, attempts=2)


class Away(CampOnCase):
    """Telephones that are out of service for a while."""

    def test_a_telephone_that_is_not_there_rings_when_it_is_back(self) -> None:
        self.unplug(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        number = self.number_of(inbox)
        self.wait_attempts(self.b, number, 1)
        self.assertEqual(self.shown(self.b, number)["cause"], "unreachable")
        self.plug_in(self.b, "2000")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        causes = {row["cause"] for row in self.shown(self.b, number)["attempts_made"]}
        self.assertEqual(causes, {"unreachable", ""})
        self.succeeded(inbox)

    def test_a_busy_telephone_whose_plug_is_pulled_rings_when_it_is_back(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.camp(self.b, inbox)
        self.unplug(self.b, "2000")
        self.expect_quiet(marks)
        self.plug_in(self.b, "2000")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox)

    def test_a_source_that_is_not_there_is_told_as_the_source(self) -> None:
        """Inside one office; the destination has answered, so that it is not rung again."""
        self.unplug(self.a, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.ichiro)
        self.expect(self.a, marks[0], "2001", "talking")
        self.failed(inbox, "unreachable")
        self.expect_idle(self.a, "2001")


class Periodic(CampOnCase):
    """An external number, of which the exchange cannot tell when it is released. It has no gateway as far as A knows:
    the addressee is Ichiro, of the own office."""

    def order_outside(self, number: str, **fields: str) -> Inbox:
        return self.order(self.a, self.hanako, self.ichiro, Destination_Number=number, **fields)

    def test_a_busy_number_outside_is_tried_until_it_answers(self) -> None:
        marks = self.marks()
        with self.office(self.b).faulty("busy"):
            inbox = self.order_outside("044-222-3386")
            number = self.number_of(inbox)
            self.wait_attempts(self.a, number, 2)
            self.assertEqual(self.shown(self.a, number)["cause"], "busy")
        with self.office(self.b).faulty("talks", place="busy") as talks:
            self.expect(self.a, marks[0], "2000", "talking")
            wait_for(lambda: self.heard(self.a, "2000", 1.0) == {talks.tone: 1.0}, PATIENCE, "its tone is heard")
            self.succeeded(inbox)
            made = self.shown(self.a, number)["attempts_made"]
            self.assertEqual([row["cause"] for row in made][:2] + [made[-1]["cause"]], ["busy", "busy", ""])
            self.a.do("phone", "hangup", "2000")
            self.expect_no_channels()

    def test_the_cycle_is_the_one_that_the_mail_asks_for(self) -> None:
        """And not that of the configuration, which is shorter."""
        with self.office(self.b).faulty("busy"):
            inbox = self.order_outside("044-222-3386", Retry="every 5s", Monitor_Time="7s")
            result = self.failed(inbox, "busy")
        self.assertEqual(int(result["Attempts"]), 2, "at 0 and 5 s")

    def test_an_own_telephone_is_looked_at_periodically_where_the_mail_asks_for_it(self) -> None:
        """While it is busy it does not ring, however often it is its turn."""
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Retry="every 5s")
        self.wait_attempts(self.b, self.number_of(inbox), 2)
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.succeeded(inbox)


class Queue(CampOnCase):
    def test_three_who_wait_for_one_telephone_are_served_in_order_and_express_first(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inboxes = []
        for sender, fields in ((self.hanako, {}), (self.ichiro, {}), (self.ken, {"Service": "express"})):
            inboxes.append(self.order(self.a, sender, self.taro, **fields))
            self.camp(self.b, inboxes[-1])
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        for served, extension in enumerate(("2002", "2000", "2001"), 1):
            mark = self.b.watch().mark() if served > 1 else marks[1]
            if served > 1:
                self.b.do("phone", "hangup", "2000")
            self.expect_guard_time(self.b, mark, "2000")
            self.expect_call((marks[0], mark), (self.b, "2000"), (self.a, extension))
            self.assertEqual(len(self.rings_of(self.b, marks[1], "2000")), served, "it rang for another one")
        for inbox in inboxes:
            self.succeeded(inbox)

    def test_a_source_that_talks_lets_the_next_one_pass(self) -> None:
        """Inside one office the state of both is known: nobody is rung for somebody who cannot answer."""
        self.make_busy(self.a, "2000")
        marks = self.marks()
        waits = self.order(self.a, self.hanako, self.ichiro)
        number = self.number_of(waits)
        self.wait_state(self.a, number, "suspended")
        self.assertEqual(self.shown(self.a, number)["cause"], "source-busy")
        self.expect_quiet(marks)
        passes = self.order(self.a, self.ken, self.ichiro)
        self.expect_call(marks, (self.a, "2001"), (self.a, "2002"))
        self.succeeded(passes, attempts=1)
        marks = self.marks()
        self.a.do("phone", "hangup", "2001")
        self.expect_idle(self.a, "2002")
        self.expect_quiet(marks, GUARD + 1)
        self.a.do("phone", "hangup", "2003")
        self.expect_guard_time(self.a, marks[0], "2000")
        self.expect_call(marks, (self.a, "2001"), (self.a, "2000"))
        self.succeeded(waits)

    def test_two_who_want_the_same_telephone_at_once_are_served_one_after_the_other(self) -> None:
        marks = self.marks()
        first = self.order(self.a, self.hanako, self.taro)
        second = self.order(self.a, self.ichiro, self.taro)
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.succeeded(first)
        self.assertEqual(len(self.rings_of(self.b, marks[1])), 1)
        mark = self.b.watch().mark()
        self.a.do("phone", "hangup", "2000")
        self.expect_guard_time(self.b, mark, "2000")
        self.expect_call((marks[0], mark), (self.b, "2000"), (self.a, "2001"))
        self.succeeded(second)

    def test_source_first_leaves_the_source_alone_until_the_destination_is_free(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Call_Order="source-first")
        self.camp(self.b, inbox)
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        self.expect_call(marks, (self.a, "2000"), (self.b, "2000"))
        idle = self.expect(self.b, marks[1], "2000", "idle")
        self.assertGreaterEqual(seconds_between(idle, self.expect(self.a, marks[0], "2000", "ringing")), GUARD - SLACK)
        self.succeeded(inbox, attempts=2)

    def test_source_first_rings_a_silent_source_again(self) -> None:
        """A source behind the trunk: nobody can know when it was used, so it is tried periodically."""
        self.lets_ring(self.a, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Call_Order="source-first", Ring_Time="2s")
        number = self.number_of(inbox)
        self.wait_attempts(self.b, number, 2)
        self.assertEqual(self.shown(self.b, number)["cause"], "source-no-answer")
        self.answers(self.a, "2000")
        mark = self.a.watch().mark()
        self.expect(self.a, mark, "2000", "talking")
        self.expect_call((marks[0], marks[1]), (self.a, "2000"), (self.b, "2000"))
        self.assertEqual(len(self.rings_of(self.b, marks[1])), 1, "the destination rang for nobody")
        self.succeeded(inbox)


class EndsEarly(CampOnCase):
    """Requests that end while they ring or wait."""

    def ringing(self, **fields: str) -> tuple[Inbox, str, tuple[int, int]]:
        """Taro's telephone rings for Hanako, and nobody answers it."""
        self.lets_ring(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, **fields)
        self.expect(self.b, marks[1], "2000", "ringing")
        return inbox, self.number_of(inbox), marks

    def expect_stopped(self, marks: tuple[int, int]) -> Event:
        """It stops ringing at once, and nothing rings any more; when it stopped."""
        stopped = self.expect(self.b, marks[1], "2000", "idle", 5)
        self.answers(self.b, "2000")
        self.expect_quiet(self.marks(), GUARD + 1)
        self.assertEqual(len(self.rings_of(self.b, marks[1])), 1)
        self.assertEqual(self.rings_of(self.a, marks[0]), [])
        self.expect_no_channels()
        return stopped

    def test_cancelled_while_it_rings(self) -> None:
        inbox, number, marks = self.ringing()
        self.a.do("request", "cancel", number)
        self.expect_stopped(marks)
        self.failed(inbox, "cancelled")
        self.assertEqual(self.shown(self.b, number)["state"], "cancelled")

    def test_cancelled_by_mail_while_it_rings(self) -> None:
        inbox, number, marks = self.ringing()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "cancel", fields={
            "Ringpost-Request": "cancel", "Ringpost-Reference": number}))
        self.expect_stopped(marks)
        self.failed(inbox, "cancelled")

    def test_cancelled_while_it_waits(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.a.do("request", "cancel", self.camp(self.b, inbox))
        self.failed(inbox, "cancelled")
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks, GUARD + 1)

    def test_cancelled_when_the_first_has_answered(self) -> None:
        """The one who answered is let go, and the other stops ringing."""
        self.lets_ring(self.a, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.expect(self.a, marks[0], "2000", "ringing")
        self.a.do("request", "cancel", self.number_of(inbox))
        for gateway, mark in zip(self.offices.both, marks):
            self.expect(gateway, mark, "2000", "idle", 5)
        self.failed(inbox, "cancelled")
        self.expect_no_channels()
        self.expect_quiet(self.marks(), GUARD + 1)

    def test_the_monitor_time_ends_while_it_rings(self) -> None:
        inbox, number, marks = self.ringing(Monitor_Time="3s")
        stopped = self.expect_stopped(marks)
        rung = self.rings_of(self.b, marks[1], "2000")[0]
        self.assertAlmostEqual(seconds_between(rung, stopped), 3.0, delta=0.7)
        result = self.failed(inbox, "no-answer")
        self.assertEqual(int(result["Attempts"]), 1)
        self.assertEqual(self.shown(self.b, number)["state"], "expired")

    def test_the_monitor_time_ends_while_it_is_busy(self) -> None:
        self.make_busy(self.b, "2000")
        marks = self.marks()
        self.failed(self.order(self.a, self.hanako, self.taro, Monitor_Time="2s"), "busy")
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks, GUARD + 1)

    def test_whoever_has_answered_is_not_cut_off_by_the_monitor_time(self) -> None:
        """The source rings beyond it, is answered, and they talk."""
        self.lets_ring(self.a, "2000", "3s")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro, Monitor_Time="2s")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        begun = time_of(self.rings_of(self.b, marks[1])[0])
        talks = time_of(self.expect(self.a, marks[0], "2000", "talking"))
        self.assertGreater((talks - begun).total_seconds(), 3.0)
        self.succeeded(inbox, attempts=1)

    def test_the_first_hangs_up_before_the_second_answers(self) -> None:
        self.lets_ring(self.a, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.taro)
        self.expect(self.a, marks[0], "2000", "ringing")
        self.b.do("phone", "hangup", "2000")
        self.failed(inbox, "declined")
        self.expect(self.a, marks[0], "2000", "idle", 5)
        self.expect_quiet(self.marks(), GUARD + 1)
        self.expect_no_channels()
