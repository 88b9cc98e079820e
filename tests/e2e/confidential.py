# SPDX-License-Identifier: Apache-2.0
"""Confidential mail in the tests: gateways with a key, and a search for what nobody may read."""
from __future__ import annotations

import pathlib

from offices import Gateway, Mail, build_directory, compose, run
from two_offices import Settings, TwoOffices

CONFIDENTIAL = {"Ringpost-Service": "confidential"}
KEYS: Settings = {"confidential": {"key_file": "keys", "pin_time": "3s", "pin_pause": "1s"}}
WORD = "Rumpelstilzchen"


class WithKeys(TwoOffices):
    """Each gateway has a key file of its own, made as an administrator would."""

    def _office(self, name: str, other: str, ports: dict[str, dict[str, int]]) -> Gateway:
        gateway = super()._office(name, other, ports)
        new_key(gateway)
        return gateway


def with_keys(settings: Settings) -> TwoOffices:
    return WithKeys(build_directory(), settings)


def new_key(gateway: Gateway) -> None:
    run([str(gateway.command), "confidential", "new-key", str(gateway.directory / "keys")])


def secret_mail(sender: str, to: str, more: int = 0, **fields: str) -> Mail:
    """Subject and text hold WORD; `more` octets of text follow."""
    wanted = {**CONFIDENTIAL, **{name.replace("_", "-"): value for name, value in fields.items()}}
    lines = "\n".join(f"{place} {WORD} {place}" for place in range(more // (len(WORD) + 8)))
    return compose(sender, to, f"About {WORD}", f"The name is {WORD}.\n{lines}\n", fields=wanted)


def found_on_disk(gateway: Gateway, word: str = WORD) -> list[pathlib.Path]:
    """Every file of the gateway that holds the word: database, its log, spool, what it has logged."""
    assert gateway.state.is_dir()
    files = [path for path in gateway.directory.rglob("*") if path.is_file()]
    assert any(path.name == "ringpost.db" for path in files)
    return [path for path in files if word.encode() in path.read_bytes()]
