# SPDX-License-Identifier: Apache-2.0
"""Delivery status notifications (RFC 3461 to 3464): what is asked for is told, or passed on to who can tell."""
from __future__ import annotations

from far import FarCase, status_of, wait_status
from offices import Inbox, PATIENCE, compose, octets_of, smtp, uids, wait_for

ENVELOPE = "ENVID=QQ+2B314159"


class Reports(FarCase):
    def test_parameters_are_passed_on_to_a_server_that_knows_them(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.send(["x@far.example"], mail_options=["RET=HDRS", ENVELOPE],
                  rcpt_options=["NOTIFY=SUCCESS,DELAY", "ORCPT=rfc822;list+2Bx@far.example"])
        self.arrived(self.far)
        mail = self.far.mails[0]
        self.assertIn(" RET=HDRS", mail.mail)
        self.assertIn(f" {ENVELOPE}", mail.mail)
        self.assertIn(" NOTIFY=SUCCESS,DELAY", mail.recipients[0])
        self.assertIn(" ORCPT=rfc822;list+2Bx@far.example", mail.recipients[0])
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the queue is empty")
        inbox.look()
        self.assertEqual(inbox.mails, [])  # that server tells

    def test_relayed_where_nothing_more_will_be_heard(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.send(["x@plain.example"], mail_options=[ENVELOPE], rcpt_options=["NOTIFY=SUCCESS,FAILURE"])
        report = wait_status(inbox, "relayed", "x@plain.example")
        of_mail, of_recipient = status_of(report)
        self.assertEqual(of_mail["Original-Envelope-Id"], "QQ+314159")
        self.assertEqual(of_recipient["Status"], "2.0.0")
        self.assertIn("mx.plain.example", of_recipient["Remote-MTA"])
        self.assertNotIn("NOTIFY", self.plain.mails[0].recipients[0])

    def test_without_the_wish_success_is_not_told(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.send(["x@plain.example"], rcpt_options=["NOTIFY=FAILURE"])
        self.send(["y@plain.example"])
        self.arrived(self.plain, 2)
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the queue is empty")
        inbox.look()
        self.assertEqual(inbox.mails, [])

    def test_delivered_by_the_gateway_of_the_mailbox(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        for address in (self.taro["address"], self.ichiro["address"]):
            self.send([address], mail_options=[ENVELOPE], rcpt_options=["NOTIFY=SUCCESS"])
            of_mail, of_recipient = status_of(wait_status(inbox, "delivered", address))
            self.assertEqual(of_mail["Original-Envelope-Id"], "QQ+314159")
            self.assertEqual(of_mail["Reporting-MTA"], "dns; " + address.partition("@")[2])
            self.assertEqual(of_recipient["Status"], "2.0.0")

    def test_a_stranger_gets_no_report(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        before = len(uids(self.b, self.taro))
        with smtp(self.b, None) as client:
            client.sendmail(self.hanako["address"], [self.taro["address"]],
                            octets_of(compose("someone@far.example", self.taro["address"], "forged")),
                            rcpt_options=["NOTIFY=SUCCESS"])
        wait_for(lambda: len(uids(self.b, self.taro)) > before, PATIENCE, "the mail is delivered")
        wait_for(lambda: not self.b.ask("queue", "list"), PATIENCE, "the queue is empty")
        inbox.look()
        self.assertEqual(inbox.mails, [])

    def test_a_bounce_returns_what_ret_says(self) -> None:
        self.far.replies = {"no@far.example": "550 5.1.1 no such person"}
        for ret, kind in (("RET=FULL", "message/rfc822"), ("RET=HDRS", "text/rfc822-headers"),
                          ("", "text/rfc822-headers")):
            with self.subTest(ret):
                inbox = Inbox(self.a, self.hanako)
                mail = compose(self.hanako["address"], "no@far.example", "return me", text="Wörter im Text.")
                self.send(["no@far.example"], mail, mail_options=[option for option in (ret, ENVELOPE) if option])
                bounce = wait_status(inbox, "failed", "no@far.example")
                self.assertEqual(status_of(bounce)[0]["Original-Envelope-Id"], "QQ+314159")
                returned = list(bounce.iter_parts())[2]
                self.assertEqual(returned.get_content_type(), kind)
                self.assertIn("Subject: return me", returned.as_string())
                whole = octets_of(mail).replace(b"\r\n", b"\n") in returned.as_bytes().replace(b"\r\n", b"\n")
                self.assertEqual(whole, ret == "RET=FULL")

    def test_never_is_never(self) -> None:
        self.far.replies = {"no@far.example": "550 5.1.1 no such person"}
        inbox = Inbox(self.a, self.hanako)
        self.send(["no@far.example"], rcpt_options=["NOTIFY=NEVER"])
        self.send(["x@plain.example"], rcpt_options=["NOTIFY=NEVER"])
        self.arrived(self.plain)
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the queue is empty")
        inbox.look()
        self.assertEqual(inbox.mails, [])
