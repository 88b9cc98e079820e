# SPDX-License-Identifier: Apache-2.0
"""How a program that runs tests ends, so that scripts/test can add up what it has counted."""
from __future__ import annotations

import pathlib


def conclude(passed: int, failed: int, count: pathlib.Path | None) -> int:
    """Prints `N passed, N failed`, writes the two numbers to the file that --count named, and is the exit status."""
    print(f"{passed} passed, {failed} failed")
    if count:
        count.write_text(f"{passed} {failed}\n", encoding="ascii")
    return 0 if failed == 0 else 1
