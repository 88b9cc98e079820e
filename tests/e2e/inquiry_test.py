# SPDX-License-Identifier: Apache-2.0
"""Reception inquiries: the addressee is asked in the call, by a call of its own and by mail; the first answer counts."""
from __future__ import annotations

import re

from inquiries import ASK, InquiryCase
from offices import PATIENCE, Inbox, Settings, TwoOffices, build_directory, run, submit
from two_offices import write_private
from voices import RATE, heard_at, melody


class InTheCall(InquiryCase):
    def test_key_1_connects_in_the_same_call(self) -> None:
        inbox, marks = Inbox(self.a, self.hanako), self.marks()
        number = self.ask("same call")
        self.answer_by_key(number, "1")
        self.expect(self.a, marks[0], "2000", "talking")
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(self.rings(marks[1]), 1, "the addressee was rung again")

    def test_key_2_declines(self) -> None:
        inbox, marks = Inbox(self.a, self.hanako), self.marks()
        number = self.ask("not now")
        self.answer_by_key(number, "2")
        result = self.result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.assertTrue(str(inbox.mails[-1]["Subject"]).startswith("接続できませんでした"), inbox.mails[-1]["Subject"])
        self.assertEqual(self.rings(marks[1]), 1)
        self.assertEqual(list(self.a.watch().since(marks[0], "2000", "ringing")), [])

    def test_a_call_is_made_for_a_question_without_a_voice(self) -> None:
        inbox, marks = Inbox(self.a, self.hanako), self.marks()
        number = self.ask("only a question", ASK, voices=0)
        self.answer_by_key(number, "1")
        self.expect(self.a, marks[0], "2000", "talking")
        self.assertEqual(self.result(inbox)["Result"], "success")
        self.assertEqual(self.rings(marks[1]), 1)

    def test_a_yes_by_mail_connects_in_the_call_in_which_the_question_is_heard(self) -> None:
        inbox, letters, marks = Inbox(self.a, self.hanako), Inbox(self.b, self.taro), self.marks()
        number = self.ask("by mail, in the call")
        self.question(number)
        self.reply(self.inquiry_mail(letters), "OK")
        self.expect(self.a, marks[0], "2000", "talking")
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(self.rings(marks[1]), 1, "the addressee was rung again")
        self.assertEqual(self.b.state_of("2000"), "talking")

    def test_a_gateway_that_is_stopped_asks_to_the_end(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        before = len(self.recordings(self.b))
        self.question(self.ask("stopped", ASK, voices=0))
        self.b.close_watch()
        self.b.ask_to_stop()
        self.assertEqual(self.b.wait_stopped(60), 0)
        heard = heard_at(self.recordings(self.b)[before])
        self.assertGreater(len(heard) / RATE, 6, "three times, with a pause of 2 s each")
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        marks = self.marks()
        self.reply(self.inquiry_mail(letters), "OK")  # mail and page still ask
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.result(inbox)["Result"], "success")

    def test_after_a_hang_up_the_mail_still_asks(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        number = self.ask("hung up")
        self.question(number)
        self.b.do("phone", "hangup", "2000")
        marks = self.marks()
        self.expect_quiet(marks)
        self.reply(self.inquiry_mail(letters), "OK")
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.result(inbox)["Result"], "success")


class ByMail(InquiryCase):
    def setUp(self) -> None:
        self.b.do("phone", "set", "2000", "--answer-after", "never")
        self.addCleanup(self.b.do, "phone", "set", "2000", "--answer-after", "1s")

    def test_ng_declines_and_nothing_rings_any_more(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        self.ask("declined by mail", ASK, voices=0)
        inquiry = self.inquiry_mail(letters)
        self.assertIn("NG", inquiry.get_body(("plain",)).get_content())
        self.reply(inquiry, "ng, sorry")
        result = self.result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.expect_quiet(self.marks())
        self.reply(inquiry, "OK")  # too late
        letters.wait(lambda mail: mail.get_content_subtype() == "report" and "question" in mail.as_string(), "a bounce")
        self.expect_quiet(self.marks())

    def test_silence_is_a_no(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.ask("silence", ASK, monitor_time="5s", voices=0)
        result = self.result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))

    def test_only_the_addressee_can_answer(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        number = self.ask("not yours", ASK, voices=0)
        inquiry = self.inquiry_mail(letters)
        their_letters = Inbox(self.b, self.jiro)
        self.reply(inquiry, "OK", self.jiro)
        their_letters.wait(lambda mail: "somebody else" in mail.as_string(), "a bounce", PATIENCE)
        self.assertNotIn((self.request(self.b, number) or {})["state"], ("connected", "failed"))
        self.reply(inquiry, "NG")
        self.assertEqual(self.result(inbox)["Cause"], "declined")

    def test_it_outlives_the_death_of_the_gateway(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        self.ask("killed", ASK, voices=0)
        inquiry = self.inquiry_mail(letters)
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        self.b.do("phone", "set", "2000", "--answer-after", "1s")
        marks = self.marks()
        self.reply(inquiry, "OK")
        self.expect(self.a, marks[0], "2000", "talking", 40)
        self.assertEqual(self.result(inbox)["Result"], "success")


class ByPage(InquiryCase):
    """The link of the mail, followed by curl as a browser would."""

    settings = {**InquiryCase.settings, "console": {"listen": ["127.0.0.1:0"]}}

    def setUp(self) -> None:
        self.b.do("phone", "set", "2000", "--answer-after", "never")
        self.addCleanup(self.b.do, "phone", "set", "2000", "--answer-after", "1s")

    def link(self, letters: Inbox) -> str:
        text = self.inquiry_mail(letters).get_body(("plain",)).get_content()
        found = re.search(r"http://127\.0\.0\.1:\d+/inquiry/[0-9a-f]{32}", text.replace("\n", ""))
        self.assertIsNotNone(found, text)
        return found.group()

    @staticmethod
    def fetch(*words: str) -> str:
        """The page, and its status code in the last line."""
        return run(["curl", "--silent", "--max-time", "10", "--write-out", "\n%{http_code}", *words]).stdout

    def test_whoever_follows_the_link_answers_once(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        self.ask("<b>a page</b>", ASK, voices=0)
        link = self.link(letters)
        for page in (self.fetch(link), self.fetch(link)):  # looking is no answer
            self.assertTrue(page.endswith("\n200"), page)
            self.assertIn("&lt;b&gt;a page&lt;/b&gt;", page)
            self.assertIn('value="ok"', page)
            self.assertIn('value="ng"', page)
        self.assertTrue(self.fetch(link[:-1] + ("0" if link[-1] != "0" else "1")).endswith("\n404"))
        self.b.do("phone", "set", "2000", "--answer-after", "1s")
        marks = self.marks()
        self.assertTrue(self.fetch("--data", "answer=ok", link).endswith("\n200"))
        self.expect(self.a, marks[0], "2000", "talking", 40)
        self.assertEqual(self.result(inbox)["Result"], "success")
        self.assertTrue(self.fetch("--data", "answer=ng", link).endswith("\n404"))

    def test_no_by_page(self) -> None:
        inbox, letters = Inbox(self.a, self.hanako), Inbox(self.b, self.taro)
        self.ask("no by page", ASK, voices=0)
        self.assertTrue(self.fetch("--data", "answer=ng", self.link(letters)).endswith("\n200"))
        self.assertEqual(self.result(inbox)["Cause"], "declined")


class AskedFirst(InquiryCase):
    """Taro's entry in the directory says `ask_first`: he is asked by a call when he has fetched a mail (spec 2.6)."""

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        made = TwoOffices(build_directory(), settings)
        people = made.b.directory / "people.toml"
        address = 'address = "taro@office-b.example"\n'
        write_private(people, people.read_text(encoding="utf-8").replace(address, address + "ask_first = true\n"))
        return made

    def send(self, subject: str, voices: int = 0, **fields: str) -> tuple[Inbox, str, tuple[int, int]]:
        """To be received; the number of the request."""
        inbox = Inbox(self.a, self.hanako)
        sounds = [melody(0.5, seed=70 + place) for place in range(voices)]
        submit(self.a, self.hanako, self.voice_mail(subject, *sounds, fields={"Ringpost-Trigger": "user-reception",
                                                                              **fields}))
        number, marks = inbox.completed()["Request-Number"], self.marks()
        letters = Inbox(self.b, self.taro)
        letters.known.clear()
        letters.wait(lambda mail: mail["Subject"] == subject, "the mail")
        return inbox, number, marks

    def test_a_yes_connects_in_the_same_call(self) -> None:
        inbox, number, marks = self.send("asked first")
        self.question(number)
        self.assertEqual(list(self.a.watch().since(marks[0], "2000", "ringing")), [])
        self.answer_by_key(number, "1")
        self.expect(self.a, marks[0], "2000", "talking")
        self.assertEqual(self.result(inbox)["Result"], "success")
        self.assertEqual(self.rings(marks[1]), 1)

    def test_a_no_declines(self) -> None:
        inbox, number, marks = self.send("asked first, not now")
        self.answer_by_key(number, "2")
        result = self.result(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.assertEqual(list(self.a.watch().since(marks[0], "2000", "ringing")), [])

    def test_a_voice_is_played_after_the_question_in_the_same_call(self) -> None:
        inbox, number, marks = self.send("asked first, a voice", voices=1)
        self.answer_by_key(number, "1")
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(self.rings(marks[1]), 2)  # the connection is a call of its own

    def test_what_is_ordered_at_once_is_done_at_once(self) -> None:
        marks = self.marks()
        submit(self.a, self.hanako, self.voice_mail("at once"))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
