# SPDX-License-Identifier: Apache-2.0
"""Confidential mail (spec 2.3) between offices: over TLS, to gateways that promise to keep it so, and no other way."""
from __future__ import annotations

import poplib
import re
import ssl

from confidential import KEYS, WORD, WithKeys, found_on_disk, secret_mail
from offices import (AT_ONCE, Inbox, Mail, OfficesCase, PATIENCE, build_directory, compose, octets_of, run, smtp,
                     submit, uids, wait_for)
from two_offices import Gateway, Settings, TwoOffices, write_private
from wiretap import Wiretap

TLS: Settings = {"tls": {"certificate": "tls/certificate.pem", "key": "tls/key.pem"}}


class OverWires(WithKeys):
    """Each gateway proves to the other who it is; what A sends to B goes through a wire that is tapped."""

    tls = "required"

    def _make(self) -> tuple[Gateway, Gateway]:
        a, b = super()._make()
        prints = {gateway: self._certificate(gateway) for gateway in (a, b)}
        self._trust(a, prints[b])
        self._trust(b, prints[a])
        people = (a.directory / "people.toml").read_text(encoding="utf-8")
        port = re.search(r"(?m)^port = (\d+)$", people)
        assert port is not None
        self.wire = Wiretap(int(port[1]))
        write_private(a.directory / "people.toml", people.replace(port[0], f"port = {self.wire.port}"))
        return a, b

    @staticmethod
    def _certificate(gateway: Gateway) -> str:
        """Made as for a trial; its fingerprint."""
        done = run([str(gateway.command), "tls", "self-signed", "--directory", str(gateway.directory / "tls")])
        found = re.search(r'fingerprint = "([0-9a-f]{64})"', done.stdout)
        assert found is not None, done.stdout
        return found[1]

    def _trust(self, gateway: Gateway, fingerprint: str) -> None:
        path = gateway.directory / "people.toml"
        proof = f'tls = "{self.tls}"\n' + (f'fingerprint = "{fingerprint}"\n' if self.tls == "required" else "")
        text, count = re.subn(r"(?m)^(port = \d+\n)", rf"\1{proof}", path.read_text(encoding="utf-8"))
        assert count == 1, f"{path}: {count} destinations"
        write_private(path, text)


class ToOfficeB(OfficesCase):
    settings = {**KEYS, **TLS}
    offices: OverWires

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return OverWires(build_directory(), settings)

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        cls.offices.wire.close()

    def nobody_can_read_it(self) -> None:
        for gateway in self.offices.both:
            self.assertEqual(found_on_disk(gateway), [])
        self.assertNotIn(WORD.encode(), self.offices.wire.octets())

    def arrives(self, mail: Mail, known: set[str]) -> None:
        """Fetched over TLS."""
        wait_for(lambda: set(uids(self.b, self.taro)) - known, PATIENCE * 2, "the mail is delivered")
        client = poplib.POP3(*self.b.pop3, timeout=30)
        client.stls(ssl._create_unverified_context())  # who it is does not matter here
        client.user(self.taro["address"])
        client.pass_(self.taro["secret"])
        fresh = [line.split()[0] for line in client.uidl()[1] if line.split()[1].decode() not in known]
        self.assertEqual(len(fresh), 1)
        lines = client.retr(int(fresh[0]))[1]
        client.quit()
        self.assertTrue(b"".join(line + b"\r\n" for line in lines).endswith(octets_of(mail)))


class Relayed(ToOfficeB):
    def test_from_office_to_office_nobody_on_the_way_can_read_it(self) -> None:
        known = set(uids(self.b, self.taro))
        mail = secret_mail(self.hanako["address"], self.taro["address"], more=300_000)
        submit(self.a, self.hanako, mail)
        self.arrives(mail, known)
        self.assertIn(b"STARTTLS", self.offices.wire.octets())
        self.nobody_can_read_it()

    def test_its_order_is_performed_and_its_result_tells_nothing_of_it(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, secret_mail(self.hanako["address"], self.taro["address"], **AT_ONCE))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(inbox.result()["Result"], "success")
        for notice in inbox.mails:
            self.assertNotIn(WORD, notice.as_string())
        self.nobody_can_read_it()

    def test_after_a_kill_it_goes_on(self) -> None:
        known = set(uids(self.b, self.taro))
        self.assertEqual(self.b.stop(), 0)
        mail = secret_mail(self.hanako["address"], self.taro["address"])
        submit(self.a, self.hanako, mail)
        wait_for(lambda: self.a.ask("queue", "list"), PATIENCE, "the mail is queued")
        self.a.kill()
        self.nobody_can_read_it()
        for gateway in (self.a, self.b):
            gateway.start()
        for gateway in (self.a, self.b):
            gateway.wait_ready(PATIENCE)
        self.arrives(mail, known)
        self.nobody_can_read_it()


class FailedHandshake(ToOfficeB):
    class Offices(OverWires):
        tls = "opportunistic"

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return cls.Offices(build_directory(), settings)

    def test_where_tls_is_offered_it_is_tried_again(self) -> None:
        known = set(uids(self.b, self.taro))
        self.offices.wire.cut_handshakes(1)
        mail = secret_mail(self.hanako["address"], self.taro["address"])
        submit(self.a, self.hanako, mail)
        self.arrives(mail, known)
        self.assertEqual(self.offices.wire.cuts_left, 0, "nothing was cut")
        self.nobody_can_read_it()


class Refused(OfficesCase):
    """What is told to the sender, at once, where it cannot be sent on as it must."""

    Offices = OverWires
    settings = {**KEYS, **TLS, "relay": {"idle_timeout": "5m"}}

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        offices = cls.Offices(build_directory(), settings)
        cls.addClassCleanup(offices.wire.close)
        return offices

    def bounced(self, more: int = 0) -> str:
        """Whatever its sender wants back: nothing of it."""
        inbox = Inbox(self.a, self.hanako)
        mail = secret_mail(self.hanako["address"], self.taro["address"], more=more)
        with smtp(self.a, self.hanako) as client:
            client.sendmail(self.hanako["address"], self.taro["address"], octets_of(mail), mail_options=["RET=FULL"])
        notice = inbox.wait(lambda mail: mail.get_content_type() == "multipart/report", "it comes back")
        last = notice.get_payload()[2]  # type: ignore[index]
        self.assertEqual(last.get_content_type(), "text/rfc822-headers")
        returned = [line.partition(":")[0] for line in last.get_payload().split("\n") if line[:1].strip()]
        self.assertEqual(set(returned), {"Received", "Message-ID"})
        self.assertNotIn(WORD, notice.as_string())
        self.assertEqual(self.a.ask("queue", "list"), [])
        return notice.as_string()

    def refused_order(self) -> dict[str, str]:
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, secret_mail(self.hanako["address"], self.taro["address"], **AT_ONCE))
        return inbox.result()


class InClear(Refused):
    class Offices(OverWires):
        tls = "none"

    def test_without_encryption_it_comes_back(self) -> None:
        self.assertIn("5.7.10", self.bounced())
        result = self.refused_order()
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "refused"))
        wire = self.offices.wire.octets()  # type: ignore[attr-defined]
        self.assertEqual(wire.count(b"EHLO"), 2, "an old connection has decided")
        self.assertNotIn(WORD.encode(), wire)


class WithoutPromise(Refused):
    class Offices(OverWires):
        """Gateway B has no key, so it promises nothing."""

        def _make(self) -> tuple[Gateway, Gateway]:
            a, b = super()._make()
            config = b.config.read_text(encoding="utf-8")
            write_private(b.config, config.replace('key_file = "keys"\n', ""))
            return a, b

    def test_without_the_promise_it_comes_back(self) -> None:
        self.assertIn("5.7.30", self.bounced())
        self.assertIn("5.7.30", self.bounced(more=700_000))  # from its file
        self.assertEqual(self.refused_order()["Cause"], "refused")


class WithoutLogin(Refused):
    """Office B has a gateway that promises everything, but not to office A, which has no login there."""

    NUMBER = "044-222-3300"  # telephone 2000 of office B

    class Offices(OverWires):
        tls = "opportunistic"

        def _make(self) -> tuple[Gateway, Gateway]:
            a, b = super()._make()
            path = a.directory / "people.toml"
            text, count = re.subn(r"(?ms)^(\[\[destination\]\]\n(?:(?!\[\[).)*?)^login = [^\n]*\nsecret = [^\n]*\n", r"\1",
                                  path.read_text(encoding="utf-8"))
            assert count == 1, f"{path}: {count} destinations with a login"
            write_private(path, text)
            return a, b

    def test_an_order_is_performed_by_the_own_exchange(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "please call", fields={
            **AT_ONCE, "Ringpost-Destination-Number": self.NUMBER}))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(inbox.result()["Result"], "success")
        self.assertEqual(self.b.ask("request", "list"), [])

    def test_an_order_that_nobody_can_perform_has_its_result(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, compose(self.hanako["address"], self.taro["address"], "please call", fields={
            "Ringpost-Trigger": "user-reception"}))
        result = inbox.result()
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "no-gateway"))

    def test_confidential_mail_comes_back(self) -> None:
        self.assertIn("5.7.30", self.bounced())
        self.assertEqual(self.refused_order()["Cause"], "refused")
        self.assertEqual(found_on_disk(self.b), [])
