# SPDX-License-Identifier: Apache-2.0
"""A busy office: 100 requests in a minute through one Asterisk, for five minutes; only with --long. What it costs is
printed."""
from __future__ import annotations

import contextlib
import dataclasses
import datetime
import os
import pathlib
import re
import statistics
import threading
import time
import unittest

from office_case import AT_ONCE, OfficesCase, build_directory, long_run, wait_for  # first
from bed import Bed
from bed_offices import BedOffices
from ledger import Ledger
from offices import Inbox, Mail, blocks_of, compose, submit
from sipp import CROWDS
from two_offices import Settings

A_MINUTE = 100
MINUTES = 5
PAIRS = tuple(zip(CROWDS["answers"], CROWDS["hangs-up"]))
FAILURES = {7: ("2086", "busy"), 8: ("2063", "rejected"), 9: ("2099", "no-such-number")}  # of each ten requests


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a process has used so far."""

    cpu: float       # seconds
    resident: int    # KiB
    most: int        # KiB

    @staticmethod
    def of(pid: int) -> Cost:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        memory = {name: int(value) for name, value in re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", status)}
        return Cost((int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK"), memory["VmRSS"], memory["VmHWM"])


@unittest.skipUnless(long_run(), "takes minutes: only with --long")
class Load(OfficesCase):
    settings: Settings = {"service": {"guard_time": "1s"}, "log": {"level": "info"}}

    @classmethod
    def make_offices(cls, settings: Settings) -> BedOffices:
        return BedOffices(build_directory(), settings, Bed(crowds=True))

    def test_all_requests_are_settled_rightly(self) -> None:
        wanted: dict[str, str] = {}  # subject → cause, empty for a call that came about
        inbox = Inbox(self.a, self.hanako)
        ledger = Ledger(self.office(self.a).asterisk)
        before = Cost.of(self.pid)
        with contextlib.ExitStack() as telephones:
            for habit in (*CROWDS, "busy", "declines"):
                telephones.enter_context(self.office(self.a).faulty(habit))
            begun = time.monotonic()
            for count in range(A_MINUTE * MINUTES):
                self.pause_until(begun + count * 60 / A_MINUTE)
                subject = f"load {count}"
                wanted[subject] = self.send(count, subject)
            busiest = Cost.of(self.pid)
            found: dict[str, str] = {}

            def all_told() -> bool:
                inbox.look()
                found.update(self.told(inbox))
                return len(found) >= len(wanted)

            with contextlib.suppress(RuntimeError):  # what is missing is told below
                wait_for(all_told, 60, "all results are there")
            after = Cost.of(self.pid)
        wrong = {subject: (cause, found.get(subject, "no result")) for subject, cause in wanted.items()
                 if found.get(subject) != cause}
        self.print_figures(before, busiest, after, ledger)
        self.assertEqual(wrong, {}, "these ended otherwise")
        self.assertEqual(len(inbox.results()), len(wanted), "somebody was told twice")
        self.expect_no_channels()

    @property
    def pid(self) -> int:
        return int(self.a.ready["pid"])

    @staticmethod
    def pause_until(moment: float) -> None:
        """The requests come at an even pace, whatever becomes of them."""
        threading.Event().wait(max(0.0, moment - time.monotonic()))

    def send(self, count: int, subject: str) -> str:
        """The cause with which it is to end."""
        destination, source = PAIRS[count % len(PAIRS)]
        cause = ""
        fields = dict(AT_ONCE)
        if count % 10 in FAILURES:
            destination, cause = FAILURES[count % 10]
            fields["Ringpost-Monitor-Time"] = "2s"
        fields |= {"Ringpost-Destination-Number": destination, "Ringpost-Source-Number": source}
        submit(self.a, self.hanako, compose(self.hanako["address"], self.ichiro["address"], subject, fields=fields))
        return cause

    @staticmethod
    def told(inbox: Inbox) -> dict[str, str]:
        """The cause that each subject's result names; empty for success."""
        found = {}
        for mail in inbox.mails:
            fields = (blocks_of(mail) or [{}])[0]
            if "Result" in fields:
                found[subject_in(mail)] = "" if fields["Result"] == "success" else fields["Cause"]
        return found

    # --- figures ------------------------------------------------------------------------------------------------
    def print_figures(self, before: Cost, busiest: Cost, after: Cost, ledger: Ledger) -> None:
        first, second = self.latencies(ledger)
        rows = [f"{A_MINUTE * MINUTES} requests in {MINUTES} minutes",
                f"gateway: {busiest.cpu - before.cpu:.2f} s of CPU; resident {before.resident} KiB before, "
                f"{after.resident} KiB after, at most {after.most} KiB",
                f"from the mail determined to the leg to the first: {spread(first)}",
                f"from the answer of the first to the leg to the second: {spread(second)}"]
        print("\n" + "\n".join("    " + row for row in rows), flush=True)

    def latencies(self, ledger: Ledger) -> tuple[list[float], list[float]]:
        """Milliseconds, from the log of the gateway and the ledger of Asterisk, which have a clock in common."""
        times: dict[tuple[str, str, str], float] = {}
        for entry in ledger.entries():
            if entry.ours:
                times.setdefault((entry.ours["attempt"], entry.ours["leg"], entry.event), entry.time)
        determined: dict[str, float] = {}
        first: list[float] = []
        for row in self.a.log.read_text(encoding="utf-8").splitlines():
            fields = dict(re.findall(r"(\w+)=(\S+)", row))
            if " mta.determined " in row:
                determined[fields["request"]] = moment_of(row.split(" ", 1)[0])
            elif " service.attempt " in row and (fields["attempt"], "1", "CHAN_START") in times:
                begun = times[fields["attempt"], "1", "CHAN_START"]
                first.append(1000 * (begun - determined[fields["request"]]))
        second = [1000 * (moment - times[attempt, "1", "ANSWER"]) for (attempt, leg, event), moment in times.items()
                  if (leg, event) == ("2", "CHAN_START")]
        return first, second


def moment_of(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


def subject_in(notice: Mail) -> str:
    """The subject of the mail that a notice is about."""
    found = re.search(r"(?m)^Subject: (load \d+)", str(list(notice.iter_parts())[2].get_payload()))
    return found[1] if found else ""


def spread(milliseconds: list[float]) -> str:
    if not milliseconds:
        return "not known"
    ordered = sorted(milliseconds)
    return (f"median {statistics.median(ordered):.0f} ms, 95 % below {ordered[int(len(ordered) * 0.95)]:.0f} ms, "
            f"longest {ordered[-1]:.0f} ms ({len(ordered)})")
