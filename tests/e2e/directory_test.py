# SPDX-License-Identifier: Apache-2.0
"""`ringpost directory load`: what an administrator changes in the people file after the first start."""
from __future__ import annotations

import smtplib
from typing import Any

from offices import Gateway, PATIENCE, compose, pop3, smtp, submit, uids, wait_for, write_private
from tls_case import TlsCase


class Load(TlsCase):
    # A mail does not go over a connection of the test before it.
    settings = {"relay": {"retry_first": "10m", "retry_max": "10m", "idle_timeout": "10ms"}}

    def setUp(self) -> None:
        self.people = {gateway.domain: (gateway.directory / "people.toml").read_text(encoding="utf-8")
                       for gateway in self.offices.both}

    def tearDown(self) -> None:
        for gateway in self.offices.both:
            if not gateway.alive():
                gateway.start()
                gateway.wait_ready(PATIENCE)
            self.load(gateway)
        self.a.ringpost("queue", "delete", "--all", "--silently")
        super().tearDown()

    def write(self, gateway: Gateway, *changes: tuple[str, str]) -> None:
        text = self.people[gateway.domain]
        for old, new in changes:
            self.assertEqual(text.count(old), 1, f"{old} in the people file of {gateway.domain}")
            text = text.replace(old, new)
        write_private(gateway.directory / "people.toml", text)

    def load(self, gateway: Gateway, *changes: tuple[str, str]) -> dict[str, Any]:
        self.write(gateway, *changes)
        done: dict[str, Any] = gateway.ask("directory", "load", str(gateway.directory / "people.toml"))
        return done

    def counts(self, done: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
        """(new, changed, removed) of each table that is not as it was."""
        found = {row["table"]: (row["new"], row["changed"], row["removed"]) for row in done["tables"]}
        return {table: count for table, count in found.items() if any(count)}

    def send(self) -> dict[str, Any]:
        """A mail for office B that cannot be sent yet; its item."""
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "to the other office"))
        return wait_for(lambda: next((row for row in self.a.ask("queue", "list") if row["attempts"] == 1), None), PATIENCE,
                        "the mail has been tried")

    def retry(self) -> None:
        """Now it goes through."""
        known = set(uids(self.b, self.taro))
        self.a.do("queue", "retry", "--all")
        wait_for(lambda: set(uids(self.b, self.taro)) - known, PATIENCE, "the mail is delivered")

    def proof(self, fingerprint: str) -> tuple[str, str]:
        """What office A says of the certificate of office B."""
        login = 'login = "office-a.example"\n'
        return login, f'{login}tls = "required"\nfingerprint = "{fingerprint}"\n'

    def test_a_destination_that_has_moved(self) -> None:
        port = next(line for line in self.people[self.a.domain].splitlines() if line.startswith("port = "))
        self.assertEqual(self.counts(self.load(self.a, (port, "port = 1"))), {"destination": (0, 1, 0)})
        self.send()
        self.assertEqual(self.counts(self.load(self.a)), {"destination": (0, 1, 0)})
        self.retry()
        self.assertEqual(self.counts(self.load(self.a)), {})

    def test_a_certificate_that_was_renewed(self) -> None:
        self.load(self.a, self.proof("00" * 32))
        self.assertIn("certificate", self.send()["last_error"])
        made = self.a.ringpost("tls", "self-signed", "--directory", str(self.offices.directory / "renewed"))
        renewed = made.stdout[made.stdout.index('fingerprint = "') + 15:][:64]
        self.load(self.a, self.proof(renewed))
        for name in ("certificate.pem", "key.pem"):
            (self.offices.directory / "tls" / name).write_bytes((self.offices.directory / "renewed" / name).read_bytes())
        self.assertEqual(self.b.stop(), 0)
        self.b.start()
        self.b.wait_ready(PATIENCE)
        self.retry()

    def test_a_secret_between_gateways(self) -> None:
        secret = '"a-to-b-secret"'
        self.assertEqual(self.counts(self.load(self.b, (secret, '"another"'))), {"peer": (0, 1, 0)})
        self.assertIn("535", self.send()["last_error"])
        self.load(self.a, (secret, '"another"'))
        self.retry()

    def test_a_secret_of_a_user_who_has_logged_in_before(self) -> None:
        uids(self.a, self.hanako)  # the gateway remembers that her secret was right
        self.assertEqual(self.counts(self.load(self.a, ('"hanako-secret"', '"fresh"'))), {"user": (0, 1, 0)})
        with self.assertRaises(smtplib.SMTPAuthenticationError), smtp(self.a, self.hanako):
            pass
        with pop3(self.a, {**self.hanako, "secret": "fresh"}) as client:
            client.noop()

    def test_people_come_and_change_their_address_and_nobody_goes(self) -> None:
        submit(self.a, self.ken, compose(self.ken["address"], self.ichiro["address"], "to Ichiro"))
        wait_for(lambda: uids(self.a, self.ichiro), PATIENCE, "it is delivered")
        own = uids(self.a, self.ichiro)
        address, ken = self.ichiro["address"], self.ken["address"]
        aliases = f'address = "{address}"\naliases = []'
        renamed = f'address = "tanaka@office-a.example"\naliases = ["{address}"]'
        done = self.load(self.a, (aliases, renamed), (f'address = "{ken}"', 'address = "kenji@office-a.example"'))
        self.assertEqual(self.counts(done), {"user": (1, 1, 0)})
        self.assertEqual(done["kept"], [ken])
        self.assertEqual(uids(self.a, {**self.ichiro, "address": "tanaka@office-a.example"}), own)
        self.assertEqual(uids(self.a, {**self.ken, "address": "kenji@office-a.example"}), [])
        uids(self.a, self.ken)
        # An address of somebody who stays goes to nobody else.
        self.write(self.a, (aliases, renamed.replace("]", f', "{ken}"]')),
                   (f'address = "{ken}"', 'address = "kenji@office-a.example"'))
        clash = self.a.ringpost("directory", "load", str(self.a.directory / "people.toml"))
        self.assertEqual((clash.returncode, clash.stdout), (1, ""))
        self.assertIn(f"{ken} belongs to the user", clash.stderr)
        self.load(self.a, (aliases, aliases.replace("[]", '["tanaka@office-a.example"]')))  # and back again
        self.assertEqual(uids(self.a, self.ichiro), own)

    def test_a_file_with_a_mistake_changes_nothing(self) -> None:
        file = self.a.directory / "people.toml"
        self.write(self.a, ('secret = "hanako-secret"', 'secret = "fresh"'), ('subject = "peer:*"\nclasses', 'subject = "peer:*"\nclass'))
        wrong = self.a.ringpost("directory", "load", str(file))
        self.assertEqual((wrong.returncode, wrong.stdout), (1, ""))
        self.assertIn(f"{file}:", wrong.stderr)
        self.assertIn("permission[2].classes: is missing", wrong.stderr)
        uids(self.a, self.hanako)
        missing = self.a.ringpost("directory", "load", "missing.toml")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("missing.toml: cannot be read", missing.stderr)

    def test_a_changed_file_that_was_not_loaded_is_told_at_the_start(self) -> None:
        def told_after_restart() -> bool:
            self.assertEqual(self.b.stop(), 0)
            before = len(self.b.log.read_text(encoding="utf-8"))
            self.b.start()
            self.b.wait_ready(PATIENCE)
            return "directory.seed-not-read" in self.b.log.read_text(encoding="utf-8")[before:]

        self.load(self.b)
        self.assertFalse(told_after_restart())
        self.write(self.b, ('"taro-secret"', '"fresh"'))
        self.assertTrue(told_after_restart())
        self.assertIn(f"ringpost directory load {self.b.directory / 'people.toml'}", self.b.log.read_text(encoding="utf-8"))
        uids(self.b, self.taro)
        self.b.do("directory", "load", str(self.b.directory / "people.toml"))
        self.assertFalse(told_after_restart())
