# SPDX-License-Identifier: Apache-2.0
"""Recordings of every kind are heard; those that are damaged, empty, too long or none at all are told to the sender."""
from __future__ import annotations

import pathlib
import random

from offices import Inbox, Mail, run, submit
from voices import VoiceCase, melody, wav

LONG = 3.0  # seconds: longer ones are not played here

# name, media subtype, options of sox for its output
BY_SOX = [
    ("PCM at 44.1 kHz with two channels, in WAV", "wav", ["-t", "wav", "-r", "44100", "-c", "2"]),
    ("µ-law in WAV", "x-wav", ["-t", "wav", "-e", "mu-law"]),
    ("A-law in WAV", "wav", ["-t", "wav", "-e", "a-law"]),
    ("audio/basic", "basic", ["-t", "ul"]),
    ("FLAC", "flac", ["-t", "flac"]),
    ("Vorbis in Ogg", "ogg", ["-t", "vorbis", "-r", "16000"]),
    ("MP3", "mpeg", ["-t", "mp3", "-r", "16000"]),
]
OPUS = ("Opus in Ogg", "ogg")
# Octets that are kept: what tells the kind is whole, what follows is noise.
BEGINNING = {"FLAC": 42, "Vorbis in Ogg": 1500, "MP3": 4, "Opus in Ogg": 60}


class Recordings(VoiceCase):
    settings = {**VoiceCase.settings, "mta": {"size_limit": "4MiB"}, "media": {"voice_length": "3s"},
                "service": {"calls_per_mail": 30}}

    def made(self, directory: pathlib.Path) -> list[tuple[str, str, bytes, list[int]]]:
        """Name, media subtype, octets, and how it sounds."""
        recordings = []
        for seed, (name, subtype, options) in enumerate(BY_SOX):
            sound = melody(1.2, seed=30 + seed)
            source, target = directory / f"{seed}.wav", directory / f"{seed}.out"
            source.write_bytes(wav(sound))
            run(["sox", "-D", str(source), *options, str(target)])
            recordings.append((name, subtype, target.read_bytes(), sound))
        sound = melody(1.2, seed=50)
        source, target = directory / "opus.wav", directory / "opus.out"
        source.write_bytes(wav(sound))
        run(["opusenc", "--quiet", str(source), str(target)])
        return [*recordings, (*OPUS, target.read_bytes(), sound)]

    def attached(self, mail: Mail, subtype: str, octets: bytes) -> None:
        mail.add_attachment(octets, "audio", subtype, filename="message")

    def test_every_kind_of_recording_is_heard(self) -> None:
        recordings = self.made(self.offices.directory)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        mail = self.voice_mail("every kind")
        for _, subtype, octets, _ in recordings:
            self.attached(mail, subtype, octets)
        submit(self.a, self.hanako, mail)
        result, *contents = self.blocks(inbox, 120)
        self.assertEqual(result["Result"], "success")
        self.assertEqual(len(contents), len(recordings) + 1)
        heard = self.recordings(self.b)[before:]
        for (name, _, _, sound), block, path in zip(recordings, contents, heard):
            with self.subTest(name):
                self.assertEqual((block["Medium"], block["Result"]), ("voice", "success"))
                self.assertEqual(block["Seconds-Heard"], "2")
                self.expect_heard(sound, path)

    def test_of_every_kind_one_that_is_damaged_is_told_and_the_rest_is_performed(self) -> None:
        """Cut off in the middle, and with noise behind its beginning. Half an MP3 is an MP3, as is half of sound without
        a header; WAV tells its length."""
        recordings = self.made(self.offices.directory)
        noise = random.Random(1).randbytes(2000)
        damaged = [(f"{name}, cut off", subtype, octets[:len(octets) // 2]) for name, subtype, octets, _ in recordings
                   if name not in ("MP3", "audio/basic")]
        damaged += [(f"{name}, then noise", subtype, octets[:BEGINNING[name]] + noise)
                    for name, subtype, octets, _ in recordings if name in BEGINNING]
        inbox = Inbox(self.a, self.hanako)
        mail = self.voice_mail("all damaged")
        for _, subtype, octets in damaged:
            self.attached(mail, subtype, octets)
        marks = self.marks()
        submit(self.a, self.hanako, mail)
        self.expect_call(marks, (self.b, "2000"), (self.a, "2000"))
        result, *contents = self.blocks(inbox, 90)
        self.assertEqual((result["Result"], result["Attempts"]), ("success", "1"))
        for number, (name, _, _) in enumerate(damaged, 2):
            with self.subTest(name):
                self.assert_failure(contents[number - 2], "voice", str(number), "bad-request")
        self.assert_success(contents[-1], "exchange", "exchange")

    def test_of_every_kind_one_that_is_too_long_is_told(self) -> None:
        source = self.offices.directory / "long.wav"
        source.write_bytes(wav(melody(LONG + 1, seed=62)))
        inbox = Inbox(self.a, self.hanako)
        mail = self.voice_mail("all too long")
        for place, (_, subtype, options) in enumerate(BY_SOX):
            target = self.offices.directory / f"long-{place}"
            run(["sox", "-D", str(source), *options, str(target)])
            self.attached(mail, subtype, target.read_bytes())
        target = self.offices.directory / "long-opus"
        run(["opusenc", "--quiet", str(source), str(target)])
        self.attached(mail, OPUS[1], target.read_bytes())
        submit(self.a, self.hanako, mail)
        body = self.result_mail(inbox, 90).get_body(("plain",))
        assert body is not None
        text = " ".join(body.get_content().split())
        for number, name in enumerate([*(name for name, _, _ in BY_SOX), OPUS[0]], 2):
            with self.subTest(name):
                self.assertRegex(text, f"コンテンツ{number}: [^.]*3s")

    def test_what_cannot_be_played_is_told_and_the_rest_is_performed(self) -> None:
        good = melody(1, seed=60)
        refused = [
            ("damaged", "wav", b"RIFF\x20\x00\x00\x00WAVEnothing of the kind", "壊れて"),
            ("cut off", "flac", b"fLaC\x00\x00\x00\x22" + bytes(20), "FLAC"),
            ("empty", "wav", b"", "空"),
            ("too long", "wav", wav(melody(LONG + 1, seed=61)), "3"),
            ("no recording at all", "mpeg", b"%PDF-1.4\n" + b"1 0 obj\n" * 40, "PDF"),
        ]
        inbox = Inbox(self.a, self.hanako)
        before = len(self.recordings(self.b))
        mail = self.voice_mail("not all can be played")
        for _, subtype, octets, _ in refused:
            self.attached(mail, subtype, octets)
        self.attached(mail, "mpeg", wav(good))  # what it is counts, not what it is called
        marks = self.marks()
        submit(self.a, self.hanako, mail)
        self.expect_call((marks[0], marks[1]), (self.b, "2000"), (self.a, "2000"))
        notice = self.result_mail(inbox)
        result, *contents = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        body = notice.get_body(("plain",))
        assert body is not None
        text = " ".join(body.get_content().split())
        for number, (name, _, _, reason) in enumerate(refused, 2):
            with self.subTest(name):
                self.assert_failure(contents[number - 2], "voice", str(number), "bad-request")
                self.assertRegex(text, f"コンテンツ{number}: [^.]*({reason})")
        self.assert_success(contents[-2], "voice", str(len(refused) + 2))
        self.assert_success(contents[-1], "exchange", "exchange")
        self.assertIn(result["Attempts"], ("2", "3"))  # two that rang, and perhaps a look at a telephone still in use
        self.expect_heard(good, self.recordings(self.b)[before])
