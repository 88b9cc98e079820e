# SPDX-License-Identifier: Apache-2.0
"""A name server for tests: a few records, by UDP and TCP, and the ways in which name servers misbehave."""
from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from dataclasses import dataclass, field

A, CNAME, MX, AAAA = 1, 5, 15, 28
NOERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 2, 3, 5


def packed_name(name: str) -> bytes:
    labels = [label.encode("ascii") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def packed_data(kind: int, value: str) -> bytes:
    if kind in (A, AAAA):
        return ipaddress.ip_address(value).packed
    if kind == MX:
        preference, host = value.split(" ", 1)
        return struct.pack("!H", int(preference)) + packed_name(host)
    return packed_name(value)


@dataclass
class Name:
    """What is said of one name. `manner`: how; see NameServer.answers()."""
    mx: list[str] = field(default_factory=list)  # `10 mx.example`
    addresses: list[str] = field(default_factory=list)
    alias: str = ""
    manner: str = ""

    def records(self, kind: int) -> list[tuple[int, str]]:
        if self.alias:
            return [(CNAME, self.alias)]
        if kind == MX:
            return [(MX, value) for value in self.mx]
        version = {A: 4, AAAA: 6}.get(kind)
        return [(kind, value) for value in self.addresses if ipaddress.ip_address(value).version == version]


class NameServer:
    """Answers for the names in `zone`, which may be changed at any time; all others do not exist."""

    def __init__(self, zone: dict[str, Name]) -> None:
        self.zone = zone
        self.asked: list[tuple[str, str]] = []  # transport, name
        self._tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self._tcp.getsockname()[1]
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(("127.0.0.1", self.port))
        self._closing = False
        self._threads = [threading.Thread(target=serve, daemon=True) for serve in (self._serve_udp, self._serve_tcp)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        self._closing = True
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", ("127.0.0.1", self.port))
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        for thread in self._threads:
            thread.join(5)
        self._udp.close()
        self._tcp.close()

    def _serve_udp(self) -> None:
        while not self._closing:
            query, client = self._udp.recvfrom(4096)
            for answer in self.answers(query, "udp"):
                self._udp.sendto(answer, client)

    def _serve_tcp(self) -> None:
        while not self._closing:
            peer, _ = self._tcp.accept()
            with peer:
                peer.settimeout(2)
                try:
                    length = peer.recv(2, socket.MSG_WAITALL)
                    query = peer.recv(struct.unpack("!H", length)[0], socket.MSG_WAITALL) if len(length) == 2 else b""
                    for answer in self.answers(query, "tcp"):
                        peer.sendall(struct.pack("!H", len(answer)) + answer)
                except OSError:
                    continue

    def answers(self, query: bytes, transport: str) -> list[bytes]:
        """What is sent in answer: nothing, one, or several of which one is true."""
        if len(query) < 17:
            return []
        name, end = self._question(query)
        kind = struct.unpack("!H", query[end:end + 2])[0]
        self.asked.append((transport, name))
        known = self.zone.get(name)
        manner = known.manner if known else ""
        if manner == "silent" or (manner == "silent over tcp" and transport == "tcp"):
            return []
        if manner in ("truncated", "silent over tcp") and transport == "udp":
            return [self._packet(query, end, NOERROR, [], truncated=True)]
        if manner in ("servfail", "refused"):
            return [self._packet(query, end, SERVFAIL if manner == "servfail" else REFUSED, [])]
        if manner == "garbage":
            return [query[:2] + b"\x81\x80" + bytes(range(100, 200))]
        if known is None:
            return [self._packet(query, end, NXDOMAIN, [])]
        true = self._packet(query, end, NOERROR, self._chain(name, known, kind))
        if manner == "lies":
            other_id = bytes([query[0] ^ 1]) + query[1:]
            liar = [(name, MX, "1 liar.example")] if kind == MX else [(name, A, "127.0.0.99")]
            other_question = query[:12] + packed_name("other.example") + query[end:]
            return [self._packet(other_id, end, NOERROR, liar),
                    self._packet(other_question, 12 + len(packed_name("other.example")), NOERROR, liar), true]
        return [true]

    def _chain(self, name: str, known: Name, kind: int) -> list[tuple[str, int, str]]:
        """The records, and those of the name that an alias stands for."""
        records = [(name, found, value) for found, value in known.records(kind)]
        if known.alias and known.alias in self.zone:
            records += self._chain(known.alias, self.zone[known.alias], kind)
        return records

    @staticmethod
    def _question(query: bytes) -> tuple[str, int]:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("ascii").lower())
            at += 1 + query[at]
        return ".".join(labels), at + 1

    @staticmethod
    def _packet(query: bytes, end: int, code: int, records: list[tuple[str, int, str]], truncated: bool = False) -> bytes:
        flags = 0x8180 | code | (0x0200 if truncated else 0)
        packet = query[:2] + struct.pack("!HHHHH", flags, 1, len(records), 0, 0) + query[12:end + 4]
        for owner, kind, value in records:
            data = packed_data(kind, value)
            packet += packed_name(owner) + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
        return packet
