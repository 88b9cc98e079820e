# SPDX-License-Identifier: Apache-2.0
"""A network between a gateway and its exchange that can fail: a TCP proxy on loopback."""
from __future__ import annotations

import enum
import selectors
import socket
import threading

CHUNK = 1 << 16


class Way(enum.Enum):
    OPEN = "everything passes"
    CUT = "connections are reset, and refused"
    MUTE = "connections are accepted, but nothing passes, nor do they end: as behind a dead router"
    NO_SOCKETS = "connections are reset; then requests pass, but those for a WebSocket do not, and are not answered"


class Proxy:
    """Serves until close(). One thread; both sides are fast, so that writing may wait."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._way = Way.OPEN
        self._selector = selectors.DefaultSelector()
        self._other: dict[socket.socket, socket.socket] = {}
        self._mute: list[socket.socket] = []  # came while nothing passed, or were there then
        self._listener: socket.socket | None = None
        self._listen(("127.0.0.1", 0))
        assert self._listener is not None
        self.address: tuple[str, int] = self._listener.getsockname()
        self._lock = threading.Lock()
        self._wake, wakeup = socket.socketpair()
        self._selector.register(wakeup, selectors.EVENT_READ)
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}/ari"

    def set(self, way: Way) -> None:
        """Returns when it is so for everybody."""
        with self._lock:
            if way == Way.MUTE:
                for connection in self._other:
                    self._selector.unregister(connection)
                    self._mute.append(connection)
                self._other.clear()
            else:  # what was mute once is never repaired: a peer has sent what never arrived
                for connection in self._mute if way == Way.OPEN else [*self._other, *self._mute]:
                    self._reset(connection)
                self._mute.clear()
            self._way = way
            if way == Way.CUT:
                self._close_listener()
            elif self._listener is None:
                self._listen(self.address)
        self._wake.send(b".")

    def close(self) -> None:
        self.set(Way.CUT)
        self._ended = True
        self._wake.send(b".")
        self._thread.join(5)
        self._wake.close()

    # --- inside ---------------------------------------------------------------------------------------------------
    def _listen(self, address: tuple[str, int]) -> None:
        self._listener = socket.create_server(address)  # SO_REUSEADDR
        self._selector.register(self._listener, selectors.EVENT_READ)

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _reset(self, connection: socket.socket) -> None:
        if self._other.pop(connection, None) is not None:
            self._selector.unregister(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()

    def _run(self) -> None:
        while not self._ended:
            ready = [key.fileobj for key, _ in self._selector.select()]
            with self._lock:
                for each in ready:
                    assert isinstance(each, socket.socket)
                    if each is self._listener:
                        self._accept()
                    elif each in self._other:
                        self._pass_on(each)
                    elif each.fileno() >= 0:  # the wake-up; what was closed since has none
                        each.recv(CHUNK)

    def _accept(self) -> None:
        assert self._listener is not None
        connection = self._listener.accept()[0]
        if self._way == Way.MUTE:
            self._mute.append(connection)
            return
        try:
            there = socket.create_connection(self._target, timeout=2)
        except OSError:  # the exchange is away
            self._reset(connection)
            return
        for one, other in ((connection, there), (there, connection)):
            one.settimeout(5)
            self._other[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, source: socket.socket) -> None:
        other = self._other[source]
        try:
            octets = source.recv(CHUNK)
            if octets:
                if not (self._way == Way.NO_SOCKETS and b"Upgrade: websocket" in octets):
                    other.sendall(octets)
                return
        except OSError:
            pass
        for each in (source, other):
            if self._other.pop(each, None) is not None:
                self._selector.unregister(each)
            each.close()
