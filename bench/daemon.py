# SPDX-License-Identifier: Apache-2.0
"""The whole way with the real daemon: a POP3 client on loopback retrieves a mail, a telephone rings.

Measured from the moment in which the client has read the last octet of RETR's answer to the `ring` row of the simulated
exchange's call log, both by the wall clock of this machine.
"""
from __future__ import annotations

import json
import pathlib
import shutil
import smtplib
import socket
import subprocess
import sys
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from two_offices import SAMPLES, Gateway, free_ports, people_with_port, settings_for, wait_for  # noqa: E402

GOAL = 5.0  # milliseconds
CALLER, CALLED = "2000", "2001"


class Mailbox:
    """A POP3 session that knows the moment in which it had read all of an answer (poplib reads ahead)."""

    def __init__(self, gateway: Gateway, user: dict[str, Any]) -> None:
        self.socket = socket.create_connection(gateway.pop3, timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.acknowledge()
        self.read_until(b"\r\n")
        self.command(f"USER {user['address']}")
        self.command(f"PASS {user['secret']}")

    def acknowledge(self) -> None:
        """At once, and not when the kernel's 40 ms for delayed acknowledgements are over; it forgets this itself."""
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def read_until(self, end: bytes) -> bytes:
        octets = b""
        while not octets.endswith(end):
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError("the gateway has closed the connection")
            self.acknowledge()
            octets += piece
        return octets

    def command(self, line: str, end: bytes = b"\r\n") -> bytes:
        self.socket.sendall(line.encode() + b"\r\n")
        answer = self.read_until(end)
        if not answer.startswith(b"+OK"):
            raise RuntimeError(f"{line}: {answer!r}")
        return answer

    def retrieve(self, number: int, goes_on: bool) -> int:
        """The moment in which it was read, in microseconds; `goes_on`: the next command follows at once."""
        self.command(f"RETR {number}", b"\r\n.\r\n")
        read = time.time_ns() // 1000
        if goes_on:
            self.command("NOOP")
        return read

    def close(self) -> None:
        self.socket.close()


def office(build: pathlib.Path, directory: pathlib.Path) -> Gateway:
    ports = dict(zip(("smtp", "pop3", "trunk"), free_ports(3)))
    exchange = {"driver": "simulated", "simulated_trunk_listen": f"127.0.0.1:{ports['trunk']}", "simulated_trunks": [],
                "simulated_call_log": str(directory / "calls"), "simulated_answer_after": "0s"}
    extra = {"service": {"guard_time": "0s", "attempts_per_second": 10000},
             "authentication": {"opslimit": 1, "memlimit": "1MiB"}}
    settings = settings_for("office-a.example", directory, ports, exchange, extra)
    return Gateway(build, directory, "office-a.example", settings, people_with_port(SAMPLES / "office-a.toml", 2526))


def submit(gateway: Gateway, count: int) -> None:
    sender, to = gateway.user(CALLER)["address"], gateway.user(CALLED)["address"]
    with smtplib.SMTP(*gateway.smtp, timeout=30) as client:
        client.login(sender, gateway.user(CALLER)["secret"])
        for number in range(count):
            client.sendmail(sender, [to], f"From: {sender}\r\nTo: {to}\r\nSubject: {number}\r\n"
                                          "Ringpost-Trigger: user-reception\r\n\r\nPlease call me.\r\n")


def rings(gateway: Gateway) -> list[int]:
    """When the called telephone began to ring, in microseconds."""
    rows = map(json.loads, (gateway.directory / "calls").read_text(encoding="utf-8").splitlines())
    return [row["time"] for row in rows if row["event"] == "ring" and row["number"] == CALLED]


def delivered(gateway: Gateway) -> int:
    mailbox = Mailbox(gateway, gateway.user(CALLED))
    try:
        return int(mailbox.command("STAT").split()[1])
    finally:
        mailbox.command("QUIT")
        mailbox.close()


def retrieve_all(gateway: Gateway, numbers: range, goes_on: bool) -> list[float]:
    """Milliseconds from the end of each RETR to the ring. The called person rejects, so that both are idle again."""
    mailbox = Mailbox(gateway, gateway.user(CALLED))
    took: list[float] = []
    for number in numbers:
        before = len(rings(gateway))
        read = mailbox.retrieve(number, goes_on)
        wait_for(lambda: len(rings(gateway)) > before, 10, f"{CALLED} rings after RETR {number}")
        took.append((rings(gateway)[before] - read) / 1000)
        time.sleep(0.2)  # the request ends meanwhile, and its notice is delivered
    mailbox.close()
    return took


def row(what: str, took: list[float]) -> dict[str, Any]:
    ordered = sorted(took)
    p99 = ordered[max(-(-len(ordered) * 99 // 100), 1) - 1]
    measured = f"p50 {ordered[(len(ordered) + 1) // 2 - 1]:.2f} ms, p99 {p99:.2f} ms, worst {ordered[-1]:.2f} ms of {len(ordered)}"
    return {"what": what, "goal": f"p99 at most {GOAL:g} ms", "measured": measured, "ok": p99 <= GOAL}


def measure(build: pathlib.Path, directory: pathlib.Path, waiting: int, samples: int) -> list[dict[str, Any]]:
    gateway = office(build, directory)
    try:
        gateway.start()
        gateway.wait_ready()
        submit(gateway, 2 * samples)
        wait_for(lambda: delivered(gateway) == 2 * samples, 60, "all mails are delivered")
        gateway.stop()
        subprocess.run([build / "bench" / "ringpost_bench", "prepare", "--directory", gateway.state,
                        "--waiting", str(waiting), "--devices", "1000"], check=True, stdout=subprocess.DEVNULL)
        gateway.start()
        gateway.wait_ready()
        gateway.do("phone", "set", CALLED, "--answer-after", "reject")
        way = f"{waiting} wait, real daemon, POP3 on loopback: last octet of RETR read → ring"
        goes_on = retrieve_all(gateway, range(1, samples + 1), True)
        silent = retrieve_all(gateway, range(samples + 1, 2 * samples + 1), False)
        return [row(f"{way}, the client goes on", goes_on), row(f"{way}, the client stays silent but acknowledges at once", silent)]
    finally:
        if gateway.alive():
            gateway.stop()
        shutil.rmtree(directory, ignore_errors=True)
