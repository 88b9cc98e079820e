# SPDX-License-Identifier: Apache-2.0
"""Contents of mails at real exchanges: what a telephone hears of a recording and of a question, in which call."""
from __future__ import annotations

import pathlib

from office_case import OfficesCase, Party, wait_for  # first: it knows where the others are
from inquiries import InquiryCase
from offices import PATIENCE, Inbox, submit
from tones import RATE, read_wav
from two_offices import Gateway
from voices import Samples, expect_whole, found

LOUD = 1000  # of a recording or of speech; less is silence
PIECE = RATE // 50


class MediaCase(OfficesCase, InquiryCase):
    """From Hanako (a, 2000) to Taro (b, 2000). A telephone records each call in a file of its own."""

    settings = {"scenario": {"inquiry_pause": "2s"}}
    addressee: Party
    sender: Party

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.addressee = (cls.b, "2000")
        cls.sender = (cls.a, "2000")

    def send(self, subject: str, sound: Samples, scenario: str | None, **fields: str) -> Inbox:
        """A recording is content 2."""
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.voice_mail(subject, sound, scenario=scenario, fields=fields))
        return inbox

    # --- what was heard -----------------------------------------------------------------------------------------
    def calls(self, party: Party) -> list[pathlib.Path]:
        """The recordings of all calls of this telephone that had sound, the oldest first."""
        return self.telephone(*party).recordings()

    def hears_in(self, party: Party, before: int) -> pathlib.Path:
        """The recording of its first call after `before` ones, when it has begun."""
        return wait_for(lambda: self.calls(party)[before:], PATIENCE, "the telephone hears something")[0]

    @staticmethod
    def sound(path: pathlib.Path) -> Samples:
        return list(read_wav(path))

    @classmethod
    def loud_seconds(cls, path: pathlib.Path, begin: float = 0) -> float:
        """How long something was heard from second `begin` on."""
        sound = cls.sound(path)[round(begin * RATE):]
        return sum(max(map(abs, sound[at:at + PIECE])) > LOUD for at in range(0, len(sound), PIECE)) * PIECE / RATE

    def wait_heard(self, path: pathlib.Path, seconds: float, begin: float = 0) -> None:
        """Waits until so much sound has reached the telephone."""
        wait_for(lambda: self.loud_seconds(path, begin) >= seconds, PATIENCE, f"{seconds:g} s have been heard")

    def expect_heard(self, sound: Samples, path: pathlib.Path) -> None:
        expect_whole(self, sound, self.sound(path))

    def expect_not_heard(self, sound: Samples, path: pathlib.Path) -> None:
        self.assertNotIn(True, found(sound, self.sound(path)))

    # --- calls --------------------------------------------------------------------------------------------------
    def press(self, key: str) -> None:
        self.b.do("phone", "press", "2000", key)

    def expect_events(self, gateway: Gateway, mark: int, *events: str) -> None:
        """Everything that telephone 2000 has done since `mark`."""
        self.assertEqual([event["event"] for event in gateway.watch().since(mark, "2000")], list(events))

    def expect_connected_in_the_call(self, marks: tuple[int, int]) -> None:
        """The sender is rung while the addressee stays in his one call; then each hears the other."""
        for event in ("ringing", "talking"):
            self.expect(self.a, marks[0], "2000", event)
        self.expect_hear(self.addressee, self.sender)
        self.expect_events(self.a, marks[0], "ringing", "talking")
        events = [event["event"] for event in self.b.watch().since(marks[1], "2000")]
        self.assertEqual(events, ["ringing", "talking"][2 - len(events):])  # it may have rung before the mark

    def restart_killed(self) -> None:
        """kill -9 of the gateway that plays; its exchange and its telephones live on."""
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        wait_for(lambda: self.b.state_of("2000") != "unreachable", PATIENCE, "the telephone is known again")
