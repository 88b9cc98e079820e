# SPDX-License-Identifier: Apache-2.0
"""What must hold after any number of kills: by the mails at the far end, by the databases, and by the call logs over all
incarnations. Each function returns what does not."""
from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import pathlib
import sqlite3
from typing import Any

from load import Arrived, Memory
from offices import FINDINGS, Gateway

UNDER_WAY = 2_000_000  # microseconds that a message may be on a trunk
ENDED = ("connected", "failed", "cancelled", "expired")


@dataclasses.dataclass(frozen=True)
class Ring:
    where: str    # the office whose telephone rang
    origin: str   # the office that made the call
    attempt: int
    leg: int
    number: str
    time: int     # UTC microseconds
    answered: bool


def rings_of(gateway: Gateway) -> list[Ring]:
    """All rings of attempts, over all incarnations. A line that a kill has cut is not one."""
    try:
        lines = (gateway.state / "call.log").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    entries = []
    for line in lines:
        with contextlib.suppress(json.JSONDecodeError):
            entries.append(json.loads(line))
    def key(entry: dict[str, Any]) -> tuple[object, ...]:
        return entry["origin"], entry["attempt"], entry["leg"], entry["number"]

    answered = {key(entry) for entry in entries if entry["event"] == "answer"}
    return [Ring(gateway.domain, entry["origin"], entry["attempt"], entry["leg"], entry["number"], entry["time"],
                 key(entry) in answered)
            for entry in entries if entry["event"] == "ring" and entry["attempt"]]


def rows(gateway: Gateway, query: str) -> list[tuple[object, ...]]:
    """Of a gateway that has stopped."""
    with contextlib.closing(sqlite3.connect(gateway.state / "ringpost.db")) as database:
        return database.execute(query).fetchall()


def check_mails(memory: Memory) -> list[str]:
    """No accepted mail is lost, none is there twice, none has come that was refused, all octets are those sent."""
    wrong = []
    places: dict[str, list[str]] = collections.defaultdict(list)
    results: dict[str, set[str]] = collections.defaultdict(set)
    for box, mails in memory.arrived.items():
        for mail in mails.values():
            places[mail.message_id].append(box)
            if not mail.digest_fits:
                wrong.append(f"{box}: {mail.message_id} has come with other octets")
            if mail.notice and "Result" in mail.notice and mail.notice["Request"] != "cancel":
                results[mail.in_reply_to].add(mail.notice["Request-Number"])
    for message_id, sent in memory.sent.items():
        there, told = places.get(message_id, []), results.get(message_id, set())
        if len(there) > 1 or any(box != sent.recipient for box in there):
            wrong.append(f"{sent.kind} {message_id} to {sent.recipient} is in {there}")
        if sent.kind == "forbidden" and sent.outcome == "accepted":
            wrong.append(f"{message_id} asks for a call that is not permitted, and was accepted")
        if sent.outcome == "refused" and (there or told):
            wrong.append(f"{sent.kind} {message_id} was refused and has come nevertheless")
        needed = sent.kind in ("plain", "large", "on-reception")  # an order that succeeds at once is not delivered
        if sent.outcome == "accepted" and needed and not there:
            wrong.append(f"{sent.kind} {message_id} to {sent.recipient} was accepted and is lost")
        if sent.asks and (len(told) > 1 or sent.outcome == "accepted" and not told):
            wrong.append(f"{sent.kind} {message_id} from {sent.sender} has the results {sorted(told)}")
    return wrong


def check_results(both: tuple[Gateway, Gateway], memory: Memory) -> list[str]:
    """Every request has ended, and its sender was told so once."""
    wrong = []
    told: dict[str, list[Arrived]] = collections.defaultdict(list)
    begun: collections.Counter[str] = collections.Counter()
    for mails in memory.arrived.values():
        for mail in mails.values():
            if mail.notice and "Result" in mail.notice:
                told[mail.notice["Request-Number"]].append(mail)
            elif mail.notice:
                begun[mail.notice["Request-Number"]] += 1
    for number, count in begun.items():
        if count > 1:
            wrong.append(f"{number}: told {count} times that its transmission is completed")
    known = set()
    for gateway in both:
        for number, state, performer in rows(gateway, "SELECT number, state, performer FROM request WHERE part_of IS NULL"):
            assert isinstance(number, str)
            known.add(number)
            if state not in ENDED:
                wrong.append(f"{gateway.domain}: {number} is still {state}")
            elif not performer and len(told[number]) != 1:
                wrong.append(f"{gateway.domain}: {number} is {state}, and {len(told[number])} results were told")
    for number, mails in told.items():
        cancels = all(mail.notice and mail.notice["Request"] == "cancel" for mail in mails)
        if number not in known and not cancels:
            wrong.append(f"{number}: a result of a request that nobody knows")
        if cancels and len(mails) > 1:
            wrong.append(f"{number}: {len(mails)} results of a cancel")
    return wrong


def check_rings(both: tuple[Gateway, Gateway]) -> list[str]:
    """No attempt rang a telephone twice; nothing rang before its attempt was stored or after its request had ended."""
    wrong = []
    # A call may go on from one part of a mail to the next (key 9): what has ended is the request of the mail.
    lives = {(gateway.domain, attempt): life for gateway in both for attempt, *life in rows(
        gateway, "SELECT a.id, whole.number, a.started, min(coalesce(a.ended, 1 << 62), coalesce(whole.ended_at, 1 << 62))"
                 " FROM attempt a JOIN request r ON r.id = a.request_id"
                 " JOIN request whole ON whole.id = coalesce(r.part_of, r.id)")}
    rings = [ring for gateway in both for ring in rings_of(gateway)]
    counts = collections.Counter((ring.origin, ring.attempt, ring.leg, ring.number) for ring in rings)
    wrong += [f"rung {count} times for one attempt: {key}" for key, count in counts.items() if count > 1]
    for ring in rings:
        life = lives.get((ring.origin, ring.attempt))
        if life is None:
            wrong.append(f"rung for an attempt that was never stored: {ring}")
            continue
        number, started, ended = life
        assert isinstance(started, int) and isinstance(ended, int)
        if ring.time < started:
            wrong.append(f"{number}: rung before its attempt was stored: {ring}")
        # An exchange elsewhere that was asked before the end rings when it comes to it, until it hears of the end.
        under_way = ring.where != ring.origin and not ring.answered and ring.time - ended < UNDER_WAY
        if ring.time > ended and not under_way:
            wrong.append(f"{number}: rung {(ring.time - ended) / 1e6:.3f} s after the end: {ring}")
    return wrong


def check_state(gateway: Gateway) -> list[str]:
    """The database is whole, and the large mails that it names are there."""
    wrong = [f"{gateway.domain}: {word}" for (word,) in rows(gateway, "PRAGMA integrity_check") if word != "ok"]
    wrong += [f"{gateway.domain}: a reference leads nowhere: {row}" for row in rows(gateway, "PRAGMA foreign_key_check")]
    if rows(gateway, "SELECT 1 FROM queue_item"):
        wrong.append(f"{gateway.domain}: the queue is not empty")
    named = {str(name) for (name,) in rows(gateway, "SELECT spool_file FROM mail WHERE spool_file IS NOT NULL")}
    there = {path.name for path in pathlib.Path(gateway.state / "spool").glob("*")}
    wrong += [f"{gateway.domain}: the file {name} of a mail is not there" for name in named - there]
    return wrong


def check_log(gateway: Gateway) -> list[str]:
    log = gateway.log.read_text(encoding="utf-8", errors="replace")
    return [f"{gateway.domain}: {log[log.index(word):][:3000]}" for word in FINDINGS if word in log]


def judge(both: tuple[Gateway, Gateway], memory: Memory) -> list[str]:
    """Everything that is wrong, of two gateways that have stopped."""
    wrong = list(memory.wrong) + check_mails(memory) + check_results(both, memory) + check_rings(both)
    for gateway in both:
        wrong += check_state(gateway) + check_log(gateway)
    return wrong
