# SPDX-License-Identifier: Apache-2.0
"""Disks that are slow, that fail, that are full, or that somebody has made read-only."""
from __future__ import annotations

import concurrent.futures
import contextlib
import json
import pathlib
import smtplib
import sqlite3
import subprocess

from offices import AT_ONCE, PATIENCE, Inbox, OfficesCase, compose, octets_of, smtp, submit, uids, wait_for
from processes import ending_with_us

SPOOLED = 700_000  # octets of a mail that is kept as a file


class Disks(OfficesCase):
    """Office B has the bad disk."""

    settings = {"mta": {"size_limit": "4MiB", "spool_threshold": "256KiB"}}

    def setUp(self) -> None:
        self.addCleanup(self.restart, {})

    def restart(self, environment: dict[str, str]) -> None:
        self.b.stop()
        self.b.start(environment)
        self.b.wait_ready(PATIENCE * 2)

    def try_mail(self, subject: str, octets: int = 0) -> int:
        """The answer to a mail of Jiro to Taro."""
        text = "x" * 70 + "\n" + ("y" * 70 + "\n") * (octets // 71)
        mail = compose(self.jiro["address"], self.taro["address"], subject, text)
        with smtp(self.b, self.jiro) as client:
            client.mail(self.jiro["address"])
            client.rcpt(self.taro["address"])
            return int(client.data(octets_of(mail))[0])

    # --- slow, failing ----------------------------------------------------------------------------------------------
    def test_a_slow_disk_makes_mails_wait_and_nobody_else(self) -> None:
        self.restart({"RINGPOST_FAULT": "commit:*:1+:slow,spool.sync:1+:slow"})
        taro, inbox = Inbox(self.b, self.taro), Inbox(self.a, self.hanako)
        with concurrent.futures.ThreadPoolExecutor(8) as clients:
            answers = [clients.submit(self.try_mail, f"slow {number}", SPOOLED if number == 3 else 0)
                       for number in range(16)]
            uids(self.b, self.yuki)  # whoever only reads is served meanwhile
            submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call", fields=AT_ONCE))
            self.assertEqual({answer.result() for answer in answers}, {250})
        taro.wait(lambda mail: len(taro.mails) >= 16, "all mails", PATIENCE * 3)
        self.assertEqual({str(mail["Subject"]) for mail in taro.mails}, {f"slow {number}" for number in range(16)})
        self.assertEqual(len(taro.mails), 16)
        self.assertEqual(inbox.result(PATIENCE * 3)["Result"], "success")

    def test_a_disk_that_fails_for_good_takes_no_mail_and_rings_nobody(self) -> None:
        taro, inbox = Inbox(self.b, self.taro), Inbox(self.a, self.hanako)
        self.restart({"RINGPOST_FAULT": "commit:*:12+:eio"})
        taken = []
        for number in range(20):
            if self.try_mail(f"failing {number}") == 250:
                taken.append(f"failing {number}")
        self.assertLess(len(taken), 12)
        self.assertIn(self.try_mail("refused"), (451, 452))
        self.assertIn(self.try_mail("refused", SPOOLED), (451, 452))
        self.assertTrue(taken)
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call", fields=AT_ONCE))
        wait_for(lambda: any(row["attempts"] for row in self.a.ask("queue", "list")), PATIENCE, "office A was told to wait")
        self.expect_quiet(marks)
        self.restart({})
        self.assertEqual(inbox.result(PATIENCE * 2)["Result"], "success")
        wait_for(lambda: (taro.look() or len(taro.mails)) >= len(taken), PATIENCE, "what was accepted")
        self.assertEqual(sorted(str(mail["Subject"]) for mail in taro.mails), sorted(taken))

    def test_a_cancel_while_a_slow_disk_stores_the_attempt_lets_nobody_ring(self) -> None:
        trace = self.offices.directory / "trace"
        self.restart({"RINGPOST_FAULT": "commit:request.dial:before:1:slow,commit:request.cancel:before:1:slow",
                      "RINGPOST_FAULT_TRACE": str(trace)})
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call", fields=AT_ONCE))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.b.do("phone", "hangup", "2003")
        wait_for(lambda: "commit:request.dial:before" in trace.read_text(encoding="ascii"), PATIENCE, "the attempt")
        self.b.do("request", "cancel", number)
        self.assertEqual(inbox.result()["Cause"], "cancelled")
        with contextlib.closing(sqlite3.connect(self.b.state / "ringpost.db")) as database:
            (ended,) = database.execute("SELECT ended_at FROM request WHERE number = ?", (number,)).fetchone()
        entries = map(json.loads, (self.b.state / "call.log").read_text(encoding="utf-8").splitlines())
        late = [entry for entry in entries if entry["event"] == "ring" and entry["attempt"] and entry["time"] > ended]
        self.assertEqual(late, [])

    def test_a_file_that_cannot_be_removed_is_told_once_and_tried_again(self) -> None:
        """Of a mail that is gone. A folder with something in it stands for it, which nobody may remove as a file."""
        def dead() -> list[str]:
            with contextlib.closing(sqlite3.connect(self.b.state / "ringpost.db")) as database:
                return [str(name) for (name,) in database.execute("SELECT name FROM dead_file")]

        self.b.stop()
        with contextlib.closing(sqlite3.connect(self.b.state / "ringpost.db")) as database, database:
            database.executemany("INSERT INTO dead_file (name) VALUES (?)", [("gone.mail",), ("stuck.mail",)])
        stuck = self.b.state / "spool" / "stuck.mail"
        (stuck / "in the way").mkdir(parents=True)
        begin = self.b.log.stat().st_size
        self.restart({})
        wait_for(lambda: dead() == ["stuck.mail"], PATIENCE, "the one that is gone is forgotten")
        told = self.b.log.read_bytes()[begin:].decode()
        self.assertEqual(told.count("store.file-not-removed"), 1)
        self.assertIn(str(stuck), told)
        (stuck / "in the way").rmdir()
        self.restart({})
        wait_for(lambda: not dead(), PATIENCE, "it is removed at last")
        self.assertFalse(stuck.exists())

    # --- full, read-only --------------------------------------------------------------------------------------------
    def start_on(self, mount: str, folder: pathlib.Path) -> None:
        """Starts office B in a mount namespace of its own, after `mount`, whose $0 is `folder`."""
        self.b.start(through=lambda words: ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
                                            f'{mount} && exec "$@"', str(folder), *ending_with_us(words)])

    def remount(self, folder: pathlib.Path, how: str) -> None:
        assert self.b.process is not None
        subprocess.run(["nsenter", "--target", str(self.b.process.pid), "--user", "--preserve-credentials", "--mount",
                        "mount", "-o", f"remount,{how}", str(folder)], check=True)

    def test_a_spool_that_is_full_or_read_only_takes_small_mails(self) -> None:
        taro = Inbox(self.b, self.taro)
        self.b.stop()
        spool = self.b.state / "spool"
        for path in spool.glob("*"):
            path.unlink()
        self.start_on('mount -t tmpfs -o size=1m none "$0"', spool)
        self.b.wait_ready(PATIENCE * 2)
        self.assertEqual(self.try_mail("first", SPOOLED), 250)
        self.assertEqual(self.try_mail("too much", SPOOLED), 452)
        self.assertEqual(self.try_mail("small"), 250)
        self.remount(spool, "ro,size=4m")
        self.assertIn(self.try_mail("read-only", SPOOLED), (451, 452))
        self.assertEqual(self.try_mail("small again"), 250)
        self.remount(spool, "rw")
        self.assertEqual(self.try_mail("last", SPOOLED), 250)
        wanted = ["first", "last", "small", "small again"]
        wait_for(lambda: (taro.look() or len(taro.mails)) >= len(wanted), PATIENCE, "what was accepted")
        self.assertEqual(sorted(str(mail["Subject"]) for mail in taro.mails), wanted)
        with smtplib.SMTP(*self.b.smtp, timeout=30) as client:
            self.assertEqual(client.noop()[0], 250)

    def test_a_state_that_is_read_only_at_the_start_is_said(self) -> None:
        self.assertEqual(self.try_mail("before"), 250)
        taro = Inbox(self.b, self.taro)
        self.b.stop()
        begin = self.b.log.stat().st_size
        self.start_on('mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"', self.b.state)
        assert self.b.process is not None
        status = self.b.process.wait(PATIENCE)
        said = self.b.log.read_bytes()[begin:].decode()
        self.restart({})
        self.assertNotEqual(status, 0)
        self.assertRegex(said, r"(?i)read-only")
        submit(self.b, self.jiro, compose(self.jiro["address"], self.taro["address"], "after"))
        taro.wait(lambda mail: mail["Subject"] == "after", "the next mail")
