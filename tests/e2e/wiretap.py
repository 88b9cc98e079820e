# SPDX-License-Identifier: Apache-2.0
"""A wire between two programs of this machine on which everything is heard."""
from __future__ import annotations

import socket
import threading


class Wiretap:
    """Connections to `port` go on to the port given; what passes, both ways, is kept."""

    def __init__(self, onward: int) -> None:
        self._onward = onward
        self._heard = bytearray()
        self._cuts = 0
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def octets(self) -> bytes:
        with self._lock:
            return bytes(self._heard)

    def cut_handshakes(self, count: int) -> None:
        """So many connections end when TLS is to begin on them."""
        self._cuts = count

    @property
    def cuts_left(self) -> int:
        return self._cuts

    def _to_be_cut(self, octets: bytes) -> bool:
        with self._lock:
            cut = self._cuts > 0 and octets.startswith(b"\x16\x03")  # the client's first record of a handshake
            self._cuts -= cut
            return cut

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._onward), timeout=10)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while octets := one.recv(65536):
                if self._to_be_cut(octets):
                    for end in (one, other):
                        end.shutdown(socket.SHUT_RDWR)
                    return
                with self._lock:
                    self._heard += octets
                other.sendall(octets)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass
