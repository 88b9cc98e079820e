# SPDX-License-Identifier: Apache-2.0
"""Bad input: nothing is lost, nothing rings, the gateway lives, and its memory stays bounded."""
from __future__ import annotations

import contextlib
import poplib
import re
import resource
import socket
import sqlite3
from collections.abc import Iterator

from hostile_mails import BAD_ORDERS, BEYOND_LIMITS, FLAWED, ORDINARY, Hostile
from offices import (PATIENCE, QUIET, Gateway, Inbox, OfficesCase, User, build_directory, compose, data, octets_of, pop3,
                     smtp, submit, uids, wait_for)

poplib._MAXLINE = 16 << 20
A_AS_PEER: User = {"address": "office-a.example", "secret": "a-to-b-secret"}  # as people.toml of office B knows it
SIZE_LIMIT = 16 << 20
# Two I/O threads may each hold a mail of the size limit a few times over. Sanitizers keep what was freed for a while.
MEMORY = 1536 << 20 if "sanitize" in build_directory().name or "san" in build_directory().name else 256 << 20


def peak_memory(gateway: Gateway) -> int:
    """The most that the daemon has ever had, in octets."""
    assert gateway.process is not None
    with open(f"/proc/{gateway.process.pid}/status", encoding="ascii") as status:
        found = re.search(r"^VmHWM:\s+(\d+) kB$", status.read(), re.MULTILINE)
    assert found is not None
    return int(found[1]) << 10


def spooled(gateway: Gateway) -> set[str]:
    """The names of the large mails that it keeps as files."""
    return {path.name for path in (gateway.state / "spool").iterdir()}


def whole(octets: bytes) -> bytes:
    return octets if octets.endswith(b"\r\n") else octets + b"\r\n"


class RawInbox:
    """The mails that reach one user after this was made, as octets: no library need be able to read them."""

    def __init__(self, gateway: Gateway, user: User) -> None:
        self.gateway = gateway
        self.user = user
        self.known = set(uids(gateway, user))
        self.mails: list[bytes] = []

    def look(self) -> None:
        with pop3(self.gateway, self.user) as client:
            for line in client.uidl()[1]:
                number, uid = line.decode("ascii").split(" ", 1)
                if uid not in self.known:
                    self.known.add(uid)
                    self.mails.append(b"".join(each + b"\r\n" for each in client.retr(int(number))[1]))

    def wait_end(self, octets: bytes, what: str) -> bytes:
        """The mail that ends with these octets: trace fields stand in front."""
        def find() -> bytes | None:
            self.gateway.check_alive()
            self.look()
            return next((mail for mail in self.mails if mail.endswith(octets)), None)

        return wait_for(find, PATIENCE, f"{what} is delivered whole")


class HostileCase(OfficesCase):
    settings = {"mta": {"size_limit": f"{SIZE_LIMIT >> 20}MiB", "errors_per_session": 1000}}

    def tearDown(self) -> None:
        super().tearDown()
        for gateway in self.offices.both:
            self.assertLess(peak_memory(gateway), MEMORY, gateway.domain)

    def send(self, gateway: Gateway, user: User | None, sender: str, to: str, octets: bytes) -> tuple[int, str]:
        with smtp(gateway, user) as client:
            client.ehlo_or_helo_if_needed()
            self.assertEqual(client.mail(sender)[0], 250)
            code, text = client.rcpt(to)
            return data(client, whole(octets) + b".\r\n") if code == 250 else (code, text.decode())


class HostileMails(HostileCase):
    """The same mails from an own user, a peer gateway and a stranger."""

    def own(self, hostile: Hostile) -> bytes:
        octets = whole(hostile.octets(self.hanako["address"], self.ichiro["address"]))
        code, text = self.send(self.a, self.hanako, self.hanako["address"], self.ichiro["address"], octets)
        self.assertEqual(code, hostile.code, text)
        for word in hostile.words:
            self.assertIn(word, text)
        return octets

    def test_own_users_are_told_what_is_wrong_and_where(self) -> None:
        marks = self.marks()
        ichiro = len(uids(self.a, self.ichiro))
        for hostile in BEYOND_LIMITS + FLAWED + BAD_ORDERS:
            with self.subTest(hostile.name):
                self.own(hostile)
        self.expect_quiet(marks)
        self.assertEqual(len(uids(self.a, self.ichiro)), ichiro, "what was refused is nowhere")
        self.assertEqual(self.a.ask("request", "list"), [])

    def test_ordinary_mail_of_own_users_is_delivered_whole(self) -> None:
        marks = self.marks()
        ichiro = RawInbox(self.a, self.ichiro)
        for hostile in ORDINARY:
            with self.subTest(hostile.name):
                ichiro.wait_end(self.own(hostile), hostile.name)
        with self.subTest("nothing at all"):
            self.assertEqual(self.send(self.a, self.hanako, self.hanako["address"], self.ichiro["address"], b"\r\n")[0],
                             250)
        with self.subTest("not even an empty line"), smtp(self.a, self.hanako) as client:
            client.mail(self.hanako["address"])
            client.rcpt(self.ichiro["address"])
            self.assertEqual(data(client, b".\r\n")[0], 250)
        wait_for(lambda: len(uids(self.a, self.ichiro)) == len(ichiro.known) + 2, PATIENCE, "empty mails are delivered")
        self.expect_quiet(marks)

    def test_from_strangers_all_is_stored_whole_and_fires_nothing(self) -> None:
        marks = self.marks()
        taro = RawInbox(self.b, self.taro)
        rows = len(self.b.ask("request", "list"))
        for hostile in BEYOND_LIMITS + FLAWED + BAD_ORDERS + ORDINARY:
            with self.subTest(hostile.name):
                # Whom he claims to be does not matter.
                octets = whole(hostile.octets(self.jiro["address"], self.taro["address"]))
                code, text = self.send(self.b, None, "somebody@elsewhere.example", self.taro["address"], octets)
                self.assertEqual(code, 250, text)
                taro.wait_end(octets, hostile.name)
        self.expect_quiet(marks)
        self.assertEqual(len(self.b.ask("request", "list")), rows)

    def peer(self, name: str, octets: bytes) -> None:
        code, text = self.send(self.b, A_AS_PEER, self.hanako["address"], self.taro["address"], octets)
        self.assertEqual(code, 250, f"{name}: {text}")

    def test_from_peers_all_is_stored_whole_and_bad_orders_are_told(self) -> None:
        marks = self.marks()
        taro = RawInbox(self.b, self.taro)
        hanako = Inbox(self.a, self.hanako)
        for index, hostile in enumerate(BEYOND_LIMITS + FLAWED):
            with self.subTest(hostile.name):
                octets = whole(hostile.octets(self.hanako["address"], self.taro["address"]))
                # The order is the peer's own and in order; what belongs to it cannot be read.
                field = (f"Ringpost-Exchange: id=hostile-{index}@office-a.example; kind=camp-on; "
                         "trigger=system-recognition; source=+81441112200\r\n").encode()
                self.peer(hostile.name, field + octets)
                taro.wait_end(octets, hostile.name)
                hanako.wait(lambda mail, index=index: f"hostile-{index}@" in str(mail), f"result of {hostile.name}")
        for hostile in BAD_ORDERS + ORDINARY:
            with self.subTest(hostile.name):
                octets = whole(hostile.octets(self.hanako["address"], self.taro["address"]))
                self.peer(hostile.name, octets)
                taro.wait_end(octets, hostile.name)
        expected = len(BEYOND_LIMITS + FLAWED + BAD_ORDERS)
        wait_for(lambda: hanako.look() or len(hanako.results()) >= expected, PATIENCE, "all bad orders are told")
        self.assertEqual([result["Cause"] for result in hanako.results()], ["bad-request"] * expected)
        self.expect_quiet(marks)


class HostileOrders(HostileCase):
    """Orders that are well written, by somebody who may not give them."""

    def test_a_forged_field_is_renamed_whoever_writes_it(self) -> None:
        marks = self.marks()
        ichiro = RawInbox(self.a, self.ichiro)
        taro = RawInbox(self.b, self.taro)
        forged = (b"Ringpost-Exchange: id=forged@office-b.example; kind=camp-on; trigger=system-recognition;\r\n"
                  b" source=+81442223300\r\n")
        for gateway, inbox, user in ((self.a, ichiro, self.hanako), (self.b, taro, None)):
            with self.subTest(user=user):
                mail = octets_of(compose(self.hanako["address"], inbox.user["address"], "forged"))
                for octets in (forged + mail, mail.replace(b"Subject:", forged + b"Subject:", 1)):
                    self.assertEqual(self.send(gateway, user, self.hanako["address"], inbox.user["address"], octets)[0], 250)
                    inbox.wait_end(octets.replace(b"Ringpost-Ex", b"X-Foreign-Ringpost-Ex"), "the forged mail")
        # A peer's second field is none of its own.
        mail = forged + octets_of(compose(self.hanako["address"], self.taro["address"], "forged by a peer"))
        self.assertEqual(self.send(self.b, A_AS_PEER, self.hanako["address"], self.taro["address"],
                                   b"Ringpost-Exchange: id=first@office-a.example\r\n" + mail)[0], 250)
        taro.wait_end(mail.replace(b"Ringpost-Ex", b"X-Foreign-Ringpost-Ex"), "the mail of the peer")
        self.expect_quiet(marks)

    def test_an_own_users_name_without_login_is_worth_nothing(self) -> None:
        marks = self.marks()
        taro = RawInbox(self.b, self.taro)
        mail = octets_of(compose(self.jiro["address"], self.taro["address"], "not jiro",
                                 fields={"Ringpost-Trigger": "system-recognition"}))
        self.assertEqual(self.send(self.b, None, self.jiro["address"], self.taro["address"], mail)[0], 250)
        taro.wait_end(mail, "the mail")
        self.expect_quiet(marks)

    def test_a_peer_may_not_name_numbers_that_are_not_its_own(self) -> None:
        marks = self.marks()
        hanako = Inbox(self.a, self.hanako)
        taro = RawInbox(self.b, self.taro)
        for index, source in enumerate(("+81442223301", "+81312345678", "2001")):
            with self.subTest(source):
                mail = octets_of(compose(self.hanako["address"], self.taro["address"], f"source {index}"))
                field = (f"Ringpost-Exchange: id=source-{index}@office-a.example; kind=camp-on; "
                         f'trigger=system-recognition; source="{source}"\r\n').encode()
                self.assertEqual(self.send(self.b, A_AS_PEER, self.hanako["address"], self.taro["address"],
                                           field + mail)[0], 250)
                taro.wait_end(mail, "the mail")
                result = hanako.wait(lambda mail, index=index: f"source-{index}@" in str(mail), "its result")
                self.assertIn("Cause: refused", str(result))
        self.expect_quiet(marks)

    def test_somebody_elses_request_cannot_be_cancelled(self) -> None:
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], self.ichiro["address"], "wait",
                                            fields={"Ringpost-Trigger": "user-reception"}))
        number = wait_for(lambda: self.a.ask("request", "list"), PATIENCE, "the request is there")[0]["number"]
        for user, address in ((self.ken, self.ichiro["address"]), (self.ken, self.hanako["address"])):
            ken = Inbox(self.a, user)
            submit(self.a, user, compose(user["address"], address, "cancel", part=
                                         f"Request: cancel\nReference: {number}\n"))
            self.assertEqual(ken.result()["Cause"], "refused")
        row = self.request(self.a, number)
        self.assertIsNotNone(row)
        self.assertEqual((row or {})["state"], "awaiting-reception")
        # Nor by a peer that relays nothing of the kind.
        mail = octets_of(compose(self.hanako["address"], self.taro["address"], "cancel"))
        field = f"Ringpost-Exchange: id=c@office-b.example; kind=cancel; reference={number}\r\n".encode()
        as_b: User = {"address": "office-b.example", "secret": "b-to-a-secret"}
        self.assertEqual(self.send(self.a, as_b, self.jiro["address"], self.ichiro["address"], field + mail)[0], 250)
        self.expect_quiet(marks)
        self.assertEqual((self.request(self.a, number) or {})["state"], "awaiting-reception")

    def test_a_mail_that_goes_round_is_refused(self) -> None:
        received = b"Received: from a.example by b.example; Thu, 20 Nov 2026 10:00:00 +0000\r\n"
        mail = octets_of(compose(self.hanako["address"], self.taro["address"], "loop"))
        for user in (None, A_AS_PEER):
            code, text = self.send(self.b, user, self.hanako["address"], self.taro["address"], received * 101 + mail)
            self.assertEqual((code, text[:5]), (554, "5.4.6"), text)
            code, text = self.send(self.b, user, self.hanako["address"], self.taro["address"], received * 100 + mail)
            self.assertEqual(code, 250, text)


class HostileClients(HostileCase):
    """Clients that are slow, long-winded, or gone."""

    settings = {"mta": {"size_limit": f"{SIZE_LIMIT >> 20}MiB", "command_timeout": "2s", "data_timeout": "2s"},
                "mailbox": {"idle_timeout": "2s", "send_buffer": "4KiB"}}

    @staticmethod
    def raw(address: tuple[str, int]) -> socket.socket:
        connection = socket.create_connection(address, timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    @staticmethod
    def until_closed(connection: socket.socket) -> bytes:
        octets = b""
        while True:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                return octets
            if not piece:
                return octets
            octets += piece

    def trickle(self, connection: socket.socket, octet: bytes) -> bytes:
        """An octet every 0.3 s until the gateway has had enough; what it said."""
        said = b""
        connection.settimeout(0.3)
        for _ in range(100):
            try:
                while piece := connection.recv(65536):
                    said += piece
                return said
            except TimeoutError:
                pass
            except ConnectionError:
                return said
            try:
                connection.send(octet)
            except ConnectionError:
                return said
        self.fail(f"a client that sends an octet now and then is served for ever: {said!r}")

    def begin_data(self, connection: socket.socket, recipient: str) -> None:
        for line, code in ((None, b"220"), (b"EHLO client.example", b"250"), (b"MAIL FROM:<x@elsewhere.example>", b"250"),
                           (b"RCPT TO:<" + recipient.encode() + b">", b"250"), (b"DATA", b"354")):
            if line is not None:
                connection.sendall(line + b"\r\n")
            answer = connection.recv(65536)
            while not re.search(rb"(?m)^" + code + rb" .*\r\n\Z", answer):
                self.assertTrue(answer.startswith(code), answer)
                answer += connection.recv(65536)

    def test_an_octet_a_moment_is_no_command(self) -> None:
        with self.raw(self.b.smtp) as connection:
            self.assertIn(b"421 4.4.2", self.trickle(connection, b"N"))
        with self.raw(self.b.pop3) as connection:
            self.trickle(connection, b"N")

    def test_commands_that_lead_to_no_login_hold_no_session(self) -> None:
        for line in (b"CAPA\r\n", b"USER somebody\r\n", b"UTF8\r\n"):
            with self.subTest(line), self.raw(self.b.pop3) as connection:
                self.trickle(connection, line)

    def test_silence_within_a_mail_ends_it(self) -> None:
        before, files = len(uids(self.b, self.taro)), spooled(self.b)
        with self.raw(self.b.smtp) as connection:
            self.begin_data(connection, self.taro["address"])
            self.assertRegex(self.until_closed(connection), rb"^421 4\.4\.2 [^\r\n]*\r\n$")
        self.assertEqual(len(uids(self.b, self.taro)), before)
        self.assertEqual(spooled(self.b), files)

    def test_a_line_of_a_megabyte_is_500_and_the_session_goes_on(self) -> None:
        for address, line in ((self.b.smtp, b"500 5.5.2"), (self.b.pop3, b"-ERR")):
            with self.subTest(line), self.raw(address) as connection:
                answers = connection.makefile("rb")
                answers.readline()
                connection.sendall(b"A" * 1_000_000 + b"\r\n")
                self.assertEqual(answers.readline()[:len(line)], line)
                connection.sendall(b"QUIT\r\n")
                self.assertRegex(answers.readline(), rb"^(221|\+OK)")

    def test_a_client_that_goes_within_a_mail_leaves_nothing(self) -> None:
        before, files = len(uids(self.b, self.taro)), spooled(self.b)
        for count, reset in ((0, False), (100, True), (2_000_000, False), (2_000_000, True)):
            with self.subTest(count=count, reset=reset):
                connection = self.raw(self.b.smtp)
                self.begin_data(connection, self.taro["address"])
                connection.sendall(b"Subject: never ended\r\n\r\n" + b"x" * count)
                if reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()
        wait_for(lambda: spooled(self.b) == files, PATIENCE, "no file is left")
        submit(self.b, self.jiro, compose(self.jiro["address"], self.taro["address"], "after"))
        wait_for(lambda: len(uids(self.b, self.taro)) == before + 1, PATIENCE, "the next mail is served")

    def test_a_client_that_goes_within_retr_has_received_nothing(self) -> None:
        taro = len(uids(self.b, self.taro))
        marks = self.marks()
        mail = compose(self.jiro["address"], self.taro["address"], "large", text="y" * 70 + "\n" + "z" * 900_000,
                       fields={"Ringpost-Trigger": "user-reception"})
        submit(self.b, self.jiro, mail)
        wait_for(lambda: len(uids(self.b, self.taro)) == taro + 1, PATIENCE, "it is delivered")
        number = self.b.ask("request", "list")[-1]["number"]
        for reset in (False, True):
            connection = self.raw(self.b.pop3)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            for line in (None, f"USER {self.taro['address']}", f"PASS {self.taro['secret']}", f"RETR {taro + 1}"):
                if line is not None:
                    connection.sendall(line.encode() + b"\r\n")
                self.assertTrue(connection.recv(512).startswith(b"+OK"))
            connection.recv(512)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.close()
            self.assertEqual(len(uids(self.b, self.taro)), taro + 1, "it can be fetched again, the mailbox is free")
        self.expect_quiet(marks, QUIET)
        self.assertEqual((self.request(self.b, number) or {})["state"], "awaiting-reception")

    def test_a_client_that_does_not_read_is_cut_off(self) -> None:
        taro = len(uids(self.b, self.taro))
        submit(self.b, self.jiro, compose(self.jiro["address"], self.taro["address"], "unread", text="z" * 9_000_000))
        wait_for(lambda: len(uids(self.b, self.taro)) == taro + 1, PATIENCE, "it is delivered")
        connection = self.raw(self.b.pop3)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"USER {self.taro['address']}\r\nPASS {self.taro['secret']}\r\nRETR {taro + 1}\r\n".encode())
        # Its mailbox is free again when the gateway has given up; uids() waits for that.
        self.assertEqual(len(uids(self.b, self.taro)), taro + 1)
        connection.close()


class HostileEnds(HostileCase):
    """The end of a mail is CRLF.CRLF and nothing else, or somebody smuggles a second mail behind the first."""

    ENDS = (b"\n.\n", b"\r.\r", b"\r.\n", b"\n.\r", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r", b"\r\n\0.\r\n",
            b"\r\n.\0\r\n", b"\r\n\r.\r\n", b"\r\n.\r\r\n", b"\n\n.\r\n", b"\r\r\n.\r\r\n", b"\x85.\x85", b"\r\n .\r\n",
            b"\r\n.\t\r\n", b"\r\n\xef\xbb\xbf.\r\n")
    HIDDEN = b"MAIL FROM:<boss@office-b.example>\r\nRCPT TO:<%s>\r\nDATA\r\nSubject: smuggled\r\n\r\nsmuggled\r\n"

    def test_no_other_end_is_one(self) -> None:
        for user, sender in ((None, "x@elsewhere.example"), (self.jiro, self.jiro["address"])):
            for end in self.ENDS:
                taro = RawInbox(self.b, self.taro)
                mail = octets_of(compose(sender, self.taro["address"], "carrier"))
                octets = mail + b"text" + end + self.HIDDEN % self.taro["address"].encode()
                with self.subTest(end=end, user=user is not None):
                    code, text = self.send(self.b, user, sender, self.taro["address"], octets)
                    if b"\0" in end or re.search(rb"\r(?!\n)|(?<!\r)\n", end):
                        self.assertEqual((code, text[:5]), (550, "5.6.0"), text)
                    else:
                        # Nothing but text, to every program there is: one mail (RFC 5321 4.5.2 takes its first dot).
                        self.assertEqual(code, 250, text)
                        taro.wait_end(octets.replace(b"\r\n.\t", b"\r\n\t"), repr(end))

    def test_a_bare_line_end_is_no_command(self) -> None:
        with socket.create_connection(self.b.smtp, timeout=PATIENCE) as connection:
            answers = connection.makefile("rb")
            answers.readline()
            connection.sendall(b"EHLO client.example\n")
            self.assertEqual(answers.readline()[:9], b"500 5.5.2")
            connection.sendall(b"NOOP\rNOOP\r\n")
            self.assertRegex(answers.readline(), rb"^50[01] ")


class HostileStorage(HostileCase):
    """A disk that is full, a database that somebody else holds: try again later, and nothing is lost."""

    settings = {"mta": {"size_limit": f"{SIZE_LIMIT >> 20}MiB"}}

    @contextlib.contextmanager
    def full_disk(self, gateway: Gateway, octets: int) -> Iterator[None]:
        """No file of the daemon may grow beyond `octets`, which is what a full disk is to it."""
        assert gateway.process is not None
        before = resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, (octets, before[1]))
        try:
            yield
        finally:
            resource.prlimit(gateway.process.pid, resource.RLIMIT_FSIZE, before)

    def mail(self, octets: int) -> bytes:
        return octets_of(compose(self.jiro["address"], self.taro["address"], f"{octets} octets",
                                 fields={"Ringpost-Trigger": "user-reception"})) + (b"x" * 70 + b"\r\n") * (octets // 72)

    def send_mail(self, octets: bytes) -> tuple[int, str]:
        return self.send(self.b, self.jiro, self.jiro["address"], self.taro["address"], octets)

    def test_a_full_disk_is_452_and_the_mail_comes_later(self) -> None:
        for size in (300_000, 4_000_000):  # in the database, and in a file beside it
            with self.subTest(size=size):
                taro = RawInbox(self.b, self.taro)
                rows, files = len(self.b.ask("request", "list")), spooled(self.b)
                mail = self.mail(size)
                with self.full_disk(self.b, 64 << 10):
                    code, text = self.send_mail(mail)
                    self.assertEqual((code, text[:5]), (452, "4.3.1"), text)
                    code, text = self.send_mail(mail)
                    self.assertEqual((code, text[:5]), (452, "4.3.1"), text)
                    self.assertEqual(spooled(self.b), files)
                self.assertEqual(len(self.b.ask("request", "list")), rows)
                code, text = self.send_mail(mail)
                self.assertEqual(code, 250, text)
                taro.wait_end(mail, "the mail")
                self.assertEqual(len(self.b.ask("request", "list")), rows + 1)

    def test_a_locked_database_is_451_and_the_mail_comes_later(self) -> None:
        taro = RawInbox(self.b, self.taro)
        mail = self.mail(1000)
        with contextlib.closing(sqlite3.connect(self.b.state / "ringpost.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            code, text = self.send_mail(mail)
            self.assertEqual((code, text[:5]), (451, "4.3.0"), text)
            self.assertEqual(len(uids(self.b, self.taro)), len(taro.known), "what is there can be read")
            other.execute("ROLLBACK")
        code, text = self.send_mail(mail)
        self.assertEqual(code, 250, text)
        taro.wait_end(mail, "the mail")
