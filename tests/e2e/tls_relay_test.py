# SPDX-License-Identifier: Apache-2.0
"""TLS between gateways: encrypted and verified, refused where the other one is not who it should be, and a server that
slips in replies."""
from __future__ import annotations

import shutil
import signal
import socket
import ssl
import threading
import unittest

from offices import Inbox, OfficesCase, PATIENCE, Settings, TwoOffices, build_directory, compose, submit, wait_for
from tls_case import TlsCase
from two_offices import THIS_MACHINE, Gateway, free_ports, make_certificate, settings_for, temporary_directory

REQUIRED = 'tls = "required"'


class Relaying(TlsCase):
    def relayed(self, subject: str) -> str:
        """The Received field that office B has put in front of a mail from A."""
        inbox = Inbox(self.b, self.taro)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], subject))
        mail = inbox.wait(lambda found: found["Subject"] == subject, "it is delivered")
        return str(mail.get_all("Received")[0])  # type: ignore[index]

    def queue_error(self) -> str:
        self.a.check_alive()
        return " ".join(str(row.get("last_error", "")) for row in self.a.ask("queue", "list"))


class Opportunistic(Relaying):
    def test_starttls_is_used_where_it_is_offered(self) -> None:
        received = self.relayed("opportunistic")
        self.assertIn("with ESMTPSA (TLSv1.3)", received)
        self.assertIn("tls TLS_", received)


class Required(Relaying):
    destination = REQUIRED

    def test_a_verified_gateway_is_relayed_to_and_asked_about_requests(self) -> None:
        self.assertIn("with ESMTPSA (TLSv1.3)", self.relayed("required"))
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "cancel", fields={
            "Ringpost-Trigger": "system-recognition"}))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.a.do("request", "cancel", number)
        self.assertEqual(inbox.result()["Cause"], "cancelled")


class WrongName(Relaying):
    """Both have a certificate that is believed, but for another host."""

    names = ("elsewhere.example",)
    destination = REQUIRED

    def test_the_mail_waits_until_the_certificate_is_right(self) -> None:
        inbox = Inbox(self.b, self.taro)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "wrong name"))
        wait_for(lambda: "its certificate is for elsewhere.example, not for 127.0.0.1" in self.queue_error(), PATIENCE,
                 "the queue shows why it waits")
        inbox.look()
        self.assertEqual(inbox.mails, [])
        made = make_certificate(build_directory(), self.offices.directory / "new", *THIS_MACHINE)
        for name in ("certificate", "key"):
            (self.offices.directory / "tls" / f"{name}.pem").write_bytes(open(made[name], "rb").read())
        for gateway in self.offices.both:  # A believes it, B shows it
            assert gateway.process is not None
            gateway.process.send_signal(signal.SIGHUP)
        inbox.wait(lambda found: found["Subject"] == "wrong name", "it is delivered after all")
        self.assertEqual(len(inbox.mails), 1)


class NoTls(OfficesCase):
    """Neither has a certificate, and each requires one of the other."""

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return TwoOffices(build_directory(), settings, destination=REQUIRED)

    def test_the_mail_waits_and_the_queue_says_what_to_do(self) -> None:
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "no tls"))
        wait_for(lambda: "set up a certificate there" in str(self.a.ask("queue", "list")), PATIENCE,
                 "the queue shows why it waits")


class SlippingServer:
    """A next hop that puts replies behind its 220, in clear, as somebody on the way could; then it speaks TLS."""

    def __init__(self, certificate: dict[str, str]) -> None:
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate["certificate"], certificate["key"])
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.in_clear: list[bytes] = []
        self.encrypted: list[bytes] = []
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def serve(self) -> None:
        connection, _ = self.socket.accept()
        with connection:
            connection.sendall(b"220 slipping\r\n")
            self.in_clear.append(connection.recv(65536))
            connection.sendall(b"250-slipping\r\n250-SIZE 1000\r\n250-XRINGPOST\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
            self.in_clear.append(connection.recv(65536))
            connection.sendall(b"220 go\r\n250-slipping\r\n250-XRINGPOST\r\n250 AUTH PLAIN\r\n235 in\r\n250 ok\r\n250 ok\r\n")
            with self.context.wrap_socket(connection, server_side=True) as safe:
                self.encrypted.append(safe.recv(65536))
                safe.sendall(b"250-safe\r\n250 AUTH LOGIN\r\n")  # not PLAIN: the AUTH that was slipped in is not believed
                self.encrypted.append(safe.recv(65536))
        self.done.set()

    def close(self) -> None:
        self.socket.close()
        self.thread.join(PATIENCE)


class Slipping(unittest.TestCase):
    def test_replies_behind_the_220_are_not_believed(self) -> None:
        directory = temporary_directory()
        certificate = make_certificate(build_directory(), directory / "tls", *THIS_MACHINE)
        server = SlippingServer(certificate)
        people = (f'[[user]]\naddress = "ann@office-c.example"\nextension = "2000"\nsecret = "ann-secret"\n'
                  f'[[destination]]\nname = "office-d.example"\nhost = "127.0.0.1"\nport = {server.port}\n'
                  f'login = "office-c.example"\nsecret = "c-secret"\ntls = "required"\n')
        ports = dict(zip(("smtp", "pop3"), free_ports(2)))
        settings = settings_for("office-c.example", directory / "c", ports, {"simulated_extensions": ["2000"]},
                                {"tls": {"ca_file": certificate["certificate"]}})
        office = Gateway(build_directory(), directory / "c", "office-c.example", settings, people)
        office.start()
        try:
            office.wait_ready(PATIENCE)
            ann = office.user("2000")
            submit(office, ann, compose(ann["address"], "dan@office-d.example", "slipped"))
            self.assertTrue(server.done.wait(PATIENCE), server.in_clear)
            self.assertEqual(server.in_clear, [b"EHLO office-c.example\r\n", b"STARTTLS\r\n"])
            self.assertEqual(server.encrypted, [b"EHLO office-c.example\r\n", b"QUIT\r\n"])
            wait_for(lambda: "AUTH PLAIN" in str(office.ask("queue", "list")), PATIENCE, "the mail waits")
        finally:
            office.stop()
            server.close()
            shutil.rmtree(directory)
