# SPDX-License-Identifier: Apache-2.0
"""A confidential recording at a real telephone: heard when the PIN has been keyed in there, and not before."""
from __future__ import annotations

import pathlib

from media_case import MediaCase, wait_for  # first: it knows where the others are
from bed_offices import BedOffices
from confidential import CONFIDENTIAL, KEYS, WithKeys
from office_case import answering_soon
from offices import Inbox, PATIENCE, build_directory, submit
from two_offices import Settings
from voices import RATE, Samples, melody, played


class BedWithKeys(WithKeys, BedOffices):
    pass


class Pin(MediaCase):
    """From Jiro to Taro, who has a PIN, in office B."""

    settings = {**MediaCase.settings, **KEYS}

    @classmethod
    def make_offices(cls, settings: Settings) -> BedOffices:
        return BedWithKeys(build_directory(), answering_soon(settings))

    def send_confidential(self, sound: Samples) -> tuple[Inbox, pathlib.Path]:
        """Returns when the question is heard."""
        inbox = Inbox(self.b, self.jiro)
        before = len(self.calls(self.addressee))
        mail = self.voice_mail("released by a PIN", sound, scenario="play = message 2\n", fields=CONFIDENTIAL)
        mail.replace_header("From", self.jiro["address"])
        submit(self.b, self.jiro, mail)
        path = self.hears_in(self.addressee, before)
        self.wait_heard(path, 0.5)
        return inbox, path

    def key_in(self, pin: str) -> None:
        for key in pin + "#":
            self.press(key)

    def refusals(self) -> int:
        return self.b.log.read_text(encoding="utf-8").count("media.pin-wrong")

    def test_the_right_pin_releases_the_recording(self) -> None:
        sound = melody(2.5, seed=301)
        inbox, path = self.send_confidential(sound)
        refused = self.refusals()
        self.key_in("1234")
        wait_for(lambda: self.refusals() > refused, PATIENCE, "a wrong PIN is refused")
        self.wait_heard(path, 1.0, begin=len(self.sound(path)) / 8000)  # asked again
        asked = self.sound(path)
        self.key_in(self.taro["pin"])
        result, voice = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_success(voice, "voice", "2")
        self.assertFalse(played(sound[:RATE], asked))
        self.assertTrue(played(sound, self.sound(path)))
        self.expect_idle(*self.addressee)
        self.expect_no_channels()

    def test_wrong_pins_end_the_call(self) -> None:
        sound = melody(2.5, seed=302)
        inbox, path = self.send_confidential(sound)
        self.key_in("1234")
        result, voice = self.blocks(inbox, 90)
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "declined"))
        self.assertEqual(voice["Cause"], "declined")
        self.assertFalse(played(sound[:RATE], self.sound(path)))
        self.expect_idle(*self.addressee)
        self.expect_no_channels()
        self.expect_quiet((self.a.watch().mark(), self.b.watch().mark()))
