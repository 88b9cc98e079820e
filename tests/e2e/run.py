# SPDX-License-Identifier: Apache-2.0
"""Runs the end-to-end tests (see class_runner.py)."""
from __future__ import annotations

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from class_runner import main  # noqa: E402  (the path comes first)

if __name__ == "__main__":
    sys.exit(main(HERE, jobs=8))
