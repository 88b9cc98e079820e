# SPDX-License-Identifier: Apache-2.0
"""Runs all tests of a folder: `run.py [--build DIR] [-k TEXT] [--jobs N] [--long] [--count FILE]`.

Each class has offices, ports and files of its own, so classes run side by side, each in a process, and its output is
shown when it has ended. The last line is `N passed, N failed`; --count writes the two numbers to a file for scripts/test.
"""
from __future__ import annotations

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator

from counts import conclude

Counts = tuple[int, int]  # passed, failed
CLASS_LIMIT = 600.0       # seconds; waiting is bounded everywhere in the tests, so a class that needs longer hangs


class Result(unittest.TextTestResult):
    """One line for each test, with its time."""

    passed = 0
    begun = 0.0

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802 (unittest's name)
        self.begun = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test: unittest.TestCase) -> None:  # noqa: N802 (unittest's name)
        self.passed += 1
        self.stream.write(f"({time.monotonic() - self.begun:.1f} s) ")
        super().addSuccess(test)


def loader(pattern: str | None) -> unittest.TestLoader:
    made = unittest.TestLoader()
    if pattern:
        made.testNamePatterns = [f"*{pattern}*"]
    return made


def cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from cases(test)
        else:
            yield test


def classes(folder: pathlib.Path, pattern: str | None) -> list[str]:
    """`module.Class` of all tests, those with most tests first: the last to end decides how long it all takes."""
    counts: dict[str, int] = {}
    found = loader(pattern).discover(str(folder), pattern="*_test.py", top_level_dir=str(folder))
    for test in cases(found):
        if type(test).__module__.startswith("unittest."):  # a module that cannot be imported
            raise SystemExit(f"{test.id()}\n{getattr(test, '_exception', '')}")
        name = f"{type(test).__module__}.{type(test).__qualname__}"
        counts[name] = counts.get(name, 0) + 1
    return sorted(counts, key=lambda name: -counts[name])


def run_class(name: str, pattern: str | None, count: pathlib.Path | None) -> int:
    """Runs one class in this process."""
    suite = loader(pattern).loadTestsFromName(name)
    result = unittest.TextTestRunner(resultclass=Result, verbosity=2, stream=sys.stdout).run(suite)
    assert isinstance(result, Result)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    if count:
        count.write_text(f"{result.passed} {failed}\n", encoding="ascii")
    return 0 if failed == 0 else 1


def run_apart(folder: pathlib.Path, name: str, pattern: str | None,
              count: pathlib.Path) -> tuple[str, int, int]:
    """Runs one class in a process of its own; its output, passed and failed. One that ends without a word has failed."""
    words = [sys.executable, str(folder / "run.py"), "--class", name, "--count", str(count)]
    if pattern:
        words += ["-k", pattern]
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, errors="replace", timeout=CLASS_LIMIT, check=False)
        output, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as late:
        octets = late.stdout if isinstance(late.stdout, bytes) else b""
        output = octets.decode("utf-8", "replace") + f"\nnot done within {CLASS_LIMIT:g} s"
        status = 1
    try:
        passed, failed = (int(word) for word in count.read_text(encoding="ascii").split())
    except (OSError, ValueError):
        passed, failed = 0, 1
    return output, passed, max(failed, 1) if status != 0 else failed


def run_all(folder: pathlib.Path, names: list[str], pattern: str | None, jobs: int,
            meanwhile: Callable[[str | None], Counts] | None) -> Counts:
    """All classes, `jobs` at a time, and `meanwhile` in this thread; how many tests have passed and failed."""
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = {pool.submit(run_apart, folder, name, pattern, pathlib.Path(directory, name)): name
                   for name in names}
        if meanwhile is not None:
            passed, failed = meanwhile(pattern)
        for future in concurrent.futures.as_completed(running):
            output, more_passed, more_failed = future.result()
            print(f"--- {running[future]}\n{output.rstrip()}\n", flush=True)
            passed += more_passed
            failed += more_failed
    return passed, failed


def long_run() -> bool:
    """Whether what takes long is to be tested too."""
    return os.environ.get("RINGPOST_LONG") == "1"


def main(folder: pathlib.Path, more: Callable[[str | None], Counts] | None = None, jobs: int = 6) -> int:
    """Runs the *_test.py of `folder`, and `more`, which is given -k and returns what has passed and failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--count", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=jobs, help=f"classes at a time (default {jobs}: they mostly wait)")
    parser.add_argument("--long", action="store_true", help="also what takes long")
    parser.add_argument("--class", dest="one", help="this class only, in this process: module.Class")
    parser.add_argument("-k", dest="pattern", help="only tests whose full name contains this text")
    chosen = parser.parse_args()
    if chosen.build:
        os.environ["RINGPOST_BUILD"] = str(chosen.build.resolve())
    if chosen.long:
        os.environ["RINGPOST_LONG"] = "1"
    sys.path.insert(0, str(folder))
    if chosen.one:
        return run_class(chosen.one, chosen.pattern, chosen.count)

    jobs = chosen.jobs if more is None else chosen.jobs - 1  # one of them is `more`
    passed, failed = run_all(folder, classes(folder, chosen.pattern), chosen.pattern, max(jobs, 1), more)
    if passed + failed == 0:
        print("no test was found")
        failed = 1
    return conclude(passed, failed, chosen.count)
