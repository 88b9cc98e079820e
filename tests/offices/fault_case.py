# SPDX-License-Identifier: Apache-2.0
"""What the tests of faults share: two offices whose people no gateway knows, a network between gateway and exchange
that can fail, and what must hold whatever has failed."""
from __future__ import annotations

import itertools
import os
import signal
import time
import unittest
from collections.abc import Callable
from typing import Any

from office_case import build_directory  # first: it knows where the others are
from bed import Bed, Office
from bed_offices import BedExchanges, BedOffices
from ledger import OURS, Ledger
from offices import (PATIENCE, QUIET, TEST_SETTINGS, Inbox, OfficesCase, compose, stop_cleanly, submit)
from person import Person
from proxy import Proxy, Way
from two_offices import SAMPLES, Gateway, Ports, Settings, settings_for, wait_for

AT_ONCE = {"Ringpost-Trigger": "system-recognition"}
ENDED = ("connected", "failed", "cancelled", "expired")
KILLED = -signal.SIGKILL
SUCCESS = {("success", "")}
ERROR = {("failure", "error")}  # the destination has answered, and may not be rung again
# As ERROR; but an exchange that ends has still told the end of one leg or the other.
LOST = ERROR | {("failure", "congestion"), ("failure", "declined")}
SETTINGS: Settings = {**TEST_SETTINGS, "service": {**TEST_SETTINGS["service"], "unreachable_retry": "3s"}}
# A lost link is made anew soon, and what is not answered is given up soon.
EXCHANGE = {"asterisk_request_time": "2s", "asterisk_reconnect_least": "200ms", "asterisk_reconnect_most": "1s"}


class FaultExchanges(BedExchanges):
    """Without softphones, for Person has them; office B reaches its exchange through a proxy."""

    def __init__(self, bed: Bed) -> None:
        super().__init__(bed)
        self.proxy = Proxy((bed.b.asterisk.address, 8088))

    def settings(self, office: str, ports: dict[str, Ports]) -> dict[str, Any]:
        found = super().settings(office, ports)
        del found["softphones"]
        if office == "b":
            found["asterisk_url"] = self.proxy.url
        return {**found, **EXCHANGE}


class FaultOffices(BedOffices):
    """Two telephones in each office are enough."""

    def __init__(self) -> None:
        bed = Bed(("2000", "2001"))
        self.faulty = FaultExchanges(bed)
        super().__init__(build_directory(), SETTINGS, bed, self.faulty)

    def neighbour(self, name: str, **exchange: Any) -> Gateway:
        """One more gateway at the exchange of office B, not started; `exchange` replaces keys of that section."""
        directory = self.directory / name
        ports = {"smtp": 0, "pop3": 0}
        settings: Settings = {**SETTINGS, "exchange": {
            **self.faulty.settings("b", {}), "asterisk_url": self.bed.b.asterisk.url, **exchange}}
        return Gateway(self.build, directory, f"{name}.example",
                       settings_for(f"{name}.example", directory, ports, {}, settings),
                       (SAMPLES / "office-b.toml").read_text(encoding="utf-8"))

    def remove(self) -> None:
        try:
            super().remove()
        finally:
            self.faulty.proxy.close()


class Order:
    """Hanako's mail to Taro that they be connected at once: gateway B rings Taro, and when he has answered, Hanako."""

    def __init__(self, a: Gateway, b: Gateway, fields: dict[str, str]) -> None:
        self._b = b
        self._known = {row["number"] for row in b.ask("request", "list")}
        hanako, taro = a.user("2000"), b.user("2000")
        self.inbox = Inbox(a, hanako)
        submit(a, hanako, compose(hanako["address"], taro["address"], "call", fields={**AT_ONCE, **fields}))

    def row(self) -> dict[str, Any]:
        """As the performing gateway lists it; empty before it has come there."""
        rows = [row for row in self._b.ask("request", "list") if row["number"] not in self._known]
        return rows[0] if rows else {}

    def state(self) -> str:
        return str(self.row().get("state", ""))

    def results(self) -> list[tuple[str, str]]:
        """Result and cause of every result mail so far."""
        self.inbox.look()
        return [(fields["Result"], fields.get("Cause", "")) for fields in self.inbox.results()]


class FaultCase(unittest.TestCase):
    """Each test begins with idle telephones, open ways and no open request."""

    offices: FaultOffices
    people: dict[Office, dict[str, Person]]
    proxy: Proxy
    a: Gateway
    b: Gateway
    office_a: Office
    office_b: Office
    hanako: Person
    taro: Person
    jiro: Person

    @classmethod
    def setUpClass(cls) -> None:
        cls.offices = FaultOffices()
        try:
            cls.offices.start(PATIENCE * 2)
            cls.people = {office: {number: Person(telephone) for number, telephone in office.telephones.items()}
                          for office in cls.offices.bed.both}
        except BaseException:
            cls.offices.remove()
            raise
        cls.a, cls.b = cls.offices.both
        cls.proxy = cls.offices.faulty.proxy
        cls.office_a, cls.office_b = cls.offices.bed.both
        cls.hanako = cls.people[cls.office_a]["2000"]
        cls.taro, cls.jiro = (cls.people[cls.office_b][number] for number in ("2000", "2001"))

    @classmethod
    def tearDownClass(cls) -> None:
        for person in cls.everybody():
            person.close()
        stop_cleanly(cls.offices)

    @classmethod
    def everybody(cls) -> list[Person]:
        return list(itertools.chain.from_iterable(people.values() for people in cls.people.values()))

    def setUp(self) -> None:
        self.ledgers = [Ledger(office.asterisk) for office in self.offices.bed.both]
        self.orders: list[Order] = []
        for person in self.everybody():
            person.answers = 0.3

    def tearDown(self) -> None:
        self.proxy.set(Way.OPEN)
        for gateway in (self.a, self.b):
            if not gateway.alive():
                self.start(gateway)
            OfficesCase.cancel_all(gateway)
        for person in self.everybody():
            person.hang_up()
        self.wait_link(self.b, "up")
        for office in self.offices.bed.both:
            office.asterisk.hang_up_all()

    # --- gateways -------------------------------------------------------------------------------------------------
    @staticmethod
    def start(gateway: Gateway, environment: dict[str, str] | None = None) -> None:
        gateway.start(environment)
        gateway.wait_ready(PATIENCE * 2)

    def restart_with_fault(self, fault: str) -> None:
        """Gateway B, which will be killed at a fault point: `name:nth`."""
        self.b.stop()
        self.start(self.b, {"RINGPOST_FAULT": f"{fault}:kill"})
        self.wait_link(self.b, "up")

    def kill(self) -> None:
        """kill -9 of gateway B, which performs the connections."""
        assert self.b.process is not None
        os.kill(self.b.process.pid, signal.SIGKILL)
        self.wait_killed()

    def wait_killed(self) -> None:
        process = self.b.process
        assert process is not None
        self.assertEqual(wait_for(process.poll, PATIENCE, "the gateway is killed"), KILLED)

    @staticmethod
    def link(gateway: Gateway) -> str:
        return str(gateway.ask("exchange", "status")["link"])

    def wait_link(self, gateway: Gateway, state: str, seconds: float = PATIENCE) -> None:
        wait_for(lambda: self.link(gateway) == state, seconds, f"the link of {gateway.domain} is {state}")

    def cut(self) -> None:
        self.proxy.set(Way.CUT)
        self.wait_link(self.b, "down")

    def mend(self) -> None:
        self.proxy.set(Way.OPEN)
        self.wait_link(self.b, "up")

    @staticmethod
    def log(gateway: Gateway) -> str:
        return gateway.log.read_text(encoding="utf-8", errors="replace")

    def expect_log(self, since: int, *events: str) -> None:
        """Each is in the log of gateway B, in this order, after the place `since`."""
        for event in events:
            self.wait(lambda: event in self.log(self.b)[since:], f"the log tells {event}")
            since = self.log(self.b).index(event, since)

    # --- exchanges ------------------------------------------------------------------------------------------------
    def start_exchange(self) -> None:
        """That of office B."""
        self.office_b.asterisk.start()
        self.office_b.asterisk.wait_ready()

    def restart_exchange(self) -> None:
        """As an administrator does, who does not wait for the calls to end."""
        self.office_b.asterisk.stop()
        self.wait_link(self.b, "down")
        self.start_exchange()
        self.office_b.wait_registered()
        self.wait_link(self.b, "up")

    # --- people ---------------------------------------------------------------------------------------------------
    def wait(self, condition: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        try:
            wait_for(condition, seconds, what)
        except RuntimeError as error:
            raise AssertionError(f"{error}\n{self.standing()}") from None

    def standing(self) -> str:
        """For whoever has to find out what went wrong."""
        lines = [f"{person.name}: {person.states()}, rung {person.rung} times" for person in self.everybody()]
        lines += [str(order.row()) for order in self.orders if self.b.alive()]
        lines += [f"  {entry}" for entry in self.ledgers[1].entries()]
        return "\n".join([*lines, self.b.log_tail(40)])

    def order(self, **fields: str) -> Order:
        """`Ring_Time="5s"` is the field Ringpost-Ring-Time."""
        order = Order(self.a, self.b, {f"Ringpost-{name.replace('_', '-')}": value for name, value in fields.items()})
        self.orders.append(order)
        return order

    def ring(self, person: Person, **fields: str) -> Order:
        """Orders, and returns when `person`, who does not answer, rings."""
        person.answers = None
        order = self.order(**fields)
        self.wait(person.rings, f"{person.name} rings")
        return order

    def make_busy(self) -> None:
        """Taro talks with Jiro."""
        self.jiro.dial("2000")
        self.wait(lambda: self.taro.talks() and self.jiro.talks(), "Taro and Jiro talk")

    def talk(self) -> Order:
        """Returns when the call is in the hands of the exchange, and that is stored."""
        order = self.order()
        self.wait(lambda: self.taro.talks() and self.hanako.talks() and order.state() == "connected",
                  "Taro and Hanako talk")
        return order

    def hear(self, one: Person, other: Person) -> None:
        self.offices.wait_both_hear(one.telephone, other.telephone)

    # --- what must hold -------------------------------------------------------------------------------------------
    def legs(self, office: Office) -> dict[str, str]:
        """The legs that gateways have at an exchange now, and their state."""
        return {row["id"]: row["state"] for row in office.asterisk.channels() if OURS.fullmatch(row["id"])}

    def finish(self, order: Order, result: set[tuple[str, str]], talking: bool) -> None:
        """Waits for the end of a request, which is one of `result`, and for a quiet moment after it; then all must
        hold."""
        self.wait(lambda: order.state() in ENDED, "the request has ended")
        self.wait(order.results, "its result is told")
        rung = [person.rung for person in self.everybody()]
        if talking:
            self.wait(lambda: self.taro.talks() and self.hanako.talks(), "Taro and Hanako talk")
        else:
            self.wait(lambda: not any(map(self.legs, self.offices.bed.both)), "no leg is left", QUIET + 5)
        quiet = time.monotonic() + QUIET
        self.wait(lambda: time.monotonic() > quiet, "a quiet moment")
        self.assertEqual([person.rung for person in self.everybody()], rung, "somebody was rung after the end")
        results = order.results()
        self.assertTrue(len(results) == 1 and results[0] in result, f"{results}, not {result}\n{self.standing()}")
        self.check_legs(talking)
        if talking:
            self.hear(self.taro, self.hanako)
        else:
            self.wait(lambda: self.taro.idle() and self.hanako.idle(), "Taro and Hanako are idle")
        self.offices.check_alive()

    def check_legs(self, talking: bool) -> None:
        legs = self.legs(self.office_b)
        attempts = {channel[:-2] for channel in legs}
        wanted = {f"{attempt}-{leg}": "Up" for attempt in attempts for leg in (1, 2)}
        self.assertEqual((legs, len(attempts)), (wanted, 1 if talking else 0), self.standing())
        self.assertEqual(self.legs(self.office_a), {})
        for ledger in self.ledgers:
            self.assertEqual(ledger.dialled_twice(), [])
            self.assertEqual(ledger.dialled_after_answer(), [])
        self.assertTrue(self.ledgers[1].dialled(), "the exchange knows of no call at all")
