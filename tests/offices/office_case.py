# SPDX-License-Identifier: Apache-2.0
"""What the tests of the two offices share. A test of the exchanges alone derives from BedCase; one of the whole way,
from a mail to what the telephones hear, from OfficesCase, which has everything that the end-to-end tests have."""
from __future__ import annotations

import datetime
import pathlib
import sys
import unittest
from typing import Any

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent, HERE.parent / "e2e", HERE):
    sys.path.insert(0, str(folder))

import offices as end_to_end  # noqa: E402  (the paths come first)
from bed import Bed, Office  # noqa: E402
from bed_offices import BedOffices  # noqa: E402
from class_runner import long_run  # noqa: E402,F401  (for the tests)
from offices import PATIENCE, Inbox, User, build_directory, compose, submit, wait_for  # noqa: E402
from telephone import Telephone  # noqa: E402
from two_offices import Event, Gateway, Settings  # noqa: E402

Party = tuple[Gateway, str]  # an office and an extension of it
AT_ONCE = {"Ringpost-Trigger": "system-recognition"}
ANSWERS_AFTER = "500ms"


class BedCase(unittest.TestCase):
    """Two offices without gateways for all tests of a class; each test begins without calls."""

    bed: Bed

    @classmethod
    def setUpClass(cls) -> None:
        cls.bed = Bed()
        try:
            cls.bed.start()
        except BaseException:
            cls.bed.stop()
            raise

    @classmethod
    def tearDownClass(cls) -> None:
        cls.bed.stop()

    def tearDown(self) -> None:
        self.bed.check_alive()
        self.bed.hang_up_all()


class OfficesCase(end_to_end.OfficesCase):
    """Two offices with gateways, exchanges and telephones for all tests of a class."""

    offices: BedOffices

    @classmethod
    def make_offices(cls, settings: Settings) -> BedOffices:
        return BedOffices(build_directory(), answering_soon(settings))

    def tearDown(self) -> None:
        for gateway in self.offices.both:
            self.cancel_all(gateway)
            for number in self.office(gateway).telephones:
                self.plug_in(gateway, number)
        super().tearDown()
        self.offices.bed.hang_up_all()  # also those calls that no telephone of a gateway is in

    def office(self, gateway: Gateway) -> Office:
        return self.offices.office(gateway)

    # --- telephones ---------------------------------------------------------------------------------------------
    def telephone(self, gateway: Gateway, number: str) -> Telephone:
        return self.offices.telephone(gateway, number)

    def heard(self, gateway: Gateway, number: str, last: float | None = None) -> dict[int, float]:
        """Seconds of each tone that a telephone hears in its call, or in its last seconds."""
        return self.offices.heard(gateway, number, last)

    def expect_hear(self, first: Party, second: Party) -> None:
        self.offices.wait_both_hear(self.telephone(*first), self.telephone(*second))

    def expect_call(self, marks: tuple[int, int], first: Party, second: Party) -> None:
        """As in the end-to-end tests, and each hears the tone of the other."""
        super().expect_call(marks, first, second)
        self.expect_hear(first, second)

    def expect_idle(self, gateway: Gateway, number: str) -> None:
        wait_for(lambda: gateway.state_of(number) == "idle", PATIENCE, f"{gateway.domain} {number} is idle")

    def expect_no_channels(self) -> None:
        for office in self.offices.bed.both:
            exchange = office.asterisk
            wait_for(lambda: not exchange.channels(), PATIENCE, f"no call is left at {exchange.site.domain}")

    def rings_of(self, gateway: Gateway, mark: int, number: str | None = None) -> list[Event]:
        return gateway.watch().since(mark, number, "ringing")

    def lets_ring(self, gateway: Gateway, number: str, answer_after: str = "never") -> None:
        """Nobody answers this telephone (or `reject`, or later than usual) until answers(), or the end of the test."""
        self.addCleanup(self.answers, gateway, number)
        gateway.do("phone", "set", number, "--answer-after", answer_after)

    @staticmethod
    def answers(gateway: Gateway, number: str) -> None:
        gateway.do("phone", "set", number, "--answer-after", ANSWERS_AFTER)

    def unplug(self, gateway: Gateway, number: str) -> None:
        """The telephone hangs up, unregisters and is away, until plug_in() or the end of the test."""
        self.telephone(gateway, number).unplug()
        asterisk = self.office(gateway).asterisk
        wait_for(lambda: asterisk.device_state(number) == "UNAVAILABLE", PATIENCE, f"{number} is out of service")

    def plug_in(self, gateway: Gateway, number: str) -> None:
        """Returns when the gateway sees the telephone again; somebody may ring it at once."""
        telephone = self.telephone(gateway, number)
        if telephone.unplugged:
            telephone.plug_in()
            wait_for(lambda: gateway.state_of(number) != "unreachable", PATIENCE, f"{telephone.name} is there again")

    # --- requests -----------------------------------------------------------------------------------------------
    def order(self, gateway: Gateway, sender: User, to: User, **fields: str) -> Inbox:
        """A mail of system delivery; `Destination_Number=…` is the field Ringpost-Destination-Number. What comes of
        it is in the sender's mailbox."""
        inbox = Inbox(gateway, sender)
        named = {f"Ringpost-{name.replace('_', '-')}": value for name, value in fields.items()}
        submit(gateway, sender, compose(sender["address"], to["address"], "call", fields={**AT_ONCE, **named}))
        return inbox

    def succeeded(self, inbox: Inbox, attempts: int | None = None) -> dict[str, str]:
        result = inbox.result()
        self.assertEqual((result["Result"], result.get("Cause", "")), ("success", ""))
        if attempts is not None:
            self.assertEqual(int(result["Attempts"]), attempts)
        return result

    def failed(self, inbox: Inbox, cause: str) -> dict[str, str]:
        result = inbox.result()
        self.assertEqual((result["Result"], result["Cause"]), ("failure", cause))
        return result

    def shown(self, gateway: Gateway, number: str) -> dict[str, Any]:
        """What `request show` tells."""
        row = gateway.ask("request", "show", number)
        assert isinstance(row, dict)
        return row

    def wait_state(self, gateway: Gateway, number: str, *states: str) -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            row = self.request(gateway, number)
            return row if row is not None and row["state"] in states else None

        return wait_for(reached, PATIENCE, f"request {number} is {' or '.join(states)}")


def answering_soon(settings: Settings) -> Settings:
    return {**settings, "exchange": {"simulated_answer_after": ANSWERS_AFTER, **settings.get("exchange", {})}}


def time_of(event: Event) -> datetime.datetime:
    return datetime.datetime.fromisoformat(event["time"])


def seconds_between(first: Event, second: Event) -> float:
    return (time_of(second) - time_of(first)).total_seconds()
