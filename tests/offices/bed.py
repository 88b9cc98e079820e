# SPDX-License-Identifier: Apache-2.0
"""The test bed: two offices, each with a real Asterisk and real SIP telephones, joined by a SIP trunk that stands for
the public network. Everything is on loopback, on two addresses of its own, so that several beds run side by side.

    with Bed() as bed:
        bed.a.telephones["2000"].dial("044-222-3300")

Ends with the process that made it, however that ends. Run as a program it stays until Ctrl-C, for looking into it.
"""
from __future__ import annotations

import atexit
import pathlib
import random
import secrets
import shutil
import signal
import socket
from collections.abc import Iterator
from types import TracebackType

from asterisk import ARI_PORT, PATIENCE, SIP_PORT, SITE_A, SITE_B, Asterisk, Line, Site, asterisk_root
from sipp import HABITS, TALKING_TONE, FaultyTelephone, crowd_lines
from telephone import Telephone
from tones import TONES
from two_offices import temporary_directory, wait_for

TELEPHONES = ("2000", "2001", "2002", "2003")
NEVER_THERE = "2004"  # an extension whose telephone never registers


class Address:
    """A loopback address that belongs to us until close()."""

    _RESERVED = 5059  # a port of no use to anybody: who has it bound has the address

    def __init__(self) -> None:
        for _ in range(100):
            self.name = f"127.0.{random.randint(31, 254)}.{random.randint(1, 254)}"
            self._socket = socket.socket()
            try:
                self._socket.bind((self.name, self._RESERVED))
                self._check_free()
                return
            except OSError as error:
                self._socket.close()
                reason = error
        raise RuntimeError(f"no loopback address is free for an office (ports {SIP_PORT} and {ARI_PORT}): {reason}")

    def _check_free(self) -> None:
        for kind, port in ((socket.SOCK_STREAM, ARI_PORT), (socket.SOCK_DGRAM, SIP_PORT)):
            with socket.socket(socket.AF_INET, kind) as probe:
                if kind == socket.SOCK_STREAM:  # an Asterisk that has just ended left connections in TIME-WAIT
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.name, port))

    def close(self) -> None:
        self._socket.close()


class Office:
    """One Asterisk and its telephones; of the telephones of HABITS, those that a test asks for."""

    def __init__(self, root: pathlib.Path, home: pathlib.Path, site: Site, addresses: tuple[str, str],
                 numbers: tuple[str, ...], tones: tuple[int, ...], crowds: bool) -> None:
        address, other = addresses
        self.home = home
        self.gone = False
        registering = [Line(number, password=secrets.token_urlsafe(12)) for number in (*numbers, NEVER_THERE)]
        lines = registering + [habit.line(address) for habit in HABITS.values()]
        lines += crowd_lines(address) if crowds else []
        self.asterisk = Asterisk(root, home / "asterisk", site, address, other, lines)
        self.telephones = {line.extension: Telephone(line, site.domain, address, place, tones[place],
                                                     home / f"telephone-{line.extension}")
                           for place, line in enumerate(registering[:-1])}

    def start_telephones(self) -> None:
        for telephone in self.telephones.values():
            telephone.start()

    def wait_registered(self, seconds: float = PATIENCE) -> None:
        def registered() -> bool:
            self.check_alive()
            states = self.asterisk.endpoints()
            return all(states.get(number) == "online" for number in self.telephones)

        wait_for(registered, seconds, f"the telephones of {self.asterisk.site.domain} are registered")

    def faulty(self, habit: str, place: str | None = None) -> FaultyTelephone:
        """A telephone with one of the HABITS, for a `with` block; `place`: at the extension of that habit."""
        return FaultyTelephone(self.asterisk, habit, self.home / f"sipp-{habit}", place)

    def take_away(self) -> None:
        """Its exchange and telephones are gone for good; the other office goes on."""
        self.gone = True
        self.stop()

    def hang_up_all(self) -> None:
        if not self.gone:
            self.asterisk.hang_up_all()

    def check_alive(self) -> None:
        if self.gone:
            return
        self.asterisk.check_alive()
        for telephone in self.telephones.values():
            telephone.check_alive()

    def ask_to_stop(self) -> None:
        for telephone in self.telephones.values():
            telephone.ask_to_stop()
        self.asterisk.ask_to_stop()

    def stop(self) -> None:
        for telephone in self.telephones.values():
            telephone.stop()
        self.asterisk.stop()


class Bed:
    """Two offices; `numbers` are the telephones of each, with `crowds` there are also those of CROWDS."""

    def __init__(self, numbers: tuple[str, ...] = TELEPHONES, crowds: bool = False) -> None:
        root = asterisk_root()
        self._addresses = (Address(), Address())
        here, there = (address.name for address in self._addresses)
        self.directory = temporary_directory()
        atexit.register(self.stop)  # whoever forgets it, or fails before it
        count = len(numbers)
        if 2 * count > TONES.index(TALKING_TONE):
            raise ValueError(f"there are not enough tones for two times {count} telephones")
        self.a = Office(root, self.directory / "a", SITE_A, (here, there), numbers, TONES[:count], crowds)
        self.b = Office(root, self.directory / "b", SITE_B, (there, here), numbers, TONES[count:2 * count], crowds)

    @property
    def both(self) -> tuple[Office, Office]:
        return self.a, self.b

    def telephones(self) -> Iterator[Telephone]:
        for office in self.both:
            yield from office.telephones.values()

    def start(self) -> None:
        """Returns when all telephones are registered. To be called in the main thread (processes.ending_with_us)."""
        for office in self.both:
            office.asterisk.start()
        for office in self.both:
            office.asterisk.wait_ready()
            office.start_telephones()
        for office in self.both:
            office.wait_registered()

    def check_alive(self) -> None:
        for office in self.both:
            office.check_alive()

    def hang_up_all(self) -> None:
        for office in self.both:
            office.hang_up_all()

    def stop(self) -> None:
        """Ends everything and removes every file; once more does nothing."""
        atexit.unregister(self.stop)
        try:
            for office in self.both:
                office.ask_to_stop()
            for office in self.both:
                office.stop()
        finally:
            for address in self._addresses:
                address.close()
            shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self) -> Bed:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()


def main() -> None:
    with Bed() as bed:
        for office in bed.both:
            asterisk = office.asterisk
            print(f"{asterisk.site.domain}: {asterisk.url}, user {asterisk.user}, password in {asterisk.password_file}")
            for telephone in office.telephones.values():
                print(f"  {telephone.number}  ctrl_tcp {telephone.control}  sends {telephone.tone} Hz, "
                      f"recordings in {telephone.recordings_directory}")
        print("Until Ctrl-C.", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
