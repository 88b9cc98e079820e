# SPDX-License-Identifier: Apache-2.0
"""Runs the fuzz targets, each for a time, from corpus/NAME and with dictionaries/NAME.dict where there is one:
`run.py [--build DIR] [--seconds N] [--jobs N] [-k TEXT] [--count FILE]`. What a target finds is kept in
build/findings; what it has tried is thrown away. The last line is `N passed, N failed`."""
from __future__ import annotations

import argparse
import concurrent.futures
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from counts import conclude  # noqa: E402  (the path comes first)

ROOT = HERE.parents[1]
FINDINGS = ROOT / "build" / "findings"
PATIENCE = 60  # seconds beyond its time until a target hangs; libFuzzer itself ends an input that takes 20 s


def fuzz(program: pathlib.Path, seconds: int) -> tuple[bool, str]:
    """Whether it found nothing, and the end of what it said."""
    name = program.name.removesuffix("_fuzz")
    dictionary = HERE / "dictionaries" / f"{name}.dict"
    with tempfile.TemporaryDirectory() as scratch:
        words = [str(program), f"-max_total_time={seconds}", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1",
                 f"-artifact_prefix={FINDINGS}/{name}-"]
        words += [f"-dict={dictionary}"] if dictionary.exists() else []
        words += [scratch, str(HERE / "corpus" / name)]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace", timeout=seconds + PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return False, f"not done within {seconds + PATIENCE} s"
    lines = done.stdout.splitlines()
    if done.returncode == 0:
        units = next((line.split()[-1] for line in lines if line.startswith("stat::number_of_executed_units")), "?")
        return units not in ("?", "0"), f"{units} inputs"
    return False, "\n".join(lines[-40:])


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "fuzz")
    parser.add_argument("--seconds", type=int, default=300, help="for each target (default 300)")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time (default 2)")
    parser.add_argument("--count", type=pathlib.Path, help="file for `PASSED FAILED`")
    parser.add_argument("-k", dest="text", default="", help="only targets whose name contains this text")
    chosen = parser.parse_args()
    FINDINGS.mkdir(parents=True, exist_ok=True)
    programs = [path for path in sorted(chosen.build.glob("tests/fuzz/*_fuzz")) if chosen.text in path.name]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        running = {pool.submit(fuzz, program, chosen.seconds): program.name for program in programs}
        for future in concurrent.futures.as_completed(running):
            good, said = future.result()
            passed, failed = passed + good, failed + (not good)
            print(f"--- {running[future]}: {'ok' if good else 'FOUND'}, {said}", flush=True)
    if not programs:
        print(f"no target in {chosen.build}")
        failed = 1
    return conclude(passed, failed, chosen.count)


if __name__ == "__main__":
    sys.exit(main())
