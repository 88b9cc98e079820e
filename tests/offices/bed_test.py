# SPDX-License-Identifier: Apache-2.0
"""The test bed itself, without gateways: what the other tests rest on."""
from __future__ import annotations

import array
import os
import pathlib
import signal
import socket
import subprocess
import sys
import unittest
from collections.abc import Iterator
from contextlib import contextmanager

from office_case import HERE, BedCase  # first: it knows where the others are
from asterisk import ARI_PORT, SAMPLES, Asterisk
from bed import NEVER_THERE, Bed, Office
from sipp import call_load
from telephone import Telephone
from tones import RATE, TONES, Recogniser, second_of
from two_offices import wait_for


class Tones(unittest.TestCase):
    def test_each_tone_is_told_from_the_others(self) -> None:
        for hz in TONES:
            self.assertEqual(Recogniser().heard(second_of(hz)), {hz: 1.0})

    def test_three_at_once_are_heard(self) -> None:
        tones = (TONES[0], TONES[4], TONES[8])
        mixed = array.array("h", (sum(each) // 3 for each in zip(*map(second_of, tones))))
        self.assertEqual(Recogniser().heard(mixed), dict.fromkeys(tones, 1.0))

    def test_silence_and_the_tones_of_an_exchange_are_none(self) -> None:
        self.assertEqual(Recogniser().heard(array.array("h", [0] * RATE)), {})
        for hz in (350, 400, 425, 440, 480):
            self.assertEqual(Recogniser().heard(second_of(hz)), {})


class Calls(BedCase):
    def setUp(self) -> None:
        self.caller = self.bed.a.telephones["2000"]
        self.called = self.bed.b.telephones["2000"]

    def rings(self, office: Office, telephone: Telephone) -> None:
        wait_for(lambda: office.asterisk.device_state(telephone.number) == "RINGING", 5, f"{telephone.name} rings")

    def test_the_telephones_and_no_others_are_registered(self) -> None:
        for office in self.bed.both:
            states = office.asterisk.endpoints()
            self.assertEqual({states[number] for number in office.telephones}, {"online"})
            self.assertEqual(states[NEVER_THERE], "offline")

    def test_a_call_over_the_public_network_is_heard_on_both_sides(self) -> None:
        self.caller.dial("044-222-3300")
        self.rings(self.bed.b, self.called)
        incoming = next(row for row in self.bed.b.asterisk.channels() if row["name"].startswith("PJSIP/trunk"))
        self.assertEqual(incoming["caller"]["number"], "0441112200")
        self.called.accept()
        for ear, mouth in ((self.caller, self.called), (self.called, self.caller)):
            wait_for(lambda: ear.heard(1.0) == {mouth.tone: 1.0}, 10, f"{ear.name} hears {mouth.name}")
        self.called.hang_up()
        for office in self.bed.both:
            wait_for(lambda: not office.asterisk.channels(), 5, "the call is over on both sides")

    def test_a_call_inside_the_office(self) -> None:
        other = self.bed.a.telephones["2001"]
        for number in ("2001", "0441112201", "+81441112201"):
            with self.subTest(number=number):
                self.caller.dial(number)
                self.rings(self.bed.a, other)
                self.assertEqual(self.bed.b.asterisk.channels(), [])
                other.accept()
                wait_for(lambda: other.heard(0.5) == {self.caller.tone: 0.5}, 10, "it hears the caller")
                self.caller.hang_up()
                wait_for(lambda: not self.bed.a.asterisk.channels(), 5, "the call is over")

    def refused(self, number: str) -> str:
        """Dials it; the answer by which the call ends."""
        before = self.caller.ends()
        self.caller.dial(number)
        return wait_for(lambda: self.caller.ends()[len(before):], 5, f"the call to {number} has ended")[0]

    def test_unknown_numbers_are_answered_404(self) -> None:
        for number in ("2099", "044-222-3399", "+81442223399", "044-999-0000"):
            with self.subTest(number=number):
                self.assertEqual(self.refused(number), "404 Not Found")

    def test_a_telephone_that_never_registered_cannot_be_reached(self) -> None:
        self.assertEqual(self.refused("0442223304"), "480 Temporarily Unavailable")

    def test_refusals_come_through_the_public_network(self) -> None:
        for habit, answer in (("not-found", "404 Not Found"), ("unavailable", "480 Temporarily Unavailable"),
                              ("busy", "486 Busy Here"), ("congested", "503 Service Unavailable"),
                              ("declines", "403 Forbidden")):  # Asterisk has no other cause for 603
            with self.subTest(habit=habit), self.bed.b.faulty(habit) as faulty:
                self.assertEqual(self.refused("04422233" + faulty.number[-2:]), answer)

    def test_a_telephone_that_rings_for_ever(self) -> None:
        with self.bed.b.faulty("rings") as faulty:
            self.caller.dial("04422233" + faulty.number[-2:])
            wait_for(lambda: self.bed.b.asterisk.device_state(faulty.number) == "RINGING", 5, "it rings")
            self.caller.hang_up()
            wait_for(lambda: self.bed.b.asterisk.device_state(faulty.number) == "NOT_INUSE", 5, "it has stopped")

    def test_a_telephone_that_says_nothing_at_all(self) -> None:
        with self.bed.b.faulty("silent") as faulty:
            self.caller.dial("04422233" + faulty.number[-2:])
            wait_for(lambda: [row for row in self.bed.b.asterisk.channels() if row["state"] == "Down"], 5,
                     "an INVITE goes out")
            self.caller.hang_up()
            self.bed.hang_up_all()

    def test_the_context_that_an_administrator_pastes_joins_two_legs(self) -> None:
        """As the gateway does: calls both telephones, hands them over, and is gone."""
        asterisk, (first, second) = self.bed.a.asterisk, (self.bed.a.telephones[each] for each in ("2000", "2001"))
        with application(asterisk, "bed"):
            for telephone in (first, second):
                leg = {"endpoint": f"PJSIP/{telephone.number}", "app": "bed", "channelId": f"leg-{telephone.number}",
                       "callerId": "bed"}
                self.assertEqual(asterisk.ari("POST", "/channels", **leg)[0], 200)
                self.rings(self.bed.a, telephone)
                telephone.accept()
                row = f"/channels/leg-{telephone.number}"
                wait_for(lambda: bool(asterisk.ask(row)["state"] == "Up"), 5, "it answers")
            known = asterisk.ask("/channels/leg-2000/variable?variable=DIALPLAN_EXISTS(ringpost,resume,1)")
            self.assertEqual(known["value"], "1")
            target = asterisk.ask("/channels/leg-2001")["name"]
            for path, more in (("variable", {"variable": "RINGPOST_TARGET", "value": target}),
                               ("continue", {"context": "ringpost", "extension": "resume", "priority": "1"})):
                self.assertEqual(asterisk.ari("POST", f"/channels/leg-2000/{path}", **more)[0], 204)
        for ear, mouth in ((first, second), (second, first)):
            wait_for(lambda: ear.heard(1.0) == {mouth.tone: 1.0}, 10, f"{ear.name} hears {mouth.name}")
        first.hang_up()
        wait_for(lambda: not asterisk.channels(), 5, "both legs have ended")

    def test_a_telephone_of_sipp_that_talks(self) -> None:
        with self.bed.b.faulty("talks") as faulty:
            self.caller.dial("04422233" + faulty.number[-2:])
            wait_for(lambda: self.caller.heard(1.0) == {faulty.tone: 1.0}, 10, "its tone is heard")
            self.caller.hang_up()

    def test_many_callers(self) -> None:
        with self.bed.b.faulty("talks") as faulty:
            call_load(self.bed.b.asterisk, faulty.number, 20, 20, 1.0, self.bed.b.home / "load")
            wait_for(lambda: not self.bed.b.asterisk.channels(), 10, "all calls are over")


class Lives(unittest.TestCase):
    def test_asterisk_has_nothing_to_complain_of(self) -> None:
        with Bed() as bed:
            bed.a.telephones["2000"].dial("0442223304")
            wait_for(bed.a.telephones["2000"].ends, 5, "the call is refused")
            for office in bed.both:
                self.assertEqual(office.asterisk.complaints(), [])

    def test_nothing_is_left_of_a_bed_whose_process_was_killed(self) -> None:
        program = subprocess.Popen([sys.executable, str(HERE / "bed.py")], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
        assert program.stdout is not None
        told: list[str] = []
        for line in program.stdout:
            told.append(line)
            if line.startswith("Until"):
                break
        home = pathlib.Path(told[0].rstrip().rpartition(" in ")[2]).parents[2]
        self.assertEqual(len(processes_in(home)), 10, "two Asterisk and eight telephones")
        os.kill(program.pid, signal.SIGKILL)
        program.wait()
        program.stdout.close()
        try:
            wait_for(lambda: not processes_in(home), 5, "all have ended")
        finally:
            subprocess.run(["rm", "-rf", str(home)], check=False)


@contextmanager
def application(asterisk: Asterisk, name: str) -> Iterator[None]:
    """An ARI application that only listens, and not even that: a WebSocket of which nothing is read (RFC 6455 4.1)."""
    request = (f"GET /ari/events?app={name}&api_key={asterisk.user}:{asterisk.password} HTTP/1.1\r\n"
               f"Host: {asterisk.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
               "Sec-WebSocket-Key: cmluZ3Bvc3QtdGVzdC1iZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
    with socket.create_connection((asterisk.address, ARI_PORT), timeout=5) as connection:
        connection.sendall(request.encode())
        answer = connection.recv(1000)
        if b" 101 " not in answer:
            raise RuntimeError(f"ARI refuses the application: {answer!r}")
        yield


def processes_in(directory: pathlib.Path) -> list[int]:
    """The processes whose current directory is below `directory`."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cwd").readlink().is_relative_to(directory):
                found.append(int(entry.name))
        except OSError:  # it has just ended, or is somebody else's
            continue
    return found


class Documentation(unittest.TestCase):
    def test_the_page_for_administrators_has_the_very_text_that_is_tested(self) -> None:
        page = (HERE.parents[1] / "docs" / "asterisk.md").read_text(encoding="utf-8")
        for file in SAMPLES.glob("*.conf"):
            with self.subTest(file=file.name):
                self.assertIn(f"```\n{file.read_text(encoding='utf-8')}```\n", page)

