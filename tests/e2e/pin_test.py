# SPDX-License-Identifier: Apache-2.0
"""Confidential recordings and FAXes (spec 2.3): released by the addressee's PIN, keyed in on the telephone."""
from __future__ import annotations

import pathlib
import tempfile

from confidential import CONFIDENTIAL, KEYS, WithKeys
from fax_test import MACHINE, WithFaxNumbers, tiff
from offices import Inbox, Mail, build_directory, submit
from two_offices import Settings, TwoOffices, wait_for
from voices import RATE, Samples, VoiceCase, gaps, heard_at, melody, played


class WithKeysAndFaxes(WithKeys, WithFaxNumbers):
    pass


class PinCase(VoiceCase):
    """From Jiro to Taro, who has a PIN, in office B."""

    settings = {**VoiceCase.settings, **KEYS, "media": {"fax_header": False}}

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return WithKeysAndFaxes(build_directory(), settings)

    def setUp(self) -> None:
        self.calls_before = len(self.recordings(self.b))
        self.inbox = Inbox(self.b, self.jiro)
        self.mark = self.b.watch().mark()

    def send(self, mail: Mail) -> None:
        mail.replace_header("From", self.jiro["address"])
        submit(self.b, self.jiro, mail)

    def question(self) -> pathlib.Path:
        """The recording of the call in which the PIN is asked for."""
        path = self.hears(self.calls_before)
        self.hears_seconds(path, 0.5)
        return path

    def key_in(self, pin: str) -> None:
        for key in pin + "#":
            self.b.do("phone", "press", "2000", key)


class Voices(PinCase):
    def mail(self, seed: int) -> Mail:
        return self.voice_mail("released", melody(2.5, seed), scenario="play = message 2\n", fields=CONFIDENTIAL)

    def test_the_right_pin_releases_it(self) -> None:
        sound = melody(2.5, seed=201)
        self.send(self.mail(201))
        path = self.question()
        before = heard_at(path)
        self.key_in(self.taro["pin"])
        result, voice = self.blocks(self.inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertEqual(voice["Seconds-Heard"], "3")
        self.assertFalse(played(sound[:8000], before))
        self.assertTrue(played(sound, heard_at(path)))

    def test_one_that_was_mistyped_may_be_keyed_in_again(self) -> None:
        sound = melody(2.5, seed=202)
        self.send(self.mail(202))
        path = self.question()
        self.key_in("9999")
        wait_for(lambda: "media.pin-wrong" in self.b.log.read_text(encoding="utf-8"), 20, "it is refused")
        self.hears_seconds(path, 1.5)  # asked again
        self.key_in("99*" + self.taro["pin"])
        result, voice = self.blocks(self.inbox)
        self.assertEqual(result["Result"], "success")
        self.assertTrue(played(sound, heard_at(path)))

    def test_wrong_ones_end_it(self) -> None:
        sound = melody(2.5, seed=203)
        self.send(self.mail(203))
        path = self.question()
        self.key_in("1111")  # then silence, which is no PIN either
        result, voice = self.blocks(self.inbox, 60)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.assertEqual((voice["Result"], voice["Cause"]), ("failure", "declined"))
        self.assertIn("暗証番号が正しくありません", self.inbox.mails[-1].get_body().get_content())  # type: ignore[union-attr]
        calls = self.recordings(self.b)[self.calls_before:]
        self.assertFalse(any(played(sound[:8000], heard_at(each)) for each in calls))
        self.assertEqual(len(self.recordings(self.b)), self.calls_before + 1, "the telephone was rung again")
        log = self.b.log.read_text(encoding="utf-8")
        self.assertNotIn("1111", log)
        self.assertNotIn(self.taro["pin"] + "#", log)
        self.assertEqual(path, self.recordings(self.b)[-1])

    def test_where_nobody_keys_anything_that_is_told(self) -> None:
        self.send(self.mail(207))
        result, voice = self.blocks(self.inbox, 60)
        self.assertEqual((result["Result"], voice["Cause"]), ("failure", "declined"))
        self.assertIn("暗証番号が入力されません", self.inbox.mails[-1].get_body().get_content())  # type: ignore[union-attr]

    def test_who_hangs_up_has_not_released_it(self) -> None:
        self.send(self.mail(204))
        self.question()
        self.b.do("phone", "hangup", "2000")
        result, voice = self.blocks(self.inbox)
        self.assertEqual((result["Result"], voice["Cause"]), ("failure", "declined"))

    def test_after_a_kill_nobody_is_rung_for_it_again(self) -> None:
        self.send(self.mail(205))
        self.question()
        self.b.kill()
        self.b.start()
        self.b.wait_ready(20)
        result, voice = self.blocks(self.inbox)
        self.assertEqual((result["Result"], voice["Cause"]), ("failure", "error"))

    def test_an_ordinary_recording_needs_none(self) -> None:
        sound = melody(1.5, seed=206)
        self.send(self.voice_mail("ordinary", sound, scenario="play = message 2\n"))
        result, _ = self.blocks(self.inbox)
        self.assertEqual(result["Result"], "success")
        self.assertTrue(played(sound, heard_at(self.recordings(self.b)[-1])))


def last_sound(heard: Samples) -> float:
    """Seconds without a silence of 10 ms, up to the last that is no silence."""
    silence = [0] * RATE
    (_, begin), (end, _) = gaps([1, *silence, *heard, *silence, 1], RATE // 100)[-2:]
    return (end + 1 - begin) / RATE


class WithoutPause(PinCase):
    settings = {**PinCase.settings, "confidential": {**KEYS["confidential"], "pin_tries": 1, "pin_pause": "0s"}}

    def test_the_tone_that_refuses_it_is_heard_to_its_end(self) -> None:
        self.send(self.voice_mail("refused", melody(1, 208), scenario="play = message 2\n", fields=CONFIDENTIAL))
        path = self.question()
        self.key_in("1111")
        _, voice = self.blocks(self.inbox, 60)
        self.assertEqual(voice["Cause"], "declined")
        self.assertGreater(last_sound(heard_at(path)), 0.59, "it has 0.6 s")


class Faxes(PinCase):
    def mail(self, scenario: str = "play = message 2\n") -> Mail:
        mail = self.voice_mail("a FAX", scenario=scenario, fields=CONFIDENTIAL)
        scenario_part = mail.get_payload().pop()  # type: ignore[union-attr]
        with tempfile.TemporaryDirectory() as directory:
            mail.add_attachment(tiff(pathlib.Path(directory), 1), "image", "tiff", filename="page.tif")
        mail.attach(scenario_part)
        return mail

    def received(self) -> list[pathlib.Path]:
        return sorted((self.b.state / "faxes").glob(f"{MACHINE}-*.tif*"))

    def test_the_pin_at_the_telephone_sends_the_fax(self) -> None:
        before = len(self.received())
        self.send(self.mail())
        self.question()
        self.assertIsNone(self.b.watch().wait(self.mark, MACHINE, "ringing", 0))
        self.key_in(self.taro["pin"])
        result, fax = self.blocks(self.inbox, 120)
        self.assertEqual(result["Result"], "success", result)
        self.assert_success(fax, "fax", "2")
        self.assertEqual(fax["Pages"], "1")
        wait_for(lambda: len(self.received()) == before + 1, 10, "the machine has received it")
        self.assertNotIn("application/pdf", [part.get_content_type() for part in self.inbox.mails[-1].walk()])

    def test_without_it_the_machine_is_not_called(self) -> None:
        self.send(self.mail())
        self.question()
        self.b.do("phone", "hangup", "2000")
        result, fax = self.blocks(self.inbox)
        self.assertEqual((result["Result"], fax["Medium"], fax["Cause"]), ("failure", "fax", "declined"))
        self.assertIsNone(self.b.watch().wait(self.mark, MACHINE, "ringing", 1.5))
