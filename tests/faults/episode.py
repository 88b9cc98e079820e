# SPDX-License-Identifier: Apache-2.0
"""Two busy gateways of which each is ended and started again and again, and the verdict in the end."""
from __future__ import annotations

import abc
import collections
import pathlib
import shutil
import sys
import threading
import time
import traceback
from collections.abc import Callable

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "e2e")]

from load import NOWHERE, Doors, Load, Memory  # noqa: E402
from offices import PATIENCE, TEST_SETTINGS, Gateway, TwoOffices, wait_for  # noqa: E402
from verdict import ENDED, judge, rings_of  # noqa: E402

KILLED = -9
SHOWN = 20       # complaints of an episode
SETTLED = 150.0  # seconds for all that is left: requests have up to 15 s, and retries of the relay come between
SETTINGS = {**TEST_SETTINGS,
            "log": {"level": "info"},
            "mta": {"size_limit": "1MiB", "spool_threshold": "16KiB"},
            "scan": {"headers": "16KiB", "header_line": "16KiB"},
            "relay": {"retry_first": "500ms", "retry_max": "1s", "dns": True, "dns_servers": ["127.0.0.1:9"],
                      "dns_timeout": "100ms", "dns_tries": 1},
            "service": {"guard_time": "100ms"},
            "media": {"ports": 1},  # who plays or asks waits for the other
            "exchange": {"simulated_answer_after": "150ms", "announcement_time": "100ms"}}


class Killer(abc.ABC):
    """Ends one gateway again and again; nobody else starts or ends it meanwhile."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.rounds: collections.Counter[str] = collections.Counter()  # by what they were
        self.wrong = ""
        self.done, self._released = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def begin(self) -> None:
        """The gateway runs."""
        self._thread.start()

    def release(self) -> None:
        """The gateway that was started last ends with the thread that has started it: this waits for it."""
        self._released.set()
        if self._thread.is_alive():
            self._thread.join()

    @abc.abstractmethod
    def run(self) -> None:
        """All rounds; in the end the gateway runs without a fault, and is ready."""

    def kill(self) -> None:
        """kill -9, and nothing else may have ended it."""
        self.gateway.kill()
        assert self.gateway.process is not None
        if self.gateway.process.returncode != KILLED:
            raise AssertionError(f"it ended with {self.gateway.process.returncode}, not by a kill")

    def _live(self) -> None:
        try:
            self.run()
        except Exception:  # told by who waits for us
            self.wrong = f"{traceback.format_exc()}\n{self.gateway.log_tail(40)}"
        self.done.set()
        self._released.wait()


class Episode:
    """New offices, their load, their killers, and the verdict."""

    def __init__(self, build: pathlib.Path, seed: int, make_killer: Callable[[Gateway], Killer]) -> None:
        self.seed, self.make_killer = seed, make_killer
        self.offices = TwoOffices(build, SETTINGS)
        self.memory = Memory()
        self.killers: list[Killer] = []
        self.load: Load | None = None

    def run(self) -> list[str]:
        try:
            self.offices.start(PATIENCE * 2)
            doors = Doors(self.offices.a), Doors(self.offices.b)
            self.load = Load(self.seed, doors, self.memory)
            self.load.begin()
            self.killers = [self.make_killer(gateway) for gateway in self.offices.both]
            for killer in self.killers:
                killer.begin()
            for killer in self.killers:
                killer.done.wait()
            wrong = [killer.wrong for killer in self.killers if killer.wrong]
            return wrong or self._settle(self.load)
        except Exception:  # every episode is judged, whatever went wrong in this one
            return [traceback.format_exc()]
        finally:
            self._clear_away()

    def _settle(self, load: Load) -> list[str]:
        """Nobody asks for more; everything that was asked for comes to its end."""
        load.sending.clear()
        try:
            wait_for(self._idle, SETTLED, "both gateways have nothing left to do")
        except RuntimeError as error:  # what is left is named by the verdict
            self.memory.complain(str(error))
        load.end()
        load.fetch_all()
        statuses = self.offices.stop()
        wrong = judge(self.offices.both, self.memory)
        return wrong + [f"{gateway.domain} ended with exit status {status}"
                        for gateway, status in zip(self.offices.both, statuses) if status != 0]

    def _idle(self) -> bool:
        self.offices.check_alive()
        for gateway in self.offices.both:
            gateway.ringpost("queue", "delete", "--domain", NOWHERE)
        return all(not gateway.ask("queue", "list")
                   and all(row["state"] in ENDED for row in gateway.ask("request", "list"))
                   for gateway in self.offices.both)

    def _clear_away(self) -> None:
        if self.load is not None:
            self.load.end()
        self.offices.kill()
        for killer in self.killers:
            killer.release()

    def figures(self) -> str:
        kills = sum((killer.rounds for killer in self.killers), collections.Counter())
        counts = self.memory.counts() | {"rings": sum(len(rings_of(gateway)) for gateway in self.offices.both)}
        return ", ".join(f"{count} {what}" for what, count in [*counts.items(), *kills.items()])


def tell(episode: Episode, title: str, again: str, keep: pathlib.Path | None) -> bool:
    """Runs an episode and prints how it went; whether all holds."""
    begun = time.monotonic()
    wrong = episode.run()
    lines = [f"{'FAILED' if wrong else 'ok'}  {title}, {time.monotonic() - begun:.0f} s: {episode.figures()}"]
    if wrong:
        lines += [f"  {text}" for text in wrong[:SHOWN]]
        lines.append(f"  {len(wrong)} complaints; again: {again}")
        if keep:
            shutil.copytree(episode.offices.directory, keep / str(episode.seed),
                            ignore=shutil.ignore_patterns("*.sock"), dirs_exist_ok=True)
    print("\n".join(lines), flush=True)
    episode.offices.remove()
    return not wrong
