# SPDX-License-Identifier: Apache-2.0
"""Holds the same dialogs with Ringpost, Postfix and Dovecot, and compares the replies: `compare.py [--build DIR]
[--count FILE] [-k TEXT] [--show]`. A difference is a failure unless differences.py explains it, and docs/specifications.md
says the same; so is a difference that is no longer there. Has to be run by root (sudo), for their sake."""
from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import smtplib
import socket
import sys
import tempfile
from collections.abc import Callable

from dialogs import POP3, SIZE_LIMIT, SMTP, TARO, Dialog
from differences import DIFFERENCES, REASONS
from servers import DOMAIN, ROOT, Servers

from counts import conclude

from two_offices import SAMPLES, Gateway, free_ports, people_with_port, settings_for, wait_for

PATIENCE = 10.0  # seconds for a reply
MAILS = [b"From: a@elsewhere.example\r\nSubject: one\r\n\r\nfirst line\r\nsecond line\r\n",
         b"From: a@elsewhere.example\r\nSubject: dots\r\n\r\n.\r\n..\r\n.x\r\nlast\r\n",
         b"From: a@elsewhere.example\r\nSubject: three\r\n\r\n" + b"x" * 900 + b"\r\n"]
MULTILINE = re.compile(rb"^(CAPA|LIST|UIDL|RETR \d+|TOP \d+ \d+|AUTH) *$", re.IGNORECASE)


class Wire:
    """A connection that is read by lines."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.left = b""

    def line(self) -> str:
        """Without its end; `closed` where there is none, `silence` where nothing comes."""
        while b"\n" not in self.left:
            try:
                piece = self.socket.recv(65536)
            except TimeoutError:
                return "silence"
            except ConnectionError:
                return "closed"
            if not piece:
                return "closed"
            self.left += piece
        line, _, self.left = self.left.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "replace")

    def send(self, octets: bytes) -> None:
        try:
            self.socket.sendall(octets)
        except ConnectionError:
            pass  # the next line is `closed`


def smtp_reply(wire: Wire, _: bytes) -> str:
    line = wire.line()
    while re.match(r"\d{3}-", line):
        line = wire.line()
    return line if line in ("closed", "silence") else line[:3]


def pop3_reply(wire: Wire, command: bytes) -> str:
    line = wire.line()
    if line in ("closed", "silence"):
        return line
    found = re.match(r"\+OK|-ERR( \[[A-Z/-]+\])?|\+", line)
    status = found[0] if found else line
    if status != "+OK" or not MULTILINE.match(command):
        return status
    lines: list[str] = []
    while (line := wire.line()) not in (".", "closed", "silence"):
        lines.append(line)
    if command[:4].upper() in (b"RETR", b"TOP ") and "" in lines:
        return "+OK " + "|".join(each[:20] for each in lines[lines.index("") + 1:])
    return "+OK" if command[:4].upper() in (b"CAPA", b"AUTH") else f"+OK {len(lines)} lines"


def hold(dialog: Dialog, port: int, reply: Callable[[Wire, bytes], str]) -> str:
    """The replies, in short."""
    wire = Wire(port)
    try:
        replies = [reply(wire, b"")]
        for step in dialog.steps:
            wire.send(step.octets)
            commands = step.octets.replace(b"\r\n", b"\n").split(b"\n")
            for command in commands[:step.replies]:
                replies.append(reply(wire, command))
            if replies[-1] in ("closed", "silence"):
                break
    finally:
        wire.socket.close()
    # A hundred like replies are told as one.
    short: list[list[str | int]] = []
    for each in replies[1:]:
        if short and short[-1][0] == each:
            short[-1][1] = int(short[-1][1]) + 1
        else:
            short.append([each, 1])
    return ", ".join(f"{what}" if count == 1 else f"{count} x {what}" for what, count in short)


def ringpost(build: pathlib.Path, directory: pathlib.Path) -> Gateway:
    ports = dict(zip(("smtp", "pop3", "trunk"), free_ports(3)))
    exchange = {"driver": "simulated", "simulated_trunk_listen": f"127.0.0.1:{ports['trunk']}", "simulated_trunks": []}
    extra = {"mta": {"size_limit": f"{SIZE_LIMIT >> 20}MiB"}, "authentication": {"opslimit": 1, "memlimit": "1MiB"}}
    settings = settings_for(DOMAIN, directory, ports, exchange, extra)
    return Gateway(build, directory, DOMAIN, settings, people_with_port(SAMPLES / "office-b.toml", 2526))


def fill(gateway: Gateway) -> None:
    with smtplib.SMTP(*gateway.smtp, local_hostname="client.example", timeout=30) as client:
        for mail in MAILS:
            client.sendmail("a@elsewhere.example", [TARO], mail)
    wait_for(lambda: mails_in(gateway) == len(MAILS), 20, "all is delivered")


def mails_in(gateway: Gateway) -> int:
    wire = Wire(gateway.pop3[1])
    try:
        wire.line()
        for command in (f"USER {TARO}", f"PASS {gateway.user('2000')['secret']}", "STAT"):
            wire.send(command.encode() + b"\r\n")
            answer = wire.line()
        wire.send(b"QUIT\r\n")
        wire.line()
        return int(answer.split()[1]) if answer.startswith("+OK") else -1
    finally:
        wire.socket.close()


def compare(name: str, dialogs: list[Dialog], ours: int, theirs: int, reply: Callable[[Wire, bytes], str],
            text: str, show: bool) -> tuple[int, int]:
    passed = failed = 0
    for dialog in (each for each in dialogs if text in each.name):
        told = (hold(dialog, ours, reply), hold(dialog, theirs, reply))
        explained = DIFFERENCES.get((name, dialog.name))
        good = told[0] == told[1] if explained is None else told == explained[:2]
        passed, failed = passed + good, failed + (not good)
        if show or not good:
            print(f"{'ok' if good else 'DIFFERS'}  {name}, {dialog.name}\n    Ringpost {told[0]}\n    {name:8} {told[1]}",
                  flush=True)
    return passed, failed


def undocumented() -> list[str]:
    """Reasons that docs/specifications.md does not give in these words."""
    page = " ".join((ROOT / "docs" / "specifications.md").read_text(encoding="utf-8").split())
    return [reason for reason in REASONS.values() if " ".join(reason.split()) not in page]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "asan-ubsan")
    parser.add_argument("--count", type=pathlib.Path)
    parser.add_argument("--show", action="store_true", help="the replies of all dialogs")
    parser.add_argument("-k", dest="text", default="", help="only dialogs whose name contains this text")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        sys.exit("compare.py: Postfix and Dovecot are started by root: run it with sudo")
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ringpost-foreign-"))
    gateway = ringpost(chosen.build.resolve(), directory / "ringpost")
    try:
        with Servers(directory, MAILS) as servers:
            gateway.start()
            gateway.wait_ready()
            fill(gateway)
            # Before mails come in by SMTP, for both are to have the same.
            pop3 = compare("Dovecot", POP3, gateway.pop3[1], servers.pop3_port, pop3_reply, chosen.text, chosen.show)
            smtp = compare("Postfix", SMTP, gateway.smtp[1], servers.smtp_port, smtp_reply, chosen.text, chosen.show)
            gateway.check_alive()
    finally:
        status = gateway.stop()
        shutil.rmtree(directory, ignore_errors=True)
    missing = undocumented()
    for reason in missing:
        print(f"docs/specifications.md does not say: {reason}")
    passed, failed = smtp[0] + pop3[0], smtp[1] + pop3[1] + len(missing) + (status != 0)
    return conclude(passed, failed, chosen.count)


if __name__ == "__main__":
    sys.exit(main())
