# SPDX-License-Identifier: Apache-2.0
"""Scenarios: in what order the contents of a mail are performed, and what a restart in the middle makes of them."""
from __future__ import annotations

import datetime

from offices import PATIENCE, Inbox, data, octets_of, smtp, submit
from voices import VoiceCase, melody

DAMAGED = b"RIFF....WAVEnothing of the kind"


def when(event: dict[str, str]) -> datetime.datetime:
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00"))


class Scenarios(VoiceCase):
    def test_steps_run_in_order_at_their_times(self) -> None:
        first, second = melody(1, seed=70), melody(1, seed=71)
        at = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=17)
        plan = (f"# first the second recording\nplay = message 3\nwait = 3s\nplay = message 2\n"
                f"at = {at.isoformat()}\nplay = message exchange\n")
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail("in order", first, second, scenario=plan))
        result, *contents = self.blocks(inbox, 60)
        self.assertEqual(result["Result"], "success")
        self.assertEqual([block["Content"] for block in contents], ["3", "2", "exchange"])
        for sound, path in zip((second, first), self.recordings(self.b)[before:]):
            self.expect_heard(sound, path)
        rings = [when(event) for event in self.b.watch().since(marks[1], "2000", "ringing")]
        over = [when(event) for event in self.b.watch().since(marks[1], "2000", "idle")]
        self.assertEqual(len(rings), 3)
        self.assertGreaterEqual((rings[1] - over[0]).total_seconds(), 3)
        self.assertGreaterEqual(rings[2], at)

    def test_both_at_the_same_time(self) -> None:
        """To one telephone that is one after the other; the step ends when both are at their end."""
        sounds = melody(1, seed=72), melody(1, seed=73)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        plan = "play = message 2, message 3\nplay = message exchange\n"
        submit(self.a, self.hanako, self.voice_mail("both", *sounds, scenario=plan))
        result, *contents = self.blocks(inbox, 60)
        self.assertEqual(result["Result"], "success")
        self.assertEqual([block["Content"] for block in contents], ["2", "3", "exchange"])
        for sound, path in zip(sounds, self.recordings(self.b)[before:]):
            self.expect_heard(sound, path)

    def test_a_step_that_fails_ends_it(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.voice_mail("no or continue", DAMAGED,
                                                    scenario="play = message 2\nplay = message exchange\n"))
        result, *contents = self.blocks(inbox)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "bad-request"))
        self.assertEqual(len(contents), 1)
        self.assert_failure(contents[0], "voice", "2", "bad-request")
        self.expect_quiet(marks)

    def test_or_continue_goes_on(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.voice_mail("or continue", DAMAGED,
                                                    scenario="play = message 2 or continue\nplay = message exchange\n"))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        result, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_failure(voice, "voice", "2", "bad-request")
        self.assert_success(connection, "exchange", "exchange")

    def test_an_error_is_answered_with_its_line(self) -> None:
        for plan, line in (("play = message 9\n", "line 1"), ("# nothing\nplai = message 2\n", "line 2"),
                           ("play = message 2\n\nplay = message 7\n", "line 3"), ("wait = 40d\n", "line 1"),
                           ("play = message 2\nplay = message 3\n", "line 2"), ("at = tomorrow\n", "line 1")):
            for to in (self.taro, self.ken):  # also where another office would perform it
                with self.subTest(plan=plan, to=to["address"]), smtp(self.a, self.hanako) as client:
                    mail = self.voice_mail("bad plan", melody(0.2, seed=74), scenario=plan)
                    mail.replace_header("To", to["address"])
                    client.mail(self.hanako["address"])
                    client.rcpt(to["address"])
                    code, text = data(client, octets_of(mail) + b".\r\n")
                    self.assertEqual(code, 550, text)
                    self.assertIn("5.6.0", text)
                    self.assertIn(line, text)


class Interrupted(VoiceCase):
    """The gateway that performs the scenario is killed, and its exchange with it."""

    def restart(self) -> None:
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)

    def test_it_goes_on_at_its_step_wherever_it_is_killed(self) -> None:
        first, second = melody(8, seed=80), melody(8, seed=81)
        plan = "play = message 2\nwait = 5s\nplay = message 3\nwait = 1s\nplay = message exchange\n"
        inbox = Inbox(self.a, self.hanako)
        mark = self.b.watch().mark()
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail("killed", first, second, scenario=plan))
        number = inbox.completed()["Request-Number"]
        self.expect(self.b, mark, "2000", "ringing")
        self.restart()  # while it rings: it rings again
        self.hears_seconds(self.hears(before), 1.5)
        self.restart()  # while it is heard: it has been heard
        self.restart()  # in the `wait`
        self.hears_seconds(self.hears(before + 1), 1.5)
        mark = self.a.watch().mark()
        self.restart()
        self.expect(self.a, mark, "2000", "talking", 60)
        result, *contents = self.blocks(inbox, 60)
        self.assertEqual((result["Result"], result["Request-Number"]), ("success", number))
        self.assertEqual([(block["Content"], block["Result"]) for block in contents],
                         [("2", "success"), ("3", "success"), ("exchange", "success")])
        self.b.hang_up_all()
        heard = self.recordings(self.b)[before:]
        self.assertEqual(len(heard), 3, "2000 was in other calls than two voices and the connection")
        for sound, path in zip((first, second), heard):
            self.expect_heard(sound[:8000], path)

    def test_a_voice_that_is_heard_when_the_gateway_is_stopped_is_told(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        submit(self.a, self.hanako, self.voice_mail("stopped", melody(10, seed=82), scenario="play = message 2\n"))
        self.hears_seconds(self.hears(before), 2)
        self.assertEqual(self.b.stop(), 0)
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        result, voice = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assertIn(int(voice["Seconds-Heard"]), range(2, 7))

    def test_who_has_pressed_9_is_not_rung_again(self) -> None:
        self.a.do("phone", "set", "2000", "--answer-after", "never")
        try:
            inbox = Inbox(self.a, self.hanako)
            before = len(self.recordings(self.b))
            submit(self.a, self.hanako, self.voice_mail("9 and killed", melody(10, seed=83)))
            self.hears_seconds(self.hears(before), 1)
            mark = self.a.watch().mark()
            self.b.do("phone", "press", "2000", "9")
            self.expect(self.a, mark, "2000", "ringing")
            self.restart()
            marks = self.marks()
            result, voice, connection = self.blocks(inbox)
            self.assertEqual((result["Result"], result["Cause"]), ("failure", "error"))
            self.assert_success(voice, "voice", "2")
            self.assert_failure(connection, "exchange", "exchange", "error")
            self.expect_quiet(marks)
        finally:
            self.a.do("phone", "set", "2000", "--answer-after", "1s")
