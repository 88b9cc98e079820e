# SPDX-License-Identifier: Apache-2.0
"""user-reception: nothing rings until the addressee has fetched the mail, and then once for ever."""
from __future__ import annotations

import poplib
import socket

from offices import Inbox, OfficesCase, PATIENCE, User, compose, parse, pop3, retrieve, run, submit, uids, wait_for


class Reception(OfficesCase):
    def deliver(self, to: User, subject: str, fields: dict[str, str] | None = None) -> tuple[str, tuple[int, int]]:
        """Hanako's mail is in `to`'s mailbox and nothing has rung. Returns its unique-id and the marks before it."""
        before = set(uids(self.b, to))
        marks = self.marks()
        submit(self.a, self.hanako, compose(self.hanako["address"], to["address"], subject,
                                            fields=fields or {"Ringpost-Trigger": "user-reception"}))
        fresh = wait_for(lambda: set(uids(self.b, to)) - before, PATIENCE, "the mail is delivered")
        self.assertEqual(len(fresh), 1)
        return fresh.pop(), marks

    def test_retr_fires_once(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        uid, marks = self.deliver(self.taro, "read me")
        self.assertEqual(inbox.completed()["Trigger"], "user-reception")
        self.expect_quiet(marks)
        self.assertEqual(parse(retrieve(self.b, self.taro, uid))["Subject"], "read me")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(inbox.result()["Result"], "success")
        self.offices.hang_up_all()
        marks = self.marks()
        retrieve(self.b, self.taro, uid)
        self.expect_quiet(marks)
        inbox.look()
        self.assertEqual(len(inbox.results()), 1)

    def test_top_list_and_uidl_are_no_reception(self) -> None:
        uid, marks = self.deliver(self.jiro, "look only")
        with pop3(self.b, self.jiro) as client:
            number = next(int(line.split()[0]) for line in client.uidl()[1] if line.decode().endswith(uid))
            client.top(number, 1000)
            client.list(number)
            client.uidl(number)
            client.stat()
        self.expect_quiet(marks)
        retrieve(self.b, self.jiro, uid)
        self.expect_call(marks, (self.b, "2001"), (self.a, "2000"))

    def test_a_connection_that_breaks_before_the_last_octet_is_no_reception(self) -> None:
        before = set(uids(self.b, self.yuki))
        marks = self.marks()
        # More than the buffers of both sides hold, so that the end cannot have been written.
        mail = compose(self.hanako["address"], self.yuki["address"], "long", "0123456789 abcdefghij\n" * 40000,
                       fields={"Ringpost-Trigger": "user-reception"})
        submit(self.a, self.hanako, mail)
        uid = wait_for(lambda: set(uids(self.b, self.yuki)) - before, PATIENCE, "the mail is delivered").pop()
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect(self.b.pop3)
        reader = connection.makefile("rb")
        for command in ("", f"USER {self.yuki['address']}", f"PASS {self.yuki['secret']}"):
            if command:
                connection.sendall(command.encode() + b"\r\n")
            self.assertTrue(reader.readline().startswith(b"+OK"))
        connection.sendall(b"UIDL\r\n")
        self.assertTrue(reader.readline().startswith(b"+OK"))
        lines = list(iter(reader.readline, b".\r\n"))
        number = next(line.split()[0].decode() for line in lines if line.strip().decode().endswith(uid))
        connection.sendall(f"RETR {number}\r\n".encode())
        self.assertTrue(reader.readline().startswith(b"+OK"))
        # With octets unread the kernel resets the connection.
        reader.close()
        connection.close()
        self.expect_quiet(marks)
        retrieve(self.b, self.yuki, uid)
        self.expect_call(marks, (self.b, "2002"), (self.a, "2000"))

    def test_reception_survives_a_kill_of_the_gateway(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        uid, marks = self.deliver(self.taro, "over a crash")
        retrieve(self.b, self.taro, uid)
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(inbox.result()["Result"], "success")
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE)
        marks = self.marks()
        retrieve(self.b, self.taro, uid)
        self.expect_quiet(marks)
        inbox.look()
        self.assertEqual(len(inbox.results()), 1)

    def test_deleted_unread_is_declined(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        uid, marks = self.deliver(self.taro, "not for me")
        with pop3(self.b, self.taro) as client:
            number = next(int(line.split()[0]) for line in client.uidl()[1] if line.decode().endswith(uid))
            client.dele(number)
        result = inbox.result()
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.expect_quiet(marks, 0.5)

    def test_the_address_with_call_is_user_reception(self) -> None:
        before = set(uids(self.b, self.taro))
        marks = self.marks()
        local, domain = self.taro["address"].split("@")
        submit(self.a, self.hanako, compose(self.hanako["address"], f"{local}+call@{domain}", "by address"))
        uid = wait_for(lambda: set(uids(self.b, self.taro)) - before, PATIENCE, "the mail is delivered").pop()
        self.expect_quiet(marks, 0.5)
        retrieve(self.b, self.taro, uid)
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))

    def test_curl_fetches_and_fires(self) -> None:
        uid, marks = self.deliver(self.jiro, "by curl")
        number = 1 + uids(self.b, self.jiro).index(uid)
        host, port = self.b.pop3
        done = run(["curl", "--silent", "--show-error", "--max-time", "60", "--user",
                    f"{self.jiro['address']}:{self.jiro['secret']}", f"pop3://{host}:{port}/{number}"])
        self.assertIn("Subject: by curl", done.stdout)
        self.expect_call(marks, (self.b, "2001"), (self.a, "2000"))

    def test_an_ordinary_mail_rings_nothing(self) -> None:
        uid, marks = self.deliver(self.taro, "ordinary", {"X-Anything": "else"})
        retrieve(self.b, self.taro, uid)
        self.expect_quiet(marks)


class Mailbox(OfficesCase):
    """The POP3 server itself."""

    def fill(self, count: int) -> None:
        before = len(uids(self.b, self.yuki))
        for index in range(count):
            mail = compose(self.ichiro["address"], self.yuki["address"], f"mail {index}",
                           "\n".join([".", "..", ".hidden", "text " * (index * 20 + 1), ""]))
            submit(self.a, self.ichiro, mail)
        wait_for(lambda: len(uids(self.b, self.yuki)) == before + count, PATIENCE, "all mails are there")

    def test_list_and_stat_count_what_retr_sends(self) -> None:
        self.fill(3)
        with pop3(self.b, self.yuki) as client:
            count, total = client.stat()
            sizes = {int(line.split()[0]): int(line.split()[1]) for line in client.list()[1]}
            sent = {}
            for number in sizes:
                sent[number] = sum(len(line) + 2 for line in client.retr(number)[1])
        self.assertEqual(sizes, sent)
        self.assertEqual((count, total), (len(sizes), sum(sizes.values())))

    def test_a_second_session_finds_the_mailbox_in_use(self) -> None:
        with pop3(self.b, self.taro):
            other = poplib.POP3(*self.b.pop3, timeout=30)
            other.user(self.taro["address"])
            with self.assertRaises(poplib.error_proto) as refused:
                other.pass_(self.taro["secret"])
            self.assertIn(b"[IN-USE]", refused.exception.args[0])
            other.close()

    def test_only_quit_deletes_and_unique_ids_stay(self) -> None:
        self.fill(2)
        before = uids(self.b, self.yuki)
        self.assertEqual(len(set(before)), len(before))
        client = poplib.POP3(*self.b.pop3, timeout=30)
        client.user(self.yuki["address"])
        client.pass_(self.yuki["secret"])
        client.dele(1)
        client.close()  # no QUIT
        self.assertEqual(uids(self.b, self.yuki), before)
        with pop3(self.b, self.yuki) as again:
            again.dele(1)
            again.rset()
        self.assertEqual(uids(self.b, self.yuki), before)
        with pop3(self.b, self.yuki) as last:
            last.dele(1)
            with self.assertRaises(poplib.error_proto):
                last.retr(1)
        self.assertEqual(uids(self.b, self.yuki), before[1:])

    def test_a_wrong_secret_and_an_unknown_user_get_the_same_answer(self) -> None:
        answers = []
        for name, secret in ((self.taro["address"], "wrong"), ("nobody@office-b.example", "wrong")):
            client = poplib.POP3(*self.b.pop3, timeout=30)
            client.user(name)
            with self.assertRaises(poplib.error_proto) as refused:
                client.pass_(secret)
            answers.append(refused.exception.args[0])
            client.close()
        self.assertEqual(answers[0], answers[1])
        self.assertTrue(answers[0].startswith(b"-ERR [AUTH]"))

    def test_capa_tells_the_truth(self) -> None:
        client = poplib.POP3(*self.b.pop3, timeout=30)
        offered = client.capa()
        client.close()
        for word in ("TOP", "UIDL", "USER", "RESP-CODES", "PIPELINING"):
            self.assertIn(word, offered)
