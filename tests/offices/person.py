# SPDX-License-Identifier: Apache-2.0
"""Somebody at a telephone of the bed, whom no gateway knows: lives on when gateways and exchanges die."""
from __future__ import annotations

import json
import socket
import threading

from telephone import Telephone, read_netstring
from two_offices import wait_for


class Person:
    """Answers after `answers` seconds, or, where that is None, when told to."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone = telephone
        self.answers: float | None = None
        self.rung = 0                     # how often the telephone has rung
        self.established = 0              # how often it had a conversation
        self._calls: dict[str, str] = {}  # by id: ringing, dialled or talking
        self._changed = threading.Lock()
        self._connection = socket.create_connection((telephone.address, telephone.control_port), timeout=5)
        self._connection.settimeout(None)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        self._connection.shutdown(socket.SHUT_RDWR)
        self._reader.join(5)
        self._connection.close()

    @property
    def name(self) -> str:
        return self.telephone.name

    # --- what happens ---------------------------------------------------------------------------------------------
    def _read(self) -> None:
        with self._connection.makefile("rb") as stream:
            while True:
                try:
                    message = read_netstring(stream)
                except (OSError, ValueError):  # closed
                    return
                if message.get("event"):
                    self._on(str(message["type"]), str(message.get("id", "")))

    def _on(self, event: str, call: str) -> None:
        with self._changed:
            if event == "CALL_INCOMING":
                self._calls[call] = "ringing"
                self.rung += 1
                if self.answers is not None:
                    timer = threading.Timer(self.answers, self._answer, (call,))
                    timer.daemon = True
                    timer.start()
            elif event == "CALL_OUTGOING":
                self._calls[call] = "dialled"
            elif event == "CALL_ESTABLISHED":
                self._calls[call] = "talking"
                self.established += 1
            elif event == "CALL_CLOSED":
                self._calls.pop(call, None)

    def _answer(self, call: str) -> None:
        with self._changed:
            rings = self._calls.get(call) == "ringing"
        if rings:
            self._do("accept")

    def states(self) -> list[str]:
        with self._changed:
            return sorted(self._calls.values())

    def rings(self) -> bool:
        return "ringing" in self.states()

    def talks(self) -> bool:
        return self.states() == ["talking"]

    def idle(self) -> bool:
        return not self.states()

    # --- what the person does -------------------------------------------------------------------------------------
    def _do(self, command: str, parameters: str = "") -> None:
        request = json.dumps({"command": command, "params": parameters, "token": "person"}).encode()
        self._connection.sendall(b"%d:%s," % (len(request), request))

    def accept(self) -> None:
        """Returns when it has answered, even if the exchange has ended the call at once."""
        before = self.established
        self._do("accept")
        wait_for(lambda: self.established > before, 5, f"{self.name} has answered")

    def dial(self, number: str) -> None:
        self._do("dial", number)

    def hang_up(self) -> None:
        """Ends every call."""
        def hung_up() -> bool:
            if not self.idle():
                self._do("hangup")
            return self.idle()

        wait_for(hung_up, 10, f"{self.name} is idle")
