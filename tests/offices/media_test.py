# SPDX-License-Identifier: Apache-2.0
"""Voices and questions from a mail at real telephones: what is heard there, which keys are understood, in how many
calls, and what a killed gateway makes of it."""
from __future__ import annotations

from media_case import MediaCase, wait_for  # first: it knows where the others are
from bed_offices import BedOffices
from inquiries import ASK, PLAY_AND_ASK
from offices import PATIENCE, Inbox, submit
from tones import RATE, key_1_again_and_again, write_wav
from two_offices import Settings, write_private
from voices import expect_whole, found, melody


class InTheCall(MediaCase):
    def test_a_recording_then_a_question_then_the_connection_in_one_call(self) -> None:
        sound = melody(2.5, seed=101)
        marks, before = self.marks(), len(self.calls(self.addressee))
        inbox = self.send("one call", sound, PLAY_AND_ASK)
        path = self.hears_in(self.addressee, before)
        self.question(inbox.completed()["Request-Number"])
        played = self.sound(path)
        self.wait_heard(path, 0.5, begin=len(played) / 8000)  # speech or tones, after the recording
        self.press("1")
        self.expect_connected_in_the_call(marks)
        result, voice, connection = self.blocks(inbox)
        expect_whole(self, sound, played)
        self.assertNotIn(True, found(melody(2.5, seed=102), played), "the comparison takes anything for the recording")
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertEqual(voice["Seconds-Heard"], "3")
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(self.calls(self.addressee)[before:], [path])
        self.a.do("phone", "hangup", "2000")
        self.expect_idle(*self.addressee)
        self.expect_no_channels()

    def test_key_2_declines(self) -> None:
        marks, before = self.marks(), len(self.calls(self.addressee))
        inbox = self.send("not now", melody(1, seed=103), PLAY_AND_ASK)
        self.hears_in(self.addressee, before)
        self.question(inbox.completed()["Request-Number"])
        self.press("2")
        result, voice, *_ = self.blocks(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.assert_success(voice, "voice", "2")
        self.expect_idle(*self.addressee)
        self.expect_no_channels()
        self.expect_quiet((self.a.watch().mark(), self.b.watch().mark()))
        self.expect_events(self.a, marks[0])
        self.expect_events(self.b, marks[1], "ringing", "talking", "idle")

    def test_of_a_sender_who_is_busy_a_tone_tells(self) -> None:
        """Behind the question the leg comes out of the bridge of its port: then only can it be announced to."""
        self.make_busy(self.b, "2001")
        before = len(self.calls(self.addressee))
        inbox = Inbox(self.b, self.jiro)
        mail = self.voice_mail("busy myself", melody(1, seed=109), scenario=PLAY_AND_ASK)
        mail.replace_header("From", self.jiro["address"])
        submit(self.b, self.jiro, mail)
        path = self.hears_in(self.addressee, before)
        self.question(inbox.completed()["Request-Number"])
        self.press("1")
        result = self.blocks(inbox)[0]
        pressed = len(self.sound(path)) / RATE  # the result comes with the tone
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "source-busy"))
        self.expect_idle(*self.addressee)
        self.assertGreater(self.loud_seconds(path, max(0.0, pressed - 2.0)), 1.0, "no busy tone was heard")
        self.b.do("phone", "hangup", "2001")
        self.expect_idle(self.b, "2001")
        self.expect_no_channels()

    def test_key_9_connects_in_the_same_call(self) -> None:
        sound = melody(15, seed=104)
        marks, before = self.marks(), len(self.calls(self.addressee))
        inbox = self.send("nine", sound, None)
        path = self.hears_in(self.addressee, before)
        self.wait_heard(path, 1.5)
        self.press("9")
        self.expect_connected_in_the_call(marks)
        self.expect_heard(sound[:8000], path)
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertIn(int(voice["Seconds-Heard"]), range(2, 8))
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(self.calls(self.addressee)[before:], [path])

    def test_who_hangs_up_in_the_recording_is_asked_by_mail(self) -> None:
        sound = melody(10, seed=105)
        letters = Inbox(self.b, self.taro)
        marks, before = self.marks(), len(self.calls(self.addressee))
        inbox = self.send("hung up", sound, PLAY_AND_ASK)
        self.wait_heard(self.hears_in(self.addressee, before), 1.5)
        self.lets_ring(self.b, "2000")
        self.b.do("phone", "hangup", "2000")
        inquiry = self.inquiry_mail(letters)
        self.expect_events(self.a, marks[0])
        self.answers(self.b, "2000")
        marks = self.marks()
        self.reply(inquiry, "OK")
        self.expect_call(marks, self.addressee, self.sender)
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertIn(int(voice["Seconds-Heard"]), range(2, 8))
        self.assert_success(connection, "exchange", "exchange")
        for path in self.calls(self.addressee)[before + 1:]:
            self.expect_not_heard(sound, path)


class Killed(MediaCase):
    def test_a_recording_is_not_played_again(self) -> None:
        sound = melody(10, seed=110)
        marks, before = self.marks(), len(self.calls(self.addressee))
        inbox = self.send("killed in the recording", sound, PLAY_AND_ASK)
        self.wait_heard(self.hears_in(self.addressee, before), 1.5)
        number = inbox.completed()["Request-Number"]
        self.restart_killed()
        marks = (marks[0], self.b.watch().mark())
        self.question(number)  # in a call of its own
        path = self.hears_in(self.addressee, before + 1)
        self.wait_heard(path, 0.5)
        self.press("1")
        self.expect_connected_in_the_call(marks)
        self.expect_not_heard(sound, path)
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(len(self.calls(self.addressee)), before + 2)

    def test_a_question_goes_on_by_mail(self) -> None:
        sound = melody(1.5, seed=111)
        letters = Inbox(self.b, self.taro)
        before = len(self.calls(self.addressee))
        inbox = self.send("killed in the question", sound, PLAY_AND_ASK)
        path = self.hears_in(self.addressee, before)
        self.question(inbox.completed()["Request-Number"])
        self.expect_heard(sound, path)
        self.restart_killed()
        self.expect_idle(*self.addressee)
        self.expect_no_channels()
        marks = self.marks()
        self.expect_quiet(marks)
        self.reply(self.inquiry_mail(letters), "OK")
        self.expect_call(marks, self.addressee, self.sender)
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assert_success(connection, "exchange", "exchange")
        self.assertEqual(len(self.calls(self.addressee)), before + 2)
        self.expect_not_heard(sound, self.calls(self.addressee)[-1])


class KeysAsTones(MediaCase):
    """Taro's telephone sends its keys as tones in the speech (ITU-T Q.23): it presses 1 every two seconds."""

    @classmethod
    def make_offices(cls, settings: Settings) -> BedOffices:
        made = super().make_offices(settings)
        office = made.bed.b
        endpoints = office.asterisk.home / "etc" / "pjsip.conf"
        endpoint = "[2000](telephone)\n"
        write_private(endpoints, endpoints.read_text(encoding="utf-8").replace(endpoint, endpoint + "dtmf_mode = inband\n"))
        write_wav(office.telephones["2000"].directory / "microphone.wav", key_1_again_and_again(120))
        return made

    def test_a_yes_connects_in_the_same_call(self) -> None:
        marks = self.marks()
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.voice_mail("keys as tones", scenario=ASK))
        for event in ("ringing", "talking"):
            self.expect(self.a, marks[0], "2000", event)
        self.assertEqual(self.blocks(inbox)[0]["Result"], "success")
        self.expect_events(self.b, marks[1], "ringing", "talking")
        self.a.do("phone", "hangup", "2000")
        self.expect_idle(*self.addressee)
        self.expect_no_channels()
