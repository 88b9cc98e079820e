# SPDX-License-Identifier: Apache-2.0
"""For comparison: Asterisk's own Playback and SendFAX on one core, in the same run as the gateway's.

Playback goes to RTP channels that lead here, and the kernel stamps each packet when it arrives. FAXes go over a Local channel
to Asterisk's own ReceiveFAX, as the gateway's go to FAX machines of the built-in exchange: both ends are on the core.
"""
from __future__ import annotations

import math
import os
import pathlib
import re
import resource
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import wave
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
for folder in (ROOT / "scripts" / "lib", ROOT / "tests" / "offices"):
    sys.path.insert(0, str(folder))

from asterisk import SITE_A, Asterisk, asterisk_root  # noqa: E402  (the paths come first)
from bed import Address  # noqa: E402
from two_offices import TimedOut, wait_for  # noqa: E402

FRAME = 0.020
RATE = 8000
SO_TIMESTAMPNS = 35  # Linux; the socket module does not name it
A_FAX = 300.0
DIALPLAN = """
[bench]
exten => play,1,Playback({sound})
exten => receive,1,Answer()
 same => n,ReceiveFAX({received}/${{UNIQUEID}}.tif)
[bench-send]
exten => send,1,SendFAX({page})
exten => h,1,Set(GLOBAL(BENCH_SENT)=${{BENCH_SENT}} ${{FAXSTATUS}})
"""


class OneCore:
    """An Asterisk that is kept on one core, and what it uses of it."""

    def __init__(self, directory: pathlib.Path, seconds: int) -> None:
        self.address = Address()
        home = directory / "asterisk"
        self.asterisk = Asterisk(asterisk_root(), home, SITE_A, self.address.name, self.address.name, [])
        sound, page = directory / "bench", directory / "page.tif"
        write_sound(sound.with_suffix(".wav"), seconds)
        draw_page(page)
        self.append("extensions.conf", DIALPLAN.format(sound=sound, page=page, received=home / "fax"))
        rtp = home / "etc" / "rtp.conf"
        rtp.write_text(re.sub(r"(?m)^rtpend = .*$", "rtpend = 29998", rtp.read_text(encoding="utf-8")), encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        with open(self.asterisk.home / "etc" / name, "a", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self) -> OneCore:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # Asterisk has it from us
        self.asterisk.start()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        self.asterisk.wait_ready()
        assert self.asterisk.child is not None
        self.pid = self.asterisk.child.process.pid
        core = {min(os.sched_getaffinity(0))}
        for thread in os.listdir(f"/proc/{self.pid}/task"):
            os.sched_setaffinity(int(thread), core)  # threads that come later are kept there too
        return self

    def __exit__(self, *_: object) -> None:
        self.asterisk.stop()
        self.address.close()

    def cpu_seconds(self) -> float:
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def mib(self) -> float:
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def originate(self, endpoint: str, context: str, extension: str) -> None:
        status, answer = self.asterisk.ari("POST", "/channels", endpoint=endpoint, context=context, extension=extension,
                                           priority="1", timeout="30")
        if status != 200:
            raise RuntimeError(f"{endpoint} cannot be called: {status} {answer}")

    def variable(self, name: str) -> str:
        status, answer = self.asterisk.ari("GET", "/asterisk/variable", variable=name)
        return str(answer["value"]) if status == 200 else ""


def write_sound(path: pathlib.Path, seconds: int) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(struct.pack(f"<{RATE * seconds}h", *(int(8000 * math.sin(i / 3)) for i in range(RATE * seconds))))


def draw_page(path: pathlib.Path) -> None:
    """The page that the gateway's bench sends: fifty lines of text on A4."""
    lines = "".join(f"40 {800 - 15 * line} moveto ({line}. A page of text, as it is written in offices every day.) show\n"
                    for line in range(1, 51))
    subprocess.run(["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=tiffg4", "-r204x196", "-g1728x2290",
                    f"-sOutputFile={path}", "-"], check=True, text=True,
                   input=f"%!PS\n/Helvetica findfont 11 scalefont setfont\n{lines}showpage\n")


class Streams:
    """RTP that arrives at one port, told apart by its source (SSRC), with the time at which the kernel has it."""

    def __init__(self, address: str) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.settimeout(0.2)
        self.arrivals: dict[bytes, list[float]] = {}  # each against its own timestamp, in ms

    def take(self) -> bool:
        """One packet; false: none came for a while."""
        try:
            packet, ancillary, _, _ = self.socket.recvmsg(2048, 64)
        except TimeoutError:
            return False
        seconds, nanoseconds = struct.unpack("=qq", ancillary[0][2][:16])
        stamp = struct.unpack(">I", packet[4:8])[0]
        self.arrivals.setdefault(packet[8:12], []).append(seconds * 1000 + nanoseconds / 1e6 - stamp * 1000 / RATE)
        return True

    def late(self) -> list[float]:
        """Against the earliest packet of the same stream, without its first second, in which it finds its pace."""
        return [at - min(stream[50:]) for stream in self.arrivals.values() for at in stream[50:]]


def told(late: list[float]) -> str:
    rows = sorted(late)
    return (f"p50 {rows[len(rows) // 2]:.2f} ms, p99 {rows[len(rows) * 99 // 100]:.2f} ms, worst {rows[-1]:.2f} ms "
            f"of {len(rows)}")


def playbacks(asterisk: OneCore, count: int) -> list[dict[str, Any]]:
    streams = Streams(asterisk.address.name)
    before, cpu, begun = asterisk.mib(), asterisk.cpu_seconds(), time.monotonic()
    host, port = streams.socket.getsockname()
    pid = os.fork()  # calls while we listen
    if pid == 0:
        try:
            for _ in range(count):
                asterisk.originate(f"UnicastRTP/{host}:{port}/c(ulaw)", "bench", "play")
            os._exit(0)
        except BaseException as error:  # reported by the exit status
            print(error, file=sys.stderr)
            os._exit(1)
    most, silent, look = before, 0, begun
    while silent < 10:
        silent = 0 if streams.take() else silent + 1
        if time.monotonic() > look:
            most, look = max(most, asterisk.mib()), time.monotonic() + 1
    _, status = os.waitpid(pid, 0)
    if status != 0 or len(streams.arrivals) != count:
        raise RuntimeError(f"{len(streams.arrivals)} of {count} were played")
    share = (asterisk.cpu_seconds() - cpu) / (time.monotonic() - begun - 2)
    wait_for(lambda: not asterisk.asterisk.channels(), 30, "all calls are over")
    return [{"what": f"Asterisk's own Playback, {count} at the same time on one core: how late a packet arrives", "goal": "",
             "measured": f"{told(streams.late())}; {share:.0%} of the core, their calls included; "
                         f"{(most - before) / count:.2f} MiB for each", "ok": True}]


def faxes(asterisk: OneCore, count: int) -> list[dict[str, Any]]:
    before, cpu, begun = asterisk.mib(), asterisk.cpu_seconds(), time.monotonic()
    for _ in range(count):
        asterisk.originate("Local/receive@bench/n", "bench-send", "send")
    most = before

    def over() -> bool:
        nonlocal most
        most = max(most, asterisk.mib())
        return not asterisk.asterisk.channels()

    try:
        wait_for(over, A_FAX, "all FAXes are over")
        end = ""
    except TimedOut:
        end = f"; {len(asterisk.asterisk.channels())} channels were still at it"
    took = time.monotonic() - begun
    sent = asterisk.variable("BENCH_SENT").split().count("SUCCESS")
    share = (asterisk.cpu_seconds() - cpu) / took
    asterisk.asterisk.hang_up_all()
    return [{"what": f"Asterisk's own SendFAX to its own ReceiveFAX, {count} pages at the same time on one core", "goal": "",
             "measured": f"{sent} sent in {took:.0f} s{end}; {share:.0%} of the core; "
                         f"{(most - before) / count:.2f} MiB for each pair", "ok": True}]


def measure(count: int, seconds: int, documents: int) -> list[dict[str, Any]]:
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ringpost-bench-asterisk-"))
    try:
        with OneCore(directory, seconds) as asterisk:
            return playbacks(asterisk, count) + faxes(asterisk, documents)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    for row in measure(*(int(word) for word in sys.argv[1:4])):
        print(row)
