# SPDX-License-Identifier: Apache-2.0
"""Mail clients that somebody else wrote, as their users set them up."""
from __future__ import annotations

import pathlib
import tempfile

from offices import OfficesCase, PATIENCE, User, compose, octets_of, run, submit, uids, wait_for, write_private


class Clients(OfficesCase):
    def setUp(self) -> None:
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C.UTF-8"}

    def run_client(self, *words: str, status: int = 0, text: str = "") -> str:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as given:
            given.write(text)
            given.seek(0)
            return run(list(words), status, stdin=given, env=self.environment, cwd=self.home).stdout

    def a_mail_for(self, user: User, subject: str) -> tuple[int, int]:
        before = len(uids(self.b, user))
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], user["address"], subject, fields={
            "Ringpost-Trigger": "user-reception"}))
        wait_for(lambda: len(uids(self.b, user)) > before, PATIENCE, "the mail is delivered")
        return marks

    def test_msmtp_sends_an_order(self) -> None:
        host, port = self.a.smtp
        write_private(self.home / "msmtprc", "\n".join([
            "account default", f"host {host}", f"port {port}", f"from {self.hanako['address']}", "tls off",
            "auth plain", f"user {self.hanako['address']}", f"password {self.hanako['secret']}", ""]))
        marks = self.marks()
        mail = compose(self.hanako["address"], self.taro["address"], "msmtp", fields={
            "Ringpost-Trigger": "system-recognition"})
        self.run_client("msmtp", "--file", str(self.home / "msmtprc"), "--read-recipients",
                        text=octets_of(mail).decode().replace("\r\n", "\n"))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))

    def test_s_nail_sends_an_order_as_an_attachment(self) -> None:
        host, port = self.a.smtp
        (self.home / "call.exchange").write_text("Trigger: system-recognition\n", encoding="ascii")
        marks = self.marks()
        login = f"{self.hanako['address']}:{self.hanako['secret']}".replace("@", "%40")
        self.run_client("s-nail", "-:/", "-S", "v15-compat", "-S", f"mta=smtp://{login}@{host}:{port}",
                        "-S", "smtp-auth=plain", "-S", f"from={self.hanako['address']}", "-S", "sendwait",
                        "-a", "call.exchange", "-s", "s-nail", self.taro["address"], text="Please call me.\n")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))

    def test_fetchmail_rings_once_with_retr_and_never_with_top(self) -> None:
        marks = self.a_mail_for(self.taro, "fetchmail")
        host, port = self.b.pop3
        write_private(self.home / "fetchmailrc", "\n".join([
            f"poll {host} protocol pop3 port {port} uidl", f'  user "{self.taro["address"]}"',
            f'  password "{self.taro["secret"]}" keep sslproto "" mda "cat >> {self.home}/inbox"', ""]))
        words = ("fetchmail", "--fetchmailrc", str(self.home / "fetchmailrc"), "--pidfile", str(self.home / "pid"),
                 "--idfile", str(self.home / "ids"), "--nosyslog")
        self.run_client(*words)  # where it keeps the mails it asks for TOP, which is no reception
        self.assertIn("Subject: fetchmail", (self.home / "inbox").read_text(encoding="utf-8"))
        self.expect_quiet(marks)
        self.run_client(*words, "--all")  # RETR
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.offices.hang_up_all()
        marks = self.marks()
        self.run_client(*words, "--all")
        self.expect_quiet(marks)

    def test_mpop_fetches_and_deletes(self) -> None:
        marks = self.a_mail_for(self.jiro, "mpop")
        host, port = self.b.pop3
        write_private(self.home / "mpoprc", "\n".join([
            "account default", f"host {host}", f"port {port}", "tls off", "auth user",
            f"user {self.jiro['address']}", f"password {self.jiro['secret']}", "keep off", "received_header off",
            f"uidls_file {self.home}/uidls", f"delivery mbox {self.home}/mbox", ""]))
        self.run_client("mpop", "--file", str(self.home / "mpoprc"), "--quiet")
        self.assertIn("Subject: mpop", (self.home / "mbox").read_text(encoding="utf-8"))
        self.expect_call(marks, (self.b, "2001"), (self.a, "2000"))
        self.assertEqual(uids(self.b, self.jiro), [])

    def test_getmail_fetches(self) -> None:
        marks = self.a_mail_for(self.yuki, "getmail")
        host, port = self.b.pop3
        configuration = self.home / "getmail"
        configuration.mkdir(mode=0o700)
        write_private(configuration / "getmailrc", "\n".join([
            "[retriever]", "type = SimplePOP3Retriever", f"server = {host}", f"port = {port}",
            f"username = {self.yuki['address']}", f"password = {self.yuki['secret']}",
            # Its own kinds of mailboxes refuse to work for root, as which CI runs.
            "[destination]", "type = MDA_external", "path = /bin/sh", "allow_root_commands = true",
            f'arguments = ("-c", "cat >> {self.home}/inbox")', "[options]", "delete = false", ""]))
        self.run_client("getmail", "--getmaildir", str(configuration))
        self.assertIn("Subject: getmail", (self.home / "inbox").read_text(encoding="utf-8"))
        self.expect_call(marks, (self.b, "2002"), (self.a, "2000"))
