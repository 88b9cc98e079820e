# SPDX-License-Identifier: Apache-2.0
"""T.38 between two exchanges, as it goes over the wire: UDPTL packets (ITU-T T.38, RFC 7345 3), heard by a raw socket,
for which the test needs the right to open one (root)."""
from __future__ import annotations

import collections
import dataclasses
import socket
import struct
import threading
from types import TracebackType

PORTS = range(4000, 5000)  # of Asterisk's udptl.conf, where it says nothing


@dataclasses.dataclass(frozen=True)
class Ifp:
    """The first Internet FAX packet of a UDPTL packet."""

    sequence: int
    data: bool  # T.30 data, else an indicator: silence, CED, preamble, training


def read_ifp(udptl: bytes) -> Ifp | None:
    """None: it is no UDPTL packet."""
    if len(udptl) < 5 or not 0 < udptl[2] <= len(udptl) - 3:
        return None
    return Ifp(struct.unpack_from(">H", udptl)[0], bool(udptl[3] & 0x40))


class Wire:
    """Counts what goes from one address to another, for a `with` block: {(source, data)}."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = set(addresses)
        self.packets: collections.Counter[tuple[str, bool]] = collections.Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP)
        self._socket.settimeout(0.2)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        while not self._over.is_set():
            try:
                octets = self._socket.recv(4096)
            except TimeoutError:
                continue
            header = (octets[0] & 15) * 4
            source, target = (socket.inet_ntoa(octets[at:at + 4]) for at in (12, 16))
            ports = struct.unpack_from(">HH", octets, header)
            ifp = read_ifp(octets[header + 8:])
            if {source, target} == self._addresses and all(port in PORTS for port in ports) and ifp:
                self.packets[source, ifp.data] += 1

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()
