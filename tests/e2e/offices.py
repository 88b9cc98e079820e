# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests share: a case with two running offices, mail clients, and the reading of notices."""
from __future__ import annotations

import email
import email.message
import email.policy
import email.utils
import os
import pathlib
import poplib
import smtplib
import ssl
import subprocess
import sys
import unittest
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from two_offices import Gateway, Settings, TwoOffices, wait_for, write_private  # noqa: E402  (the path comes first)

User = dict[str, Any]
Mail = email.message.EmailMessage
PATIENCE = 20.0  # a test build on a loaded machine
QUIET = 1.5      # how long we look on when nothing may ring; people answer after 1 s, and ringing is immediate
EXCHANGE_TYPE = "application/vnd.ringpost.exchange-information"
RESULT_TYPE = "application/vnd.ringpost.result"
AT_ONCE = {"Ringpost-Trigger": "system-recognition"}
# Short times, and secrets that are cheap to check: the tests log in a lot.
TEST_SETTINGS: Settings = {
    "log": {"level": "debug"},
    "mta": {"size_limit": "1MiB"},
    "relay": {"retry_first": "1s", "retry_max": "2s"},
    "service": {"guard_time": "1s"},
    "authentication": {"opslimit": 1, "memlimit": "1MiB", "free_failures": 1000},
}
FINDINGS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer",
            "terminate called")


def build_directory() -> pathlib.Path:
    return pathlib.Path(os.environ.get("RINGPOST_BUILD", str(ROOT / "build" / "asan-ubsan")))


# --- mails --------------------------------------------------------------------------------------------------------
def compose(sender: str, to: str, subject: str, text: str = "Please call me.", fields: dict[str, str] | None = None,
            part: str | None = None) -> Mail:
    """A mail as a mail client writes it; `fields` are header fields, `part` is the text of an exchange part."""
    mail = Mail()
    mail["From"] = sender
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = email.utils.formatdate(localtime=False)
    mail["Message-ID"] = email.utils.make_msgid(domain="client.example")
    for name, value in (fields or {}).items():
        mail[name] = value
    mail.set_content(text)
    if part is not None:
        maintype, subtype = EXCHANGE_TYPE.split("/")
        mail.add_attachment(part.encode("utf-8"), maintype, subtype, filename="call.exchange")
    return mail


def octets_of(mail: Mail) -> bytes:
    return mail.as_bytes(policy=email.policy.SMTP)


def believing_anybody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@contextmanager
def smtp(gateway: Gateway, user: User | None) -> Iterator[smtplib.SMTP]:
    """A session with the gateway, with TLS where it is offered, logged in where `user` is given."""
    with smtplib.SMTP(*gateway.smtp, local_hostname="client.example", timeout=30) as client:
        if gateway.offers_tls:
            client.starttls(context=believing_anybody())
        if user is not None:
            client.login(user["address"], user["secret"])
        yield client


def submit(gateway: Gateway, user: User, mail: Mail, to: list[str] | None = None) -> None:
    """Sends `mail` as `user`; raises smtplib's exceptions where it is refused."""
    recipients = to or [address for _, address in email.utils.getaddresses([str(mail["To"])])]
    octets = octets_of(mail)  # a large mail takes a while, and sessions are short in some tests
    with smtp(gateway, user) as client:
        client.sendmail(user["address"], recipients, octets)


def data(client: smtplib.SMTP, octets: bytes) -> tuple[int, str]:
    """DATA with these octets exactly, no dot put in front of anything and no line end mended; the end is ours."""
    code, text = client.docmd("DATA")
    if code != 354:
        return code, text.decode()
    client.send(octets)
    code, text = client.getreply()
    return code, text.decode()


poplib._MAXLINE = 1 << 20  # mails may have longer lines than poplib's default of 2048


@contextmanager
def pop3(gateway: Gateway, user: User) -> Iterator[poplib.POP3]:
    """A session with a mailbox, with TLS where it is offered. Ends with QUIT; where the body failed the connection is just closed."""
    def enter() -> poplib.POP3 | None:
        client = poplib.POP3(*gateway.pop3, timeout=30)
        try:
            if gateway.offers_tls:
                client.stls(context=believing_anybody())
            client.user(user["address"])
            client.pass_(user["secret"])
            return client
        except poplib.error_proto as error:
            client.close()
            if "IN-USE" in str(error):  # the session before this one is just ending
                return None
            raise

    client = wait_for(enter, PATIENCE, f"the mailbox of {user['address']} is free")
    try:
        yield client
    except BaseException:
        client.close()
        raise
    client.quit()


def uids(gateway: Gateway, user: User) -> list[str]:
    with pop3(gateway, user) as client:
        return [line.decode("ascii").split(" ", 1)[1] for line in client.uidl()[1]]


def retrieve(gateway: Gateway, user: User, uid: str) -> bytes:
    """RETR of the mail with this unique-id, and QUIT; lines end in CRLF."""
    with pop3(gateway, user) as client:
        for line in client.uidl()[1]:
            number, found = line.decode("ascii").split(" ", 1)
            if found == uid:
                return b"".join(each + b"\r\n" for each in client.retr(int(number))[1])
    raise AssertionError(f"{user['address']} has no mail {uid}")


def parse(octets: bytes) -> Mail:
    mail = email.message_from_bytes(octets, policy=email.policy.default)
    assert isinstance(mail, Mail)
    return mail


def blocks_of(mail: Mail) -> list[dict[str, str]] | None:
    """The blocks of the machine-readable part of a notice; None where the mail has none."""
    for part in mail.walk():
        if part.get_content_type() == RESULT_TYPE:
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            text = payload.decode("ascii").replace("\r\n", "\n").strip("\n")
            return [{name: value.strip() for name, _, value in (line.partition(":") for line in block.split("\n"))}
                    for block in text.split("\n\n")]
    return None


class Inbox:
    """The mails that reach one user after this was made. Looking retrieves them, which is reception."""

    def __init__(self, gateway: Gateway, user: User) -> None:
        self.gateway = gateway
        self.user = user
        self.known = set(uids(gateway, user))
        self.mails: list[Mail] = []

    def look(self) -> None:
        with pop3(self.gateway, self.user) as client:
            for line in client.uidl()[1]:
                number, uid = line.decode("ascii").split(" ", 1)
                if uid not in self.known:
                    octets = b"\r\n".join(client.retr(int(number))[1])
                    self.known.add(uid)
                    self.mails.append(parse(octets))

    def wait(self, wanted: Callable[[Mail], bool], what: str, seconds: float = PATIENCE) -> Mail:
        def find() -> Mail | None:
            self.gateway.check_alive()
            self.look()
            return next((mail for mail in self.mails if wanted(mail)), None)

        return wait_for(find, seconds, what)

    def notices(self) -> list[dict[str, str]]:
        """The first block of every notice so far."""
        return [blocks[0] for blocks in map(blocks_of, self.mails) if blocks]

    def results(self) -> list[dict[str, str]]:
        return [fields for fields in self.notices() if "Result" in fields]

    def completed(self) -> dict[str, str]:
        mail = self.wait(lambda mail: "Result" not in (blocks_of(mail) or [{"Result": ""}])[0], "a completed notice")
        return (blocks_of(mail) or [])[0]

    def result(self, seconds: float = PATIENCE) -> dict[str, str]:
        mail = self.wait(lambda mail: "Result" in (blocks_of(mail) or [{}])[0], "a result notice", seconds)
        return (blocks_of(mail) or [])[0]


def run(words: list[str], status: int = 0, **more: Any) -> subprocess.CompletedProcess[str]:
    """Runs a mail client, which must end with `status`."""
    done = subprocess.run(words, stdin=more.pop("stdin", subprocess.DEVNULL), capture_output=True, text=True,
                          errors="replace", timeout=90, check=False, **more)
    if done.returncode != status:
        raise AssertionError(f"{' '.join(words)}\nended with {done.returncode}, expected {status}:\n"
                             f"{done.stdout}{done.stderr}")
    return done


# --- the case -------------------------------------------------------------------------------------------------------
def stop_cleanly(offices: TwoOffices) -> None:
    """Stops both and removes their files; an unclean end or a sanitizer's finding in a log fails."""
    try:
        statuses = offices.stop()
        logs = [gateway.log.read_text(encoding="utf-8", errors="replace") for gateway in offices.both]
    finally:
        offices.remove()
    for gateway, status, log in zip(offices.both, statuses, logs):
        found = [word for word in FINDINGS if word in log]
        if found:
            raise AssertionError(f"{gateway.domain}: {log[log.index(found[0]) - 200:][:6000]}")
        if status != 0:
            raise AssertionError(f"{gateway.domain} ended with exit status {status}:\n{log[-3000:]}")


class OfficesCase(unittest.TestCase):
    """Two offices for all tests of a class; each test begins with idle telephones and no open request."""

    settings: Settings = {}
    offices: TwoOffices
    a: Gateway
    b: Gateway

    @classmethod
    def setUpClass(cls) -> None:
        merged: Settings = {name: dict(keys) for name, keys in TEST_SETTINGS.items()}
        for name, keys in cls.settings.items():
            merged.setdefault(name, {}).update(keys)
        cls.offices = cls.make_offices(merged)
        try:
            cls.offices.start(PATIENCE * 2)
        except BaseException:
            cls.offices.remove()
            raise
        cls.a, cls.b = cls.offices.both
        cls.hanako, cls.ichiro, cls.ken = (cls.a.user(number) for number in ("2000", "2001", "2002"))
        cls.taro, cls.jiro, cls.yuki = (cls.b.user(number) for number in ("2000", "2001", "2002"))

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return TwoOffices(build_directory(), settings)

    @classmethod
    def tearDownClass(cls) -> None:
        stop_cleanly(cls.offices)

    def tearDown(self) -> None:
        for gateway in self.offices.both:
            gateway.check_alive()
            self.cancel_all(gateway)
            gateway.hang_up_all()

    # --- telephones ---------------------------------------------------------------------------------------------
    def marks(self) -> tuple[int, int]:
        return self.a.watch().mark(), self.b.watch().mark()

    def expect(self, gateway: Gateway, mark: int, number: str, event: str, seconds: float = PATIENCE) -> dict[str, Any]:
        found = gateway.watch().wait(mark, number, event, seconds)
        self.offices.check_alive()
        if found is None:
            self.fail(f"{gateway.domain}: telephone {number} was never {event}; "
                      f"seen: {gateway.watch().since(mark)}; requests: {gateway.ask('request', 'list')}")
        return found

    def expect_call(self, marks: tuple[int, int], first: tuple[Gateway, str], second: tuple[Gateway, str]) -> None:
        """`first` rings and answers, then `second`; then both talk."""
        times = []
        for gateway, number in (first, second):
            mark = marks[0] if gateway is self.a else marks[1]
            for event in ("ringing", "talking"):
                times.append(self.expect(gateway, mark, number, event)["time"])
        self.assertEqual(times, sorted(times), "the legs were not rung one after the other")
        for gateway, number in (first, second):
            wait_for(lambda: gateway.state_of(number) == "talking", PATIENCE, f"{gateway.domain} {number} talks")

    def expect_quiet(self, marks: tuple[int, int], seconds: float = QUIET) -> None:
        """No telephone has rung since `marks`, nor does one within `seconds`."""
        for gateway, mark, time in ((self.b, marks[1], seconds), (self.a, marks[0], 0.0)):
            event = gateway.watch().wait(mark, None, "ringing", time)
            self.assertIsNone(event, f"a telephone of {gateway.domain} rang")
        self.offices.check_alive()

    def make_busy(self, gateway: Gateway, number: str) -> None:
        """2003 of the same office calls `number`, and they talk until somebody hangs up."""
        mark = gateway.watch().mark()
        gateway.do("phone", "call", "2003", number)
        self.expect(gateway, mark, number, "talking")

    # --- requests -----------------------------------------------------------------------------------------------
    def request(self, gateway: Gateway, number: str) -> dict[str, Any] | None:
        gateway.check_alive()
        return next((row for row in gateway.ask("request", "list") if row["number"] == number), None)

    def wait_attempts(self, gateway: Gateway, number: str, count: int) -> None:
        def enough() -> bool:
            row = self.request(gateway, number)
            return row is not None and int(row["attempts"]) >= count

        wait_for(enough, PATIENCE, f"request {number} has made {count} attempts")

    @staticmethod
    def cancel_all(gateway: Gateway) -> None:
        for row in gateway.ask("request", "list"):
            if row["state"] not in ("connected", "failed", "cancelled", "expired"):
                gateway.ringpost("request", "cancel", row["number"])
