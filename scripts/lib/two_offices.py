# SPDX-License-Identifier: Apache-2.0
"""Two gateways on one machine, for the demonstration and for the end-to-end tests.

Gateway is one running ringpostd with its files; TwoOffices is office-a.example and office-b.example, joined by a
trunk that stands for the public network; their exchanges are simulated, unless others are given. Everything listens on
loopback only and lives in one temporary directory.
"""
from __future__ import annotations

import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import tomllib
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from processes import ending_with_us, tail

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
T = TypeVar("T")
Event = dict[str, Any]
Settings = dict[str, dict[str, Any]]  # section → key → value of ringpost.toml
Ports = dict[str, int]                # of one office, by what they are for
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class GatewayDied(RuntimeError):
    """A gateway ended although nobody asked it to."""


class TimedOut(RuntimeError):
    """A condition did not come true in time."""


def wait_for(condition: Callable[[], T], seconds: float, what: str) -> T:
    """Returns the first true value of `condition`, asked again every 50 ms; TimedOut names `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimedOut(f"{what}: did not happen within {seconds:g} s")
        select.select([], [], [], 0.05)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, below those that the kernel gives to outgoing connections."""
    sockets: list[socket.socket] = []
    try:
        while len(sockets) < count:
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", random.randint(12000, 32000)))
                sockets.append(candidate)
            except OSError:
                candidate.close()
        return [taken.getsockname()[1] for taken in sockets]
    finally:
        for taken in sockets:
            taken.close()


def program(build: pathlib.Path, name: str) -> pathlib.Path:
    """A program that CMake put into `build`."""
    path = build.resolve() / "src" / name
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"{path} is not there: build it first (scripts/demo and scripts/test do)")
    return path


def temporary_directory() -> pathlib.Path:
    """A fresh directory, only for us, whose path is short: a Unix socket's name has at most 107 octets."""
    parent = tempfile.gettempdir()
    if len(os.fsencode(parent)) > 60:
        parent = "/tmp"
    return pathlib.Path(tempfile.mkdtemp(prefix="ringpost-", dir=parent))


def write_private(path: pathlib.Path, text: str) -> None:
    """Writes a file that only we can read: there are secrets in it."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


class PhoneWatch:
    """What `ringpost phone watch --json` prints, gathered as it comes."""

    def __init__(self, command: list[str]) -> None:
        self.events: list[Event] = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, start_new_session=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()

    def mark(self) -> int:
        """A place in the events; the other methods look at what came after it."""
        with self._news:
            return len(self.events)

    def since(self, mark: int, number: str | None = None, event: str | None = None) -> list[Event]:
        with self._news:
            return [e for e in self.events[mark:]
                    if number in (None, e["number"]) and event in (None, e["event"])]

    def wait(self, mark: int, number: str | None, event: str, seconds: float) -> Event | None:
        """The first such event after `mark`; None when none came within `seconds`."""
        with self._news:
            self._news.wait_for(lambda: self._first(mark, number, event) is not None, seconds)
            return self._first(mark, number, event)

    def _first(self, mark: int, number: str | None, event: str) -> Event | None:
        found = (e for e in self.events[mark:] if number in (None, e["number"]) and event == e["event"])
        return next(found, None)

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._process.wait()
        self._reader.join(5)
        if self._process.stdout is not None:
            self._process.stdout.close()


class Gateway:
    """One office: its configuration, its people, and the daemon that runs (or does not)."""

    def __init__(self, build: pathlib.Path, directory: pathlib.Path, domain: str, settings: str, people: str) -> None:
        self.daemon = program(build, "ringpostd")
        self.command = program(build, "ringpost")
        self.domain = domain
        self.directory = directory
        self.state = directory / "state"
        self.log = directory / "log"
        self.config = directory / "ringpost.toml"
        self.people = tomllib.loads(people)
        self.process: subprocess.Popen[bytes] | None = None
        self.ready: dict[str, Any] = {}
        self.offers_tls = "\n[tls]\n" in settings and "\ncertificate = " in settings
        self.phone_watch: PhoneWatch | None = None
        directory.mkdir(mode=0o700)
        write_private(directory / "people.toml", people)
        write_private(self.config, settings)

    # --- its life -----------------------------------------------------------------------------------------------
    def start(self, environment: dict[str, str] | None = None,
              through: Callable[[list[str]], list[str]] = ending_with_us) -> None:
        """Starts the daemon; wait_ready() tells when it serves. Its own session: a Ctrl-C is ours to pass on. `through`
        makes of its command one that becomes it."""
        (self.state / "ready.json").unlink(missing_ok=True)
        self.ready = {}
        words = through([str(self.daemon), "--config", str(self.config)])
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.directory, start_new_session=True,
                                            env={**os.environ, **(environment or {})})

    def wait_ready(self, seconds: float = 20) -> None:
        def look() -> bool:
            self.check_alive()
            try:
                found = json.loads((self.state / "ready.json").read_text(encoding="utf-8"))
            except FileNotFoundError:
                return False
            self.ready = found
            return self.process is not None and found["pid"] == self.process.pid

        wait_for(look, seconds, f"{self.domain} is ready")

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def check_alive(self) -> None:
        if not self.alive():
            status = "never started" if self.process is None else f"exit status {self.process.returncode}"
            raise GatewayDied(f"the gateway {self.domain} has died ({status}). The end of its log:\n{self.log_tail()}")

    def log_tail(self, lines: int = 15) -> str:
        return tail(self.log, lines)

    def ask_to_stop(self) -> None:
        """SIGTERM, as an administrator would; once, for a second one may well mean something else."""
        self.close_watch()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def wait_stopped(self, seconds: float = 30) -> int:
        """The exit status."""
        if self.process is None:
            return 0
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimedOut(f"{self.domain} did not stop within {seconds:g} s of SIGTERM:\n{self.log_tail()}") from None

    def stop(self, seconds: float = 30) -> int:
        self.ask_to_stop()
        return self.wait_stopped(seconds)

    def kill(self) -> None:
        """kill -9"""
        self.close_watch()
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    # --- addresses ----------------------------------------------------------------------------------------------
    @property
    def smtp(self) -> tuple[str, int]:
        return self.ready["smtp"][0]["host"], self.ready["smtp"][0]["port"]

    @property
    def pop3(self) -> tuple[str, int]:
        return self.ready["pop3"][0]["host"], self.ready["pop3"][0]["port"]

    @property
    def smtp_tls(self) -> tuple[str, int]:
        """Where a connection begins with TLS."""
        return self.ready["smtp_tls"][0]["host"], self.ready["smtp_tls"][0]["port"]

    @property
    def pop3_tls(self) -> tuple[str, int]:
        return self.ready["pop3_tls"][0]["host"], self.ready["pop3_tls"][0]["port"]

    @property
    def control_socket(self) -> str:
        return os.path.join(self.directory, self.ready["control_socket"])

    def user(self, extension: str) -> dict[str, Any]:
        return next(user for user in self.people["user"] if user["extension"] == extension)

    # --- the command `ringpost` -----------------------------------------------------------------------------------
    def ringpost_words(self, *words: str) -> list[str]:
        return [str(self.command), "--gateway", self.control_socket, *words]

    def ringpost(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.ringpost_words(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=30, check=False)

    def ask(self, *words: str) -> Any:
        """The result of a `ringpost … --json`."""
        done = self.ringpost(*words, "--json")
        if done.returncode != 0:
            self.check_alive()
            raise RuntimeError(f"ringpost {' '.join(words)} at {self.domain}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def do(self, *words: str) -> None:
        done = self.ringpost(*words)
        if done.returncode != 0:
            self.check_alive()
            raise RuntimeError(f"ringpost {' '.join(words)} at {self.domain}: {done.stderr.strip()}")

    # --- its telephones -------------------------------------------------------------------------------------------
    def phones(self) -> dict[str, Event]:
        return {row["number"]: row for row in self.ask("phone", "list")}

    def state_of(self, number: str) -> str:
        return str(self.phones()[number]["state"])

    def hang_up_all(self) -> None:
        """A telephone is idle as soon as it has been told to hang up; a camp-on may ring it again at once."""
        for number, row in self.phones().items():
            if row["state"] != "idle":
                self.do("phone", "hangup", number)

    def watch(self) -> PhoneWatch:
        """The watch of this office's telephones, opened at the first use. Returned when it is known to see events: an
        internal call, that is given up before it is answered, must show in it. Other calls go on."""
        if self.phone_watch is None:
            opened = PhoneWatch(self.ringpost_words("phone", "watch", "--json"))
            self.phone_watch = opened

            def seen() -> bool:
                self.do("phone", "call", "2003", "2002")
                event = opened.wait(0, "2002", "ringing", 0.3)
                self.do("phone", "hangup", "2003")
                return event is not None

            wait_for(seen, 10, f"the telephones of {self.domain} can be watched")
            wait_for(lambda: self.state_of("2002") == self.state_of("2003") == "idle", 10, "that call is over")
            opened.wait(0, "2002", "idle", 5)
        return self.phone_watch

    def close_watch(self) -> None:
        if self.phone_watch is not None:
            self.phone_watch.close()
            self.phone_watch = None


class Exchanges(Protocol):
    """The exchanges of both offices, which the gateways are to control."""

    name: str  # that of the driver

    def settings(self, office: str, ports: dict[str, Ports]) -> dict[str, Any]:
        """The section [exchange] of an office, `a` or `b`."""


class SimulatedExchanges:
    """Those that the gateways have built in, joined by a trunk; at 2004 a FAX machine answers."""

    name = "simulated"
    _NUMBERS = {"a": "+8144111", "b": "+8144222"}

    def settings(self, office: str, ports: dict[str, Ports]) -> dict[str, Any]:
        other = "b" if office == "a" else "a"
        return {"driver": self.name, "simulated_extensions": ["2000", "2001", "2002", "2003", "2004"],
                "simulated_fax_machines": ["2004"], "simulated_trunk_listen": f"127.0.0.1:{ports[office]['trunk']}",
                "simulated_trunks": [f"{self._NUMBERS[other]}=127.0.0.1:{ports[other]['trunk']}"]}


def make_certificate(build: pathlib.Path, directory: pathlib.Path, *names: str) -> dict[str, str]:
    """A certificate for trials in `directory`; the keys of [tls] that name it and its key."""
    words = [str(program(build, "ringpost")), "tls", "self-signed", "--directory", str(directory)]
    for name in names:
        words += ["--name", name]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ringpost tls self-signed: {done.stderr.strip()}")
    return {"certificate": str(directory / "certificate.pem"), "key": str(directory / "key.pem")}


def settings_for(domain: str, directory: pathlib.Path, ports: Ports, exchange: dict[str, Any], extra: Settings) -> str:
    """The configuration file of one office; `extra` adds or replaces keys."""
    sections: Settings = {
        "gateway": {"domain": domain, "state_dir": str(directory / "state")},
        "mta": {"listen": [f"127.0.0.1:{ports['smtp']}"]},
        "mailbox": {"listen": [f"127.0.0.1:{ports['pop3']}"]},
        "exchange": exchange,
        "directory": {"seed": str(directory / "people.toml")}}
    for name, keys in extra.items():
        sections.setdefault(name, {}).update(keys)
    lines: list[str] = []
    for name, keys in sections.items():
        lines.append(f"[{name}]")
        # JSON's strings, numbers, booleans and lists of them are TOML's too.
        lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(lines) + "\n"


def people_with_port(file: pathlib.Path, port: int, more: str = "") -> str:
    """The sample people, whose one destination is the other office, at the port that it has got; `more` lines of it."""
    text, count = re.subn(r"(?m)^port = \d+$", f"port = {port}\n{more}", file.read_text(encoding="utf-8"))
    if count != 1:
        raise ValueError(f"{file}: expected one destination with a port, found {count}")
    return text


class TwoOffices:
    """office-a.example (044-111-22xx) and office-b.example (044-222-33xx)."""

    def __init__(self, build: pathlib.Path, extra: Settings | None = None, exchanges: Exchanges | None = None,
                 tls: Sequence[str] = (), destination: str = "") -> None:
        """With `tls` both offer it, with one certificate for these names, which they believe. `destination`: further
        lines of what each says of the other in its destination database."""
        self.build = build
        self.extra = {name: dict(keys) for name, keys in (extra or {}).items()}
        self.exchanges = exchanges or SimulatedExchanges()
        self.directory = temporary_directory()
        self.destination = destination
        self.certificate: pathlib.Path | None = None
        if tls:
            made = make_certificate(build, self.directory / "tls", *tls)
            self.certificate = pathlib.Path(made["certificate"])
            self.extra.setdefault("tls", {}).update(made, ca_file=made["certificate"])
            for section in ("mta", "mailbox"):
                self.extra.setdefault(section, {}).setdefault("listen_tls", ["127.0.0.1:0"])
        self.a, self.b = self._make()

    def _make(self) -> tuple[Gateway, Gateway]:
        kinds = ("smtp", "pop3", "trunk")
        found = free_ports(2 * len(kinds))
        ports = {"a": dict(zip(kinds, found)), "b": dict(zip(kinds, found[len(kinds):]))}
        return self._office("a", "b", ports), self._office("b", "a", ports)

    def _office(self, name: str, other: str, ports: dict[str, Ports]) -> Gateway:
        directory = self.directory / name
        domain = f"office-{name}.example"
        settings = settings_for(domain, directory, ports[name], self.exchanges.settings(name, ports), self.extra)
        return Gateway(self.build, directory, domain, settings,
                       people_with_port(SAMPLES / f"office-{name}.toml", ports[other]["smtp"], self.destination))

    @property
    def both(self) -> tuple[Gateway, Gateway]:
        return self.a, self.b

    def start(self, seconds: float = 20) -> None:
        """Starts both; with other ports once more where somebody was quicker to take one of ours."""
        for last in (False, False, True):
            try:
                for gateway in self.both:
                    gateway.start()
                for gateway in self.both:
                    gateway.wait_ready(seconds)
                return
            except GatewayDied:
                taken = any("in use" in gateway.log_tail().lower() for gateway in self.both)
                if last or not taken:
                    raise
                self.kill()
                for gateway in self.both:
                    shutil.rmtree(gateway.directory)
                self.a, self.b = self._make()

    def check_alive(self) -> None:
        for gateway in self.both:
            gateway.check_alive()

    def hang_up_all(self) -> None:
        for gateway in self.both:
            gateway.hang_up_all()

    def stop(self) -> list[int]:
        """Stops both at the same time; returns their exit statuses."""
        for gateway in self.both:
            gateway.ask_to_stop()
        return [gateway.wait_stopped() for gateway in self.both]

    def kill(self) -> None:
        for gateway in self.both:
            gateway.kill()

    def remove(self) -> None:
        """Stops what still runs and removes every file."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    def client_settings(self) -> dict[str, Any]:
        """What a person types into a mail client, for both offices."""
        return {"ringpost": str(self.a.command), "gateways": [{
            "domain": gateway.domain, "exchange": self.exchanges.name,
            "smtp_host": gateway.smtp[0], "smtp_port": gateway.smtp[1],
            "pop3_host": gateway.pop3[0], "pop3_port": gateway.pop3[1],
            **self._tls_settings(gateway),
            "control_socket": os.path.abspath(gateway.control_socket),
            "pid": gateway.ready["pid"],
            "users": [{key: user[key] for key in ("address", "secret", "extension", "external_number")}
                      for user in gateway.people["user"]]} for gateway in self.both]}

    def _tls_settings(self, gateway: Gateway) -> dict[str, Any]:
        if self.certificate is None:
            return {}
        return {"smtp_security": "STARTTLS", "pop3_security": "STLS", "certificate": str(self.certificate),
                "smtp_tls_port": gateway.smtp_tls[1], "pop3_tls_port": gateway.pop3_tls[1]}


def e164(number: str) -> str:
    """An external number of the sample offices, which are in Japan: 044-111-2200 and +81441112200 are the same."""
    digits = re.sub(r"[^+\d]", "", number)
    return "+81" + digits[1:] if digits.startswith("0") else digits


def write_by_rename(path: pathlib.Path, value: Any) -> None:
    """Puts JSON in place whole: who waits for the file never reads half of it."""
    path = path.absolute()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".ringpost-", delete=False) as file:
        try:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
