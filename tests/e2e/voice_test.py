# SPDX-License-Identifier: Apache-2.0
"""Voices in a mail: rung, played and heard before the telephones are connected; scenarios that say in what order."""
from __future__ import annotations

import io
import math
import pathlib
import struct
import wave
from email.message import EmailMessage as Mail

from offices import Gateway, Inbox, OfficesCase, blocks_of, compose, data, octets_of, pop3, smtp, submit, uids
from two_offices import wait_for

AT_ONCE = {"Ringpost-Trigger": "system-recognition"}
TONE = 1000
SCENARIO_TYPE = ("application", "vnd.ringpost.scenario")


def recording(seconds: float, hertz: float = TONE) -> bytes:
    """A WAV of a tone, 8 kHz, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * hertz * i / 8000)))
                                   for i in range(int(8000 * seconds))))
    return file.getvalue()


def seconds_of_tone(path: pathlib.Path, hertz: float) -> float:
    """How long a tone is in a WAV, by Goertzel in blocks of 20 ms."""
    with wave.open(str(path), "rb") as sound:
        octets = sound.readframes(sound.getnframes())
    samples = struct.unpack(f"<{len(octets) // 2}h", octets)
    block, found = 160, 0
    factor = 2 * math.cos(2 * math.pi * hertz / 8000)
    for begin in range(0, len(samples) - block + 1, block):
        one = two = energy = 0.0
        for sample in samples[begin:begin + block]:
            one, two = sample + factor * one - two, one
            energy += float(sample) * sample
        power = one * one + two * two - factor * one * two
        found += energy > block * 1e5 and power > 0.5 * energy * block / 2
    return found * block / 8000


class Voices(OfficesCase):
    """What the telephones hear is recorded by their exchange."""

    settings = {"exchange": {"simulated_recordings": "recordings"}}

    def voice_mail(self, subject: str, sound: bytes, scenario: str | None = None, kind: str = "wav") -> Mail:
        mail = compose(self.hanako["address"], self.taro["address"], subject, fields=AT_ONCE)
        mail.add_attachment(sound, "audio", kind, filename="message.wav")
        if scenario is not None:
            mail.add_attachment(scenario.encode(), *SCENARIO_TYPE, filename="plan.scenario")
        return mail

    def blocks(self, inbox: Inbox) -> list[dict[str, str]]:
        mail = inbox.wait(lambda mail: "Result" in (blocks_of(mail) or [{}])[0], "a result notice", 40)
        return blocks_of(mail) or []

    def recordings(self) -> list[pathlib.Path]:
        return sorted((self.b.state / "recordings").glob("2000-*.wav"), key=lambda path: path.stat().st_mtime)

    def expect_voice(self, mark: int) -> None:
        for event in ("ringing", "talking", "idle"):
            self.expect(self.b, mark, "2000", event, 20)

    def test_a_voice_is_heard_and_then_the_telephones_are_connected(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        mark = self.b.watch().mark()
        before = len(self.recordings())
        submit(self.a, self.hanako, self.voice_mail("voice first", recording(1.5)))
        self.expect_voice(mark)
        marks = self.marks()
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        heard = self.recordings()[before]
        self.assertAlmostEqual(seconds_of_tone(heard, TONE), 1.5, delta=0.2)
        whole, voice, connection = self.blocks(inbox)
        self.assertEqual(whole["Result"], "success")
        self.assertEqual((voice["Content"], voice["Medium"], voice["Result"]), ("2", "voice", "success"))
        self.assertEqual(voice["Seconds-Heard"], "2")
        self.assertEqual((connection["Medium"], connection["Result"]), ("exchange", "success"))
        self.assertEqual(int(whole["Attempts"]), 2)

    def test_key_1_plays_again_and_star_stops(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        mark = self.b.watch().mark()
        before = len(self.recordings())
        submit(self.a, self.hanako, self.voice_mail("keys", recording(3), "play = message 2\n"))
        self.expect(self.b, mark, "2000", "talking", 20)
        wait_for(lambda: len(self.recordings()) > before, 10, "the telephone hears something")
        self.b.do("phone", "press", "2000", "1")
        self.b.do("phone", "press", "2000", "*")
        self.expect(self.b, mark, "2000", "idle", 2.5)
        whole, voice = self.blocks(inbox)
        self.assertEqual((whole["Result"], voice["Result"]), ("success", "success"))
        self.assertLess(int(voice["Seconds-Heard"]), 3)

    def test_a_damaged_voice_is_told_and_the_rest_is_performed(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.voice_mail("damaged", b"RIFF....WAVEnothing of the kind"))
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        whole, voice, connection = self.blocks(inbox)
        self.assertEqual((voice["Result"], voice["Cause"]), ("failure", "bad-request"))
        self.assertEqual((whole["Result"], connection["Result"]), ("success", "success"))

    def test_a_scenario_orders_the_steps_and_a_failing_one_ends_it(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        plan = "play = message 2\nplay = message exchange\n"
        submit(self.a, self.hanako, self.voice_mail("damaged, no or continue", b"RIFF....WAVE", plan))
        whole, voice = self.blocks(inbox)
        self.assertEqual((whole["Result"], whole["Cause"]), ("failure", "bad-request"))
        self.assertEqual(voice["Cause"], "bad-request")
        self.expect_quiet(marks)

    def test_an_error_in_a_scenario_is_answered_with_its_line(self) -> None:
        for plan, line in (("play = message 9\n", "line 1"), ("# nothing\nplai = message 2\n", "line 2"),
                           ("pause = message 2\n", "line 1")):
            with self.subTest(plan=plan), smtp(self.a, self.hanako) as client:
                client.mail(self.hanako["address"])
                client.rcpt(self.b_address(local=True))
                code, text = data(client, octets_of(self.voice_mail("bad plan", recording(0.2), plan)))
                self.assertEqual(code, 550)
                self.assertIn("5.6.0", text)
                self.assertIn(line, text)

    def b_address(self, local: bool) -> str:
        return self.ken["address"] if local else self.taro["address"]

    def test_nothing_is_played_before_the_mail_is_fetched(self) -> None:
        inbox = Inbox(self.a, self.hanako)
        before = set(uids(self.b, self.taro))
        mail = self.voice_mail("voice on reception", recording(0.5))
        mail.replace_header("Ringpost-Trigger", "user-reception")
        marks = self.marks()
        submit(self.a, self.hanako, mail)
        wait_for(lambda: set(uids(self.b, self.taro)) - before, 15, "the mail is in the mailbox")
        self.expect_quiet(marks)
        mark = self.b.watch().mark()
        with pop3(self.b, self.taro) as client:
            for line in client.uidl()[1]:
                number, uid = line.decode().split(" ", 1)
                if uid not in before:
                    client.retr(int(number))
        self.expect_voice(mark)
        marks = self.marks()
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        self.assertEqual(self.blocks(inbox)[1]["Medium"], "voice")

    def test_a_busy_telephone_is_waited_for_and_a_voice_can_be_cancelled(self) -> None:
        self.make_busy(self.b, "2000")
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        submit(self.a, self.hanako, self.voice_mail("while busy", recording(0.5)))
        number = inbox.completed()["Request-Number"]
        self.wait_attempts(self.b, number, 1)
        self.expect_quiet(marks)
        self.b.do("request", "cancel", number)
        whole = self.blocks(inbox)[0]
        self.assertEqual((whole["Result"], whole["Cause"]), ("failure", "cancelled"))
        marks = self.marks()
        self.b.do("phone", "hangup", "2003")
        self.expect_quiet(marks, 3.5)
