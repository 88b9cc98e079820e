# SPDX-License-Identifier: Apache-2.0
"""system-recognition: a mail that connects two telephones at once, sent by different clients and in different ways."""
from __future__ import annotations

import tempfile
import time

from offices import (AT_ONCE, RESULT_TYPE, Gateway, Inbox, OfficesCase, User, compose, octets_of, run, submit, uids)


class AtOnce(OfficesCase):
    def connected(self, sender: tuple[Gateway, User], called: tuple[Gateway, User], send: object) -> dict[str, str]:
        """`send()` makes `called`'s telephone ring, then `sender`'s; the sender is told. Returns the result."""
        assert callable(send)
        inbox = Inbox(*sender)
        before = uids(*called)
        marks = self.marks()
        send()
        self.expect_call(marks, (called[0], called[1]["extension"]), (sender[0], sender[1]["extension"]))
        result = inbox.result()
        completed = inbox.completed()
        self.assertEqual(result["Result"], "success")
        self.assertNotIn("Cause", {name for name, value in result.items() if value})
        self.assertEqual(result["Request-Number"], completed["Request-Number"])
        self.assertRegex(result["Request-Number"], rf"^[^@ ]+@{sender[0].domain}$")
        self.assertEqual(result["Request"], "camp-on")
        self.assertEqual(int(result["Attempts"]), 1)
        self.assertEqual(len(inbox.results()), 1)
        self.assertEqual(uids(*called), before, "a mail of system delivery is in the mailbox")
        return result

    def swaks(self, gateway: Gateway, user: User, to: str, *more: str, status: int = 0) -> None:
        host, port = gateway.smtp
        run(["swaks", "--server", host, "--port", str(port), "--ehlo", "client.example", "--timeout", "30",
             "--auth", "PLAIN", "--auth-user", user["address"], "--auth-password", user["secret"],
             "--from", user["address"], "--to", to, "--header", "Subject: call", *more], status)

    def test_swaks_with_header_fields_from_a_to_b(self) -> None:
        self.connected((self.a, self.hanako), (self.b, self.taro), lambda: self.swaks(
            self.a, self.hanako, self.taro["address"], "--header", "Ringpost-Trigger: system-recognition"))

    def test_swaks_with_an_attached_part_from_b_to_a(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".exchange", encoding="ascii") as part:
            part.write("Request: camp-on\nTrigger: system-recognition\n")
            part.flush()
            self.connected((self.b, self.jiro), (self.a, self.ken), lambda: self.swaks(
                self.b, self.jiro, self.ken["address"], "--body", "Please call.",
                "--attach-type", "application/vnd.ringpost.exchange-information",
                "--attach-name", "call.exchange", "--attach", f"@{part.name}"))

    def test_an_attachment_of_any_type_whose_name_ends_in_exchange(self) -> None:
        mail = compose(self.ken["address"], self.yuki["address"], "by name")
        mail.add_attachment(b"trigger: System-Recognition\r\nX-Note: anything\r\n", "application", "octet-stream",
                            filename="Please CALL.Exchange")
        self.connected((self.a, self.ken), (self.b, self.yuki), lambda: submit(self.a, self.ken, mail))

    def test_the_first_paragraph_of_the_text(self) -> None:
        mail = compose(self.ken["address"], self.yuki["address"], "by text",
                       "Exchange:\nTrigger: system-recognition\nMonitor-Time: 5m\n\nGood morning,\nplease call.\n")
        self.connected((self.a, self.ken), (self.b, self.yuki), lambda: submit(self.a, self.ken, mail))

    def test_the_address_alone(self) -> None:
        local, domain = self.taro["address"].split("@")
        mail = compose(self.hanako["address"], f"{local}+callnow@{domain}", "by address")
        self.connected((self.a, self.hanako), (self.b, self.taro), lambda: submit(self.a, self.hanako, mail))

    def test_curl_inside_one_office(self) -> None:
        mail = compose(self.hanako["address"], self.ichiro["address"], "curl", fields=AT_ONCE)
        host, port = self.a.smtp

        def send() -> None:
            with tempfile.NamedTemporaryFile(suffix=".eml") as file:
                file.write(octets_of(mail))
                file.flush()
                run(["curl", "--silent", "--show-error", "--max-time", "60",
                     "--user", f"{self.hanako['address']}:{self.hanako['secret']}",
                     "--mail-from", self.hanako["address"], "--mail-rcpt", self.ichiro["address"],
                     "--upload-file", file.name, f"smtp://{host}:{port}/client.example"])

        self.connected((self.a, self.hanako), (self.a, self.ichiro), send)

    def test_smtplib_with_a_part_from_a_to_b(self) -> None:
        mail = compose(self.ichiro["address"], self.jiro["address"], "smtplib",
                       part="Trigger: system-recognition\nDestination-Number: 2001\nSource-Number: 2001\n")
        self.connected((self.a, self.ichiro), (self.b, self.jiro), lambda: submit(self.a, self.ichiro, mail))

    def test_both_legs_show_the_other_party_by_its_external_number(self) -> None:
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "numbers", fields=AT_ONCE))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.b.phones()["2000"]["with"], self.hanako["external_number"])
        self.assertEqual(self.a.phones()["2000"]["with"], self.taro["external_number"])
        self.assertEqual(self.a.watch().since(marks[0], "2001"), [], "the wrong telephone rang")

    def test_source_first_rings_the_source_first(self) -> None:
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "order",
                                            fields={**AT_ONCE, "Ringpost-Call-Order": "source-first"}))
        self.expect_call(marks, (self.a, "2000"), (self.b, "2000"))

    def test_the_notices_are_reports_that_any_mail_client_understands(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        mail = compose(self.hanako["address"], self.taro["address"], "図面について", fields=AT_ONCE)
        submit(self.a, self.hanako, mail)
        inbox.result()
        inbox.completed()
        for notice in inbox.mails:
            parts = list(notice.iter_parts())
            self.assertEqual(notice.get_content_type(), "multipart/report")
            self.assertEqual(len(parts), 3)
            self.assertEqual(parts[0].get_content_type(), "text/plain")
            self.assertEqual(parts[1].get_content_type(), RESULT_TYPE)
            self.assertEqual(parts[2].get_content_type(), "text/rfc822-headers")
            self.assertIn(str(mail["Message-ID"]), parts[2].get_payload())
            self.assertNotEqual(notice["Auto-Submitted"] or "no", "no")
            self.assertEqual(notice.defects, [])
            self.assertRegex(parts[0].get_content(), r"[ぁ-ん]", "Hanako's language is Japanese")
            self.assertIn("<>", str(notice["Return-Path"]), "a notice has a null envelope sender")

    def test_result_notification_no_silences_the_result_only(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "quiet", fields={
            **AT_ONCE, "Ringpost-Result-Notification": "no"}))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        number = inbox.completed()["Request-Number"]
        # A later request's result proves that this one's would have come by now: both take the same way.
        self.offices.hang_up_all()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "later", fields=AT_ONCE))
        later = inbox.result()
        self.assertNotEqual(later["Request-Number"], number)
        self.assertEqual(len(inbox.results()), 1)

    def test_a_mail_to_two_people_makes_two_requests(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], f"{self.taro['address']}, {self.jiro['address']}",
                                            "two", fields=AT_ONCE))
        self.expect(self.a, marks[0], "2000", "talking")
        inbox.wait(lambda _mail: len(inbox.results()) == 2, "both results")
        self.assertEqual(len({fields["Request-Number"] for fields in inbox.results()}), 2)
        # Hanako has one telephone, whose state the gateway of office B cannot know beforehand.
        self.assertEqual(sorted((fields["Result"], fields.get("Cause", "")) for fields in inbox.results()),
                         [("failure", "source-busy"), ("success", "")])

    def test_a_mail_is_held_until_its_time(self) -> None:
        marks = self.marks()
        sent = time.time()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "later", fields={
            **AT_ONCE, "Ringpost-Service": "time; after=3s"}))
        self.expect(self.b, marks[1], "2000", "ringing")
        self.assertGreaterEqual(time.time() - sent, 2.9)
