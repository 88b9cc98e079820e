# SPDX-License-Identifier: Apache-2.0
"""What the gateway answers to a mail client: who may send what, and which mails are refused with which words."""
from __future__ import annotations

import base64
import smtplib

from offices import AT_ONCE, EXCHANGE_TYPE, Inbox, OfficesCase, compose, data, octets_of, smtp, submit, uids


class Submission(OfficesCase):
    settings = {"mta": {"errors_per_session": 50}}

    def refused(self, mail: object, code: int, *words: str) -> None:
        """DATA by Hanako is answered with `code`, and the answer has all `words`; nothing rings."""
        marks = self.marks()
        with smtp(self.a, self.hanako) as client:
            client.mail(self.hanako["address"])
            client.rcpt(self.taro["address"])
            octets = mail if isinstance(mail, bytes) else octets_of(mail)  # type: ignore[arg-type]
            got, text = data(client, octets + b".\r\n")
        self.assertEqual(got, code, text)
        for word in words:
            self.assertIn(word, text)
        self.expect_quiet(marks, 0.2)

    def part(self, text: str) -> object:
        return compose(self.hanako["address"], self.taro["address"], "bad", part=text)

    def test_a_bad_field_is_named_with_its_line(self) -> None:
        for text, line, field in (
                ("Trigger: system-recognition\nDestination-Number: two thousand\n", "line 2", "Destination-Number"),
                ("Trigger: whenever\n", "line 1", "Trigger"),
                ("Request: camp-on\nMonitor-Time: 10 minutes\n", "line 2", "Monitor-Time"),
                ("Trigger: system-recognition\nTrigger: system-recognition\n", "line 2", "Trigger"),
                ("Request: camp-on\nTriger: system-recognition\n", "line 2", "Triger"),
                ("Retry: every 1s\n", "line 1", "Retry")):
            with self.subTest(text=text):
                self.refused(self.part(text), 550, "5.6.0", line, field)

    def test_a_bad_header_field_is_named(self) -> None:
        self.refused(compose(self.hanako["address"], self.taro["address"], "bad", fields={
            "Ringpost-Monitor-Time": "soon"}), 550, "5.6.0", "Monitor-Time")

    def test_two_exchange_parts_are_an_error(self) -> None:
        mail = compose(self.hanako["address"], self.taro["address"], "two", part="Trigger: system-recognition\n")
        mail.add_attachment(b"Trigger: system-recognition\n", *EXCHANGE_TYPE.split("/"), filename="two.exchange")
        self.refused(mail, 550, "5.6.0")

    def test_what_is_not_offered_is_said(self) -> None:
        self.refused(self.part("Request: additional-connection\n"), 550, "5.6.0", "not offered by this gateway")

    def test_a_destination_number_for_several_people_is_an_error(self) -> None:
        with smtp(self.a, self.hanako) as client:
            client.mail(self.hanako["address"])
            client.rcpt(self.taro["address"])
            client.rcpt(self.jiro["address"])
            mail = compose(self.hanako["address"], f"{self.taro['address']}, {self.jiro['address']}", "two",
                           fields={**AT_ONCE, "Ringpost-Destination-Number": "2000"})
            self.assertEqual(data(client, octets_of(mail) + b".\r\n")[0], 550)

    def test_from_must_be_the_own_address(self) -> None:
        self.refused(compose(self.ichiro["address"], self.taro["address"], "forged", fields=AT_ONCE), 550, "5.7.1")

    def test_mail_from_must_be_the_own_address(self) -> None:
        with smtp(self.a, self.hanako) as client:
            code, text = client.mail(self.ichiro["address"])
            if code == 250:
                code, text = client.rcpt(self.taro["address"])
            self.assertEqual((code, text[:5]), (550, b"5.7.1"))

    def test_aliases_are_own_addresses(self) -> None:
        alias = self.hanako["aliases"][0]
        with smtp(self.a, self.hanako) as client:
            self.assertEqual(client.mail(alias)[0], 250)
            self.assertEqual(client.rcpt(self.taro["address"])[0], 250)
            code, text = data(client, octets_of(compose(alias, self.taro["address"], "alias")) + b".\r\n")
            self.assertEqual(code, 250, text)

    def test_a_wrong_secret_is_535_like_an_unknown_user(self) -> None:
        answers = []
        for name in (self.hanako["address"], "nobody@office-a.example"):
            with smtp(self.a, None) as client:
                client.ehlo()
                with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
                    client.login(name, "wrong")
                answers.append((refused.exception.smtp_code, refused.exception.smtp_error))
        self.assertEqual(answers[0], answers[1])
        self.assertEqual(answers[0][0], 535)
        self.assertTrue(answers[0][1].startswith(b"5.7.8"))

    def test_auth_login_and_a_cancelled_exchange(self) -> None:
        with smtp(self.a, None) as client:
            client.ehlo()
            self.assertEqual(client.docmd("AUTH", "PLAIN")[0], 334)
            self.assertEqual(client.docmd("*")[0], 501)
            self.assertEqual(client.docmd("AUTH", "PLAIN ====")[0], 501)
            self.assertEqual(client.docmd("AUTH", "LOGIN")[0], 334)
            self.assertEqual(client.docmd(base64.b64encode(self.ken["address"].encode()).decode())[0], 334)
            self.assertEqual(client.docmd(base64.b64encode(self.ken["secret"].encode()).decode())[0], 235)

    def test_a_mail_beyond_the_limit_is_552(self) -> None:
        with smtp(self.a, self.hanako) as client:
            client.ehlo()
            limit = int(client.esmtp_features["size"])
            self.assertEqual(client.mail(self.hanako["address"], [f"SIZE={limit + 1}"])[0], 552)
            client.mail(self.hanako["address"])
            client.rcpt(self.taro["address"])
            mail = octets_of(compose(self.hanako["address"], self.taro["address"], "large"))
            line = b"x" * 98 + b"\r\n"
            self.assertEqual(data(client, mail + line * (limit // 100 + 1) + b".\r\n")[0], 552)
            self.assertEqual(client.mail(self.hanako["address"])[0], 250, "the session goes on")

    def test_bare_line_ends_are_refused(self) -> None:
        mail = octets_of(compose(self.hanako["address"], self.taro["address"], "smuggling", fields=AT_ONCE))
        for end in (b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r", b"\r\r\n", b"\n", b"\0"):
            with self.subTest(end=end):
                hidden = b"MAIL FROM:<hanako@office-a.example>\r\n"
                self.refused(mail + b"text" + end + hidden, 550, "5.6.0")

    def test_a_header_that_is_larger_than_is_read(self) -> None:
        mail = compose(self.hanako["address"], self.taro["address"], "limits", fields=AT_ONCE)
        fields = b"".join(b"X-Filler: %d\r\n" % index for index in range(1500))
        self.refused(fields + octets_of(mail), 554, "5.6.0")

    def test_the_announced_extensions(self) -> None:
        with smtp(self.a, None) as client:
            client.ehlo()
            for word in ("size", "8bitmime", "enhancedstatuscodes", "pipelining", "auth", "xringpost"):
                self.assertTrue(client.has_extn(word), word)
            self.assertNotIn("smtputf8", client.esmtp_features)


class Stranger(OfficesCase):
    """Somebody without AUTH, whatever he writes into `From:`."""

    def test_call_addresses_are_refused_at_rcpt(self) -> None:
        local, domain = self.taro["address"].split("@")
        with smtp(self.b, None) as client:
            for word in ("call", "callnow"):
                client.ehlo()
                self.assertEqual(client.mail("somebody@elsewhere.example")[0], 250)
                code, text = client.rcpt(f"{local}+{word}@{domain}")
                self.assertEqual((code, text[:5]), (550, b"5.7.1"))
                client.rset()

    def test_an_order_of_a_stranger_is_an_ordinary_mail(self) -> None:
        taro = Inbox(self.b, self.taro)
        rows = len(self.b.ask("request", "list"))
        marks = self.marks()
        for index, sender in enumerate(("somebody@elsewhere.example", self.hanako["address"], "")):
            mail = compose(sender or "daemon@elsewhere.example", self.taro["address"], f"stranger {index}",
                           part="Trigger: system-recognition\n" if index else None, fields=None if index else AT_ONCE)
            with smtp(self.b, None) as client:
                client.sendmail(sender, [self.taro["address"]], octets_of(mail))
            taro.wait(lambda found, wanted=f"stranger {index}": found["Subject"] == wanted, "it is delivered")
        self.expect_quiet(marks)
        self.assertEqual(len(self.b.ask("request", "list")), rows)

    def test_a_field_that_only_gateways_write_is_renamed(self) -> None:
        taro = Inbox(self.b, self.taro)
        marks = self.marks()
        mail = octets_of(compose(self.hanako["address"], self.taro["address"], "forged"))
        forged = b'RINGPOST-exchange: id="1@office-a.example"; trigger=system-recognition; source="+81441112200"\r\n'
        with smtp(self.b, None) as client:
            client.ehlo()
            client.mail(self.hanako["address"])
            client.rcpt(self.taro["address"])
            self.assertEqual(data(client, forged + mail + b".\r\n")[0], 250)
        found = taro.wait(lambda each: each["Subject"] == "forged", "it is delivered")
        self.expect_quiet(marks)
        self.assertIsNone(found["Ringpost-Exchange"])

    def test_nothing_is_relayed_for_strangers(self) -> None:
        with smtp(self.b, None) as client:
            client.ehlo()
            client.mail("somebody@elsewhere.example")
            for address in (self.hanako["address"], "anybody@elsewhere.example"):
                code, text = client.rcpt(address)
                self.assertEqual((code, text[:3]), (550, b"5.7"))

    def test_unknown_people_are_550_and_postmaster_is_always_there(self) -> None:
        with smtp(self.b, None) as client:
            client.ehlo()
            client.mail("somebody@elsewhere.example")
            self.assertEqual(client.rcpt("nobody@office-b.example")[0], 550)
            self.assertEqual(client.docmd("RCPT", "TO:<postmaster>")[0], 250)
            self.assertEqual(client.rcpt("PostMaster@office-b.example")[0], 250)
        # Nobody is named for it.
        self.assertIn(f"directory.postmaster mail_goes_to={self.taro['address']}", self.b.log.read_text(encoding="utf-8"))

    def test_an_automatic_mail_of_an_own_user_starts_no_call(self) -> None:
        before = uids(self.b, self.taro)
        marks = self.marks()
        mail = compose(self.hanako["address"], self.taro["address"], "automatic",
                       fields={**AT_ONCE, "Auto-Submitted": "auto-replied"})
        try:
            submit(self.a, self.hanako, mail)
        except smtplib.SMTPDataError as refused:
            self.assertEqual(refused.smtp_code, 550)
        self.expect_quiet(marks)
        self.assertLessEqual(len(uids(self.b, self.taro)) - len(before), 1)
