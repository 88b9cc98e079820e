# SPDX-License-Identifier: Apache-2.0
"""Ringpost beside Postfix, OpenSMTPD, Exim and Dovecot, in one run: the servers take turns, medians are compared.

SMTP load comes from Postfix's smtp-source; what that cannot do (AUTH, POP3) from bench/load, which is compared with it
before a server that stores nothing. Nothing is deleted between the runs: a file system without a journal would be slow
for minutes after it.
"""
from __future__ import annotations

import json
import os
import pathlib
import sqlite3
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any

from mail_servers import DOMAIN, Dovecot, Exim, OpenSmtpd, Postfix, ProcessorTime, Server, Sink, peers_root
from processes import ending_with_us
from two_offices import SAMPLES, Gateway, TwoOffices, free_ports, people_with_port, settings_for, wait_for

Row = dict[str, Any]  # what, goal, measured, ok
SECRET = "bench-secret"
LOOK = 0.0001  # seconds between two looks for a mail: who looks without a pause takes a processor from the servers
LOCAL = "office-a.example"


class Ringpost:
    """A gateway with mailboxes box0, box1, …"""

    name = "ringpost"

    def __init__(self, build: pathlib.Path, directory: pathlib.Path, boxes: int = 1,
                 extra: dict[str, dict[str, Any]] | None = None) -> None:
        self.home = directory / f"{self.name}-{len(list(directory.iterdir()))}"
        smtp, pop3, trunk = free_ports(3)
        exchange = {"driver": "simulated", "simulated_trunk_listen": f"127.0.0.1:{trunk}", "simulated_trunks": []}
        more: dict[str, dict[str, Any]] = {"mta": {"sessions_per_address": 500}, "mailbox": {"sessions_per_address": 500}}
        for section, keys in (extra or {}).items():
            more.setdefault(section, {}).update(keys)
        people = people_with_port(SAMPLES / "office-a.toml", 2526) + "".join(
            f'\n[[user]]\naddress = "box{i}@{LOCAL}"\nname = "Box {i}"\nlanguage = "en"\nsecret = "{SECRET}"\n'
            for i in range(boxes))
        settings = settings_for(LOCAL, self.home, {"smtp": smtp, "pop3": pop3}, exchange, more)
        self.gateway = Gateway(build, self.home, LOCAL, settings, people)
        self.processor = ProcessorTime(self.home.name)
        self.gateway.start(through=lambda words: ending_with_us(self.processor.words(words)))
        self.gateway.wait_ready()
        self.port, self.pop3_port = self.gateway.smtp[1], self.gateway.pop3[1]

    def __enter__(self) -> Ringpost:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.gateway.stop(60)
        self.processor.close()

    def delivered(self) -> int:
        """Mails in its mailboxes. Reads past the gateway, which alone writes."""
        with sqlite3.connect(f"file:{self.database()}?mode=ro", uri=True) as database:
            return int(database.execute("SELECT count(*) FROM mailbox_entry").fetchone()[0])

    def open_files(self) -> int:
        assert self.gateway.process is not None
        return len(os.listdir(f"/proc/{self.gateway.process.pid}/fd"))

    def database(self) -> pathlib.Path:
        return next(self.gateway.state.glob("*.db"))


AnyServer = Server | Ringpost


class Bench:
    def __init__(self, build: pathlib.Path, directory: pathlib.Path, small: bool) -> None:
        self.build = build
        self.directory = directory
        self.small = small
        self.rounds = 1 if small else 5
        self.root = peers_root()
        directory.mkdir(parents=True, exist_ok=True)

    def some(self, count: int) -> int:
        return max(count // 20, 20) if self.small else count

    # --- generators -------------------------------------------------------------------------------------------------
    def source(self, server: AnyServer, mails: int, octets: int, sessions: int, kept: bool) -> float:
        """Seconds that smtp-source takes."""
        to = f"box0@{LOCAL}" if isinstance(server, Ringpost) else f"box@{DOMAIN}"
        words = ["chroot", str(self.root), "/usr/sbin/smtp-source", *(["-d"] if kept else []), "-l", str(octets),
                 "-m", str(mails), "-s", str(min(sessions, mails)), "-f", "load@client.example", "-t", to,
                 f"127.0.0.1:{server.port}"]
        begun = time.monotonic()
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"smtp-source to {server.name}: {done.stderr.strip()[:500]}")
        return time.monotonic() - begun

    def load(self, port: int, sessions: int, count: int, *more: str) -> dict[str, float]:
        words = [str(self.build / "bench" / "ringpost_load"), "--port", str(port), "--sessions", str(sessions),
                 "--count", str(count), *more]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()[:500]}")
        found: dict[str, float] = json.loads(done.stdout)
        return found

    def mail_file(self, name: str, fields: str, octets: int) -> str:
        file = self.directory / f"{name}.mail"
        head = f"From: hanako@{LOCAL}\r\nTo: box0@{LOCAL}\r\nSubject: {name}\r\n{fields}\r\n"
        line = "x" * 70 + "\r\n"
        file.write_text(head + line * (max(octets - len(head), 0) // len(line)) + ".\r\n", encoding="ascii", newline="")
        return str(file)

    def in_turn(self, servers: Iterable[AnyServer], run: Callable[[AnyServer], tuple[float, float]]) -> dict[str, Taken]:
        """Each server in each round; per second, and CPU seconds for 1,000."""
        servers = list(servers)
        taken = {server.name: Taken() for server in servers}
        for _ in range(self.rounds):
            for server in servers:
                before = server.processor.seconds()
                count, seconds = run(server)
                taken[server.name].add(count / seconds, 1000 * (server.processor.seconds() - before) / count)
        return taken

    # --- receiving --------------------------------------------------------------------------------------------------
    def receiving(self) -> list[Row]:
        rows: list[Row] = []
        with ExitStack() as stack:
            servers: list[AnyServer] = [Sink(self.root, self.directory), Ringpost(self.build, self.directory),
                                        Postfix(self.root, self.directory), Exim(self.root, self.directory),
                                        OpenSmtpd(self.root, self.directory)]
            for server in servers:
                stack.callback(server.stop)
            by_name = {server.name: server for server in servers}
            three = [by_name[name] for name in ("sink", "ringpost", "postfix")]

            def of(mails: int, octets: int, sessions: int, kept: bool) -> Callable[[AnyServer], tuple[float, float]]:
                return lambda server: (mails, self.source(server, mails, octets, sessions, kept))

            what = "receive 4 KB durable, 20 kept connections"
            taken = self.in_turn(servers, of(self.some(2000), 4000, 20, True))
            ours, theirs, sink = (taken[name].rate for name in ("ringpost", "postfix", "sink"))
            goal = min(5 * theirs, 0.5 * sink)
            rows.append(row(what, "5 x Postfix, or 0.5 x the sink where that is less",
                            f"{ours / theirs:.2f} x Postfix, {ours / sink:.2f} x sink; {told(taken)}", ours >= goal))
            cpu = taken["ringpost"].cpu
            rows.append(row(f"{what}: CPU for 1,000 mails", "at most 0.12 s",
                            "; ".join(f"{name} {one.cpu:.3f} s" for name, one in taken.items()), cpu <= 0.12))
            taken = self.in_turn(three, of(self.some(1000), 4000, 1, True))
            rows.append(ratio("receive 4 KB durable, one session", taken, "postfix", 2))
            taken = self.in_turn(three, of(self.some(2000), 4000, 20, False))
            rows.append(ratio("receive 4 KB durable, a new connection for each mail, 20 at a time", taken, "postfix", 2.5))
            rows.append(self.large(three))
            rows += self.orders(by_name["sink"], by_name["ringpost"])
        return rows

    def large(self, servers: list[AnyServer]) -> Row:
        mails = self.some(200)
        taken = self.in_turn(servers, lambda server: (mails, self.source(server, mails, 1_000_000, 20, True)))
        files = Taken()
        for number in range(self.rounds):
            files.add(mails / synced_files(self.directory / f"files-{number}", mails, 20), 0)
        taken["synced 1 MB files"] = files
        least = min(taken["sink"].rate, files.rate)
        ours = taken["ringpost"].rate
        return row("receive 1 MB, 20 connections", "0.8 x the lesser of the sink and synced files",
                   f"{ours / least:.2f} x; {told(taken)}", ours >= 0.8 * least)

    def orders(self, sink: AnyServer, ringpost: AnyServer) -> list[Row]:
        """bench/load, logged in, because an order needs a person; at the sink it shows what it can do itself."""
        count = self.some(3000)
        fields = "Ringpost-Trigger: user-reception\r\nRingpost-Destination-Number: 2001\r\nRingpost-Monitor-Time: 30m\r\n"
        plain, order = self.mail_file("plain", "", 4000), self.mail_file("order", fields, 4000)
        user = ("--user", f"hanako@{LOCAL}", "--secret", "hanako-secret")

        def send(server: AnyServer, mail: str, *more: str) -> float:
            found = self.load(server.port, 20, count, "smtp", "--mail", mail, "--from", f"hanako@{LOCAL}", "--to",
                              f"box0@{LOCAL}", *more)
            return count / found["seconds"]

        rates: dict[str, list[float]] = {name: [] for name in ("plain", "order", "bench/load to the sink",
                                                               "smtp-source to the sink")}
        for _ in range(self.rounds):
            rates["plain"].append(send(ringpost, plain, *user))
            rates["order"].append(send(ringpost, order, *user))
            rates["bench/load to the sink"].append(send(sink, plain))
            rates["smtp-source to the sink"].append(count / self.source(sink, count, 4000, 20, True))
        middle = {name: statistics.median(found) for name, found in rates.items()}
        text = ", ".join(f"{name} {rate:,.0f}/s" for name, rate in middle.items())
        return [row("each mail carrying exchange information, 20 connections", "0.6 x plain mail",
                    f"{middle['order'] / middle['plain']:.2f} x; {text}", middle["order"] >= 0.6 * middle["plain"]),
                row("the generator of that is not what limits", "1.2 x what it measures",
                    f"{middle['bench/load to the sink'] / middle['plain']:.2f} x",
                    middle["bench/load to the sink"] >= 1.2 * middle["plain"])]

    # --- POP3 -------------------------------------------------------------------------------------------------------
    def fetching(self) -> list[Row]:
        boxes, mails = 20, self.some(2000)
        content = pathlib.Path(self.mail_file("box", "", 4000)).read_bytes()[:-3]
        users = [(f"box{i}", SECRET) for i in range(boxes)]
        theirs = self.logins("dovecot", users)
        ours = self.logins("ringpost", [(f"{name}@{LOCAL}", secret) for name, secret in users])
        with ExitStack() as stack:
            plain = stack.enter_context(Dovecot(self.root, self.directory, users=users, mails=0, octets=b""))
            tuned = stack.enter_context(Dovecot(self.root, self.directory, users=users, mails=mails, octets=content,
                                                tuned=True))
            gateway = stack.enter_context(Ringpost(self.build, self.directory, boxes))
            self.fill(gateway, boxes, mails)

            def fetch(server: AnyServer, sessions: int, *more: str) -> dict[str, float]:
                port, logins = ((server.pop3_port, ours) if isinstance(server, Ringpost) else (server.port, theirs))
                return self.load(port, 20, sessions, "pop3", "--logins", logins, *more)

            plain.name, tuned.name = "dovecot as shipped", "dovecot tuned"
            count = self.some(1000)
            taken = self.in_turn([plain, tuned, gateway],
                                 lambda server: (count if server is not plain else count // 4,
                                                 fetch(server, count if server is not plain else count // 4)["seconds"]))
            rows = [ratio("POP3 login, STAT, QUIT, 20 at a time", taken, "dovecot tuned", 2),
                    ratio("POP3 login, STAT, QUIT, 20 at a time", taken, "dovecot as shipped", 10)]
            for window, goal in ((1, 1.5), (20, 1.0)):
                taken = self.in_turn([tuned, gateway],
                                     lambda server: (boxes * mails, fetch(server, boxes, "--retrieve", "--window",
                                                                          str(window))["seconds"]))
                rows.append(ratio(f"POP3 mails of whole maildrops, 20 sessions, {window} RETR in flight", taken,
                                  "dovecot tuned", goal))
        return rows

    def logins(self, name: str, users: list[tuple[str, str]]) -> str:
        file = self.directory / f"{name}.logins"
        file.write_text("".join(f"{user} {secret}\n" for user, secret in users), encoding="ascii")
        return str(file)

    def fill(self, gateway: Ringpost, boxes: int, mails: int) -> None:
        to = [word for i in range(boxes) for word in ("--to", f"box{i}@{LOCAL}")]
        self.load(gateway.port, 20, boxes * mails, "smtp", "--mail", self.mail_file("box", "", 4000), "--from",
                  "load@client.example", *to)
        wait_for(lambda: gateway.delivered() == boxes * mails, 120, "all mails are delivered")

    # --- relay ------------------------------------------------------------------------------------------------------
    def relaying(self) -> Row:
        mails = self.some(200)
        mail = self.mail_file("relay", "", 4000)
        with ExitStack() as stack:
            far = stack.enter_context(Postfix(self.root, self.directory, maildir=True))
            near = stack.enter_context(Postfix(self.root, self.directory, relay_to=far.port))
            box = far.home / "mail" / "box" / "new"
            theirs = delivery_times(lambda: len(os.listdir(box)) if box.is_dir() else 0,
                                    lambda: near.port, f"box@{DOMAIN}", mail, mails, self.rounds)
            offices = TwoOffices(self.build)
            stack.callback(offices.remove)
            offices.start()
            database = sqlite3.connect(f"file:{next(offices.b.state.glob('*.db'))}?mode=ro", uri=True)
            stack.callback(database.close)
            hanako, taro = offices.a.user("2000"), offices.b.user("2000")
            ours = delivery_times(
                lambda: int(database.execute("SELECT max(rowid) FROM mailbox_entry").fetchone()[0] or 0),
                lambda: offices.a.smtp[1], taro["address"], mail, mails, self.rounds,
                (hanako["address"], hanako["secret"]))
        pairs = [(statistics.median(took), percentile(took, 99)) for took in (ours, theirs)]
        middle, late = (pairs[0][i] / pairs[1][i] for i in (0, 1))
        text = ", ".join(f"{name} median {one[0]:.2f} ms, p99 {one[1]:.2f} ms"
                         for name, one in zip(("ringpost", "postfix"), pairs))
        return row("relay, end of DATA to delivered at the other office",
                   "median at most 0.5 x, p99 at most 0.33 x Postfix to Postfix",
                   f"{middle:.2f} x, {late:.2f} x; {text}", middle <= 0.5 and late <= 0.33)

    def idle(self) -> Row:
        with Ringpost(self.build, self.directory) as gateway:
            self.source(gateway, 20, 4000, 5, True)
            wait_for(lambda: gateway.delivered() >= 20, 30, "the mails are delivered")
            used = gateway.processor.memory_mib()
        return row("resident memory, idle, after 20 mails", "at most 25 MiB", f"{used:.1f} MiB", used <= 25)

    def all(self) -> list[Callable[[], list[Row]]]:
        return [self.receiving, self.fetching, lambda: [self.relaying()], lambda: [self.idle()]]


class Taken:
    """What a server did in each round."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.cpus: list[float] = []

    def add(self, rate: float, cpu: float) -> None:
        self.rates.append(rate)
        self.cpus.append(cpu)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    @property
    def cpu(self) -> float:
        return statistics.median(self.cpus)


def row(what: str, goal: str, measured: str, ok: bool) -> Row:
    return {"what": what, "goal": goal, "measured": measured, "ok": bool(ok)}


def told(taken: dict[str, Taken]) -> str:
    return ", ".join(f"{name} {min(one.rates):,.0f} / {one.rate:,.0f} / {max(one.rates):,.0f} per s"
                     for name, one in taken.items())


def ratio(what: str, taken: dict[str, Taken], peer: str, goal: float) -> Row:
    found = taken["ringpost"].rate / taken[peer].rate
    return row(what, f"{goal:g} x {peer}", f"{found:.2f} x; least / median / most: {told(taken)}", found >= goal)


def percentile(values: list[float], share: int) -> float:
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * share // 100), 1) - 1]


def synced_files(directory: pathlib.Path, count: int, threads: int) -> float:
    """Seconds for so many new files of 1 MB, each durable under its name before its thread writes the next one."""
    directory.mkdir()
    octets = bytes(1_000_000)
    folder = os.open(directory, os.O_RDONLY)

    def write(place: int) -> None:
        for number in range(place, count, threads):
            made = os.open(directory / str(number), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(made, octets)
            os.fsync(made)
            os.close(made)
            os.fsync(folder)

    workers = [threading.Thread(target=write, args=(place,)) for place in range(threads)]
    begun = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    os.close(folder)
    return time.monotonic() - begun


def delivery_times(delivered: Callable[[], int], port: Callable[[], int], to: str, mail: str, mails: int, rounds: int,
                   login: tuple[str, str] | None = None) -> list[float]:
    """Milliseconds from the end of DATA to delivered, mail after mail over one connection."""
    import smtplib  # noqa: PLC0415  (only here)

    octets = pathlib.Path(mail).read_bytes()[:-3]
    took: list[float] = []
    for _ in range(max(rounds // 2, 1)):
        with smtplib.SMTP("127.0.0.1", port(), timeout=30) as client:
            client.ehlo("client.example")
            if login:
                client.login(*login)
            for _ in range(mails):
                client.mail(login[0] if login else "load@client.example")
                client.rcpt(to)
                client.docmd("DATA")
                before = delivered()
                client.send(octets + b".\r\n")
                begun = time.monotonic()
                code, _text = client.getreply()
                if code != 250:
                    raise RuntimeError(f"the answer to a mail is {code}")
                while delivered() == before:
                    if time.monotonic() > begun + 30:
                        raise RuntimeError("a mail was not delivered")
                    time.sleep(LOOK)
                took.append(1000 * (time.monotonic() - begun))
    return took


