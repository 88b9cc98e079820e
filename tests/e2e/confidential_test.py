# SPDX-License-Identifier: Apache-2.0
"""Confidential mail (spec 2.3) inside one office: sealed where it is stored, and what is told of it."""
from __future__ import annotations

import poplib
import smtplib

from confidential import KEYS, WORD, found_on_disk, new_key, secret_mail, with_keys
from offices import (AT_ONCE, Inbox, Mail, OfficesCase, PATIENCE, User, compose, octets_of, parse, pop3, retrieve,
                     submit, uids, wait_for)
from two_offices import Settings, TwoOffices


class AtRest(OfficesCase):
    settings = {**KEYS, "mta": {"spool_threshold": "512KiB"}}

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return with_keys(settings)

    def deliver(self, mail: Mail, to: User) -> str:
        before = set(uids(self.a, to))
        submit(self.a, self.hanako, mail)
        return wait_for(lambda: set(uids(self.a, to)) - before, PATIENCE, "the mail is delivered").pop()

    def test_it_arrives_as_it_was_sent_and_lies_nowhere_as_it_was_sent(self) -> None:
        mail = secret_mail(self.hanako["address"], self.ichiro["address"])
        uid = self.deliver(mail, self.ichiro)
        self.assertEqual(found_on_disk(self.a), [])
        self.assertTrue(retrieve(self.a, self.ichiro, uid).endswith(octets_of(mail)))
        self.assertEqual(found_on_disk(self.a), [])

    def test_a_large_one_is_a_sealed_file(self) -> None:
        mail = secret_mail(self.hanako["address"], self.ichiro["address"], more=700_000)
        uid = self.deliver(mail, self.ichiro)
        self.assertTrue(any((self.a.state / "spool").iterdir()))
        self.assertEqual(found_on_disk(self.a), [])
        self.assertTrue(retrieve(self.a, self.ichiro, uid).endswith(octets_of(mail)))

    def test_the_search_would_find_an_ordinary_mail(self) -> None:
        word = "Frau-Holle"
        self.deliver(compose(self.hanako["address"], self.ichiro["address"], word, word), self.ichiro)
        self.assertNotEqual(found_on_disk(self.a, word), [])

    def test_sensitivity_means_the_same(self) -> None:
        mail = compose(self.hanako["address"], self.ichiro["address"], WORD, WORD,
                       fields={"Sensitivity": "company-confidential"})
        self.deliver(mail, self.ichiro)
        self.assertEqual(found_on_disk(self.a), [])

    def test_notices_tell_nothing_of_it(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, secret_mail(self.hanako["address"], self.ichiro["address"], **AT_ONCE))
        self.expect_call(marks, (self.a, "2001"), (self.a, "2000"))
        self.assertEqual(inbox.result()["Result"], "success")
        inbox.completed()
        self.assertEqual(len(inbox.mails), 2)
        for notice in inbox.mails:
            self.assertNotIn(WORD, notice.as_string())
            self.assertIn("Message-ID", str(notice.get_payload()[2]))  # type: ignore[index]
        self.assertEqual(found_on_disk(self.a), [])

    def test_an_error_in_it_is_told_to_its_sender_alone(self) -> None:
        mail = secret_mail(self.hanako["address"], self.ichiro["address"], Ringpost_Trigger=WORD)
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            submit(self.a, self.hanako, mail)
        self.assertIn(WORD, str(refused.exception))
        self.assertEqual(found_on_disk(self.a), [])

    def test_after_a_kill_it_is_still_there(self) -> None:
        mail = secret_mail(self.hanako["address"], self.ichiro["address"], more=700_000)
        before = set(uids(self.a, self.ichiro))
        submit(self.a, self.hanako, mail)
        self.a.kill()
        self.assertEqual(found_on_disk(self.a), [])
        self.a.start()
        self.a.wait_ready(PATIENCE)
        uid = wait_for(lambda: set(uids(self.a, self.ichiro)) - before, PATIENCE, "the mail is delivered").pop()
        self.assertTrue(retrieve(self.a, self.ichiro, uid).endswith(octets_of(mail)))
        self.assertNotIn("store.mail-damaged", self.a.log.read_text(encoding="utf-8"))

    def test_a_backup_has_all_of_it_and_nobody_can_read_that(self) -> None:
        for more in (0, 700_000):
            self.deliver(secret_mail(self.hanako["address"], self.ichiro["address"], more=more), self.ichiro)
        made = self.a.ask("backup", str(self.a.directory / "backup"))
        self.assertEqual(made["missing"], [])
        self.assertGreater(made["files"], 0)
        self.assertEqual(found_on_disk(self.a), [])

    def test_an_older_key_still_opens_and_a_lost_one_is_named(self) -> None:
        mail = secret_mail(self.hanako["address"], self.ichiro["address"])
        old = self.deliver(mail, self.ichiro)
        keys = self.a.directory / "keys"
        first = keys.read_text(encoding="ascii")
        new_key(self.a)
        self.restart_a()
        new = self.deliver(mail, self.ichiro)
        for uid in (old, new):
            self.assertTrue(retrieve(self.a, self.ichiro, uid).endswith(octets_of(mail)))
        both = keys.read_text(encoding="ascii")
        keys.write_text(both.removesuffix(first), encoding="ascii")
        self.assertNotIn("store.key-missing", self.a.log.read_text(encoding="utf-8"))
        self.restart_a()
        missing = [line for line in self.a.log.read_text(encoding="utf-8").splitlines() if "store.key-missing" in line]
        self.assertRegex("\n".join(missing), r"^\S+ warning store\.key-missing key=[0-9a-f]{16} mails=[1-9]\d* why=.*$")
        self.assertTrue(retrieve(self.a, self.ichiro, new).endswith(octets_of(mail)))
        with pop3(self.a, self.ichiro) as client:
            number = next(line.split()[0] for line in client.uidl()[1] if line.endswith(old.encode()))
            with self.assertRaises(poplib.error_proto) as refused:
                client.retr(int(number))
        self.assertIn("SYS/TEMP", str(refused.exception))
        self.assertIn("is not in the key file", self.a.log.read_text(encoding="utf-8"))
        keys.write_text(both, encoding="ascii")
        self.restart_a()
        self.assertEqual(self.a.log.read_text(encoding="utf-8").count("store.key-missing"), 1)
        self.assertTrue(retrieve(self.a, self.ichiro, old).endswith(octets_of(mail)))

    def restart_a(self) -> None:
        self.assertEqual(self.a.stop(), 0)
        self.a.start()
        self.a.wait_ready(PATIENCE)


class WithoutKey(OfficesCase):
    def test_it_is_refused_with_what_to_do(self) -> None:
        for fields in ({"Ringpost-Service": "confidential"}, {"Sensitivity": "private"}):
            mail = compose(self.hanako["address"], self.ichiro["address"], WORD, WORD, fields=fields)
            with self.assertRaises(smtplib.SMTPDataError) as refused:
                submit(self.a, self.hanako, mail)
            self.assertEqual(refused.exception.smtp_code, 550)
            self.assertIn(b"confidential.key_file", refused.exception.smtp_error)
        large = compose(self.hanako["address"], self.ichiro["address"], WORD, (WORD * 4 + "\n") * 12000,
                        fields={"Sensitivity": "private"})
        with self.assertRaises(smtplib.SMTPDataError):
            submit(self.a, self.hanako, large)
        self.assertEqual(found_on_disk(self.a), [])
        self.assertEqual(parse(octets_of(large))["Sensitivity"], "private")
