# SPDX-License-Identifier: Apache-2.0
"""A FAX machine that nobody here wrote: HylaFAX's faxgetty at an IAXmodem, which is a subscriber of an Asterisk.

Both run from files of their own. Both want to be started by root, and go on as Debian's user uucp. The modem takes calls
from anybody, on all addresses of this machine: it can be told neither a password nor an address for them.
"""
from __future__ import annotations

import os
import pathlib
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable

from asterisk import Asterisk
from processes import tail
from two_offices import free_ports, temporary_directory, wait_for, write_private

MODEM_CONFIGURATIONS = pathlib.Path("/etc/iaxmodem")  # it takes them from nowhere else
MODULE = "chan_iax2.so"
SUBSCRIBER = "hylafax"
STATION = "HylaFAX"          # what it calls itself (T.30: CSI)
BUSY_AFTER_A_CALL = 5.0      # seconds: so long the modem refuses calls after it has hung up (iaxmodem.c)
STARTING = 40.0              # seconds: faxgetty takes 10 to set up a modem
# Ends the command when its input ends: whatever becomes of us, and though root's processes are not ours to end.
LEASH = '"$@" & read -r _; kill -9 "$!"; wait "$!"'


def as_root(*words: str) -> list[str]:
    return list(words) if os.geteuid() == 0 else ["sudo", "-n", *words]


class Leashed:
    """A process of root."""

    def __init__(self, name: str, words: list[str], log: pathlib.Path) -> None:
        self.name, self.log = name, log
        with open(log, "ab") as output:
            self._process = subprocess.Popen(as_root("sh", "-c", LEASH, "sh", *words), stdin=subprocess.PIPE,
                                             stdout=output, stderr=output, start_new_session=True)

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class HylaFax:
    """`asterisk` knows it as DEVICE after subscribe(), which comes before its start."""

    DEVICE = f"IAX2/{SUBSCRIBER}/fax"

    def __init__(self, asterisk: Asterisk, error_correction: bool) -> None:
        for program in ("iaxmodem", "faxgetty"):
            if not shutil.which(program, path=os.defpath + ":/usr/sbin"):
                raise RuntimeError(f"{program} is missing (scripts/lib/packages, group foreign)")
        self._asterisk = asterisk
        self._secret = secrets.token_hex(12)
        self._processes: list[Leashed] = []
        self.directory = temporary_directory()
        self.directory.chmod(0o755)  # for uucp, and for us what uucp writes
        self.spool = self.directory / "spool"
        self._terminal = self.directory / "tty"
        self._place = str(self._terminal).replace("/", "_")  # how faxgetty names what belongs to the modem
        for name in ("archive", "bin", "client", "dev", "etc", "info", "lock", "log", "recvq", "status", "tmp"):
            (self.spool / name).mkdir(mode=0o755, parents=True)
        write_private(self.spool / "etc" / f"config.{self._place}", self._faxgetty_settings(error_correction))
        write_private(self.directory / "modem", self._modem_settings())

    def _faxgetty_settings(self, error_correction: bool) -> str:
        return (f"UUCPLockDir: {self.spool}/lock\nUUCPLockType: ascii\nModemType: Class1\nPagerTTYParity: none\n"
                "Class1AdaptRecvCmd: AT+FAR=1\nRingsBeforeAnswer: 1\nCountryCode: 81\nFAXNumber: +81.44.111.2280\n"
                f"LocalIdentifier: {STATION}\nClass1ECMSupport: {'yes' if error_correction else 'no'}\n"
                "RecvFileMode: 0644\nLogFileMode: 0644\nServerTracing: 0x3\nSessionTracing: 0xFFF\n")

    def _modem_settings(self) -> str:
        return (f"device {self._terminal}\nowner uucp:uucp\nmode 660\nport {free_ports(1)[0]}\nrefresh 60\n"
                f"server {self._asterisk.address}\npeername {SUBSCRIBER}\nsecret {self._secret}\ncodec ulaw\n")

    def subscribe(self) -> None:
        """The modem is older than call tokens, with which Asterisk keeps off callers of false addresses."""
        write_private(self._asterisk.home / "etc" / "iax.conf",
                      f"[general]\nbindaddr = {self._asterisk.address}\ndisallow = all\nallow = ulaw\n"
                      f"[{SUBSCRIBER}]\ntype = friend\nhost = dynamic\nsecret = {self._secret}\n"
                      "context = nowhere\nrequirecalltoken = no\n")

    def start(self) -> None:
        """Returns when faxgetty waits for calls."""
        subprocess.run(as_root("chown", "-R", "uucp:uucp", str(self.spool)), check=True)
        configuration = os.path.relpath(self.directory / "modem", MODEM_CONFIGURATIONS)
        self._launch("IAXmodem", ["stdbuf", "-oL", "iaxmodem", configuration])
        self._wait(self._terminal.exists, "IAXmodem has made its terminal")
        self._launch("faxgetty", ["faxgetty", "-q", str(self.spool), str(self._terminal)])
        self._wait(lambda: "idle" in self._status(), "faxgetty waits for calls")

    def wait_idle(self) -> None:
        """Returns when the modem takes a call again. To faxgetty's setting up of the modem belongs a hang-up, too."""
        status = self.spool / "status" / self._place
        self._wait(lambda: "idle" in self._status() and time.time() - status.stat().st_mtime > BUSY_AFTER_A_CALL + 1,
                   "the FAX machine takes calls")

    def _launch(self, name: str, words: list[str]) -> None:
        self._processes.append(Leashed(name, words, self.directory / f"{name}.log"))

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        try:
            wait_for(condition, STARTING, what)
        except RuntimeError as error:
            logs = "\n".join(f"{process.name}:\n{tail(process.log)}" for process in self._processes)
            raise RuntimeError(f"{error}. It says {self._status()!r}.\n{logs}") from None

    def _status(self) -> str:
        try:
            return (self.spool / "status" / self._place).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    # --- what it has received -----------------------------------------------------------------------------------
    def files(self) -> list[pathlib.Path]:
        """Of each call that is over."""
        return [self.spool / entry[4] for entry in self._entries()]

    def pages(self) -> list[int]:
        """So many in each call that is over and was without fault."""
        return [int(entry[10]) for entry in self._entries() if entry[13] == '""']

    def _entries(self) -> list[list[str]]:
        """xferfaxlog(5hylafax)."""
        log = self.spool / "log" / "xferfaxlog"
        lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        return [line.split("\t") for line in lines if line.split("\t")[1:2] == ["RECV"]]

    def session(self) -> str:
        """What was said in the last call."""
        return max((self.spool / "log").glob("c0*")).read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        """Ends both and removes every file."""
        for process in reversed(self._processes):
            process.stop()
        subprocess.run(as_root("rm", "-rf", "--one-file-system", str(self.directory)), check=True)
