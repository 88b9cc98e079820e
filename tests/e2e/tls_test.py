# SPDX-License-Identifier: Apache-2.0
"""TLS as the gateway offers it: STARTTLS and STLS, from the first octet, and what hostile clients make of them."""
from __future__ import annotations

import poplib
import re
import signal
import smtplib
import socket
import ssl
import warnings

from offices import (Inbox, OfficesCase, PATIENCE, believing_anybody, build_directory, compose, data, octets_of, smtp, submit,
                     wait_for)
from tls_case import TlsCase
from two_offices import THIS_MACHINE, make_certificate

HELLO_HALF = b"\x16\x03\x01\x02\x00\x01\x00"  # the first octets of a TLS record of 512


SOME_ANSWER = rb"(\d{3} |\+|-ERR)"


def listen(connection: socket.socket, awaited: bytes) -> bytes:
    """What is said up to a whole line that begins with `awaited` (a pattern), or the end."""
    heard = b""
    while not re.search(rb"(?m)^" + awaited + rb"[^\n]*\n", heard):
        more = connection.recv(65536)
        if not more:
            break
        heard += more
    return heard


def talk(address: tuple[str, int], *sent: bytes, awaited: bytes = SOME_ANSWER) -> bytes:
    """Sends each of `sent` after an answer to the one before, the last one only after a line that begins with `awaited`;
    everything that the gateway said until it closed, or until it had nothing more to say to the last."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        heard = listen(connection, SOME_ANSWER)
        for number, octets in enumerate(sent, 1):
            connection.sendall(octets)
            more = listen(connection, awaited if number == len(sent) - 1 else SOME_ANSWER)
            heard += more
            if not more:
                return heard
        connection.settimeout(1)
        try:
            while more := connection.recv(65536):
                heard += more
        except TimeoutError:
            heard += b"(open)"
    return heard


class Offers(TlsCase):
    """With a login that needs TLS on the loopback interface too."""

    settings = {"tls": {"require_on_loopback": True, "handshake_timeout": "2s"}}

    def setUp(self) -> None:
        self.address, self.secret = self.ken["address"], self.ken["secret"]

    def test_smtp_is_upgraded_and_then_offers_auth(self) -> None:
        with smtplib.SMTP(*self.a.smtp, local_hostname="client.example", timeout=30) as client:
            client.ehlo()
            self.assertTrue(client.has_extn("starttls"))
            self.assertFalse(client.has_extn("auth"))
            self.assertEqual(client.docmd("AUTH", "PLAIN AGEAYg==")[0], 538)
            self.assertEqual(client.docmd("XRINGPOST", "SHOW 1")[0], 530)
            client.starttls(context=self.trusting())
            self.assertEqual(client.mail(self.address)[0], 503, "what was said before TLS is forgotten")
            client.ehlo()
            self.assertFalse(client.has_extn("starttls"))
            self.assertTrue(client.has_extn("auth"))
            self.assertEqual(client.docmd("STARTTLS")[0], 503)
            client.login(self.address, self.secret)

    def test_pop3_is_upgraded_and_then_lets_in(self) -> None:
        client = poplib.POP3(*self.a.pop3, timeout=30)
        self.assertIn("STLS", client.capa())
        self.assertNotIn("USER", client.capa())
        with self.assertRaisesRegex(poplib.error_proto, "STLS first"):
            client.user(self.address)
        client.stls(context=self.trusting())
        self.assertNotIn("STLS", client.capa())
        client.user(self.address)
        client.pass_(self.secret)
        client.quit()

    def test_connections_may_begin_with_tls(self) -> None:
        with smtplib.SMTP_SSL(*self.a.smtp_tls, timeout=30, context=self.trusting()) as client:
            client.ehlo()
            self.assertFalse(client.has_extn("starttls"))
            client.login(self.address, self.secret)
        mailbox = poplib.POP3_SSL(*self.a.pop3_tls, timeout=30, context=self.trusting())
        self.assertNotIn("STLS", mailbox.capa())
        mailbox.user(self.address)
        mailbox.pass_(self.secret)
        mailbox.quit()

    def test_old_versions_and_ciphers_are_refused(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            old = believing_anybody()
            old.set_ciphers("ALL:@SECLEVEL=0")
            old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        weak = self.trusting()
        weak.maximum_version = ssl.TLSVersion.TLSv1_2
        weak.set_ciphers("AES128-SHA:ECDHE-ECDSA-AES128-SHA:DHE-RSA-AES128-SHA")
        good = self.trusting()
        good.maximum_version = ssl.TLSVersion.TLSv1_2
        for context in (old, weak):
            with self.assertRaises(ssl.SSLError):
                poplib.POP3_SSL(*self.a.pop3_tls, timeout=30, context=context)
        poplib.POP3_SSL(*self.a.pop3_tls, timeout=30, context=good).quit()


class Hostile(TlsCase):
    settings = {"tls": {"handshake_timeout": "1s"}, "mta": {"errors_per_session": 50}}

    def test_commands_behind_starttls_are_not_executed(self) -> None:
        heard = talk(self.a.smtp, b"EHLO c.example\r\n",
                          b"STARTTLS\r\nMAIL FROM:<evil@c.example>\r\nRCPT TO:<" + self.ken["address"].encode() +
                          b">\r\n")
        self.assertIn(b"554 5.5.0", heard)
        self.assertNotIn(b"220 2.0.0", heard)
        self.assertTrue(heard.endswith(b"closing\r\n"), heard)

    def test_commands_between_the_answer_and_the_handshake_are_not_executed(self) -> None:
        for address, hello, command in ((self.a.smtp, b"EHLO c.example\r\n", b"STARTTLS\r\n"),
                                        (self.a.pop3, b"CAPA\r\n", b"STLS\r\n")):
            heard = talk(address, hello, command, b"NOOP\r\nNOOP\r\nNOOP\r\n")
            self.assertTrue(heard.rstrip().splitlines()[-1].startswith((b"220 2.0.0", b"+OK begin TLS")), heard)
            self.assertNotIn(b"(open)", heard)

    def test_octets_behind_stls_end_the_session(self) -> None:
        heard = talk(self.a.pop3, b"STLS\r\nUSER " + self.ken["address"].encode() + b"\r\n")
        self.assertIn(b"-ERR nothing may follow", heard)
        self.assertNotIn(b"(open)", heard)

    def test_what_must_wait_for_an_answer_and_does_not_ends_the_session(self) -> None:
        hello, ken = b"EHLO c.example\r\n", self.ken["address"].encode()
        for lines in ((hello + b"MAIL FROM:<>\r\n",),
                      (b"HELO c.example\r\nNOOP\r\n",),
                      (hello, b"AUTH PLAIN AGEAYg==\r\nNOOP\r\n"),
                      (hello, b"AUTH LOGIN\r\n", b"YQ==\r\nYg==\r\n"),
                      (hello, b"MAIL FROM:<>\r\nRCPT TO:<" + ken + b">\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"),
                      (hello, b"STARTTLS\r\n" + HELLO_HALF)):
            with self.subTest(lines=lines):
                heard = talk(self.a.smtp, *lines)
                self.assertIn(b"554 5.5.0", heard)
                self.assertNotIn(b"(open)", heard)
                self.assertNotIn(b"354", heard)

    def test_pipelining_as_it_is_allowed_works(self) -> None:
        inbox = Inbox(self.a, self.ken)
        ken = self.ken["address"].encode()
        mail = octets_of(compose("c@c.example", self.ken["address"], "pipelined")) + b".\r\n"
        heard = talk(self.a.smtp, b"EHLO c.example\r\n",
                          b"MAIL FROM:<c@c.example>\r\nRCPT TO:<nobody@office-a.example>\r\nRCPT TO:<" + ken +
                          b">\r\nDATA\r\n", mail + b"RSET\r\nNOOP\r\nQUIT\r\n", awaited=b"354 ")
        codes = [line[:3] for line in heard.splitlines() if line[3:4] == b" "]
        self.assertEqual(codes[-8:], [b"250", b"550", b"250", b"354", b"250", b"250", b"250", b"221"], heard)
        inbox.wait(lambda found: found["Subject"] == "pipelined", "the pipelined mail is delivered")

    def test_the_answers_to_a_group_come_together(self) -> None:
        """RFC 2920 3.2: one packet for all of them."""
        to_ken = b"RCPT TO:<" + self.ken["address"].encode() + b">\r\n"
        with socket.create_connection(self.a.smtp, timeout=PATIENCE) as connection:
            listen(connection, SOME_ANSWER)
            connection.sendall(b"EHLO c.example\r\n")
            listen(connection, SOME_ANSWER)
            connection.sendall(b"MAIL FROM:<c@c.example>\r\n" + to_ken * 50 + b"DATA\r\n")
            codes = [line[:3] for line in connection.recv(65536).splitlines()]
        self.assertEqual(codes, [b"250"] * 51 + [b"354"])

    def test_half_a_record_and_then_nothing_is_ended_by_time(self) -> None:
        for address, before in ((self.a.smtp, [b"EHLO c.example\r\n", b"STARTTLS\r\n"]), (self.a.pop3, [b"STLS\r\n"])):
            with socket.create_connection(address, timeout=PATIENCE) as connection:
                listen(connection, SOME_ANSWER)
                for line in before:
                    connection.sendall(line)
                    listen(connection, SOME_ANSWER)
                connection.sendall(HELLO_HALF)
                self.assertEqual(connection.recv(65536), b"")
        for address in (self.a.smtp_tls, self.a.pop3_tls):
            with socket.create_connection(address, timeout=PATIENCE) as connection:
                connection.sendall(HELLO_HALF)
                self.assertEqual(connection.recv(65536), b"")

    def test_plain_text_where_tls_is_expected_is_ended(self) -> None:
        for address in (self.a.smtp_tls, self.a.pop3_tls):
            with socket.create_connection(address, timeout=PATIENCE) as connection:
                connection.sendall(b"EHLO c.example\r\nQUIT\r\n")
                heard = b""
                while more := connection.recv(65536):
                    heard += more
                self.assertNotIn(b"220", heard)
                self.assertNotIn(b"+OK", heard)

    def test_a_client_that_leaves_in_the_middle_of_a_mail_loses_nothing_of_others(self) -> None:
        client = smtplib.SMTP_SSL(*self.a.smtp_tls, local_hostname="client.example", timeout=30, context=self.trusting())
        client.ehlo()
        client.mail("c@c.example")
        client.rcpt(self.ken["address"])
        self.assertEqual(client.docmd("DATA")[0], 354)
        client.send(b"Subject: half\r\n\r\nhalf a l")
        assert client.sock is not None
        client.sock.close()
        inbox = Inbox(self.a, self.ken)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.ken["address"], "after"))
        inbox.wait(lambda found: found["Subject"] == "after", "the mail after it is delivered")
        self.assertNotIn("half", [found["Subject"] for found in inbox.mails])


class Reception(TlsCase):
    """A mail that was fetched through TLS was received, and one of which the last octets have not arrived was not."""

    def fetch(self, count: int | None) -> None:
        """RETR 1 through TLS by jiro; reads `count` octets of the mail (None: all) and is gone."""
        context = self.trusting()
        with socket.create_connection(self.b.pop3_tls, timeout=PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as client:
                reader = client.makefile("rb")
                for line in (b"", b"USER " + self.jiro["address"].encode(), b"PASS " + self.jiro["secret"].encode()):
                    if line:
                        client.sendall(line + b"\r\n")
                    self.assertTrue(reader.readline().startswith(b"+OK"))
                client.sendall(b"RETR 1\r\n")
                if count is not None:
                    reader.read(count)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    client.close()
                    return
                while reader.readline() != b".\r\n":
                    pass
                client.sendall(b"QUIT\r\n")
                self.assertTrue(reader.readline().startswith(b"+OK"))

    def test_reception_is_proved_through_tls(self) -> None:
        marks = self.marks()
        filler = "x" * 70 + "\n"
        submit(self.a, self.hanako, compose(self.hanako["address"], self.jiro["address"], "large", text=filler * 10000,
                                            fields={"Ringpost-Trigger": "user-reception"}))
        wait_for(lambda: len(Inbox(self.b, self.jiro).known) > 0, PATIENCE, "the mail is delivered")
        self.fetch(1000)
        self.expect_quiet(marks)
        self.fetch(None)
        self.expect_call(marks, (self.b, "2001"), (self.a, "2000"))


class Certificates(TlsCase):
    def fingerprint(self) -> bytes:
        context = believing_anybody()
        with socket.create_connection(self.a.smtp_tls, timeout=PATIENCE) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as client:
                return client.getpeercert(True) or b""

    def test_a_new_certificate_counts_after_sighup_and_a_broken_one_does_not(self) -> None:
        first = self.fingerprint()
        assert self.offices.certificate is not None and self.a.process is not None
        staying = smtplib.SMTP_SSL(*self.a.smtp_tls, timeout=30, context=self.trusting())
        made = make_certificate(build_directory(), self.offices.directory / "new", *THIS_MACHINE)
        for name in ("certificate", "key"):
            (self.offices.directory / "tls" / f"{name}.pem").write_bytes(open(made[name], "rb").read())
        self.assertEqual(self.fingerprint(), first)
        self.a.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.fingerprint() != first, PATIENCE, "the new certificate is shown")
        second = self.fingerprint()
        self.assertEqual(staying.noop()[0], 250, "a session from before goes on")
        staying.quit()
        (self.offices.directory / "tls" / "key.pem").write_text("no key\n", encoding="ascii")
        self.a.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "ringpostd.not-reloaded" in self.a.log.read_text(encoding="utf-8"), PATIENCE, "it is told")
        self.assertEqual(self.fingerprint(), second)


class OpenKey(TlsCase):
    def test_a_key_that_everybody_can_read_is_told(self) -> None:
        assert self.b.process is not None
        key = self.offices.directory / "tls" / "key.pem"

        def lines(name: str) -> int:
            return self.b.log.read_text(encoding="utf-8").count(name)

        for mode in (0o640, 0o644):
            self.assertEqual(lines("tls.key-open"), 0)
            read = lines("tls.certificate")
            key.chmod(mode)
            self.b.process.send_signal(signal.SIGHUP)
            wait_for(lambda: lines("tls.certificate") > read, PATIENCE, "it is read again")
        wait_for(lambda: lines(f"tls.key-open file={key}") == 1, PATIENCE, "it is told")


class Family(OfficesCase):
    """IPv6, and logins over ::1, which is the loopback interface too."""

    settings = {"mta": {"listen": ["[::1]:0", "127.0.0.1:0"]}, "mailbox": {"listen": ["[::1]:0", "127.0.0.1:0"]}}

    def test_mail_is_sent_and_fetched_over_ipv6(self) -> None:
        self.assertEqual(self.a.smtp[0], "::1")
        inbox = Inbox(self.a, self.ken)
        with smtp(self.a, self.hanako) as client:
            client.mail(self.hanako["address"])
            client.rcpt(self.ken["address"])
            mail = octets_of(compose(self.hanako["address"], self.ken["address"], "six"))
            self.assertEqual(data(client, mail + b".\r\n")[0], 250)
        mail = inbox.wait(lambda found: found["Subject"] == "six", "it is delivered")
        self.assertIn("([IPv6:::1])", str(mail["Received"]))
