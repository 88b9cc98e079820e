# SPDX-License-Identifier: Apache-2.0
"""Mails that nobody should write, made when they are needed: each with an order in its header, so that it would ring
if it were believed, and with what the gateway answers to an own user."""
from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

EXCHANGE = "application/vnd.ringpost.exchange-information"
ORDER = b"Ringpost-Trigger: system-recognition\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\nPlease call me.\r\n"


@dataclasses.dataclass(frozen=True)
class Hostile:
    name: str
    rest: Callable[[], bytes]   # what follows From, To and Subject
    code: int                   # the answer to an own user's DATA
    words: tuple[str, ...] = ()  # that are in it

    def octets(self, sender: str, to: str) -> bytes:
        head = f"From: {sender}\r\nTo: {to}\r\nSubject: hostile {self.name}\r\n".encode()
        return head + self.rest()


def nested(levels: int) -> bytes:
    return ORDER + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
                            for level in range(levels)) + b"\r\ntext\r\n"


def many_fields(count: int) -> bytes:
    return ORDER + b"".join(b"X-Filler: %d\r\n" % index for index in range(count)) + TEXT


def long_field(octets: int) -> bytes:
    return ORDER + b"X-Long: " + b"x" * octets + b"\r\n" + TEXT


def folded_field(lines: int) -> bytes:
    return ORDER + b"X-Folded: x\r\n" + b" " * 70 + b"x\r\n" + b" y\r\n" * lines + TEXT


def many_addresses(count: int) -> bytes:
    return ORDER + b"Cc: " + b",\r\n ".join(b"person%d@elsewhere.example" % index for index in range(count)) + b"\r\n" + TEXT


def many_parts(count: int) -> bytes:
    return ORDER + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\n\r\n" * count + b"--b--\r\n"


def multipart(parts: list[bytes], boundary: bytes = b"b", end: bytes | None = None) -> bytes:
    """`parts` begin with their header; `end` stands for the last boundary line."""
    start = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return start + body + (b"--" + boundary + b"--\r\n" if end is None else end)


def exchange(text: bytes, kind: bytes = EXCHANGE.encode()) -> bytes:
    return b"Content-Type: " + kind + b"\r\n\r\n" + text


def order_part(text: bytes) -> bytes:
    return b"MIME-Version: 1.0\r\n" + multipart([TEXT, exchange(text)])


NOW = b"Trigger: system-recognition\r\n"
GARBAGE = bytes(random.Random(6).choice(range(0x80, 0x100)) for _ in range(20_000))

# Beyond a limit of the scan: an own user is told which, from others it is stored whole, without contents.
BEYOND_LIMITS = [
    Hostile("nested", lambda: nested(60_000), 554, ("5.6.0", "scan.levels")),
    Hostile("fields", lambda: many_fields(100_000), 554, ("5.6.0", "scan.fields")),
    Hostile("header line", lambda: long_field(8_000_000), 554, ("5.6.0", "scan.header_line")),
    Hostile("folded", lambda: folded_field(500_000), 554, ("5.6.0", "scan.header_line")),
    Hostile("addresses", lambda: many_addresses(200_000), 554, ("5.6.0", "scan.header_line")),
    Hostile("parts", lambda: many_parts(100_000), 554, ("5.6.0", "scan.parts")),
]

# A structure that two programs read in two ways.
FLAWED = [
    Hostile("unterminated", lambda: ORDER + multipart([TEXT, exchange(NOW)], end=b""), 550,
            ("5.6.0", "MIME structure, line 5", "no end", "--b--")),
    Hostile("no boundary", lambda: ORDER + b"Content-Type: multipart/mixed\r\n\r\n--b\r\n" + exchange(NOW) + b"--b--\r\n",
            550, ("5.6.0", "MIME structure, line 5", "no boundary")),
    Hostile("never begun", lambda: ORDER + multipart([], end=b"text\r\n"), 550, ("5.6.0", "MIME structure", "no end")),
    Hostile("prefix", lambda: ORDER + multipart([multipart([TEXT, exchange(NOW)], b"bb"), exchange(NOW)]), 550,
            ("5.6.0", "MIME structure, line 8", "boundaries b and bb")),
    Hostile("inner unterminated", lambda: ORDER + multipart([multipart([TEXT, exchange(NOW)], b"c", end=b"")]), 550,
            ("5.6.0", "MIME structure, line 8", "no end", "--c--")),
]

# An order with an error. From a peer the result is bad-request.
BAD_ORDERS = [
    Hostile("two parts", lambda: b"MIME-Version: 1.0\r\n" + multipart([exchange(NOW), exchange(NOW)]), 550,
            ("5.6.0", "content 2", "two exchange informations")),
    Hostile("unknown field", lambda: order_part(NOW + b"Colour: red\r\n"), 550, ("5.6.0", "line 2", "Colour")),
    Hostile("field twice", lambda: order_part(NOW + NOW), 550, ("5.6.0", "line 2", "Trigger")),
    Hostile("bad duration", lambda: order_part(NOW + b"Monitor-Time: 99999999999999999999h\r\n"), 550,
            ("5.6.0", "line 2", "Monitor-Time")),
    Hostile("no number", lambda: order_part(NOW + b"Destination-Number: two thousand\r\n"), 550,
            ("5.6.0", "line 2", "Destination-Number")),
    Hostile("endless number", lambda: order_part(NOW + b"Destination-Number: " + b"2" * 60_000 + b"\r\n"), 550,
            ("5.6.0", "line 2", "Destination-Number")),
    Hostile("no text", lambda: order_part(b"\xff\xfe\x80 \x80: \x81\r\n" * 50), 550, ("5.6.0", "line 1")),
    Hostile("bad header field", lambda: b"Ringpost-Monitor-Time: soon\r\n" + TEXT, 550, ("5.6.0", "Monitor-Time")),
]

FORWARDED = (b"From: boss@office-a.example\r\nSubject: the forwarded one\r\n" + ORDER +
             multipart([TEXT, exchange(NOW)], b"inside"))
# Ordinary mail, whoever sends it: delivered whole, and nothing rings.
ORDINARY = [
    Hostile("empty body", lambda: b"\r\n", 250),
    Hostile("header alone", lambda: b"", 250),
    Hostile("8-bit text", lambda: b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + "電話".encode("cp932") + b"\r\n", 250),
    Hostile("8-bit garbage", lambda: b"X-Garbage: " + GARBAGE[:900] + b"\r\n\r\n" + GARBAGE + b"\r\n" + GARBAGE, 250),
    Hostile("wrong charset", lambda: b"Content-Type: text/plain; charset=no-such-charset\r\n\r\n" + GARBAGE[:70] +
            b"\r\n", 250),
    Hostile("charset of another", lambda: b"Content-Type: text/plain; charset=utf-16\r\n\r\nExchange:\r\nTrigger: "
            b"system-recognition\r\n", 250),
    Hostile("forwarded", lambda: b"MIME-Version: 1.0\r\n" + multipart(
        [TEXT, b"Content-Type: message/rfc822; name=call.exchange\r\n\r\n" + FORWARDED]), 250),
    Hostile("long line", lambda: b"\r\n" + b"y" * 1_000_000 + b"\r\n", 250),
    Hostile("signature line", lambda: b"Content-Type: text/plain\r\n\r\n> Exchange:\r\n> Trigger: system-recognition\r\n",
            250),
]
