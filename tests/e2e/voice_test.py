# SPDX-License-Identifier: Apache-2.0
"""Voices in a mail: rung, played and heard before the telephones are connected; the keys of who listens."""
from __future__ import annotations

from offices import Inbox, pop3, submit, uids
from two_offices import wait_for
from voices import VoiceCase, heard_at, melody, whole


class Voices(VoiceCase):
    def test_a_voice_is_heard_and_then_the_telephones_are_connected(self) -> None:
        sound = melody(2.5, seed=1)
        inbox = Inbox(self.a, self.hanako)
        mark = self.b.watch().mark()
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail("voice first", sound))
        self.expect_voice(mark)
        marks = self.marks()
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        heard = heard_at(self.recordings(self.b)[before])
        self.assertTrue(whole(sound, heard), "the telephone did not hear the recording")
        self.assertFalse(whole(melody(2.5, seed=2), heard), "the comparison takes anything for the recording")
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assertIn(result["Attempts"], ("2", "3"))  # perhaps a look at a telephone that was still in use
        self.assert_success(voice, "voice", "2")
        self.assertEqual(voice["Seconds-Heard"], "3")
        self.assert_success(connection, "exchange", "exchange")

    def test_several_voices_are_heard_in_their_order_before_the_exchange_information(self) -> None:
        """User reception, without a scenario: nothing rings before the mail is fetched."""
        sounds = melody(1, seed=3), melody(1, seed=4)
        inbox = Inbox(self.a, self.hanako)
        known = set(uids(self.b, self.taro))
        before = len(self.recordings(self.b))
        mail = self.voice_mail("on reception", *sounds)
        mail.replace_header("Ringpost-Trigger", "user-reception")
        marks = self.marks()
        submit(self.a, self.hanako, mail)
        wait_for(lambda: set(uids(self.b, self.taro)) - known, 15, "the mail is in the mailbox")
        self.expect_quiet(marks)
        with pop3(self.b, self.taro) as client:
            for line in client.uidl()[1]:
                number, uid = line.decode().split(" ", 1)
                if uid not in known:
                    client.retr(int(number))
        result, *contents = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        for content, (medium, name) in zip(contents, (("voice", "2"), ("voice", "3"), ("exchange", "exchange")),
                                           strict=True):
            self.assert_success(content, medium, name)
        for sound, path in zip(sounds, self.recordings(self.b)[before:]):
            self.expect_heard(sound, path)

    # --- keys -------------------------------------------------------------------------------------------------------
    def test_key_1_plays_again_and_star_stops(self) -> None:
        sound = melody(2, seed=5)
        inbox = Inbox(self.a, self.hanako)
        mark = self.b.watch().mark()
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail("keys", sound, scenario="play = message 2\n"))
        path = self.hears(before)
        self.hears_seconds(path, 1)
        self.b.do("phone", "press", "2000", "1")
        self.hears_seconds(path, 2.8)  # more than it is long, had it gone on
        self.b.do("phone", "press", "2000", "*")
        self.expect(self.b, mark, "2000", "idle", 1.5)
        heard = heard_at(path)
        self.assertTrue(whole(sound[:8000], heard[8000:]), "not heard from the beginning again")
        result, voice = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertEqual(voice["Seconds-Heard"], "2")

    def test_a_hang_up_in_the_middle_is_heard_enough(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        mail = self.voice_mail("hung up", melody(8, seed=6), scenario="play = message 2\n")
        submit(self.a, self.hanako, mail)
        self.hears_seconds(self.hears(before), 1.5)
        marks = self.marks()
        self.b.do("phone", "hangup", "2000")
        result, voice = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertIn(int(voice["Seconds-Heard"]), range(2, 6))
        self.expect_quiet(marks)

    # --- who cannot be reached --------------------------------------------------------------------------------------
    def test_a_busy_telephone_is_waited_for(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        before = len(self.recordings(self.b))
        sound = melody(1, seed=7)
        submit(self.a, self.hanako, self.voice_mail("while busy", sound, scenario="play = message 2\n"))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.expect_quiet(marks)
        self.b.do("phone", "hangup", "2003")
        result, voice = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assertGreaterEqual(int(result["Attempts"]), 2)
        self.assert_success(voice, "voice", "2")
        self.expect_heard(sound, self.recordings(self.b)[before])

    def test_nobody_answers_within_the_monitor_time(self) -> None:
        self.b.do("phone", "set", "2000", "--answer-after", "never")
        try:
            inbox = Inbox(self.a, self.hanako)
            submit(self.a, self.hanako, self.voice_mail("nobody", melody(1, seed=8), scenario="play = message 2\n",
                                                        fields={"Ringpost-Monitor-Time": "3s"}))
            result, voice = self.blocks(inbox)
            self.assertEqual((result["Result"], result["Cause"]), ("failure", "no-answer"))
            self.assert_failure(voice, "voice", "2", "no-answer")
            self.assertNotIn("Seconds-Heard", voice)
        finally:
            self.b.do("phone", "set", "2000", "--answer-after", "1s")

    # --- cancelled --------------------------------------------------------------------------------------------------
    def cancelled(self, inbox: Inbox) -> None:
        result = self.blocks(inbox)[0]
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "cancelled"))

    def test_a_voice_that_waits_is_cancelled(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.voice_mail("waits", melody(1, seed=9)))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        marks = self.marks()
        self.b.do("request", "cancel", number)
        self.cancelled(inbox)
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks, 3.5)

    def test_a_voice_that_is_heard_is_cancelled(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail("is heard", melody(10, seed=10)))
        number = inbox.completed()["Request-Number"]
        self.hears_seconds(self.hears(before), 1)
        marks = self.marks()
        self.a.do("request", "cancel", number)  # passed on to the office that plays
        self.expect(self.b, marks[1], "2000", "idle", 5)
        result, voice, *_ = self.blocks(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "cancelled"))
        self.assert_failure(voice, "voice", "2", "cancelled")
        self.assertIn(int(voice["Seconds-Heard"]), range(1, 10))
        self.expect_quiet(marks)


class KeyNine(VoiceCase):
    """Key 9: connect me to the sender now."""

    def listening(self, subject: str, scenario: str | None = None, seconds: float = 15) -> Inbox:
        """Taro hears the beginning of a long recording."""
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail(subject, melody(seconds, seed=20), scenario=scenario))
        self.hears_seconds(self.hears(before), 1)
        return inbox

    def press_9(self) -> tuple[int, int]:
        marks = self.marks()
        self.b.do("phone", "press", "2000", "9")
        return marks

    def connected(self, marks: tuple[int, int]) -> None:
        """The sender is rung, nobody else; they talk."""
        for event in ("ringing", "talking"):
            self.expect(self.a, marks[0], "2000", event)
        self.assertEqual(self.b.watch().since(marks[1], "2000"), [], "the addressee's telephone was put down or rung")
        wait_for(lambda: self.a.state_of("2000") == self.b.state_of("2000") == "talking", 10, "both talk")

    def test_the_sender_is_rung_and_the_call_goes_on(self) -> None:
        inbox = self.listening("no scenario")
        self.connected(self.press_9())
        result, voice, connection = self.blocks(inbox)
        self.assertEqual((result["Result"], result["Attempts"]), ("success", "1"))
        self.assert_success(voice, "voice", "2")
        self.assertLess(int(voice["Seconds-Heard"]), 10)
        self.assert_success(connection, "exchange", "exchange")
        marks = self.marks()
        self.b.do("phone", "hangup", "2000")
        self.expect_quiet(marks)

    def test_it_ends_a_scenario_whatever_was_to_follow(self) -> None:
        plan = "play = message 2\nwait = 1s\nplay = message 2\nplay = message exchange\n"
        inbox = self.listening("scenario", plan)
        self.connected(self.press_9())
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assert_success(connection, "exchange", "exchange")
        marks = self.marks()
        self.b.do("phone", "hangup", "2000")
        self.expect_quiet(marks, 3)

    def test_it_connects_where_the_scenario_does_not(self) -> None:
        inbox = self.listening("voice only", "play = message 2\n")
        self.connected(self.press_9())
        self.assertEqual([block["Result"] for block in self.blocks(inbox)], ["success"] * 3)

    def test_a_sender_who_is_busy_is_not_rung(self) -> None:
        self.make_busy(self.a, "2000")
        inbox = self.listening("busy sender")
        marks = self.press_9()
        self.expect(self.b, marks[1], "2000", "idle")
        result, voice, connection = self.blocks(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "source-busy"))
        self.assert_success(voice, "voice", "2")
        self.assert_failure(connection, "exchange", "exchange", "source-busy")
        self.expect_quiet(marks)

    def test_who_hangs_up_before_the_sender_answers_has_declined(self) -> None:
        self.a.do("phone", "set", "2000", "--answer-after", "never")
        try:
            inbox = self.listening("hangs up")
            marks = self.press_9()
            self.expect(self.a, marks[0], "2000", "ringing")
            self.b.do("phone", "hangup", "2000")
            self.expect(self.a, marks[0], "2000", "idle")
            result = self.blocks(inbox)[0]
            self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        finally:
            self.a.do("phone", "set", "2000", "--answer-after", "1s")

    def test_a_request_that_is_cancelled_meanwhile_rings_no_more(self) -> None:
        self.a.do("phone", "set", "2000", "--answer-after", "never")
        try:
            inbox = self.listening("cancelled")
            number = inbox.completed()["Request-Number"]
            marks = self.press_9()
            self.expect(self.a, marks[0], "2000", "ringing")
            self.b.do("request", "cancel", number)
            self.expect(self.a, marks[0], "2000", "idle")
            self.expect(self.b, marks[1], "2000", "idle")
            self.assertEqual(self.blocks(inbox)[0]["Cause"], "cancelled")
        finally:
            self.a.do("phone", "set", "2000", "--answer-after", "1s")
