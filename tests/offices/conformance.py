# SPDX-License-Identifier: Apache-2.0
"""The conformance cases of tests/exchange, in C++, against a real Asterisk with real telephones."""
from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
import traceback

from bed import Bed, Office
from class_runner import Counts
from offices import build_directory
from processes import ending_with_us
from two_offices import write_private

TELEPHONES = ("2000", "2100", "2200")
CASES = "[#attempt_test],[#monitor_test],[#port_test],[#release_test]"
VARIABLE = "RINGPOST_ASTERISK_RIG"
LIMIT = 900.0  # seconds; what the simulated exchange does in virtual time happens here


def run_conformance(pattern: str | None) -> Counts:
    """What has passed and failed. With a -k that is not part of `conformance` nothing is run."""
    if pattern is not None and pattern not in "conformance":
        return 0, 0
    print("--- conformance", flush=True)
    try:
        with Bed(TELEPHONES) as bed:
            return run_program(bed.directory, bed.a)
    except (RuntimeError, OSError, subprocess.TimeoutExpired):
        traceback.print_exc(file=sys.stdout)
        return 0, 1


def run_program(directory: pathlib.Path, office: Office) -> Counts:
    program = build_directory() / "tests" / "ringpost_tests"
    if not program.exists():
        raise FileNotFoundError(f"{program} is not there: build it first")
    if VARIABLE.encode() not in program.read_bytes():
        raise RuntimeError(f"{program} has no conformance rig for Asterisk: it does not look at {VARIABLE}")
    asterisk = office.asterisk
    rig = directory / "rig.json"
    write_private(rig, json.dumps({
        "url": asterisk.url, "user": asterisk.user, "password_file": str(asterisk.password_file),
        "telephones": {number: telephone.control for number, telephone in office.telephones.items()},
        "tones": {number: telephone.tone for number, telephone in office.telephones.items()},
        "recordings": {number: str(telephone.recordings_directory)
                       for number, telephone in office.telephones.items()}}))
    words = [str(program), "--filenames-as-tags", "--warn", "NoTests", "--durations", "yes", CASES]
    done = subprocess.run(ending_with_us(words, "KILL"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT, check=False,
                          env={**os.environ, VARIABLE: str(rig)})
    print(done.stdout, flush=True)
    passed, failed = counts_of(done.stdout)
    if done.returncode != 0:
        print(f"exit status {done.returncode}; the end of Asterisk's log:\n{asterisk.log_tail()}", flush=True)
    return passed, max(failed, 1) if done.returncode != 0 or passed == 0 else failed


def counts_of(output: str) -> Counts:
    """Catch's summary: `All tests passed (9 assertions in 3 test cases)`, or `test cases: 3 | 2 passed | 1 failed`."""
    everything = re.search(r"^All tests passed \(.* in (\d+) test cases?\)", output, re.MULTILINE)
    if everything:
        return int(everything[1]), 0
    line = re.search(r"^test cases: .*$", output, re.MULTILINE)
    if line is None:
        return 0, 1
    good, bad = (re.search(rf"(\d+) {word}", line[0]) for word in ("passed", "failed"))
    return int(good[1]) if good else 0, int(bad[1]) if bad else 0
