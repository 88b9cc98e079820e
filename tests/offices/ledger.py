# SPDX-License-Identifier: Apache-2.0
"""What an exchange has written of its channels (cel.conf): for certain, and whatever becomes of the gateways."""
from __future__ import annotations

import collections
import dataclasses
import re

from asterisk import Asterisk

OURS = re.compile(r"rp-(?P<gateway>.+)-(?P<attempt>\d+)-(?P<leg>[12])")  # a leg that a gateway has dialled


@dataclasses.dataclass(frozen=True)
class Entry:
    event: str    # CHAN_START: it was made, so that its telephone is rung, or rings; ANSWER; CHAN_END
    channel: str  # its id
    device: str   # PJSIP/2000, or PJSIP/trunk

    @property
    def ours(self) -> re.Match[str] | None:
        return OURS.fullmatch(self.channel)


class Ledger:
    """The entries after this was made."""

    def __init__(self, exchange: Asterisk) -> None:
        self._exchange = exchange
        self._begin = len(self._lines())

    def _lines(self) -> list[str]:
        try:
            return self._exchange.ledger.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:  # no channel yet
            return []

    def entries(self) -> list[Entry]:
        rows = (line.split() for line in self._lines()[self._begin:])
        return [Entry(event, channel, name.rpartition("-")[0]) for event, channel, name in rows]

    def dialled(self, device: str | None = None) -> list[Entry]:
        """The legs that gateways have dialled, or those to one device."""
        return [entry for entry in self.entries()
                if entry.event == "CHAN_START" and entry.ours and device in (None, entry.device)]

    def dialled_twice(self) -> list[str]:
        """Ids of legs that were made more than once."""
        counts = collections.Counter(entry.channel for entry in self.dialled())
        return [channel for channel, count in counts.items() if count > 1]

    def dialled_after_answer(self) -> list[Entry]:
        """First legs to a device that had answered a first leg before."""
        answered: set[str] = set()
        found = []
        for entry in self.entries():
            if entry.ours and entry.ours["leg"] == "1":
                if entry.event == "ANSWER":
                    answered.add(entry.device)
                elif entry.event == "CHAN_START" and entry.device in answered:
                    found.append(entry)
        return found
