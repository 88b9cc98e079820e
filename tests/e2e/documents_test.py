# SPDX-License-Identifier: Apache-2.0
"""What the repository shows its readers is true: printed configuration, and what every sample mail does."""
from __future__ import annotations

import subprocess
import unittest
from typing import Any

from offices import Mail, OfficesCase, PATIENCE, ROOT, User, build_directory, data, parse, pop3, smtp, uids, wait_for
from two_offices import program

MAILS = ROOT / "samples" / "mails"
A_FAX = 90.0  # seconds
# What each sample does.
NOW, FETCHED, ASKED = "at once", "when fetched", "after a yes"
EFFECTS = {
    "attachment-exchange": NOW,
    "fax": NOW,
    "header-fields": NOW,
    "inquiry": ASKED,
    "japanese": FETCHED,
    "part": FETCHED,
    "scenario": NOW,
    "text-paragraph": NOW,
    "voice": FETCHED,
    "clients/curl-attachment": NOW,
    "clients/curl-header-fields": FETCHED,
    "clients/curl-part": NOW,
    "clients/msmtp-header-fields": FETCHED,
    "clients/msmtp-text-paragraph": NOW,
    "clients/mutt-attachment": NOW,
    "clients/mutt-header-fields": FETCHED,
    "clients/mutt-japanese-file-name": FETCHED,
    "clients/python-attachment": NOW,
    "clients/python-japanese-file-name": FETCHED,
    "clients/python-part": NOW,
    "clients/python-text-paragraph": FETCHED,
    "clients/s-nail-attachment": NOW,
    "clients/s-nail-header-fields": FETCHED,
    "clients/s-nail-japanese-file-name": FETCHED,
    "clients/swaks-attachment": NOW,
    "clients/swaks-header-fields": NOW,
    "clients/swaks-text-paragraph": NOW,
}


class Printed(unittest.TestCase):
    """Files that were generated say what the program says today."""

    def printed(self, option: str) -> str:
        done = subprocess.run([str(program(build_directory(), "ringpostd")), option], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60, check=True)
        return done.stdout.decode("utf-8")

    def test_the_manual_of_the_configuration_is_current(self) -> None:
        self.assertEqual((ROOT / "docs" / "configuration.md").read_text(encoding="utf-8"),
                         self.printed("--print-reference"))

    def test_the_sample_configuration_is_current(self) -> None:
        self.assertEqual((ROOT / "samples" / "ringpost.toml").read_text(encoding="utf-8"),
                         self.printed("--print-config"))


def sample(name: str) -> tuple[bytes, Mail]:
    """The octets as a client sends them. The samples written by hand have the line ends of the checkout."""
    octets = (MAILS / f"{name}.eml").read_bytes()
    if not name.startswith("clients/"):
        octets = octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return octets, parse(octets)


class Samples(OfficesCase):
    """Every mail below samples/mails, sent by the person whom its From names to the one whom its To names."""

    settings = {"scenario": {"inquiry_pause": "2s"}}

    def setUp(self) -> None:
        self.people = {user["address"]: user for gateway in self.offices.both for user in gateway.people["user"]}

    def send(self, name: str) -> tuple[User, User]:
        octets, mail = sample(name)
        sender, to = (self.people[str(mail[field].addresses[0].addr_spec)] for field in ("From", "To"))
        with smtp(self.a, sender) as client:
            client.ehlo()
            self.assertEqual(client.mail(sender["address"])[0], 250)
            self.assertEqual(client.rcpt(to["address"])[0], 250)
            code, text = data(client, octets.replace(b"\r\n.", b"\r\n..") + b".\r\n")  # sendmail() mends line ends
        self.assertEqual(code, 250, text)
        return sender, to

    def known(self) -> set[str]:
        return {row["number"] for row in self.b.ask("request", "list")}

    def new_request(self, known: set[str]) -> dict[str, Any]:
        def find() -> dict[str, Any] | None:
            self.b.check_alive()
            return next((row for row in self.b.ask("request", "list") if row["number"] not in known), None)

        return wait_for(find, PATIENCE, "the request of the sample")

    def rings(self, marks: tuple[int, int], sender: User, to: User) -> None:
        """What comes before the call may be a FAX, which takes its time."""
        self.expect(self.b, marks[1], to["extension"], "ringing", A_FAX)
        self.expect(self.a, marks[0], sender["extension"], "ringing")

    def says_yes(self, request: str) -> None:
        """Again, until it has been understood: nobody understands before the question is heard."""
        def asked() -> bool:
            contents = self.b.ask("request", "show", request)["contents"]
            return any(part["medium"] == "inquiry" and part["state"] == "dialling-second" for part in contents)

        def understood() -> bool:
            if not asked():
                return True
            self.b.do("phone", "press", "2000", "1")
            return False

        wait_for(asked, PATIENCE, "the question is asked at the telephone")
        wait_for(understood, PATIENCE, "the yes is understood")

    def check(self, name: str) -> None:
        known, marks = self.known(), self.marks()
        _, to_mail = sample(name)
        address = str(to_mail["To"].addresses[0].addr_spec)
        before = set(uids(self.b, self.people[address]))
        sender, to = self.send(name)
        request = self.new_request(known)
        self.assertEqual((request["request"], request["sender"], request["addressee"]),
                         ("camp-on", sender["address"], to["address"]))
        if EFFECTS[name] == FETCHED:
            new = wait_for(lambda: set(uids(self.b, to)) - before, PATIENCE, "the mail is delivered")
            self.expect_quiet(marks, 0.2)
            self.fetch(to, new)
        if EFFECTS[name] == ASKED:
            self.says_yes(request["number"])
        self.rings(marks, sender, to)
        if EFFECTS[name] == NOW:
            self.assertEqual(set(uids(self.b, to)), before, "a mail that is performed is not delivered")
        self.cancel_all(self.b)
        self.offices.hang_up_all()

    def fetch(self, user: User, wanted: set[str]) -> None:
        with pop3(self.b, user) as client:
            for line in client.uidl()[1]:
                number, uid = line.decode("ascii").split(" ", 1)
                if uid in wanted:
                    client.retr(int(number))

    def test_every_sample_is_known_here(self) -> None:
        found = {str(path.relative_to(MAILS).with_suffix("")) for path in MAILS.rglob("*.eml")}
        self.assertEqual(found, set(EFFECTS))

    def test_the_samples_written_by_hand(self) -> None:
        for name in EFFECTS:
            if not name.startswith("clients/"):
                with self.subTest(name):
                    self.check(name)

    def test_the_mails_of_real_clients(self) -> None:
        for name in EFFECTS:
            if name.startswith("clients/"):
                with self.subTest(name):
                    self.check(name)
