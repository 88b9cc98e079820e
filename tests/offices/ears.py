# SPDX-License-Identifier: Apache-2.0
"""What the telephones of the test bed hear in each scene of the demonstration; the recordings are kept."""
from __future__ import annotations

import pathlib
import shutil
from typing import Any

from bed_offices import BedOffices
from telephone import RECOGNISER, Telephone
from tones import read_wav, write_wav
from two_offices import Gateway


class BedEars:
    """See Ears of scripts/lib/demo.py."""

    def __init__(self, offices: BedOffices, directory: pathlib.Path) -> None:
        self._offices = offices
        self._directory = directory
        self._known: set[pathlib.Path] = set()

    def begin(self, scene: str) -> None:
        shutil.rmtree(self._directory / scene, ignore_errors=True)
        self._known = {file for telephone in self._offices.phones() for file in telephone.recordings()}

    def both_hear(self, first: tuple[Gateway, str], second: tuple[Gateway, str]) -> str:
        one, other = (self._offices.telephone(*each) for each in (first, second))
        self._offices.wait_both_hear(one, other)
        return f" and hear each other ({one.tone} Hz and {other.tone} Hz)"

    def end(self, scene: str) -> list[dict[str, Any]]:
        """One row for each telephone that was in a call."""
        self._offices.hang_up_all()
        rows = (self._row(telephone, self._directory / scene) for telephone in self._offices.phones())
        return [row for row in rows if row["recordings"]]

    def fax_machine(self) -> tuple[str, pathlib.Path]:
        """Asterisk's own, of office A (asterisk/extensions.conf)."""
        asterisk = self._offices.bed.a.asterisk
        return f"+{asterisk.site.e164}80", asterisk.home / "fax"

    def _row(self, telephone: Telephone, directory: pathlib.Path) -> dict[str, Any]:
        kept: list[dict[str, Any]] = []
        for file in telephone.recordings():
            if file not in self._known:
                name = f"{telephone.domain.partition('.')[0]}-{telephone.number}-{len(kept) + 1}.wav"
                kept.append(self._keep(file, directory / name))
        told = ", ".join(f"{each['file']} (heard {self._words(each['heard'])})" for each in kept)
        return {"office": telephone.domain, "number": telephone.number, "sends_hz": telephone.tone, "recordings": kept,
                "evidence": f"{telephone.name} sends {telephone.tone} Hz, recorded {told}"}

    @staticmethod
    def _keep(file: pathlib.Path, place: pathlib.Path) -> dict[str, Any]:
        place.parent.mkdir(parents=True, exist_ok=True)
        samples = read_wav(file)
        write_wav(place, samples)
        return {"file": str(place), "heard": {str(hz): time for hz, time in RECOGNISER.heard(samples).items()}}

    @staticmethod
    def _words(heard: dict[str, float]) -> str:
        return " and ".join(f"{hz} Hz for {time:g} s" for hz, time in heard.items()) or "silence"
