# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of the two offices with real exchanges (see class_runner.py), and the conformance cases."""
from __future__ import annotations

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent, HERE.parent / "e2e", HERE):
    sys.path.insert(0, str(folder))

from asterisk import asterisk_root  # noqa: E402  (the paths come first)
from class_runner import main  # noqa: E402
from conformance import run_conformance  # noqa: E402

if __name__ == "__main__":
    asterisk_root()  # before the classes, so that what it says while it installs is seen
    sys.exit(main(HERE, run_conformance))
