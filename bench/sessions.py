# SPDX-License-Identifier: Apache-2.0
"""Many clients that want nothing, or take their time, beside a few that work: what a session costs in memory, and
whether those few notice the others. One asyncio process is all the clients."""
from __future__ import annotations

import asyncio
import pathlib
import re
import resource
import shutil
import ssl
import sys
import time
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from two_offices import SAMPLES, Gateway, free_ports, make_certificate, people_with_port, settings_for  # noqa: E402

Row = dict[str, Any]
CLEAR_GOAL = 16.0   # KiB for a session
TLS_GOAL = 64.0
SLOWER_GOAL = 1.5   # times as long as with nobody else
SENDER, TO = "hanako@office-a.example", "ichiro@office-a.example"
MAIL = (f"From: {SENDER}\r\nTo: {TO}\r\nSubject: normal\r\n\r\n" + "text\r\n" * 500 + ".\r\n").encode()
Endpoint = tuple[str, int]


def certificates_of(directory: pathlib.Path) -> pathlib.Path:
    """The gateway makes its own directory."""
    return directory.with_name(f"{directory.name}-tls")


def office(build: pathlib.Path, directory: pathlib.Path, sessions: int) -> Gateway:
    ports = dict(zip(("smtp", "pop3", "trunk"), free_ports(3)))
    exchange = {"driver": "simulated", "simulated_trunk_listen": f"127.0.0.1:{ports['trunk']}", "simulated_trunks": []}
    limits: dict[str, Any] = {"session_limit": sessions, "sessions_per_address": sessions}
    limits["listen_tls"] = ["127.0.0.1:0"]
    extra: dict[str, dict[str, Any]] = {"mta": {**limits, "errors_per_session": 10000}, "mailbox": limits,
                                        "authentication": {"opslimit": 1, "memlimit": "1MiB"},
                                        "tls": make_certificate(build, certificates_of(directory), "127.0.0.1")}
    settings = settings_for("office-a.example", directory, ports, exchange, extra)
    return Gateway(build, directory, "office-a.example", settings, people_with_port(SAMPLES / "office-a.toml", 2526))


def resident(gateway: Gateway) -> int:
    """KiB"""
    assert gateway.process is not None
    status = pathlib.Path(f"/proc/{gateway.process.pid}/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    assert found is not None
    return int(found[1])


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def connect(cls, endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> Client:
        # A small buffer here: what is to be measured is at the other end.
        return cls(*await asyncio.open_connection(*endpoint, limit=4096, ssl=tls))

    async def answer(self, code: bytes) -> None:
        """A reply, whose first octets must be `code`."""
        while True:
            line = await asyncio.wait_for(self.reader.readline(), 60)
            if not line.startswith(code):
                raise ConnectionError(f"expected {code!r}, got {line!r}")
            if line[3:4] != b"-":
                return

    async def say(self, line: bytes, code: bytes) -> None:
        self.writer.write(line + b"\r\n")
        await self.answer(code)

    def close(self) -> None:
        self.writer.transport.abort()


def believing_anybody(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version
    return context


async def idle_smtp(endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> Client:
    client = await Client.connect(endpoint, tls)
    await client.answer(b"220")
    await client.say(b"EHLO client.example", b"250")
    return client


async def idle_pop3(endpoint: Endpoint, tls: ssl.SSLContext | None = None) -> Client:
    client = await Client.connect(endpoint, tls)
    await client.answer(b"+OK")
    await client.say(b"NOOP", b"-ER")
    return client


async def many(count: int, make: Any) -> list[Client]:
    """`count` of them, 50 at a time."""
    made: list[Client] = []
    while len(made) < count:
        made += await asyncio.gather(*[make() for _ in range(min(50, count - len(made)))])
    return made


async def slow_sender(endpoint: Endpoint, stop: asyncio.Event) -> None:
    """Is within a mail all the time, of which it sends an octet every 0.2 s."""
    client = await idle_smtp(endpoint)
    try:
        await client.say(b"MAIL FROM:<slow@elsewhere.example>", b"250")
        await client.say(f"RCPT TO:<{TO}>".encode(), b"250")
        await client.say(b"DATA", b"354")
        while not stop.is_set():
            client.writer.write(b"x")
            try:
                await asyncio.wait_for(stop.wait(), 0.2)
            except TimeoutError:
                pass
    finally:
        client.close()


async def normal_sender(endpoint: Endpoint, mails: int) -> list[float]:
    """Seconds for each mail, from MAIL to the last 250."""
    client = await idle_smtp(endpoint)
    took = []
    for _ in range(mails):
        begun = time.monotonic()
        await client.say(b"MAIL FROM:<normal@elsewhere.example>", b"250")
        await client.say(f"RCPT TO:<{TO}>".encode(), b"250")
        await client.say(b"DATA", b"354")
        client.writer.write(MAIL)
        await client.answer(b"250")
        took.append(time.monotonic() - begun)
    client.close()
    return took


async def normal(endpoint: Endpoint, clients: int, mails: int) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds."""
    results = await asyncio.gather(*[normal_sender(endpoint, mails) for _ in range(clients)])
    ordered = sorted(each for took in results for each in took)
    return ordered[len(ordered) // 2] * 1000, ordered[len(ordered) * 99 // 100] * 1000


async def cost(gateway: Gateway, what: str, count: int, goal: float, make: Any) -> Row:
    await asyncio.gather(*[make() for _ in range(20)])  # what is made once, whoever comes
    before = resident(gateway)
    clients = await many(count, make)
    each = (resident(gateway) - before) / count
    for client in clients:
        client.close()
    return {"what": f"{count} idle sessions, {what}: memory of the daemon for each", "goal": f"at most {goal:g} KiB",
            "measured": f"{each:.1f} KiB", "ok": each <= goal}


async def company(gateway: Gateway, idle: int, slow: int, clients: int, mails: int) -> list[Row]:
    await normal(gateway.smtp, clients, 5)
    alone = await normal(gateway.smtp, clients, mails)
    half = idle // 2
    waiting = await many(idle - half, lambda: idle_smtp(gateway.smtp)) + await many(half, lambda: idle_pop3(gateway.pop3))
    stop = asyncio.Event()
    senders = [asyncio.create_task(slow_sender(gateway.smtp, stop)) for _ in range(slow)]
    await asyncio.sleep(2)
    with_others = await normal(gateway.smtp, clients, mails)
    broken = [sender for sender in senders if sender.done()]
    stop.set()
    await asyncio.gather(*senders, return_exceptions=True)
    for client in waiting:
        client.close()
    ratio = with_others[0] / alone[0]
    return [{"what": f"{clients} clients send mails, beside {idle} idle sessions and {slow} slow senders",
             "goal": f"median at most {SLOWER_GOAL:g} times that without the others, all served",
             "measured": f"median {with_others[0]:.2f} ms, p99 {with_others[1]:.2f} ms; alone {alone[0]:.2f} ms, "
                         f"{alone[1]:.2f} ms; {len(broken)} slow senders turned away",
             "ok": ratio <= SLOWER_GOAL and not broken}]


def measure(build: pathlib.Path, directory: pathlib.Path, small: bool) -> list[Row]:
    idle, slow, mails = (500, 50, 20) if small else (5000, 500, 100)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = idle + slow + 200
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(needed, hard)), hard))
    gateway = office(build, directory, needed)
    tls13, tls12 = map(believing_anybody, (ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2))
    steps = [lambda: cost(gateway, "SMTP", idle, CLEAR_GOAL, lambda: idle_smtp(gateway.smtp)),
             lambda: cost(gateway, "POP3", idle, CLEAR_GOAL, lambda: idle_pop3(gateway.pop3)),
             lambda: cost(gateway, "SMTP with TLS 1.3", idle, TLS_GOAL, lambda: idle_smtp(gateway.smtp_tls, tls13)),
             lambda: cost(gateway, "SMTP with TLS 1.2", idle, TLS_GOAL, lambda: idle_smtp(gateway.smtp_tls, tls12)),
             lambda: cost(gateway, "POP3 with TLS 1.3", idle, TLS_GOAL, lambda: idle_pop3(gateway.pop3_tls, tls13)),
             lambda: company(gateway, idle, slow, 20, mails)]
    rows: list[Row] = []
    try:
        for step in steps:
            # A daemon of its own for each: memory that it has had once it keeps.
            gateway.start()
            gateway.wait_ready()
            found = asyncio.run(step())
            rows += found if isinstance(found, list) else [found]
            gateway.stop()
        return rows
    finally:
        if gateway.alive():
            gateway.stop()
        for place in (directory, certificates_of(directory)):
            shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    import json
    import tempfile
    with tempfile.TemporaryDirectory(prefix="ringpost-bench-") as scratch:
        print(json.dumps(measure(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(scratch) / "sessions",
                                 "--small" in sys.argv), indent=1))
