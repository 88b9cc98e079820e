# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end tests: `tests/e2e/run.py [--build DIR] [-k TEXT] [--count FILE]`.

The last line is `N passed, N failed`; --count writes the two numbers to a file for scripts/test.
"""
from __future__ import annotations

import argparse
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))


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


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "asan-ubsan")
    parser.add_argument("--count", type=pathlib.Path)
    parser.add_argument("-k", dest="pattern", help="only tests whose full name contains this text")
    chosen = parser.parse_args()
    os.environ["RINGPOST_BUILD"] = str(chosen.build.resolve())

    loader = unittest.TestLoader()
    if chosen.pattern:
        loader.testNamePatterns = [f"*{chosen.pattern}*"]
    suite = loader.discover(str(HERE), pattern="*_test.py", top_level_dir=str(HERE))
    runner = unittest.TextTestRunner(resultclass=Result, verbosity=2, stream=sys.stdout)
    result = runner.run(suite)
    assert isinstance(result, Result)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    if result.passed + failed == 0:
        print("no test was found")
        failed = 1
    print(f"{result.passed} passed, {failed} failed")
    if chosen.count:
        chosen.count.write_text(f"{result.passed} {failed}\n", encoding="ascii")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
