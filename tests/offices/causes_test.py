# SPDX-License-Identifier: Apache-2.0
"""What the sender is told of a call that did not come about: each way in which a telephone, an extension or the trunk
can fail has its cause, in the result mail and in `request show`."""
from __future__ import annotations

from office_case import OfficesCase, wait_for  # first: it knows where the others are
from offices import PATIENCE, Inbox
from telephone import Telephone
from tones import Recogniser
from two_offices import Gateway, Settings

BUSY_TONE = 400  # tone:busy of the test bed's indications.conf (Japan)
RECOGNISER = Recogniser((BUSY_TONE,))


class CausesCase(OfficesCase):
    """Retries come soon, so that one that ought not to be is seen; monitor times are short."""

    settings: Settings = {"service": {"unreachable_retry": "1500ms"}}

    def expect_cause(self, gateway: Gateway, inbox: Inbox, cause: str, attempts: int | None = 1) -> dict[str, str]:
        """The result mail and `request show`, at the sender's gateway and at the one that performed it, name the cause;
        None: it was tried again."""
        result = self.failed(inbox, cause)
        if attempts is None:
            self.assertGreater(int(result["Attempts"]), 1, "it was not tried again")
        else:
            self.assertEqual(int(result["Attempts"]), attempts)
        number = result["Request-Number"]
        for each in (self.a, gateway):
            shown = self.shown(each, number)
            self.assertEqual((shown["cause"], shown["attempts"]), (cause, int(result["Attempts"])), each.domain)
            self.assertIn(shown["state"], ("failed", "expired"))
        made = self.shown(gateway, number)["attempts_made"]
        self.assertEqual({row["cause"] for row in made}, {cause})
        return result


class Destination(CausesCase):
    """Hanako of office A asks for an extension of office B, whose gateway rings it by its own exchange. Her own
    telephone must not ring: nobody is called for a destination that cannot be reached."""

    def tearDown(self) -> None:
        super().tearDown()
        self.assertEqual(self.rings_of(self.a, self.marks_before[0], "2000"), [], "Hanako's telephone rang")

    def setUp(self) -> None:
        self.marks_before = self.marks()

    def ask_for(self, extension: str, **fields: str) -> Inbox:
        named = {"Monitor_Time": "3s", **fields}
        return self.order(self.a, self.hanako, self.taro, Destination_Number=extension, **named)

    def faulty(self, habit: str, cause: str, attempts: int | None = 1, **fields: str) -> dict[str, str]:
        with self.office(self.b).faulty(habit) as faulty:
            return self.expect_cause(self.b, self.ask_for(faulty.number, **fields), cause, attempts)

    def test_nobody_answers(self) -> None:
        self.faulty("rings", "no-answer", Ring_Time="1s")

    def test_nobody_answers_at_a_real_telephone(self) -> None:
        self.lets_ring(self.b, "2000")
        inbox = self.ask_for("2000", Ring_Time="1s")
        self.expect_cause(self.b, inbox, "no-answer")
        self.expect_idle(self.b, "2000")

    def test_somebody_rejects_the_call(self) -> None:
        """603 Decline: this person does not want it, so that nobody asks again."""
        self.faulty("declines", "rejected")

    def test_a_telephone_that_answers_busy(self) -> None:
        """486 Busy Here, of a telephone that the exchange takes for idle: as it is never released, it is asked again
        only after the time for devices that cannot be monitored."""
        self.faulty("busy", "busy")

    def test_somebody_rejects_at_a_real_telephone(self) -> None:
        """baresip has no other word for it than 486."""
        self.lets_ring(self.b, "2000", "reject")
        self.expect_cause(self.b, self.ask_for("2000"), "busy")

    def test_a_telephone_that_talks(self) -> None:
        self.make_busy(self.b, "2000")
        self.expect_cause(self.b, self.ask_for("2000"), "busy")

    def test_a_telephone_that_never_registered(self) -> None:
        self.expect_cause(self.b, self.ask_for("2004"), "unreachable", None)

    def test_an_extension_that_nobody_has(self) -> None:
        self.expect_cause(self.b, self.ask_for("2099"), "no-such-number")

    def test_a_telephone_that_does_not_know_its_number(self) -> None:
        """404 Not Found"""
        self.faulty("not-found", "no-such-number")

    def test_congestion(self) -> None:
        """503 Service Unavailable"""
        self.faulty("congested", "congestion", None)

    def test_a_telephone_that_is_unavailable(self) -> None:
        """480 Temporarily Unavailable, before it rang"""
        self.faulty("unavailable", "unreachable", None)

    def test_a_telephone_that_says_nothing_at_all(self) -> None:
        self.faulty("silent", "unreachable", None, Ring_Time="1s", Monitor_Time="4s")


class Outside(CausesCase):
    """The same over the public network: Hanako asks her own gateway for a number that no gateway has."""

    settings: Settings = {"service": {"minimum_periodic": "500ms", "default_periodic": "1500ms",
                                      "unreachable_retry": "1500ms"}}

    def ask_for(self, extension: str, **fields: str) -> Inbox:
        named = {"Monitor_Time": "3s", **fields}
        return self.order(self.a, self.hanako, self.ichiro, Destination_Number=f"044-222-33{extension[-2:]}", **named)

    def faulty(self, habit: str, cause: str, attempts: int | None = None, **fields: str) -> dict[str, str]:
        with self.office(self.b).faulty(habit) as faulty:
            return self.expect_cause(self.a, self.ask_for(faulty.number, **fields), cause, attempts)

    def test_nobody_answers(self) -> None:
        self.faulty("rings", "no-answer", Ring_Time="1s", Monitor_Time="4s")

    def test_somebody_rejects_the_call(self) -> None:
        """The other exchange makes 403 Forbidden of it."""
        self.faulty("declines", "rejected", 1)

    def test_busy(self) -> None:
        self.faulty("busy", "busy")

    def test_a_telephone_that_never_registered(self) -> None:
        self.expect_cause(self.a, self.ask_for("2004"), "unreachable", None)

    def test_a_number_that_the_other_side_does_not_know(self) -> None:
        """404 of the exchange behind the trunk"""
        self.expect_cause(self.a, self.ask_for("2099"), "no-such-number")

    def test_congestion(self) -> None:
        self.faulty("congested", "congestion")

    def test_a_telephone_that_is_unavailable(self) -> None:
        self.faulty("unavailable", "unreachable")

    def test_a_telephone_that_says_nothing_at_all(self) -> None:
        self.faulty("silent", "unreachable", Ring_Time="1s", Monitor_Time="4s")


class SecondLeg(CausesCase):
    """The first has answered and the second cannot be had: the first hears it, is let go, and is not rung again."""

    def hears_busy_tone(self, telephone: Telephone, known: int) -> None:
        def heard() -> bool:
            files = telephone.recordings()
            samples = telephone.recording() if len(files) > known else None
            return samples is not None and RECOGNISER.heard(samples).get(BUSY_TONE, 0.0) >= 0.5

        wait_for(heard, PATIENCE, f"{telephone.name} hears the busy tone")

    def fails(self, gateway: Gateway, inbox: Inbox, cause: str, marks: tuple[int, int], first: str = "2000") -> None:
        """Telephone `first` of `gateway`, which performs the request, answers and is told."""
        telephone = self.telephone(gateway, first)
        known = len(telephone.recordings())
        mark = marks[0] if gateway is self.a else marks[1]
        self.expect(gateway, mark, first, "talking")
        self.hears_busy_tone(telephone, known)
        self.expect(gateway, mark, first, "idle")
        self.expect_cause(gateway, inbox, cause)
        self.expect_no_channels()
        self.expect_quiet(self.marks())
        self.assertEqual(len(self.rings_of(gateway, mark, first)), 1, "it was rung again")

    def order_from(self, source: str, **fields: str) -> Inbox:
        return self.order(self.a, self.hanako, self.taro, Source_Number=source, **fields)

    def test_the_source_is_busy(self) -> None:
        with self.office(self.a).faulty("busy") as faulty:
            marks = self.marks()
            self.fails(self.b, self.order_from(faulty.number), "source-busy", marks)

    def test_the_source_rejects(self) -> None:
        with self.office(self.a).faulty("declines") as faulty:
            marks = self.marks()
            self.fails(self.b, self.order_from(faulty.number), "source-busy", marks)

    def test_the_source_does_not_answer(self) -> None:
        self.lets_ring(self.a, "2000")
        marks = self.marks()
        self.fails(self.b, self.order_from("2000", Ring_Time="2s"), "source-no-answer", marks)
        self.assertEqual(len(self.rings_of(self.a, marks[0], "2000")), 1)

    def test_the_source_is_not_there(self) -> None:
        marks = self.marks()
        self.fails(self.b, self.order_from("2004"), "unreachable", marks)

    def test_the_source_has_no_such_number(self) -> None:
        marks = self.marks()
        self.fails(self.b, self.order_from("2099"), "no-such-number", marks)

    def test_the_line_to_the_source_is_congested(self) -> None:
        with self.office(self.a).faulty("congested") as faulty:
            marks = self.marks()
            self.fails(self.b, self.order_from(faulty.number), "congestion", marks)

    def test_a_source_of_the_same_office_that_telephones_meanwhile(self) -> None:
        """Its telephone was idle when the destination was rung."""
        self.lets_ring(self.a, "2001")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.ichiro)
        self.expect(self.a, marks[0], "2001", "ringing")
        self.make_busy(self.a, "2000")
        before = self.a.watch().mark()
        known = len(self.telephone(self.a, "2001").recordings())
        self.a.do("phone", "answer", "2001")
        self.hears_busy_tone(self.telephone(self.a, "2001"), known)
        self.expect(self.a, before, "2001", "idle")
        self.expect_cause(self.a, inbox, "source-busy")
        self.assertEqual(self.rings_of(self.a, before), [], "it rang in the middle of the conversation")
        self.assertEqual(self.a.state_of("2000"), "talking")

    def test_source_first_and_nobody_answers(self) -> None:
        self.lets_ring(self.b, "2000")
        marks = self.marks()
        inbox = self.order(self.a, self.hanako, self.ichiro, Destination_Number="044-222-3300",
                           Call_Order="source-first", Ring_Time="2s")
        self.fails(self.a, inbox, "no-answer", marks)

    def test_source_first_and_the_destination_rejects(self) -> None:
        with self.office(self.b).faulty("declines"):
            marks = self.marks()
            inbox = self.order(self.a, self.hanako, self.ichiro, Destination_Number="044-222-3363",
                               Call_Order="source-first")
            self.fails(self.a, inbox, "rejected", marks)


class TrunkDown(CausesCase):
    """The exchange on the other side of the trunk does not run any more, nor do its telephones."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.offices.bed.b.take_away()

    def tearDown(self) -> None:
        self.cancel_all(self.a)
        self.a.hang_up_all()
        self.offices.bed.hang_up_all()

    def test_a_number_behind_the_trunk_is_unreachable(self) -> None:
        mark = self.a.watch().mark()
        inbox = self.order(self.a, self.hanako, self.ichiro, Destination_Number="044-222-3300", Ring_Time="1s",
                           Monitor_Time="5s")
        self.expect_cause(self.a, inbox, "unreachable", None)
        self.assertEqual(self.rings_of(self.a, mark), [])

    def test_a_source_behind_the_trunk_is_unreachable(self) -> None:
        mark = self.a.watch().mark()
        inbox = self.order(self.a, self.hanako, self.ichiro, Source_Number="044-222-3300", Ring_Time="2s")
        self.expect(self.a, mark, "2001", "talking")
        self.expect_cause(self.a, inbox, "unreachable")
        self.expect(self.a, mark, "2001", "idle")

    def test_a_telephone_of_the_own_office_rings_as_ever(self) -> None:
        mark = self.a.watch().mark()
        inbox = self.order(self.a, self.hanako, self.ichiro)
        self.expect_call((mark, 0), (self.a, "2001"), (self.a, "2000"))
        self.succeeded(inbox, attempts=1)

    def test_the_other_gateway_waits_for_its_exchange(self) -> None:
        """It has accepted the request and tries nothing; when the monitor time ends, not even a look was made."""
        inbox = self.order(self.a, self.hanako, self.taro, Monitor_Time="2s")
        result = self.failed(inbox, "expired")
        self.assertEqual(int(result["Attempts"]), 0)
