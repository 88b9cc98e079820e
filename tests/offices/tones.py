# SPDX-License-Identifier: Apache-2.0
"""Tones by which telephones are told apart: each sends one of its own, and a recording tells which ones were heard."""
from __future__ import annotations

import array
import math
import operator
import pathlib
import struct
import sys
import wave
from collections.abc import Iterable

RATE = 8000
BLOCK = RATE // 10   # 100 ms, in which a tone is heard or not; resolves 10 Hz
AUDIBLE = 200.0      # amplitude, of 32767; the tones are sent with AMPLITUDE
AMPLITUDE = 8000.0
SHARE = 0.05         # of the energy of a block: three talking telephones are heard, noise and crackling are not
# No one is a multiple of another, nor one of the tones that an exchange itself makes (below 500 Hz).
TONES = (700, 850, 1030, 1190, 1310, 1490, 1670, 1870, 2110, 2330)

Samples = array.array  # of 'h': 16 bit, mono, RATE in a second


def second_of(hz: int) -> Samples[int]:
    """One second of a tone; it begins and ends at 0, so that any number of them make one unbroken tone."""
    return array.array("h", (round(AMPLITUDE * math.sin(2 * math.pi * hz * n / RATE)) for n in range(RATE)))


def key_1_again_and_again(seconds: int) -> Samples[int]:
    """Its two tones (ITU-T Q.23) for 150 ms in every two seconds, and silence."""
    key = array.array("h", (round(AMPLITUDE / 2 * (math.sin(2 * math.pi * 697 * n / RATE) +
                                                   math.sin(2 * math.pi * 1209 * n / RATE))) for n in range(RATE * 3 // 20)))
    return (array.array("h", bytes(2 * (2 * RATE - len(key)))) + key) * (seconds // 2)


def write_wav(path: pathlib.Path, samples: Samples[int]) -> None:
    if sys.byteorder == "big":
        samples = array.array("h", samples)
        samples.byteswap()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def write_tone(path: pathlib.Path, hz: int, seconds: int) -> None:
    write_wav(path, second_of(hz) * seconds)


def read_wav(path: pathlib.Path) -> Samples[int]:
    """The samples of a mono 16-bit WAV file of 8 kHz, also of one that is still being written: its length is that of
    the file, for the header tells it only in the end."""
    octets = path.read_bytes()
    samples: Samples[int] = array.array("h")
    place = 12
    while place + 8 <= len(octets):
        name, size = struct.unpack_from("<4sI", octets, place)
        place += 8
        if name == b"fmt ":
            kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", octets, place)
            if (channels, rate, bits) != (1, RATE, 16) or kind not in (1, 0xFFFE):
                raise ValueError(f"{path}: {channels} channels, {rate} Hz, {bits} bit, format {kind}")
        if name == b"data":
            samples.frombytes(octets[place:place + (len(octets) - place) // 2 * 2])
            break
        place += size + size % 2
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


class Recogniser:
    """Tells which of some tones a recording has. Each is looked for as Goertzel's algorithm does: one bin of the
    Fourier transform of each block."""

    def __init__(self, tones: Iterable[int] = TONES) -> None:
        angles = {hz: [2 * math.pi * hz * n / RATE for n in range(BLOCK)] for hz in tones}
        self._waves = {hz: (list(map(math.cos, each)), list(map(math.sin, each))) for hz, each in angles.items()}

    def heard(self, samples: Samples[int]) -> dict[int, float]:
        """Seconds for which each tone was heard; without those that never were."""
        seconds: dict[int, float] = {}
        for start in range(0, len(samples) - BLOCK + 1, BLOCK):
            for hz in self._in_block(samples[start:start + BLOCK]):
                seconds[hz] = round(seconds.get(hz, 0.0) + BLOCK / RATE, 1)
        return seconds

    def _in_block(self, block: Samples[int]) -> list[int]:
        energy = sum(map(operator.mul, block, block))
        if energy < BLOCK * AUDIBLE * AUDIBLE / 2:
            return []
        found = []
        for hz, (cosine, sine) in self._waves.items():
            power = sum(map(operator.mul, block, cosine)) ** 2 + sum(map(operator.mul, block, sine)) ** 2
            amplitude = 2 * math.sqrt(power) / BLOCK
            if amplitude >= AUDIBLE and amplitude * amplitude * BLOCK / 2 >= SHARE * energy:
                found.append(hz)
        return found
