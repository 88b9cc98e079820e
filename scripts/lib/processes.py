# SPDX-License-Identifier: Apache-2.0
"""Processes that a test or the demonstration starts, and that end with it, however it ends."""
from __future__ import annotations

import atexit
import os
import pathlib
import shutil
import signal
import subprocess
import weakref


def ending_with_us(words: list[str], signal_name: str = "TERM") -> list[str]:
    """The command `words`, to which the kernel sends the signal should our thread that starts it be killed: to be
    started from the main thread. (setpriv is in util-linux, which every Debian has.)"""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", signal_name, "--", *words] if setpriv else words


class Child:
    """One process without children of its own, in a session of its own: a Ctrl-C is ours to pass on."""

    _running: weakref.WeakSet[Child] = weakref.WeakSet()

    def __init__(self, name: str, words: list[str], directory: pathlib.Path, log: pathlib.Path) -> None:
        self.name = name
        self.log = log
        with open(log, "ab") as output:
            self.process = subprocess.Popen(ending_with_us(words, "KILL"), stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, cwd=directory, start_new_session=True,
                                            env={**os.environ, "LC_ALL": "C.UTF-8"})
        Child._running.add(self)

    @property
    def pid(self) -> int:
        return self.process.pid

    def alive(self) -> bool:
        return self.process.poll() is None

    def check_alive(self) -> None:
        if not self.alive():
            raise RuntimeError(f"{self.name} has ended with exit status {self.process.returncode}. "
                               f"The end of its log:\n{tail(self.log)}")

    def ask_to_stop(self) -> None:
        if self.alive():
            self.process.send_signal(signal.SIGTERM)

    def stop(self, seconds: float = 5) -> int:
        """Ends it, with SIGKILL where it does not heed SIGTERM; the exit status."""
        self.ask_to_stop()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()
        finally:
            Child._running.discard(self)

    def kill(self) -> None:
        """kill -9, as for a telephone whose plug is pulled."""
        if self.alive():
            self.process.kill()
        self.process.wait()
        Child._running.discard(self)

    @classmethod
    def kill_all(cls) -> None:
        for child in list(cls._running):
            child.kill()


atexit.register(Child.kill_all)


def tail(file: pathlib.Path, lines: int = 15) -> str:
    """The last lines of a log, indented; a word where there are none."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        text = ""
    return "\n".join("    " + line for line in text.splitlines()[-lines:]) or "    (it is empty)"
