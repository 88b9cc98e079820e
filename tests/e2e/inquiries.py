# SPDX-License-Identifier: Apache-2.0
"""A case for reception inquiries: the questions, and how the addressee answers them."""
from __future__ import annotations

from typing import Any

from offices import Inbox, Mail, compose, submit
from two_offices import wait_for
from voices import VoiceCase, melody

ASK = "pause = message exchange\n"
PLAY_AND_ASK = "play = message 2\n" + ASK


class InquiryCase(VoiceCase):
    settings = {"exchange": {"simulated_recordings": "recordings"}, "scenario": {"inquiry_pause": "2s"}}

    def ask(self, subject: str, scenario: str = PLAY_AND_ASK, monitor_time: str = "60s", voices: int = 1) -> str:
        """The number of the request."""
        inbox = Inbox(self.a, self.hanako)
        sounds = [melody(0.5, seed=90 + place) for place in range(voices)]
        submit(self.a, self.hanako, self.voice_mail(subject, *sounds, scenario=scenario,
                                                    fields={"Ringpost-Monitor-Time": monitor_time}))
        return inbox.completed()["Request-Number"]

    def asked(self, number: str) -> dict[str, Any] | None:
        contents = self.b.ask("request", "show", number)["contents"]
        return next((part for part in contents
                     if part["medium"] == "inquiry" and part["state"] == "dialling-second"), None)

    def question(self, number: str) -> dict[str, Any]:
        """The part of the request that asks, when somebody listens to it, or will as soon as it has been spoken."""
        return wait_for(lambda: self.asked(number), 30, "the question is asked at the telephone")

    def answer_by_key(self, number: str, key: str) -> None:
        """As a person does: again, until it has been understood. What is pressed before the question is heard is not."""
        def understood() -> bool:
            if self.asked(number) is None:
                return True
            self.b.do("phone", "press", "2000", key)
            return False

        self.question(number)
        wait_for(understood, 30, f"key {key} is understood")

    def inquiry_mail(self, inbox: Inbox) -> Mail:
        return inbox.wait(lambda mail: mail["Message-ID"].startswith("<ringpost-inquiry."), "an inquiry mail", 20)

    def reply(self, inquiry: Mail, word: str, user: Any = None) -> None:
        user = user or self.taro
        submit(self.b, user, compose(user["address"], inquiry["From"].addresses[0].addr_spec, "Re: the question",
                                     text=word + "\n\n> quoted\n", fields={"In-Reply-To": inquiry["Message-ID"]}))

    def result(self, inbox: Inbox) -> dict[str, str]:
        return self.blocks(inbox, 60)[0]

    def rings(self, mark: int) -> int:
        return len(list(self.b.watch().since(mark, "2000", "ringing")))
