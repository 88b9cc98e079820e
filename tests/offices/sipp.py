# SPDX-License-Identifier: Apache-2.0
"""Telephones that do what baresip cannot: refuse with any SIP status, ring for ever, be silent; and many callers. They
are extensions of each office, with a fixed address instead of a registration, played by SIPp (tests/offices/sipp/)."""
from __future__ import annotations

import dataclasses
import pathlib
import shutil
import socket
import subprocess
from types import TracebackType

from asterisk import Asterisk, Line
from processes import Child, ending_with_us
from tones import TONES, second_of
from two_offices import wait_for

SCENARIOS = pathlib.Path(__file__).resolve().parent / "sipp"
TALKING_TONE = TONES[8]  # the first eight belong to the telephones


@dataclasses.dataclass(frozen=True)
class Habit:
    """What the telephone of an extension does. Without a scenario it takes every packet and never says a word."""

    extension: str
    scenario: str = ""
    status: str = ""

    @property
    def port(self) -> int:
        return 6000 + int(self.extension[-2:])

    def line(self, address: str, extension: str | None = None) -> Line:
        number = extension or self.extension
        return Line(number, contact=f"sip:{number}@{address}:{self.port}")


HABITS = {
    "not-found": Habit("2044", "refuses", "404 Not Found"),
    "unavailable": Habit("2048", "refuses", "480 Temporarily Unavailable"),
    "busy": Habit("2086", "refuses", "486 Busy Here"),
    "congested": Habit("2053", "refuses", "503 Service Unavailable"),
    "declines": Habit("2063", "refuses", "603 Decline"),
    "rings": Habit("2090", "rings"),
    "talks": Habit("2091", "talks"),
    "silent": Habit("2092"),
    "hangs-up": Habit("2010", "hangs-up"),
    "answers": Habit("2026", "answers"),
}
# Under load: the one SIPp of such a habit is the telephones of all these extensions.
CROWDS = {"hangs-up": tuple(f"20{each}" for each in range(10, 26)),
          "answers": tuple(f"20{each}" for each in range(26, 42))}


def crowd_lines(address: str) -> list[Line]:
    return [HABITS[habit].line(address, extension) for habit, extensions in CROWDS.items()
            for extension in extensions if extension != HABITS[habit].extension]


def sipp_program() -> str:
    found = shutil.which("sipp")
    if found is None:
        raise FileNotFoundError("SIPp is not installed (package sip-tester)")
    return found


class FaultyTelephone:
    """The telephone of one of HABITS; it is there while the `with` block runs. `place` is whose extension it has."""

    def __init__(self, exchange: Asterisk, habit: str, directory: pathlib.Path, place: str | None = None) -> None:
        self.habit = dataclasses.replace(HABITS[habit], extension=HABITS[place or habit].extension)
        self.number = self.habit.extension
        self.tone = TALKING_TONE
        self._address = exchange.address
        self._directory = directory
        self._child: Child | None = None
        self._mute: socket.socket | None = None

    def __enter__(self) -> FaultyTelephone:
        if not self.habit.scenario:
            self._mute = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._mute.bind((self._address, self.habit.port))
            return self
        self._directory.mkdir(exist_ok=True)
        scenario = (SCENARIOS / f"{self.habit.scenario}.xml").read_text(encoding="utf-8")
        (self._directory / "scenario.xml").write_text(scenario.replace("@STATUS@", self.habit.status), encoding="utf-8")
        (self._directory / "talk.ulaw").write_bytes(bytes(map(ulaw, second_of(self.tone))))
        self._child = Child(f"SIPp {self.habit.scenario}", self._words(), self._directory, self._directory / "log")
        wait_for(self._listens, 5, f"SIPp {self.habit.scenario} listens")
        return self

    def _words(self) -> list[str]:
        return [sipp_program(), "-sf", "scenario.xml", "-i", self._address, "-p", str(self.habit.port),
                "-mp", str(7000 + 10 * int(self.number[-2:])), "-nostdin"]

    def _listens(self) -> bool:
        assert self._child is not None
        self._child.check_alive()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((self._address, self.habit.port))
                return False
            except OSError:
                return True

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if self._child is not None:
            self._child.stop()
        if self._mute is not None:
            self._mute.close()


def call_load(exchange: Asterisk, extension: str, calls: int, each_second: int, talk_seconds: float,
              directory: pathlib.Path) -> None:
    """Makes so many calls to an extension, from as many callers as it takes; raises where one did not succeed."""
    directory.mkdir(exist_ok=True)
    words = [sipp_program(), "-sf", str(SCENARIOS / "calls.xml"), "-i", exchange.address, "-p", "6990", "-mp", "8100",
             "-s", extension, "-d", str(round(talk_seconds * 1000)), "-m", str(calls), "-r", str(each_second),
             "-nostdin", f"{exchange.address}:5060"]
    done = subprocess.run(ending_with_us(words, "KILL"), cwd=directory, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", check=False,
                          timeout=60 + calls / each_second + talk_seconds)
    if done.returncode != 0:
        raise RuntimeError(f"not all of {calls} calls to {extension} succeeded:\n{done.stdout[-3000:]}")


def ulaw(sample: int) -> int:
    """A 16-bit sample as G.711 µ-law."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 32635) + 132
    exponent = magnitude.bit_length() - 8
    return ~(sign | exponent << 4 | magnitude >> exponent + 3 & 0x0F) & 0xFF
