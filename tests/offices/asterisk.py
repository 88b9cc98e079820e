# SPDX-License-Identifier: Apache-2.0
"""One Asterisk of the test bed: its configuration, made freshly for each run, its process, and its ARI.

Asterisk 22 lives in a directory of its own (scripts/lib/asterisk_root). It is run with the loader and the libraries of
that directory and needs no chroot, so neither root nor mounts.
"""
from __future__ import annotations

import base64
import dataclasses
import http.client
import json
import pathlib
import re
import secrets
import subprocess
import sys
import urllib.parse
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from processes import Child, tail  # noqa: E402  (the path comes first)
from two_offices import wait_for, write_private  # noqa: E402

SAMPLES = ROOT / "samples" / "asterisk"           # what docs/asterisk.md tells an administrator to paste
TEMPLATES = pathlib.Path(__file__).resolve().parent / "asterisk"
DEFAULTS = ("acl", "ccss", "cdr", "chan_websocket", "features", "pjproject", "udptl",
            "websocket_client")  # wanted, if only empty
SIP_PORT = 5060
ARI_PORT = 8088
PATIENCE = 20.0


@dataclasses.dataclass(frozen=True)
class Site:
    """The numbers of an office: extension 20xx is `national`xx from outside."""

    domain: str
    national: str
    e164: str

    def national_number(self, extension: str) -> str:
        return self.national + extension[-2:]

    def e164_number(self, extension: str) -> str:
        return f"+{self.e164}{extension[-2:]}"


SITE_A = Site("office-a.example", "04411122", "814411122")
SITE_B = Site("office-b.example", "04422233", "814422233")


@dataclasses.dataclass(frozen=True)
class Line:
    """An extension of the exchange. A telephone registers with a password; a `contact` (SIP URI) is where one is that
    never does. With neither, nothing is ever there."""

    extension: str
    password: str = ""
    contact: str = ""

    def pjsip(self) -> str:
        name = self.extension
        rows = [f"[{name}](telephone)", f"aors = {name}", f"callerid = {name} <{name}>"]
        if self.password:
            rows += [f"auth = {name}", "", f"[{name}]", "type = auth", "auth_type = userpass", f"username = {name}",
                     f"password = {self.password}"]
        rows += ["", f"[{name}]", "type = aor"]
        rows += [f"contact = {self.contact}"] if self.contact else ["max_contacts = 1", "remove_existing = yes"]
        return "\n".join(rows) + "\n"


def asterisk_root() -> pathlib.Path:
    """Where Asterisk is installed; it is installed now where it is not."""
    done = subprocess.run(["bash", str(ROOT / "scripts" / "lib" / "asterisk_root")], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("Asterisk is not there and could not be installed (see above)")
    return pathlib.Path(done.stdout.strip().splitlines()[-1])


def loader_words(root: pathlib.Path) -> list[str]:
    """What comes before the path of a program of `root`, so that it runs with the libraries of `root`."""
    loaders = [*root.glob("lib64/ld-linux-*.so.*"), *root.glob("lib/ld-linux-*.so.*")]
    return [str(loaders[0]), "--library-path", str(library_directory(root)), "--argv0", "asterisk"]


def library_directory(root: pathlib.Path) -> pathlib.Path:
    return next(root.glob("usr/lib/*/asterisk")).parent


class Asterisk:
    """The exchange of one office, on an address of its own."""

    def __init__(self, root: pathlib.Path, home: pathlib.Path, site: Site, address: str, other: str,
                 lines: list[Line]) -> None:
        self.root = root
        self.home = home
        self.site = site
        self.address = address
        self.lines = lines
        self.user = "ringpost"
        self.password_file = home / "password"
        self.password = secrets.token_urlsafe(24)
        self.child: Child | None = None
        for name in ("etc", "var", "spool", "cache", "run", "log/cel-custom"):
            (home / name).mkdir(mode=0o700, parents=True)
        write_private(self.password_file, self.password + "\n")
        self._write_configuration(other)

    # --- its configuration --------------------------------------------------------------------------------------
    def _write_configuration(self, other: str) -> None:
        values = {"ROOT": str(self.root), "HOME": str(self.home), "DOMAIN": self.site.domain,
                  "MODULES": str(library_directory(self.root) / "asterisk" / "modules"), "ADDRESS": self.address,
                  "OTHER": other, "NATIONAL": self.site.national, "E164": self.site.e164,
                  "EXTENSIONS": self._extensions(), "INCOMING": self._incoming()}
        for template in TEMPLATES.glob("*.conf"):
            self._write(template.name, re.sub("@([A-Z0-9]+)@", lambda found: values[found[1]],
                                              template.read_text(encoding="utf-8")))
        for name in DEFAULTS:
            self._write(f"{name}.conf", "")
        with open(self.home / "etc" / "pjsip.conf", "a", encoding="utf-8") as file:
            file.writelines("\n" + line.pjsip() for line in self.lines)
        self._write("ringpost.conf", sample("extensions.conf"))
        self._write("http.conf", with_value(sample("http.conf"), "bindaddr", self.address))
        self._write("ari.conf", with_value(sample("ari.conf"), "password", self.password))

    def _write(self, name: str, text: str) -> None:
        write_private(self.home / "etc" / name, text)

    def _extensions(self) -> str:
        """A telephone that is not there is answered 480, as the cause of Dial() alone would not."""
        return "\n".join(
            f'exten => {line.extension},1,ExecIf($["${{DEVICE_STATE(PJSIP/${{EXTEN}})}}"="UNAVAILABLE"]?Hangup(20))\n'
            " same => n,Dial(PJSIP/${EXTEN},60)\n same => n,Hangup(${HANGUPCAUSE})" for line in self.lines)

    def _incoming(self) -> str:
        numbers = [(line.extension, number) for line in self.lines if line.extension.startswith("20") for number in
                   (self.site.national_number(line.extension), self.site.e164_number(line.extension))]
        return "\n".join(f"exten => {number},1,Goto(extensions,{extension},1)" for extension, number in numbers)

    # --- its life -----------------------------------------------------------------------------------------------
    def _words(self) -> list[str]:
        return [*loader_words(self.root), str(self.root / "usr" / "sbin" / "asterisk"),
                "-C", str(self.home / "etc" / "asterisk.conf")]

    def start(self) -> None:
        self.child = Child(f"Asterisk of {self.site.domain}", [*self._words(), "-f"], self.home,
                           self.home / "log" / "output")

    def wait_ready(self, seconds: float = PATIENCE) -> None:
        """Returns when it serves ARI and has all its endpoints."""
        def ready() -> bool:
            self.check_alive()
            try:
                return {line.extension for line in self.lines} <= set(self.endpoints())
            except OSError:
                return False

        try:
            wait_for(ready, seconds, f"the Asterisk of {self.site.domain} is ready")
        except RuntimeError as error:
            raise RuntimeError(f"{error}. The end of its log:\n{self.log_tail()}") from None

    def check_alive(self) -> None:
        if self.child is None:
            raise RuntimeError(f"the Asterisk of {self.site.domain} was never started")
        self.child.check_alive()

    def log_tail(self, lines: int = 25) -> str:
        return "\n".join(tail(self.home / "log" / name, lines) for name in ("output", "full"))

    @property
    def ledger(self) -> pathlib.Path:
        """See ledger.py."""
        return self.home / "log" / "cel-custom" / "ledger"

    def complaints(self) -> list[str]:
        """The errors and warnings in its log."""
        log = (self.home / "log" / "full").read_text(encoding="utf-8", errors="replace")
        return [line for line in log.splitlines() if re.search(r"\] (ERROR|WARNING)\[", line)]

    def ask_to_stop(self) -> None:
        if self.child is not None:
            self.child.ask_to_stop()

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
            self.child = None

    def cli(self, command: str) -> str:
        """What a command of Asterisk's own command line prints: for looking into it by hand."""
        return subprocess.run([*self._words(), "-rx", command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=10, check=True).stdout

    # --- its ARI ------------------------------------------------------------------------------------------------
    @property
    def url(self) -> str:
        return f"http://{self.address}:{ARI_PORT}/ari"

    def ari(self, method: str, path: str, **parameters: str) -> tuple[int, Any]:
        """One request; the HTTP status and what the answer says."""
        words = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        connection = http.client.HTTPConnection(self.address, ARI_PORT, timeout=10)
        try:
            connection.request(method, f"/ari{path}{query}", headers={"Authorization": f"Basic {words}"})
            answer = connection.getresponse()
            text = answer.read()
            is_json = answer.headers.get_content_type() == "application/json"
            return answer.status, json.loads(text) if text and is_json else None
        finally:
            connection.close()

    def ask(self, path: str) -> Any:
        status, answer = self.ari("GET", path)
        if status != 200:
            raise ConnectionError(f"GET {path} at {self.site.domain}: {status} {answer}")
        return answer

    def endpoints(self) -> dict[str, str]:
        """Each SIP endpoint and whether it is `online`."""
        return {row["resource"]: row["state"] for row in self.ask("/endpoints/PJSIP")}

    def device_state(self, extension: str) -> str:
        return str(self.ask(f"/deviceStates/PJSIP%2F{extension}")["state"])

    def channels(self) -> list[dict[str, Any]]:
        rows = self.ask("/channels")
        assert isinstance(rows, list)
        return rows

    def hang_up_all(self) -> None:
        for channel in self.channels():
            self.ari("DELETE", f"/channels/{channel['id']}")
        wait_for(lambda: not self.channels(), 10, f"all calls of {self.site.domain} are over")


def sample(name: str) -> str:
    return (SAMPLES / name).read_text(encoding="utf-8")


def with_value(text: str, key: str, value: str) -> str:
    """`text` with another value for its one key of this name."""
    changed, count = re.subn(rf"(?m)^{key} = .*$", lambda _: f"{key} = {value}", text)
    if count != 1:
        raise ValueError(f"expected one {key}, found {count}")
    return changed
