# SPDX-License-Identifier: Apache-2.0
"""Documents that are sent by FAX over the trunk to the FAX machine of the other office, which is Asterisk's own."""
from __future__ import annotations

import dataclasses
import pathlib
import re
from typing import Any

from office_case import AT_ONCE, OfficesCase, answering_soon, build_directory, wait_for  # first
from bed import Office
from bed_offices import BedOffices
from fax_pages import Rows, pages_of
from offices import PATIENCE, Inbox, Mail, blocks_of, compose, submit
from two_offices import Gateway, Settings, write_private
from voices import SCENARIO_TYPE, VoiceCase

MACHINE = "+81441112280"  # of office-a.example
A_FAX = 150.0             # seconds: three pages take 40, and some are sent in two calls


@dataclasses.dataclass(frozen=True)
class Ended:
    """What the machine says of a call that it took (asterisk/extensions.conf)."""

    number: int   # of the call
    status: str   # FAXSTATUS
    pages: int
    rate: int     # bit/s
    station: str  # who has called


class FaxOffices(BedOffices):
    """Taro of office-b.example has a FAX machine, elsewhere."""

    trunk: tuple[str, ...] = ()  # options of the trunks, besides those of pjsip.conf
    without = ""                 # a module that the exchanges have not

    def start(self, seconds: float = 20) -> None:
        for office in self.bed.both:
            self.change(office, "pjsip.conf", "[trunk](line)\n", "\n".join(["[trunk](line)", *self.trunk, ""]))
            if self.without:
                self.change(office, "modules.conf", f"load = {self.without}\n", "")
        super().start(seconds)

    @staticmethod
    def change(office: Office, name: str, old: str, new: str) -> None:
        file = office.asterisk.home / "etc" / name
        text = file.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{file}: {old.strip()} is there {text.count(old)} times")
        write_private(file, text.replace(old, new))

    def _office(self, name: str, other: str, ports: Any) -> Gateway:
        gateway = super()._office(name, other, ports)
        if name == "b":
            people = gateway.directory / "people.toml"
            text, count = re.subn(r'(?m)^fax_number = "\+81442223304".*$', f'fax_number = "{MACHINE}"',
                                  people.read_text(encoding="utf-8"))
            if count != 1:
                raise ValueError(f"{people}: Taro's fax_number is there {count} times")
            write_private(people, text)
        return gateway


class FaxCase(OfficesCase, VoiceCase):
    settings: Settings = {}
    trunk: tuple[str, ...] = ()
    without = ""
    kind: type[FaxOffices] = FaxOffices

    @classmethod
    def make_offices(cls, settings: Settings) -> BedOffices:
        made = cls.kind(build_directory(), answering_soon(settings))
        made.trunk, made.without = cls.trunk, cls.without
        return made

    def setUp(self) -> None:
        for name in ("CALLS", "CAUSE", "INSTEAD", "RING", "SECONDS", "ECM", "OPTIONS", "ENDS"):
            self.machine(name, "")
        for file in self.received_files():
            file.unlink()
        self.log_begin = self.b.log.stat().st_size

    # --- the machine --------------------------------------------------------------------------------------------
    def machine(self, name: str, value: str) -> None:
        """Sets one of its global variables."""
        status, answer = self.office(self.a).asterisk.ari("POST", "/asterisk/variable", variable=f"FAX_{name}",
                                                          value=value)
        self.assertEqual(status, 204, answer)

    def told(self, name: str) -> str:
        status, answer = self.office(self.a).asterisk.ari("GET", "/asterisk/variable", variable=f"FAX_{name}")
        return str(answer["value"]) if status == 200 else ""

    def ends(self) -> list[Ended]:
        """Of each call that it answered."""
        found = []
        for word in self.told("ENDS").split():
            number, status, pages, rate, station = word.split("/")
            if status:
                found.append(Ended(int(number), status, int(pages or 0), int(rate or 0), station))
        return found

    def received_files(self) -> list[pathlib.Path]:
        directory = self.office(self.a).asterisk.home / "fax"
        return sorted(directory.glob("*.tif"), key=lambda file: int(file.stem))

    def received(self) -> list[list[Rows]]:
        """The pages of each call that brought any."""
        return [pages_of(file.read_bytes()) for file in self.received_files()]

    # --- mails --------------------------------------------------------------------------------------------------
    def send_document(self, subject: str, octets: bytes, kind: tuple[str, str]) -> Inbox:
        mail = compose(self.hanako["address"], self.taro["address"], subject, fields=AT_ONCE)
        mail.add_attachment(octets, *kind, filename=f"document.{kind[1]}")
        mail.add_attachment(b"play = message 2\n", *SCENARIO_TYPE, filename="plan.scenario")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, mail)
        return inbox

    def sent(self, inbox: Inbox, pages: int, attempts: int) -> Mail:
        """The result: all is confirmed. Returns when the machine has hung up too, which comes later."""
        mail = self.result_mail(inbox, A_FAX)
        wait_for(lambda: len(self.told("ENDS").split()) >= int(self.told("CALLS") or 0), PATIENCE,
                 "the machine has hung up")
        result, document = blocks_of(mail) or [{}, {}]
        self.assertEqual((result["Result"], result.get("Cause")), ("success", None), mail)
        self.assert_success(document, "fax", "2")
        self.assertEqual((document["Pages"], result["Attempts"]), (str(pages), str(attempts)))
        return mail

    def logged(self, event: str) -> list[str]:
        """What the gateway that sends has logged of this test."""
        with open(self.b.log, encoding="utf-8", errors="replace") as log:
            log.seek(self.log_begin)
            return [line.rstrip() for line in log if event in line]

    def expect_same_page(self, received: Rows, sent: Rows) -> None:
        """Bit for bit, below the line that the sender's FAX puts at the top. assertEqual() would take minutes to tell
        the difference."""
        header = len(received) - len(sent)
        self.assertIn(header, range(60))
        self.assertEqual(sum(got != row for got, row in zip(received[header:], sent)), 0, "rows that have changed")

    def expect_pages(self, received: list[Rows], sent: list[Rows]) -> None:
        self.assertEqual(len(received), len(sent))
        for got, page in zip(received, sent):
            self.expect_same_page(got, page)
