# SPDX-License-Identifier: Apache-2.0
"""scripts/bench: runs the benches one after the other, prints a table and writes the report."""
from __future__ import annotations

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from typing import Any

import asterisk_media
import daemon
import peers
import real_exchange
import sessions
import soak

Row = dict[str, Any]  # what, goal, measured, ok


class Benches:
    def __init__(self, build: pathlib.Path, directory: pathlib.Path, small: bool) -> None:
        self.build = build
        self.directory = directory
        self.small = small
        self.many = 20_000 if small else 1_000_000
        self.some = 10_000 if small else 100_000
        self.many_devices = 1_000 if small else 10_000
        self.samples = 300 if small else 3_000
        self.retrievals = 20 if small else 100
        self.releases = 3 if small else 20
        self.ending = 2_000 if small else 20_000
        self.playbacks = 20 if small else 500
        self.playback_seconds = 3 if small else 15
        self.faxes = 2 if small else 50
        self.doublings = 0 if small else 3
        self.fax_doublings = 0 if small else 1  # more take minutes: a core that is overloaded is slow

    def service(self, name: str, waiting: int, devices: int, place: pathlib.Path, *more: str) -> list[Row]:
        """A run of ringpost_bench over the database in `place`."""
        place.mkdir(exist_ok=True)
        words = [str(self.build / "bench" / "ringpost_bench"), name, "--directory", str(place),
                 "--waiting", str(waiting), "--devices", str(devices), *more]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            return [{"what": name, "goal": "it runs", "measured": f"exit status {done.returncode}", "ok": False}]
        rows: list[Row] = json.loads(done.stdout)
        return rows

    def calls(self, name: str, parent: pathlib.Path, samples: int, note: str) -> list[Row]:
        place = parent / name
        rows = self.service(name, self.some, 1_000, place, "--samples", str(samples), "--rate", "50")
        shutil.rmtree(place, ignore_errors=True)
        for row in rows:
            row["what"] += note
        return rows

    def in_memory(self) -> list[Row]:
        """The same without a disk behind the commits: the service's own part. No substitute for the goal."""
        with tempfile.TemporaryDirectory(prefix="ringpost-bench-", dir="/dev/shm") as memory:
            rows = [row for name in ("release", "reception")
                    for row in self.calls(name, pathlib.Path(memory), self.samples // 3,
                                          "; commits to memory, not to a disk")]
        return rows

    def daemon(self) -> list[Row]:
        return attempt("real daemon", lambda: daemon.measure(self.build, self.directory / "daemon", self.some,
                                                             self.retrievals))

    def sessions(self) -> list[Row]:
        return attempt("many sessions", lambda: sessions.measure(self.build, self.directory / "sessions", self.small))

    def real_exchange(self) -> list[Row]:
        return attempt("real Asterisk", lambda: real_exchange.measure(self.build, self.releases))

    def peers(self) -> list[Callable[[], list[Row]]]:
        """Ringpost beside other mail servers."""
        return [lambda part=part: attempt("mail servers", part)
                for part in peers.Bench(self.build, self.directory / "peers", self.small).all()]

    def soak(self) -> list[Row]:
        return attempt("soak", lambda: soak.measure(self.build, self.directory / "soak", self.small))

    def asterisk(self) -> list[Row]:
        return attempt("Asterisk's own media",
                       lambda: asterisk_media.measure(self.playbacks, self.playback_seconds, self.faxes))

    def all(self) -> list[Callable[[], list[Row]]]:
        waiting = self.directory / "waiting"
        return [*self.peers(),
                lambda: self.service("accept", self.many, self.many_devices, waiting),
                lambda: self.service("recover", self.many, self.many_devices, waiting),
                lambda: self.calls("release", self.directory, self.samples, ""),
                lambda: self.calls("reception", self.directory, self.samples, ""),
                self.in_memory,
                self.daemon,
                self.sessions,
                self.real_exchange,
                lambda: self.service("playbacks", 0, self.playbacks, self.directory / "audio",
                                     "--samples", str(self.playback_seconds), "--doublings", str(self.doublings)),
                lambda: self.service("faxes", 0, self.faxes, self.directory / "audio",
                                     "--doublings", str(self.fax_doublings)),
                lambda: self.service("storm", self.playbacks, self.faxes, self.directory / "audio",
                                     "--samples", str(self.playback_seconds)),
                self.asterisk,
                lambda: self.service("looks", self.many, self.many_devices, self.directory / "looks"),
                lambda: self.service("expiries", self.ending, 1_000, self.directory / "expiries")]

    def run(self, steps: list[Callable[[], list[Row]]]) -> list[Row]:
        rows: list[Row] = []
        for step in steps:
            begun = time.monotonic()
            for row in step():
                rows.append(row)
                show(row)
            print(f"       took      {time.monotonic() - begun:.0f} s", flush=True)
            shutil.rmtree(self.directory / "looks", ignore_errors=True)
            shutil.rmtree(self.directory / "expiries", ignore_errors=True)
        return rows


def attempt(name: str, bench: Callable[[], list[Row]]) -> list[Row]:
    try:
        return bench()
    except Exception as error:  # whatever it was: the other figures are still worth reporting
        return [{"what": name, "goal": "it runs", "measured": f"{type(error).__name__}: {error}", "ok": False}]


def show(row: Row) -> None:
    mark = "told" if not row["goal"] and row["ok"] else "ok" if row["ok"] else "MISSED"
    print(f"{mark:7}" + textwrap.fill(row["what"], 110, subsequent_indent=" " * 7))
    print(f"       measured  {row['measured']}")
    if row["goal"]:
        print(f"       goal      {row['goal']}")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures the service at full size.")
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--soak", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ringpost-bench-") as directory:
        benches = Benches(chosen.build.resolve(), pathlib.Path(directory), chosen.small)
        rows = benches.run([benches.soak] if chosen.soak else benches.all())
    if chosen.report:
        chosen.report.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    missed = sum(not row["ok"] for row in rows)
    print(f"{len(rows) - missed} ok, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
