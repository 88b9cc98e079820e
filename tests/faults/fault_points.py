# SPDX-License-Identifier: Apache-2.0
"""Every fault point of the code, hit by a kill and by an I/O error, while both gateways are busy (load.py).

The points are read from the sources, so that a new one is tested without a word here. Each incarnation of a gateway has
one kill and a few I/O errors before it, and lives until it is killed there, or until the errors have happened; what it has
not come to, another one is given. A point that no incarnation comes to fails the test. In the end the verdict is the same as
after random kills (verdict.py): nothing lost, nothing doubled, nobody rung twice or late, one result for each request.
"""
from __future__ import annotations

import argparse
import collections
import contextlib
import json
import pathlib
import random
import re
import signal
import sys
import threading
import time

from episode import HERE, KILLED, PATIENCE, SETTINGS, Episode, Gateway, Killer, TwoOffices, tell
from counts import conclude
from offices import smtp

SOURCES = HERE.parents[1] / "src"
NOT_OF_THE_GATEWAY = ("simulation", "ringpost")  # folders that are no part of the daemon
ERRORS = 3      # at most, in one incarnation
LIFE = 9.0      # seconds that an incarnation has to come to its points the first time; the next time twice as many, …
TRIES = 8       # incarnations with all that time that are given the same point

# Units that this load does not come to, and why.
NOT_HERE = {"request.progressed": "the pages of a FAX, which takes minutes", "mail.take-over": "an office without a gateway",
            "mail.park": "more mails for one server than it is given at once",
            "request.refused": "a permission that is withdrawn while a request waits"}
# Events that are stored inside the units of others alone, and never in one of their own.
INSIDE = {f"request.{name}" for name in ("determined", "deleted-unread", "begin", "scenario-waits", "scenario-ended")}
# What another fault leads to.
PROVOKED = {"commit:mail.postpone:": "commit:mail.determine:before:1:eio"}
FIRST_START = "commit:directory.seed:"

Fault = tuple[str, str]  # name, `kill` or `eio`


def sources() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.cpp"))
                     if path.relative_to(SOURCES).parts[0] not in NOT_OF_THE_GATEWAY)


def units(code: str) -> set[str]:
    """The names of the units that are committed."""
    named = set(re.findall(r'\bwrite(?:_now)?(?:<[^;"]*?>)?\(\s*"([a-z.-]+)"', code))
    events = re.search(r"variant_size_v<RequestEvent>> names\{(.*?)\}", code, re.DOTALL)
    assert events is not None, "the names of the request events have moved"
    all_of_them = named | {"request.note"} | {f"request.{name}" for name in re.findall(r'"([a-z-]+)"', events[1])}
    unknown = (INSIDE | set(NOT_HERE)) - all_of_them
    assert not unknown, f"no longer in the code: {unknown}"
    return all_of_them - INSIDE - set(NOT_HERE)


def faults() -> list[Fault]:
    code = sources()
    found: list[Fault] = []
    for name in sorted(set(re.findall(r'\bfault_point\("([a-z0-9.-]+)"\)', code))):
        found += [(name, "kill"), (name, "eio")]
    found += [(name, "kill") for name in sorted(set(re.findall(r'\bcrash_point\("([a-z0-9.-]+)"\)', code)))]
    for name in sorted(units(code)):
        found += [(f"commit:{name}:before", "kill"), (f"commit:{name}:before", "eio"), (f"commit:{name}:after", "kill")]
    return found


class Plan:
    """What is still to be hit. Thread-safe."""

    def __init__(self, wanted: list[Fault], seed: int) -> None:
        self._lock = threading.Lock()
        random.Random(seed).shuffle(wanted)
        self._left = {action: collections.deque(fault for fault in wanted if fault[1] == action)
                      for action in ("kill", "eio")}
        self._tries: collections.Counter[Fault] = collections.Counter()
        self.hit: list[Fault] = []
        self.never: list[Fault] = []

    def take(self) -> list[Fault]:
        """For the next incarnation; empty: there is nothing more to do."""
        with self._lock:
            taken = [self._left["kill"].popleft()] if self._left["kill"] else []
            while self._left["eio"] and len(taken) <= ERRORS:
                taken.append(self._left["eio"].popleft())
            return taken

    def life(self, taken: list[Fault]) -> float:
        """Seconds. What no short life came to lies at the end of something long, or is rare."""
        with self._lock:
            return LIFE * (1 + max(self._tries[fault] for fault in taken))

    def give_back(self, taken: list[Fault], hit: set[Fault]) -> None:
        """An incarnation that was killed has perhaps not had the time to come to the errors."""
        killed = any(action == "kill" for _, action in hit)
        with self._lock:
            for fault in taken:
                self._tries[fault] += 0 if killed else 1
                if fault in hit:
                    self.hit.append(fault)
                elif self._tries[fault] < TRIES:
                    self._left[fault[1]].append(fault)
                else:
                    self.never.append(fault)


class PointKiller(Killer):
    def __init__(self, gateway: Gateway, plan: Plan) -> None:
        super().__init__(gateway)
        self.plan = plan

    def run(self) -> None:
        self.gateway.kill()
        while taken := self.plan.take():
            begin = self.gateway.log.stat().st_size
            provoking = [other for wanted, other in PROVOKED.items() if any(name.startswith(wanted) for name, _ in taken)]
            plan = [f"{name}:1:{action}" for name, action in taken if f"{name}:1:{action}" not in provoking]
            self.gateway.start({"RINGPOST_FAULT": ",".join(plan + provoking)})
            hit = self._until_hit(taken, begin)
            for _, action in hit:
                self.rounds[action] += 1
            self.plan.give_back(taken, hit)
        self.gateway.start()
        self.gateway.wait_ready(PATIENCE * 3)

    def _until_hit(self, taken: list[Fault], begin: int) -> set[Fault]:
        """What of it has happened when the incarnation is over."""
        kills = {fault for fault in taken if fault[1] == "kill"}
        deadline = time.monotonic() + self.plan.life(taken)
        hit: set[Fault] = set()
        while self.gateway.alive() and time.monotonic() < deadline:
            hit = self._errors(taken, begin)
            if not kills and len(hit) == len(taken):
                break
            self._reload()
            time.sleep(0.1)
        process = self.gateway.process
        assert process is not None
        if not self.gateway.alive():
            hit = self._errors(taken, begin)
            if process.returncode == KILLED:
                return hit | kills
            # It may refuse to start on a disk that fails, but with a word; once it serves it goes on.
            assert process.returncode == 1 and hit and not (self.gateway.state / "ready.json").exists(), \
                f"{self.gateway.domain} ended with {process.returncode}: {self.gateway.log_tail(40)}"
            return hit
        self.gateway.kill()
        return self._errors(taken, begin)

    def _reload(self) -> None:
        """Before it is ready there may be no handler yet, and the signal would be the end."""
        process = self.gateway.process
        assert process is not None
        with contextlib.suppress(OSError, ValueError):
            if json.loads((self.gateway.state / "ready.json").read_text(encoding="utf-8"))["pid"] == process.pid:
                process.send_signal(signal.SIGHUP)

    def _errors(self, taken: list[Fault], begin: int) -> set[Fault]:
        with open(self.gateway.log, "rb") as log:
            log.seek(begin)
            told = set(re.findall(r"core\.fault point=(\S+)", log.read().decode("utf-8", "replace")))
        return {fault for fault in taken if fault[1] == "eio" and fault[0] in told}


def first_start(build: pathlib.Path, fault: Fault) -> bool:
    """A gateway whose very first start is cut short starts whole the next time."""
    offices = TwoOffices(build, SETTINGS)
    try:
        gateway = offices.a
        gateway.start({"RINGPOST_FAULT": f"{fault[0]}:1:{fault[1]}"})
        assert gateway.process is not None
        status = gateway.process.wait(PATIENCE)
        gateway.start()
        gateway.wait_ready(PATIENCE)
        with smtp(gateway, gateway.user("2000")) as client:
            code, _ = client.noop()
        well = status == (KILLED if fault[1] == "kill" else 1) and code == 250
    finally:
        offices.remove()
    print(f"{'ok' if well else 'FAILED'}  {fault[0]} by {fault[1]}, at the first start: {status}", flush=True)
    return well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "asan-ubsan")
    parser.add_argument("--only", help="only points whose name contains this text")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path, help="copy the files of offices that fail to this directory")
    parser.add_argument("--count", type=pathlib.Path, help="write `PASSED FAILED` to this file")
    chosen = parser.parse_args()

    wanted = [fault for fault in faults() if not chosen.only or chosen.only in fault[0]]
    here = [fault for fault in wanted if not fault[0].startswith(FIRST_START)]
    first = [fault for fault in wanted if fault[0].startswith(FIRST_START)]
    plan = Plan(here, chosen.seed)
    again = f"python3 tests/faults/fault_points.py --build {chosen.build} --seed {chosen.seed} --keep DIRECTORY"
    well = tell(Episode(chosen.build, chosen.seed, lambda gateway: PointKiller(gateway, plan)),
                f"{len(here)} faults, seed {chosen.seed}", again, chosen.keep)
    for name, action in sorted(plan.never):
        print(f"FAILED  {name}: never hit by {action}; have the load come to it, or name the test that does")
    starts = [first_start(chosen.build, fault) for fault in first]
    failed = len(plan.never) + starts.count(False) + (0 if well else 1)
    passed = len(plan.hit) + starts.count(True) + (1 if well else 0)
    return conclude(passed, failed, chosen.count)


if __name__ == "__main__":
    sys.exit(main())
