# SPDX-License-Identifier: Apache-2.0
"""Recordings for the tests, what the telephones heard of them, and a case whose exchanges record it."""
from __future__ import annotations

import io
import itertools
import math
import operator
import pathlib
import random
import struct
import unittest
import wave
from collections.abc import Iterator

from offices import AT_ONCE, Gateway, Inbox, Mail, OfficesCase, blocks_of, compose
from two_offices import wait_for

RATE = 8000
ENDED = ("connected", "failed", "cancelled", "expired")
SCENARIO_TYPE = ("application", "vnd.ringpost.scenario")
NOTE = 0.09          # seconds
PITCHES = (220, 247, 277, 294, 330, 370, 415, 440)  # low: they are compared at a low sampling rate
SLOW = 8             # so many samples become one for that
SLOW_RATE = RATE // SLOW
SHIFTS = range(0, SLOW, 2)  # samples: it may begin at any one, and half a slow sample too late is another sound
PIECE = SLOW_RATE // 2
Samples = list[int]


def melody(seconds: float, seed: int) -> Samples:
    """Notes in an order that no other seed has: a recording that is recognised by its sound."""
    pitches = random.Random(seed)
    phase, samples = 0.0, []
    step = 0.0
    for place in range(int(RATE * seconds)):
        if place % int(NOTE * RATE) == 0:
            step = 2 * math.pi * pitches.choice(PITCHES) / RATE
        phase += step
        samples.append(int(9000 * math.sin(phase)))
    return samples


def wav(samples: Samples) -> bytes:
    """8 kHz, one channel, 16 bit."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(struct.pack(f"<{len(samples)}h", *samples))
    return file.getvalue()


def heard_at(path: pathlib.Path) -> Samples:
    """A recording of the exchange, also one that still grows: its header tells no length yet."""
    octets = path.read_bytes()[44:]
    return list(struct.unpack(f"<{len(octets) // 2}h", octets[:len(octets) // 2 * 2]))


def slowly(samples: Samples) -> list[float]:
    return [sum(samples[at:at + SLOW]) / SLOW for at in range(0, len(samples) - SLOW + 1, SLOW)]


def verdicts(original: Samples, heard: Samples) -> Iterator[bool]:
    """For each half second of `original`, in order: whether it is in `heard`, behind what was found before."""
    pieces = slowly(original)
    sounds = [slowly(heard[shift:] + [0] * SLOW) for shift in SHIFTS]
    energies = [list(itertools.accumulate((sample * sample for sample in sound), initial=0.0)) for sound in sounds]
    # Places: slow samples, each at every shift; the last ones reach into what is behind the end.
    begin, end = 0, (len(heard) // SLOW - PIECE + 1) * len(SHIFTS)
    for at in range(0, len(pieces) - PIECE + 1, PIECE):
        piece = pieces[at:at + PIECE]
        own = sum(map(operator.mul, piece, piece))

        def alike(place: int) -> bool:
            """Their correlation is above 0.8."""
            first, shift = divmod(place, len(SHIFTS))
            energy = own * (energies[shift][first + PIECE] - energies[shift][first])
            likeness = sum(map(operator.mul, piece, sounds[shift][first:first + PIECE])) if energy > 0 else 0.0
            return likeness > 0.8 * math.sqrt(energy)

        # Behind a piece the next one is expected; sound that was late on a loaded machine leaves a gap.
        reach = range(begin, min(end, begin + 3 * SLOW_RATE * len(SHIFTS) + 1))
        best = next((place for place in reach if alike(place)), None)
        yield best is not None
        begin = begin if best is None else best + PIECE * len(SHIFTS)


def found(original: Samples, heard: Samples) -> list[bool]:
    return list(verdicts(original, heard))


def whole(original: Samples, heard: Samples) -> bool:
    """All of it was heard; one half second in ten may be torn by a machine that was slow."""
    pieces = len(original) // SLOW // PIECE
    missing = itertools.accumulate(not verdict for verdict in verdicts(original, heard))
    return pieces > 0 and all(count <= pieces // 10 for count in missing)


def played(original: Samples, heard: Samples) -> bool:
    """Whole, anywhere in what was heard. Takes its time: not while somebody is to press a key."""
    reach = 8 * len(original) + 2 * RATE  # samples: before each of its pieces there may be 3 s
    return any(whole(original, heard[begin:begin + reach]) for begin in range(0, len(heard), RATE))


def gaps(heard: Samples, longest: int) -> list[tuple[int, int]]:
    """Silences of more than `longest` samples: the last sample before each, and the first behind it."""
    loud = [at for at, sample in enumerate(heard) if sample]
    return [(at, behind) for at, behind in itertools.pairwise(loud) if behind - at > longest]


def silences(heard: Samples) -> list[str]:
    """Between sounds, longer than 20 ms: where what came too late has left a gap, and pauses."""
    return [f"{(behind - at) * 1000 // RATE} ms at {at / RATE:.2f} s" for at, behind in gaps(heard, RATE // 50)]


def expect_whole(case: unittest.TestCase, original: Samples, heard: Samples) -> None:
    if not whole(original, heard):
        case.fail(f"{found(original, heard)} of the recording in {len(heard) / RATE:g} s, silences: {silences(heard)}")


class VoiceCase(OfficesCase):
    """What the telephones hear is recorded by their exchange."""

    settings = {"exchange": {"simulated_recordings": "recordings"}}

    def voice_mail(self, subject: str, *sounds: bytes | Samples, scenario: str | None = None,
                   fields: dict[str, str] | None = None) -> Mail:
        """From Hanako to Taro, at once; its first recording is content 2. Samples become a WAV."""
        mail = compose(self.hanako["address"], self.taro["address"], subject, fields={**AT_ONCE, **(fields or {})})
        for sound in sounds:
            octets = sound if isinstance(sound, bytes) else wav(sound)
            mail.add_attachment(octets, "audio", "wav", filename="message.wav")
        if scenario is not None:
            mail.add_attachment(scenario.encode(), *SCENARIO_TYPE, filename="plan.scenario")
        return mail

    def blocks(self, inbox: Inbox, seconds: float = 40) -> list[dict[str, str]]:
        """Of the one result: the whole, then each content."""
        return blocks_of(self.result_mail(inbox, seconds)) or []

    def result_mail(self, inbox: Inbox, seconds: float = 40) -> Mail:
        return inbox.wait(lambda mail: "Result" in (blocks_of(mail) or [{}])[0], "a result notice", seconds)

    @staticmethod
    def recordings(gateway: Gateway, number: str = "2000") -> list[pathlib.Path]:
        """Of every call in which this telephone was, oldest first."""
        return sorted((gateway.state / "recordings").glob(f"{number}-*.wav"),
                      key=lambda path: int(path.stem.rpartition("-")[2]))

    def expect_heard(self, sound: Samples, path: pathlib.Path) -> None:
        expect_whole(self, sound, heard_at(path))

    def hears(self, before: int, gateway: Gateway | None = None) -> pathlib.Path:
        """The recording of the first call after `before` ones, when it has begun."""
        office = gateway or self.b
        return wait_for(lambda: self.recordings(office)[before:], 20, "the telephone hears something")[0]

    def hears_seconds(self, path: pathlib.Path, seconds: float) -> None:
        """Waits until so much of the sound has reached the telephone."""
        loud = 160  # samples: less is silence

        def enough() -> bool:
            return sum(abs(sample) > 1000 for sample in heard_at(path)[::loud]) * loud / RATE >= seconds * 0.8

        wait_for(enough, 20, f"{seconds:g} s have been heard")

    def in_order(self, gateway: Gateway, number: str) -> bool:
        """Whether the request has ended; until then no step may have begun before all of the one before has ended."""
        shown = gateway.ask("request", "show", number)
        parts = shown["contents"]
        newest = max((part["step"] for part in parts), default=0)
        late = [part for part in parts if part["step"] < newest and part["state"] not in ENDED]
        self.assertEqual(late, [], parts)
        return shown["state"] in ENDED

    def expect_voice(self, mark: int, seconds: float = 20) -> None:
        """The telephone of Taro rings, is answered and is idle again."""
        for event in ("ringing", "talking", "idle"):
            self.expect(self.b, mark, "2000", event, seconds)

    def assert_success(self, block: dict[str, str], medium: str, content: str) -> None:
        self.assertEqual((block.get("Content"), block.get("Medium"), block.get("Result")), (content, medium, "success"),
                         block)

    def assert_failure(self, block: dict[str, str], medium: str, content: str, cause: str) -> None:
        self.assertEqual((block.get("Content"), block.get("Medium"), block.get("Result"), block.get("Cause")),
                         (content, medium, "failure", cause), block)
