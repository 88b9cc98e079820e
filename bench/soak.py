# SPDX-License-Identifier: Apache-2.0
"""A gateway that works for long: mails come in, clients fetch and delete them, round after round. What it takes
(memory, open files, database) must not grow, and it must be as fast at the end as at the beginning.

A round is many mails over 20 kept connections, a POP3 session for each mailbox that empties it, and short POP3 sessions.
How long a mail and a session take at the end is compared with a gateway that has lived one round, by turns: the machine
itself is not as fast at every hour."""
from __future__ import annotations

import pathlib
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from peers import LOCAL, SECRET, Bench, Ringpost, row
from two_offices import wait_for

Row = dict[str, Any]
BOXES = 200
SESSIONS = 20
TURNS, SINGLE = 20, 100  # mails, and POP3 sessions, that are measured one after the other
GROWTH = 1.01
LATER = 1.2


class Soak(Bench):
    def __init__(self, build: pathlib.Path, directory: pathlib.Path, small: bool) -> None:
        super().__init__(build, directory, small)
        self.number, self.each = (20, 500) if small else (50, 20_000)
        self.mail = self.mail_file("soak", "", 4000)
        self.to = [word for i in range(BOXES) for word in ("--to", f"box{i}@{LOCAL}")]
        self.users = self.logins("soak", [(f"box{i}@{LOCAL}", SECRET) for i in range(BOXES)])

    def send(self, gateway: Ringpost, sessions: int, mails: int) -> float:
        """Mails in a second."""
        done = self.load(gateway.port, sessions, mails, "smtp", "--mail", self.mail, "--from", "load@client.example", *self.to)
        return mails / done["seconds"]

    def fetch(self, gateway: Ringpost, sessions: int, count: int, *more: str) -> float:
        """POP3 sessions in a second."""
        done = self.load(gateway.pop3_port, sessions, count, "pop3", "--logins", self.users, *more)
        return count / done["seconds"]

    def round(self, gateway: Ringpost) -> dict[str, float]:
        at = {"mails": self.send(gateway, SESSIONS, self.each)}
        wait_for(lambda: gateway.delivered() == self.each, 60, "all mails are delivered")
        self.empty(gateway)
        at["sessions"] = self.fetch(gateway, SESSIONS, self.each)
        at["memory"] = gateway.processor.memory_mib()
        at["files"] = min(settled(gateway.open_files))
        at["database"], at["used"] = database_mib(gateway.database())
        return at

    def empty(self, gateway: Ringpost) -> None:
        self.fetch(gateway, SESSIONS, BOXES, "--retrieve", "--delete", "--window", "20")
        wait_for(lambda: gateway.delivered() == 0, 60, "all mails are deleted")

    def by_turns(self, gateways: list[Ringpost]) -> list[tuple[float, float]]:
        """Of each the milliseconds that a mail and a POP3 session take while nobody else is there."""
        for gateway in gateways:
            self.fetch(gateway, SESSIONS, BOXES)  # secrets have been verified then
        took: list[tuple[list[float], list[float]]] = [([], []) for _ in gateways]
        for _ in range(TURNS):
            for gateway, (mails, sessions) in zip(gateways, took):
                mails.append(1000 / self.send(gateway, 1, SINGLE))
                sessions.append(1000 / self.fetch(gateway, 1, SINGLE))
        return [(statistics.median(mails), statistics.median(sessions)) for mails, sessions in took]

    def measure(self) -> list[Row]:
        with Ringpost(self.build, self.directory, BOXES) as gateway:
            rounds = [self.round(gateway) for _ in range(self.number)]
            left = rows_left(gateway.database())
            with Ringpost(self.build, self.directory, BOXES) as fresh:
                self.round(fresh)  # its files have grown to their size
                ours, theirs = self.by_turns([gateway, fresh])
        tenth = max(self.number // 10, 1)
        # Everything that is made once has been made in the first tenth.
        first, last = rounds[tenth:2 * tenth], rounds[-tenth:]

        def pair(key: str) -> tuple[float, float]:
            return statistics.median(at[key] for at in first), statistics.median(at[key] for at in last)

        name = f"soak, {self.number * self.each:,} mails and {self.number * (self.each + BOXES):,} POP3 sessions"
        before, after = pair("memory")
        rows = [row(f"{name}: resident memory", f"at most {GROWTH:g} times from the second to the last tenth",
                    f"{after / before:.4f} times; {before:.1f} MiB, {after:.1f} MiB", after <= GROWTH * before),
                slope_row(name, [at["memory"] for at in rounds], tenth)]
        files = [at["files"] for at in rounds[1:]]
        rows.append(row(f"{name}: open files between the rounds", "always as many",
                        f"{min(files):.0f} to {max(files):.0f}", min(files) == max(files)))
        before, after = pair("used")
        size = pair("database")
        rows.append(row(f"{name}: database, all mails deleted", f"pages in use at most {GROWTH:g} times",
                        f"in use {before:.2f} MiB, {after:.2f} MiB; files {size[0]:.1f} MiB, {size[1]:.1f} MiB; rows: {left}",
                        after <= GROWTH * before))
        for old, new, what in zip(ours, theirs, ("a mail", "a POP3 session")):
            rows.append(row(f"{name}: {what} after them, one after the other",
                            f"at most {LATER:g} times as long as after one round",
                            f"{old / new:.2f} times; {old:.3f} ms, {new:.3f} ms", old <= LATER * new))
        for key, what in (("mails", "mails"), ("sessions", "POP3 sessions")):
            before, after = pair(key)
            rows.append(row(f"{name}: {what}, {SESSIONS} at a time", "", f"{before:,.0f} per s, {after:,.0f} per s", True))
        return rows


def slope_row(name: str, memory: list[float], tenth: int) -> Row:
    """What leaks grows with every round to the end; what is kept for the next moment as busy as the busiest so far
    grows ever more slowly, and has mostly grown in the first half."""
    second_half = memory[len(memory) // 2:]
    before, after = statistics.median(second_half[:tenth]), statistics.median(second_half[-tenth:])
    slope = (after / before - 1) * len(memory) / (len(second_half) - tenth)
    return row(f"{name}: slope of resident memory in the second half", f"at most {GROWTH - 1:.0%} for as many as all",
               f"{slope:.2%}; {before:.2f} MiB, {after:.2f} MiB", slope <= GROWTH - 1)


def settled(count: Callable[[], int]) -> Iterator[int]:
    """For a second: the gateway closes a session a moment after its client has read the last answer."""
    for _ in range(10):
        yield count()
        time.sleep(0.1)


def database_mib(file: pathlib.Path) -> tuple[float, float]:
    """Of its files, and of the pages in use."""
    size = sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        page, pages, free = (database.execute(f"PRAGMA {word}").fetchone()[0]
                             for word in ("page_size", "page_count", "freelist_count"))
    return size / 2**20, page * (pages - free) / 2**20


def rows_left(file: pathlib.Path) -> str:
    """What is in the tables, the five largest."""
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        counts = sorted(((database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0], name) for name in names),
                        reverse=True)
    return ", ".join(f"{name} {count:,}" for count, name in counts[:5])


def measure(build: pathlib.Path, directory: pathlib.Path, small: bool) -> list[Row]:
    return Soak(build, directory, small).measure()
