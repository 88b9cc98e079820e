# SPDX-License-Identifier: Apache-2.0
"""Mail clients that somebody else wrote, set up for TLS as their users do it: with the gateway's certificate as the one
that they trust. Without TLS nobody could log in here."""
from __future__ import annotations

import pathlib
import tempfile

from offices import Inbox, PATIENCE, compose, octets_of, run, submit, uids, wait_for, write_private
from tls_case import TlsCase

HOST = "localhost"


class TlsClient(TlsCase):
    settings = {"tls": {"require_on_loopback": True}}

    def setUp(self) -> None:
        self.home = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.environment = {"HOME": str(self.home), "PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C.UTF-8"}
        self.address, self.secret = self.ken["address"], self.ken["secret"]

    def run_client(self, *words: str, status: int = 0, text: str = "") -> str:
        with tempfile.TemporaryFile("w+", encoding="utf-8") as given:
            given.write(text)
            given.seek(0)
            return run(list(words), status, stdin=given, env=self.environment, cwd=self.home).stdout

    def both_ways(self, kind: str) -> list[tuple[bool, int]]:
        """Whether TLS begins with a command, and the port."""
        addresses = (self.a.smtp, self.a.smtp_tls) if kind == "smtp" else (self.a.pop3, self.a.pop3_tls)
        return [(True, addresses[0][1]), (False, addresses[1][1])]


class Senders(TlsClient):
    """Ken writes to Hanako, who works in the same office."""

    def expect(self, inbox: Inbox, subject: str) -> None:
        mail = inbox.wait(lambda found: found["Subject"] == subject, f"{subject} is delivered")
        self.assertIn("with ESMTPSA (TLSv1.", str(mail["Received"]))

    def text(self, subject: str) -> str:
        return octets_of(compose(self.address, self.hanako["address"], subject)).decode().replace("\r\n", "\n")

    def test_swaks(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        for upgraded, port in self.both_ways("smtp"):
            self.run_client("swaks", "--server", HOST, "--port", str(port), "--tls" if upgraded else "--tls-on-connect",
                            "--tls-verify", "--tls-ca-path", str(self.offices.certificate), "--auth", "PLAIN",
                            "--auth-user", self.address, "--auth-password", self.secret, "--from", self.address,
                            "--to", self.hanako["address"], "--header", f"Subject: swaks {upgraded}")
            self.expect(inbox, f"swaks {upgraded}")

    def test_msmtp(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        for upgraded, port in self.both_ways("smtp"):
            write_private(self.home / "msmtprc", "\n".join([
                "account default", f"host {HOST}", f"port {port}", f"from {self.address}", "tls on",
                f"tls_starttls {'on' if upgraded else 'off'}", f"tls_trust_file {self.offices.certificate}", "auth on",
                f"user {self.address}", f"password {self.secret}", ""]))
            self.run_client("msmtp", "--file", str(self.home / "msmtprc"), "--read-recipients",
                            text=self.text(f"msmtp {upgraded}"))
            self.expect(inbox, f"msmtp {upgraded}")

    def test_s_nail(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        login = f"{self.address}:{self.secret}".replace("@", "%40")
        for upgraded, port in self.both_ways("smtp"):
            url = f"{'submission' if upgraded else 'smtps'}://{login}@{HOST}:{port}"
            self.run_client("s-nail", "-:/", "-S", "v15-compat", "-S", f"mta={url}", "-S", "smtp-config=plain",
                            "-S", f"from={self.address}", "-S", "sendwait", "-S", "tls-verify=strict",
                            "-S", f"tls-ca-file={self.offices.certificate}", "-S", "tls-ca-no-defaults",
                            *(("-S", "smtp-use-starttls") if upgraded else ()),
                            "-s", f"s-nail {upgraded}", self.hanako["address"], text="Hello.\n")
            self.expect(inbox, f"s-nail {upgraded}")

    def test_mutt(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        for upgraded, port in self.both_ways("smtp"):
            login = self.address.replace("@", "%40")
            write_private(self.home / "muttrc", "\n".join([
                f'set from = "{self.address}"', "set realname = Ken", "set use_from = yes", "set copy = no",
                f'set smtp_url = "{"smtp" if upgraded else "smtps"}://{login}@{HOST}:{port}/"',
                f'set smtp_pass = "{self.secret}"', "set smtp_authenticators = plain", "set ssl_starttls = yes",
                "set ssl_force_tls = yes", f'set certificate_file = "{self.offices.certificate}"', ""]))
            self.run_client("mutt", "-n", "-F", str(self.home / "muttrc"), "-s", f"mutt {upgraded}",
                            self.hanako["address"], text="Hello.\n")
            self.expect(inbox, f"mutt {upgraded}")

    def test_curl(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        for upgraded, port in self.both_ways("smtp"):
            url = f"{'smtp' if upgraded else 'smtps'}://{HOST}:{port}/client.example"
            self.run_client("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", str(self.offices.certificate),
                            "--user", f"{self.address}:{self.secret}", "--mail-from", self.address, "--mail-rcpt",
                            self.hanako["address"], "--upload-file", "-", "--crlf", url,
                            text=self.text(f"curl {upgraded}"))
            self.expect(inbox, f"curl {upgraded}")

    def test_a_client_that_does_not_know_the_certificate_sends_nothing(self) -> None:
        for _, port in self.both_ways("smtp"):
            write_private(self.home / "msmtprc", "\n".join([
                "account default", f"host {HOST}", f"port {port}", f"from {self.address}", "tls on",
                f"tls_starttls {'on' if port == self.a.smtp[1] else 'off'}", "auth on", f"user {self.address}",
                f"password {self.secret}", ""]))
            self.run_client("msmtp", "--file", str(self.home / "msmtprc"), self.hanako["address"], text="x\n", status=69)


class Fetchers(TlsClient):
    """What Ken finds in his mailbox is fetched once by STLS, and once by a connection that begins with TLS."""

    def setUp(self) -> None:
        super().setUp()
        self.subject = self.id().rsplit("_", 1)[-1]
        before = len(uids(self.a, self.ken))
        submit(self.a, self.hanako, compose(self.hanako["address"], self.address, self.subject))
        wait_for(lambda: len(uids(self.a, self.ken)) > before, PATIENCE, "the mail is delivered")

    def check_inbox(self) -> None:
        inbox = self.home / "inbox"
        self.assertIn(f"Subject: {self.subject}", inbox.read_text(encoding="utf-8"))
        inbox.unlink()

    def test_curl(self) -> None:
        for upgraded, port in self.both_ways("pop3"):
            words = ("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", str(self.offices.certificate), "--user",
                     f"{self.address}:{self.secret}")
            url = f"{'pop3' if upgraded else 'pop3s'}://{HOST}:{port}/"
            number = len(self.run_client(*words, url).split("\n")) - 1
            self.assertIn(f"Subject: {self.subject}", self.run_client(*words, url + str(number)))

    def test_fetchmail(self) -> None:
        for upgraded, port in self.both_ways("pop3"):
            write_private(self.home / "fetchmailrc", "\n".join([
                f"poll {HOST} protocol pop3 port {port}", f'  user "{self.address}"', f'  password "{self.secret}" keep',
                f'  {"" if upgraded else "ssl "}sslproto "TLS1.2+" sslcertck sslcertfile "{self.offices.certificate}"',
                f'  mda "cat >> {self.home}/inbox"', ""]))
            self.run_client("fetchmail", "--fetchmailrc", str(self.home / "fetchmailrc"), "--pidfile",
                            str(self.home / "pid"), "--nosyslog", "--all")
            self.check_inbox()

    def test_mpop(self) -> None:
        for upgraded, port in self.both_ways("pop3"):
            write_private(self.home / "mpoprc", "\n".join([
                "account default", f"host {HOST}", f"port {port}", "tls on",
                f"tls_starttls {'on' if upgraded else 'off'}", f"tls_trust_file {self.offices.certificate}", "auth user",
                f"user {self.address}", f"password {self.secret}", "keep on", "received_header off",
                f"uidls_file {self.home}/uidls-{upgraded}", f"delivery mbox {self.home}/inbox", ""]))
            self.run_client("mpop", "--file", str(self.home / "mpoprc"), "--quiet")
            self.check_inbox()

    def test_getmail(self) -> None:  # which knows no STLS
        _, port = self.a.pop3_tls
        configuration = self.home / "getmail"
        configuration.mkdir(mode=0o700)
        write_private(configuration / "getmailrc", "\n".join([
            "[retriever]", "type = SimplePOP3SSLRetriever", f"server = {HOST}", f"port = {port}",
            f"ca_certs = {self.offices.certificate}", f"username = {self.address}", f"password = {self.secret}",
            "[destination]", "type = MDA_external", "path = /bin/sh", "allow_root_commands = true",
            f'arguments = ("-c", "cat >> {self.home}/inbox")', "[options]", "delete = false", ""]))
        self.run_client("getmail", "--getmaildir", str(configuration))
        self.check_inbox()

    def test_s_nail(self) -> None:
        login = f"{self.address}:{self.secret}".replace("@", "%40")
        for upgraded, port in self.both_ways("pop3"):
            url = f"{'pop3' if upgraded else 'pop3s'}://{login}@{HOST}:{port}"
            shown = self.run_client("s-nail", "-:/", "-S", "v15-compat", "-S", "tls-verify=strict", "-S",
                                    f"tls-ca-file={self.offices.certificate}", "-S", "tls-ca-no-defaults",
                                    *(("-S", "pop3-use-starttls") if upgraded else ()), "-S", "pop3-auth=plain", "-R",
                                    "-f", url, text=f"headers\nfrom (subject {self.subject})\nexit\n")
            self.assertIn(self.subject, shown)
