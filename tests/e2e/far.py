# SPDX-License-Identifier: Apache-2.0
"""What the tests share whose mail leaves the offices: a name server, and servers that it names."""
from __future__ import annotations

import email.message
import smtplib

from dns_server import Name, NameServer
from far_server import FarServer
from offices import Gateway, Inbox, Mail, OfficesCase, PATIENCE, User, compose, octets_of, smtp, wait_for

STATUS_TYPE = "message/delivery-status"


class FarCase(OfficesCase):
    """Office A routes by DNS: far.example is at 127.0.0.1 and offers DSN, plain.example at 127.0.0.2 and does not."""

    zone: dict[str, Name]
    dns: NameServer
    far: FarServer
    plain: FarServer

    @classmethod
    def setUpClass(cls) -> None:
        cls.zone = {"far.example": Name(mx=["10 mx.far.example"]), "mx.far.example": Name(addresses=["127.0.0.1"]),
                    "plain.example": Name(mx=["10 mx.plain.example"]),
                    "mx.plain.example": Name(addresses=["127.0.0.2"])}
        cls.dns = NameServer(cls.zone)
        cls.far = FarServer(keywords=("8BITMIME", "PIPELINING", "DSN", "ENHANCEDSTATUSCODES"))
        cls.plain = FarServer("127.0.0.2", cls.far.port)
        cls.addClassCleanup(lambda: [server.close() for server in (cls.dns, cls.far, cls.plain)])
        cls.settings = {"relay": {"dns": True, "dns_servers": [f"127.0.0.1:{cls.dns.port}"], "dns_port": cls.far.port,
                                  "dns_timeout": "300ms", "dns_tries": 2, "dns_ignore": ["127.0.0.66/32"],
                                  "retry_first": "500ms", "retry_max": "1s"}}
        super().setUpClass()

    def setUp(self) -> None:
        for server in (self.far, self.plain):
            server.replies.clear()
            server.mails.clear()
            server.most = 1000

    def send(self, to: list[str], mail: Mail | None = None, mail_options: list[str] | None = None,
             rcpt_options: list[str] | None = None) -> None:
        """Hanako sends, with parameters of MAIL and RCPT."""
        mail = mail or compose(self.hanako["address"], to[0], "far away")
        with smtp(self.a, self.hanako) as client:
            code, text = client.mail(self.hanako["address"], mail_options or [])
            self.assertEqual(code, 250, text)
            for address in to:
                code, text = client.rcpt(address, rcpt_options or [])
                self.assertEqual(code, 250, text)
            code, text = client.data(octets_of(mail))
            self.assertEqual(code, 250, text)

    def arrived(self, server: FarServer, count: int = 1) -> None:
        wait_for(lambda: len(server.mails) >= count, PATIENCE, f"{count} mails have arrived at {server.address}")


def status_of(mail: email.message.Message) -> list[dict[str, str]]:
    """The groups of fields of a delivery status notification: of the mail, then of its recipient; empty: it is none."""
    for part in mail.walk():
        if part.get_content_type() == STATUS_TYPE:
            groups = part.get_payload()
            assert isinstance(groups, list)
            return [dict(group.items()) for group in groups]
    return []


def wait_status(inbox: Inbox, action: str, recipient: str) -> Mail:
    """The report that says this of this recipient."""
    def fits(mail: Mail) -> bool:
        groups = status_of(mail)
        return len(groups) > 1 and groups[1].get("Action") == action and groups[1]["Final-Recipient"].endswith(recipient)

    return inbox.wait(fits, f"a report that the mail to {recipient} is {action}")


__all__ = ["FarCase", "FarServer", "Gateway", "Inbox", "Name", "PATIENCE", "User", "smtplib", "status_of", "wait_status"]
