# SPDX-License-Identifier: Apache-2.0
"""What an administrator does: hold, retry and delete mails that wait, back up a gateway that runs, and restore it."""
from __future__ import annotations

import contextlib
import pathlib
import shutil
import smtplib
import sqlite3
import threading
from typing import Any

from offices import AT_ONCE, Inbox, OfficesCase, PATIENCE, compose, octets_of, run, smtp, submit, uids, wait_for


class Queue(OfficesCase):
    settings = {"relay": {"retry_first": "10m", "retry_max": "10m"}}

    def setUp(self) -> None:
        self.assertEqual(self.b.stop(), 0)

    def tearDown(self) -> None:
        self.a.ringpost("queue", "delete", "--all", "--silently")
        if not self.b.alive():
            self.b.start()
            self.b.wait_ready(PATIENCE)
        super().tearDown()

    def waiting(self, state: str = "waiting") -> list[dict[str, Any]]:
        return [row for row in self.a.ask("queue", "list") if row["state"] == state]

    def send(self, subject: str, to: str | None = None, fields: dict[str, str] | None = None) -> dict[str, Any]:
        """A mail for office B, which is down; its item once it has been tried."""
        known = {row["item"] for row in self.a.ask("queue", "list")}
        submit(self.a, self.hanako, compose(self.hanako["address"], to or self.taro["address"], subject, fields=fields))
        return wait_for(lambda: next((row for row in self.waiting() if row["item"] not in known), None), PATIENCE,
                        "the mail has been tried")

    def start_b(self) -> None:
        self.b.start()
        self.b.wait_ready(PATIENCE)

    def test_a_mail_that_waits_is_shown_with_its_reason_and_tried_again_at_once(self) -> None:
        item = self.send("retry me")
        self.assertEqual((item["attempts"], item["sender"], item["recipient"]),
                         (1, self.hanako["address"], self.taro["address"]))
        self.assertTrue(item["last_error"])
        self.assertTrue(item["next"])
        self.assertIn("retry", self.a.ringpost("queue", "--help").stdout)
        shown = self.a.ask("queue", "show", str(item["item"]))
        self.assertEqual(shown["state"], "waiting")
        self.start_b()
        inbox_ids = set(uids(self.b, self.taro))
        self.a.do("queue", "retry", str(item["item"]))
        wait_for(lambda: set(uids(self.b, self.taro)) - inbox_ids, PATIENCE, "it is delivered")

    def test_a_held_mail_goes_only_when_it_is_released(self) -> None:
        first, second = self.send("held"), self.send("not held", self.jiro["address"])
        self.a.do("queue", "hold", str(first["item"]))
        self.assertEqual([row["item"] for row in self.waiting("held")], [first["item"]])
        self.assertEqual(self.a.ringpost("queue", "retry", str(first["item"])).returncode, 1)
        self.start_b()
        known = set(uids(self.b, self.taro))
        self.a.do("queue", "retry", "--domain", "office-b.example")
        wait_for(lambda: not any(row["item"] == second["item"] for row in self.a.ask("queue", "list")), PATIENCE,
                 "the other one is sent")
        self.assertEqual([row["item"] for row in self.a.ask("queue", "list")], [first["item"]])
        self.a.do("queue", "release", "--all")
        self.a.do("queue", "retry", "--all")
        wait_for(lambda: set(uids(self.b, self.taro)) - known, PATIENCE, "the held one is delivered")

    def test_deleting_tells_the_sender_unless_it_is_silent(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        silent, told = self.send("silently"), self.send("told")
        self.a.do("queue", "delete", "--silently", str(silent["item"]))
        self.a.do("queue", "delete", str(told["item"]))
        self.assertEqual(self.waiting(), [])
        bounce = inbox.wait(lambda mail: mail.get_content_type() == "multipart/report", "the bounce")
        text = bounce.as_string()
        self.assertIn("Action: failed", text)
        words = bounce.get_payload()[0].get_content()  # type: ignore[index]
        self.assertIn("このゲートウェイの管理者が、送信待ちのメールを削除しました。", words)
        self.assertNotIn("the administrator of this gateway", words)
        self.assertNotIn("宛先を確かめて", words)
        self.assertIn("Subject: told", text)
        self.assertEqual(len(inbox.mails), 1)
        gone = self.a.ringpost("queue", "delete", str(told["item"]))
        self.assertEqual(gone.returncode, 1)
        self.assertIn(f"Item {told['item']} was not changed: it is not in the queue, or no longer.\n", gone.stdout)
        self.assertIn("is not in the queue", self.a.ringpost("queue", "show", str(told["item"])).stderr)

    def test_a_deleted_mail_with_a_request_ends_it_with_one_result(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        item = self.send("call", fields=AT_ONCE)
        self.assertTrue(item["request"])
        self.a.do("queue", "delete", "--silently", str(item["item"]))
        result = inbox.result()
        self.assertEqual((result["Request-Number"], result["Result"], result["Cause"]),
                         (item["request"], "failure", "cancelled"))
        self.start_b()
        marks = self.marks()
        self.expect_quiet(marks)
        inbox.look()
        self.assertEqual(len(inbox.mails), 1)

    def test_a_mail_that_its_sender_has_timed_is_not_tried_before(self) -> None:
        with smtp(self.a, self.hanako) as client:
            client.docmd("MAIL", f"FROM:<{self.hanako['address']}> HOLDFOR=3600")
            client.rcpt(self.taro["address"])
            code, text = client.data(octets_of(compose(self.hanako["address"], self.taro["address"], "later")))
            self.assertEqual(code, 250, text)
        item = self.waiting("timed")[0]
        self.assertEqual(self.a.ringpost("queue", "retry", str(item["item"])).returncode, 1)
        self.assertEqual(self.a.ringpost("queue", "retry", "--all").returncode, 0)
        self.assertEqual(len(self.waiting("timed")), 1)

    def test_without_a_gateway_the_command_says_so(self) -> None:
        done = self.b.ringpost("queue", "hold", "--all")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no gateway answers", done.stderr)
        self.assertEqual(self.a.ringpost("queue", "hold").returncode, 2)


class Backup(OfficesCase):
    settings = {"mta": {"size_limit": "1MiB", "spool_threshold": "256KiB"}}

    def setUp(self) -> None:
        self.folder = pathlib.Path(self.offices.directory) / "backup"
        self.state = self.b.state.with_name("state-before")

    def tearDown(self) -> None:
        for gateway in self.offices.both:
            if not gateway.alive():
                gateway.start()
                gateway.wait_ready(PATIENCE)
        for path in (self.folder, self.state):
            shutil.rmtree(path, ignore_errors=True)
        super().tearDown()

    def restore(self, *more: str) -> None:
        """Office B, killed, begins anew from its backup."""
        self.b.kill()
        self.b.state.rename(self.state)
        run([str(self.b.command), "restore", str(self.folder), str(self.b.state), *more])
        self.b.start()
        self.b.wait_ready(PATIENCE)

    def test_every_mail_that_was_accepted_before_is_there_after_a_backup_under_load(self) -> None:
        accepted: list[str] = []
        stop = threading.Event()

        def send(name: str) -> None:
            count = 0
            while not stop.is_set():
                subject = f"{name} {count}"
                text = "x" * 70 + "\n"
                with contextlib.suppress(smtplib.SMTPException, OSError):
                    submit(self.b, self.jiro, compose(self.jiro["address"], self.taro["address"], subject,
                                                      text * (4500 if count % 3 == 0 else 1)))
                    accepted.append(subject)
                count += 1

        senders = [threading.Thread(target=send, args=(f"load {i}",)) for i in range(3)]
        for sender in senders:
            sender.start()
        try:
            wait_for(lambda: len(accepted) > 30, PATIENCE * 3, "mails come in")
            before = list(accepted)
            made = self.b.ask("backup", str(self.folder))
        finally:
            stop.set()
            for sender in senders:
                sender.join()
        self.assertEqual(made["missing"], [])
        self.assertGreater(made["files"], 0)
        # A second one into the same folder would mix two snapshots.
        again = self.b.ringpost("backup", str(self.folder))
        self.assertEqual(again.returncode, 1)
        self.assertTrue(again.stderr.endswith("there is something in it: name a new folder, or an empty one (conflict)\n"),
                        again.stderr)
        self.restore()
        inbox = Inbox(self.b, self.taro)
        inbox.known.clear()
        wait_for(lambda: not self.b.ask("queue", "list"), PATIENCE, "the restored queue is worked off")
        inbox.look()
        found = [str(mail["Subject"]) for mail in inbox.mails]
        self.assertLessEqual(set(before), set(found))
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(self.b.stop(), 0)
        with contextlib.closing(sqlite3.connect(self.b.state / "ringpost.db")) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])

    def test_a_request_that_ended_after_the_backup_does_not_ring_again(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.make_busy(self.b, "2000")
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "call", fields=AT_ONCE))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.b.ask("backup", str(self.folder))
        marks = self.marks()
        self.offices.hang_up_all()
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(inbox.result()["Result"], "success")
        self.offices.hang_up_all()
        self.restore()
        marks = self.marks()
        self.expect_quiet(marks)
        self.assertEqual(self.b.ask("request", "show", number)["cause"], "error")
        # A new request is given no number, and no attempt an id, that was given after the backup.
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "anew", fields=AT_ONCE))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))

    def test_a_gateway_that_only_moves_goes_on_with_its_requests(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.make_busy(self.b, "2000")
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "move", fields=AT_ONCE))
        self.wait_attempts(self.b, inbox.completed()["Request-Number"], 1)
        self.b.ask("backup", str(self.folder))
        self.restore("--go-on")
        self.assertEqual(inbox.result(PATIENCE * 2)["Result"], "success")

    def test_a_folder_that_cannot_be_closed_to_others_takes_no_backup(self) -> None:
        """Somebody else's, for example: there are mails and hashes of secrets in it."""
        self.assertEqual(self.b.stop(), 0)
        self.b.start({"RINGPOST_FAULT": "backup.claim:1+:eio"})
        self.b.wait_ready(PATIENCE)
        foreign = self.folder.with_name("foreign")
        foreign.mkdir(0o755)
        self.addCleanup(foreign.rmdir)  # nothing is in it
        for folder in (foreign, self.folder):
            done = self.b.ringpost("backup", str(folder))
            self.assertEqual(done.returncode, 1)
            self.assertIn("cannot be closed to other users", done.stderr)
        self.assertFalse(self.folder.exists())
        self.assertEqual(self.b.stop(), 0)
        self.b.start()
        self.b.wait_ready(PATIENCE)
        self.b.ask("backup", str(self.folder))

    def test_a_restore_refuses_what_would_destroy_something(self) -> None:
        self.b.ask("backup", str(self.folder))
        words = [str(self.b.command), "restore", str(self.folder), str(self.b.state)]
        self.assertIn("in use", run(words, status=1).stderr)
        self.assertEqual(self.b.stop(), 0)
        self.assertIn("not empty", run(words, status=1).stderr)
        (self.folder / "ringpost.db").unlink()
        self.assertIn("no backup", run([*words[:-1], str(self.state)], status=1).stderr)
