# SPDX-License-Identifier: Apache-2.0
"""The two offices with their gateways on the test bed: TwoOffices, whose exchanges are real ones."""
from __future__ import annotations

import pathlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from bed import Bed, Office
from telephone import Telephone
from two_offices import Gateway, Ports, Settings, TimedOut, TwoOffices, wait_for


class BedExchanges:
    """What the gateways have to know of the exchanges of a bed."""

    name = "asterisk"

    def __init__(self, bed: Bed) -> None:
        self._bed = bed

    def settings(self, office: str, ports: dict[str, Ports]) -> dict[str, Any]:
        del ports  # the exchanges have addresses of their own
        side = self._bed.a if office == "a" else self._bed.b
        asterisk = side.asterisk
        return {"driver": self.name, "asterisk_url": asterisk.url, "asterisk_user": asterisk.user,
                "asterisk_password_file": str(asterisk.password_file), "asterisk_application": "ringpost",
                "asterisk_trunks": ["+=PJSIP/{number}@trunk"],
                "softphones": [f"{number}={phone.control}" for number, phone in side.telephones.items()]}


class BedOffices(TwoOffices):
    """office-a.example and office-b.example with Asterisk and SIP telephones; ends all of them together."""

    def __init__(self, build: pathlib.Path, extra: Settings | None = None, bed: Bed | None = None,
                 exchanges: BedExchanges | None = None, tls: Sequence[str] = ()) -> None:
        self.bed = bed or Bed()
        try:
            super().__init__(build, extra, exchanges or BedExchanges(self.bed), tls)
        except BaseException:
            self.bed.stop()
            raise

    def start(self, seconds: float = 20) -> None:
        self.bed.start()
        super().start(seconds)

    def check_alive(self) -> None:
        super().check_alive()
        self.bed.check_alive()

    def remove(self) -> None:
        try:
            super().remove()
        finally:
            self.bed.stop()

    def __enter__(self) -> BedOffices:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.remove()

    # --- telephones ---------------------------------------------------------------------------------------------
    def office(self, gateway: Gateway) -> Office:
        return self.bed.a if gateway is self.a else self.bed.b

    def telephone(self, gateway: Gateway, number: str) -> Telephone:
        return self.office(gateway).telephones[number]

    def phones(self) -> list[Telephone]:
        return list(self.bed.telephones())

    def marks(self) -> tuple[int, int]:
        """A place in what the telephones of each office do, for watch().wait() and watch().since()."""
        return self.a.watch().mark(), self.b.watch().mark()

    def heard(self, gateway: Gateway, number: str, last: float | None = None) -> dict[int, float]:
        """Seconds of each tone that a telephone hears in its call, or in its last seconds."""
        return self.telephone(gateway, number).heard(last)

    def wait_both_hear(self, first: Telephone, second: Telephone, seconds: float = 10) -> None:
        """Returns when each has heard the other, and nobody else, for a second."""
        for ear, mouth in ((first, second), (second, first)):
            try:
                wait_for(lambda: ear.heard(1.0) == {mouth.tone: 1.0}, seconds,
                         f"telephone {ear.name} hears the {mouth.tone} Hz of {mouth.name}")
            except TimedOut as error:
                raise TimedOut(f"{error}; in its last second it heard {ear.heard(1.0)}") from None
