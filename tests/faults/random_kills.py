# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments of two gateways that are busy: mail clients send and fetch, gateways relay, telephones ring,
requests are cancelled (load.py). Each kill, with the restart after it, is a round. Both gateways are killed independently,
at a random time, while starting, or at the nth fault point that they come to, whichever it is. When all rounds are over,
both work off what is left, and everything is counted (verdict.py): no accepted mail is lost and none doubled, no attempt
rang twice, none after the end of its request, and each request has one result.

Rounds are split into episodes of at most 50, each with new offices and a seed of its own. A failing episode prints how
to run it again; the same seed makes the same mails and kills at the same times, as far as the machine's scheduling lets it.
"""
from __future__ import annotations

import argparse
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import time

from episode import HERE, PATIENCE, Episode, Gateway, Killer, tell
from counts import conclude

EPISODE = 50  # rounds


class RandomKiller(Killer):
    def __init__(self, gateway: Gateway, seed: int, rounds: int) -> None:
        super().__init__(gateway)
        self.left = rounds
        self.dice = random.Random(f"{seed} killer of {gateway.domain}")

    def run(self) -> None:
        kind = "running"
        for left in reversed(range(self.left)):
            self._wait(kind)
            self.kill()
            self.rounds[kind] += 1
            kind = self.dice.choice(("running", "point", "point", "starting")) if left else "none"
            self.gateway.start(self._environment(kind))
        self.gateway.wait_ready(PATIENCE * 3)

    def _environment(self, kind: str) -> dict[str, str]:
        """By the exponent early points and late ones are equally likely."""
        if kind != "point":
            return {}
        return {"RINGPOST_FAULT": f"*:{round(2 ** self.dice.uniform(0, 9))}:kill"}

    def _wait(self, kind: str) -> None:
        if kind == "running":
            self.gateway.wait_ready(PATIENCE * 3)
            time.sleep(self.dice.uniform(0.0, 1.0))
        elif kind == "starting":
            time.sleep(self.dice.uniform(0.0, 0.15))
        else:
            assert self.gateway.process is not None
            try:
                self.gateway.process.wait(4)
            except subprocess.TimeoutExpired:
                pass  # it has not come to so many points


def run_episode(build: pathlib.Path, seed: int, rounds: int, keep: pathlib.Path | None) -> bool:
    shares = iter((rounds // 2, rounds - rounds // 2))
    episode = Episode(build, seed, lambda gateway: RandomKiller(gateway, seed, next(shares)))
    again = f"python3 tests/faults/random_kills.py --build {build} --seed {seed} --rounds {rounds} --keep DIRECTORY"
    return tell(episode, f"seed {seed}: {rounds} rounds", again, keep)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "asan-ubsan")
    parser.add_argument("--rounds", type=int, default=50, help="kills, of both gateways together (default 50)")
    parser.add_argument("--seed", type=int, default=1, help="of the first episode; the next ones have the next numbers")
    parser.add_argument("--jobs", type=int, default=1, help="episodes at a time")
    parser.add_argument("--keep", type=pathlib.Path, help="copy the files of offices that fail to this directory")
    parser.add_argument("--count", type=pathlib.Path, help="write `PASSED FAILED` (episodes) to this file")
    chosen = parser.parse_args()

    sizes = [EPISODE] * (chosen.rounds // EPISODE) + ([chosen.rounds % EPISODE] if chosen.rounds % EPISODE else [])
    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        verdicts = list(pool.map(lambda each: run_episode(chosen.build, chosen.seed + each[0], each[1], chosen.keep),
                                 enumerate(sizes)))
    passed = sum(verdicts)
    print(f"{sum(sizes)} rounds: ", end="")
    return conclude(passed, len(verdicts) - passed, chosen.count)


if __name__ == "__main__":
    sys.exit(main())
