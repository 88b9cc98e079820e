# SPDX-License-Identifier: Apache-2.0
"""A SIP telephone of the test bed: a baresip without a screen. Its microphone is a tone of its own, and what it hears
is recorded, each call in a file of its own.

Where a gateway drives it (`ringpost phone …`), ctrl_tcp belongs to the gateway: baresip talks there with one program
at a time, and drops the one before when another connects. dial(), accept() and hang_up() are for tests without a
gateway.
"""
from __future__ import annotations

import json
import pathlib
import re
import shutil
import socket
from typing import BinaryIO

from asterisk import Line
from processes import Child
from tones import Recogniser, Samples, read_wav, write_tone
from two_offices import write_private

MICROPHONE = 300  # seconds of tone in one call, after which it is silent
MODULES = ("account.so", "g711.so", "aufile.so", "sndfile.so")
APPLICATIONS = ("menu.so", "ctrl_tcp.so")
RECOGNISER = Recogniser()


def baresip_modules() -> pathlib.Path:
    for directory in ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules"):
        if pathlib.Path(directory, "ctrl_tcp.so").exists():
            return pathlib.Path(directory)
    raise FileNotFoundError("baresip is not installed (package baresip-core)")


class Telephone:
    """The telephone of one line; `place` (0, 1, …) tells it apart from others on the same address."""

    def __init__(self, line: Line, domain: str, address: str, place: int, tone: int, directory: pathlib.Path) -> None:
        self.number = line.extension
        self.domain = domain
        self.address = address
        self.tone = tone
        self.directory = directory
        self.sip_port = 5100 + 10 * place
        self.control_port = 4400 + place
        self.process: Child | None = None
        self.unplugged = False
        directory.mkdir(mode=0o700, parents=True)
        self.recordings_directory.mkdir()
        write_tone(directory / "microphone.wav", tone, MICROPHONE)
        write_private(directory / "config", self._configuration(place))
        write_private(directory / "accounts", f"<sip:{self.number}@{address}>;auth_pass={line.password};regint=60;"
                                              "answermode=manual;audio_codecs=pcmu,pcma;mwi=no\n")
        write_private(directory / "contacts", "")

    def _configuration(self, place: int) -> str:
        rtp = 20000 + 200 * place
        rows = [f"net_interface {self.address}", f"sip_listen {self.address}:{self.sip_port}",
                f"ctrl_tcp_listen {self.address}:{self.control_port}", f"rtp_ports {rtp}-{rtp + 199}",
                # With a jitter buffer it drops all speech after Asterisk has changed the kind of a bridge.
                "jitter_buffer_delay 0-0",
                f"audio_source aufile,{self.directory}/microphone.wav", "audio_player none,none",
                "audio_alert none,none", "ausrc_srate 8000", "auplay_srate 8000", "ausrc_channels 1",
                "auplay_channels 1", f"snd_path {self.recordings_directory}", "call_local_timeout 600",
                f"module_path {baresip_modules()}"]
        rows += [f"module {name}" for name in MODULES] + [f"module_app {name}" for name in APPLICATIONS]
        return "\n".join(rows) + "\n"

    # --- its life -----------------------------------------------------------------------------------------------
    @property
    def name(self) -> str:
        return f"{self.domain} {self.number}"

    @property
    def control(self) -> str:
        """host:port of ctrl_tcp."""
        return f"{self.address}:{self.control_port}"

    def start(self) -> None:
        program = shutil.which("baresip")
        if program is None:
            raise FileNotFoundError("baresip is not installed (package baresip-core)")
        self.process = Child(f"telephone {self.name}", [program, "-4", "-f", str(self.directory)], self.directory,
                             self.directory / "log")

    def unplug(self) -> None:
        """It hangs up, unregisters and is away until plug_in()."""
        self.unplugged = True
        self.stop()

    def plug_in(self) -> None:
        self.start()
        self.unplugged = False

    def check_alive(self) -> None:
        if self.unplugged:
            return
        if self.process is None:
            raise RuntimeError(f"telephone {self.name} was never started")
        self.process.check_alive()

    def ask_to_stop(self) -> None:
        if self.process is not None:
            self.process.ask_to_stop()

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop(3)
            self.process = None

    # --- what it hears --------------------------------------------------------------------------------------------
    @property
    def recordings_directory(self) -> pathlib.Path:
        return self.directory / "recordings"

    def recordings(self) -> list[pathlib.Path]:
        """What it has heard in each call, the oldest first."""
        found = self.recordings_directory.glob("*-dec.wav")
        return sorted(found, key=lambda file: file.stat().st_mtime_ns)

    def recording(self) -> Samples[int] | None:
        """What it hears in its call, or has heard in the last one."""
        files = self.recordings()
        return read_wav(files[-1]) if files else None

    def heard(self, last: float | None = None) -> dict[int, float]:
        """Seconds of each tone in recording(), in its whole or in its last seconds."""
        samples = self.recording()
        if samples is None:
            return {}
        return RECOGNISER.heard(samples if last is None else samples[-round(last * 8000):])

    # --- without a gateway ----------------------------------------------------------------------------------------
    def command(self, name: str, parameters: str = "") -> str:
        """One command of baresip's menu; its answer."""
        request = json.dumps({"command": name, "params": parameters, "token": "bed"}).encode()
        with socket.create_connection((self.address, self.control_port), timeout=5) as connection:
            connection.sendall(b"%d:%s," % (len(request), request))
            with connection.makefile("rb") as stream:
                while True:
                    answer = read_netstring(stream)
                    if answer.get("token") == "bed":
                        return str(answer.get("data", ""))

    def dial(self, number: str) -> None:
        self.command("dial", number)

    def accept(self) -> None:
        self.command("accept")

    def hang_up(self) -> None:
        self.command("hangup")

    def ends(self) -> list[str]:
        """How each call that was refused has ended: `404 Not Found`."""
        return re.findall(r"session closed: (.*)", self.process.log.read_text(encoding="utf-8")) if self.process else []


def read_netstring(stream: BinaryIO) -> dict[str, object]:
    size = b""
    while not size.endswith(b":"):
        octet = stream.read(1)
        if not octet:
            raise ConnectionError("baresip has closed the connection")
        size += octet
    found: dict[str, object] = json.loads(stream.read(int(size[:-1])))
    stream.read(1)
    return found
