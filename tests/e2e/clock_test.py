# SPDX-License-Identifier: Apache-2.0
"""A wall clock that is set while the gateways run, far forward and back; what it says is faked (clock_shift.c)."""
from __future__ import annotations

import os
import pathlib
import struct
import subprocess
import tempfile

from offices import AT_ONCE, PATIENCE, Inbox, OfficesCase, compose, octets_of, smtp, submit, wait_for

HOUR = 3600.0


class Clock(OfficesCase):
    shift: pathlib.Path
    now = 0.0

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory(prefix="ringpost-clock-")
        cls.addClassCleanup(folder.cleanup)
        library = pathlib.Path(folder.name, "clock_shift.so")
        source = pathlib.Path(__file__).parent / "clock_shift.c"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        cls.shift = pathlib.Path(folder.name, "shift")
        cls.shift.write_bytes(struct.pack("d", 0.0))
        # This process is the class's own; only what it starts from now on has the other clock.
        os.environ.update(LD_PRELOAD=str(library), CLOCK_SHIFT_FILE=str(cls.shift),
                          ASAN_OPTIONS=f"{os.environ.get('ASAN_OPTIONS', '')}:verify_asan_link_order=0".lstrip(":"))
        super().setUpClass()

    def jump(self, seconds: float) -> None:
        type(self).now += seconds
        with open(self.shift, "r+b") as file:  # in place: it is mapped
            file.write(struct.pack("d", self.now))

    def call(self, **fields: str) -> Inbox:
        inbox = Inbox(self.a, self.hanako)
        named = {f"Ringpost-{name.replace('_', '-')}": value for name, value in fields.items()}
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call",
                                            fields={**AT_ONCE, **named}))
        return inbox

    def hold(self, seconds: int) -> Inbox:
        taro = Inbox(self.b, self.taro)
        with smtp(self.a, self.hanako) as client:
            for code, text in (client.mail(self.hanako["address"], [f"HOLDFOR={seconds}"]), client.rcpt(self.taro["address"]),
                               client.data(octets_of(compose(self.hanako["address"], self.taro["address"], "held")))):
                self.assertEqual(code, 250, text)
        return taro

    def test_forward_what_is_due_by_then_happens_and_once(self) -> None:
        taro = self.hold(1800)
        self.make_busy(self.b, "2000")
        inbox = self.call(Monitor_Time="30m")
        self.wait_attempts(self.b, inbox.completed()["Request-Number"], 1)
        self.jump(HOUR)
        taro.wait(lambda mail: mail["Subject"] == "held", "the mail that was held")
        result = inbox.result()
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "busy"))
        marks = self.marks()
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks)
        inbox.look()
        self.assertEqual(len(inbox.results()), 1)
        self.assertEqual(self.call().result()["Result"], "success")

    def test_back_what_has_begun_goes_on(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = self.call(Monitor_Time="30m")
        self.wait_attempts(self.b, inbox.completed()["Request-Number"], 1)
        self.jump(-HOUR)
        self.b.do("phone", "hangup", "2003")
        self.assertEqual(inbox.result()["Result"], "success", "rung when it was released")
        self.offices.hang_up_all()
        self.assertEqual(self.call().result()["Result"], "success")

    def test_back_within_the_guard_time(self) -> None:
        """The rest of a telephone lasts no longer for it."""
        self.assertEqual(self.call().result()["Result"], "success")
        self.offices.hang_up_all()
        self.jump(-HOUR)
        self.assertEqual(self.call().result()["Result"], "success")

    def test_back_while_a_mail_waits_for_the_other_gateway(self) -> None:
        taro = Inbox(self.b, self.taro)
        self.b.kill()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "late"))
        wait_for(lambda: any(row["attempts"] for row in self.a.ask("queue", "list")), PATIENCE, "it was tried")
        self.jump(-HOUR)
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        taro.wait(lambda mail: mail["Subject"] == "late", "the mail")

    def test_a_restart_with_another_clock(self) -> None:
        """As after a power cut that has emptied the battery of the clock."""
        self.make_busy(self.b, "2000")
        inbox = self.call(Monitor_Time="30m")
        self.wait_attempts(self.b, inbox.completed()["Request-Number"], 1)
        self.b.kill()
        self.jump(-HOUR)
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        self.assertEqual(inbox.result()["Result"], "success")
