# SPDX-License-Identifier: Apache-2.0
"""`ringpostd --check`: it says no to what the gateway would not start with, in the same words, and changes nothing."""
from __future__ import annotations

import pathlib
import shutil
import socket
import subprocess
import unittest

from offices import PATIENCE, ROOT, build_directory, run, write_private
from two_offices import SAMPLES, Settings, make_certificate, program, settings_for, temporary_directory


class Check(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = temporary_directory()
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(SAMPLES / "people.toml", self.folder / "people.toml")
        self.tls = make_certificate(build_directory(), self.folder / "tls", "localhost")
        self.other = make_certificate(build_directory(), self.folder / "other", "localhost")

    def ringpostd(self, settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
        file = self.folder / "ringpost.toml"
        file.write_text(settings_for("office.example", self.folder, {"smtp": 0, "pop3": 0}, {}, settings),
                        encoding="utf-8")
        return subprocess.run([str(program(build_directory(), "ringpostd")), "--config", str(file), *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def test_what_the_gateway_starts_with_is_in_order(self) -> None:
        keys = self.folder / "keys"
        write_private(keys, "A" * 43 + "=\n")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            # By the gateway, which runs.
            listen = [f"127.0.0.1:{taken.getsockname()[1]}", "localhost:0", "[::1]:0"]
            done = self.ringpostd({"tls": self.tls, "confidential": {"key_file": str(keys)}, "mta": {"listen": listen}},
                                  "--check")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("is in order", done.stdout)
        self.assertFalse((self.folder / "state").exists())

    def test_what_the_gateway_does_not_start_with_is_told(self) -> None:
        wrong = self.folder / "wrong.toml"
        wrong.write_text("[[user]]\naddress = 'a@b'\nextension = 'abc'\n", encoding="ascii")
        missing = str(self.folder / "missing")
        cases: list[tuple[Settings, str]] = [
            ({"tls": {**self.tls, "certificate": missing}}, missing),
            ({"tls": {**self.tls, "key": self.other["key"]}}, "holds no private key without passphrase that belongs to"),
            ({"tls": {"ca_file": self.tls["key"]}}, "holds no certificates (tls.ca_file, PEM)"),
            ({"confidential": {"key_file": "/etc/passwd"}}, "/etc/passwd"),
            ({"confidential": {"key_file": missing}}, missing),
            ({"directory": {"seed": missing}}, missing),
            ({"directory": {"seed": str(wrong)}}, f"{wrong}:3: user[1].extension"),
            ({"mta": {"listen": ["host.invalid:0"]}}, "host.invalid:0: cannot be listened on"),
            ({"mailbox": {"listen": ["192.0.2.1:0"]}}, "192.0.2.1:0: cannot be listened on"),
            ({"exchange": {"driver": "asterisk", "asterisk_password_file": missing}}, missing)]
        for settings, says in cases:
            with self.subTest(settings=settings):
                checked = self.ringpostd(settings, "--check")
                self.assertIn(says, checked.stderr)
                self.assertEqual((checked.returncode, checked.stdout), (1, ""))
                self.assertFalse((self.folder / "state").exists())
                started = self.ringpostd(settings)
                self.assertEqual(started.returncode, 1)
                self.assertEqual(started.stderr.splitlines()[-1], checked.stderr.rstrip("\n"))
                shutil.rmtree(self.folder / "state", ignore_errors=True)

    def test_what_the_command_prints_with_a_certificate_is_a_configuration_and_stands_in_the_readme(self) -> None:
        made = run([str(program(build_directory(), "ringpost")), "tls", "self-signed", "--directory",
                    str(self.folder / "trial")])
        written = made.stdout[made.stdout.index("[tls]"):made.stdout.index("Mail clients")]
        self.assertIn("[mailbox]", written)
        file = self.folder / "printed.toml"
        file.write_text(written, encoding="utf-8")
        self.assertIn("is in order", run([str(program(build_directory(), "ringpostd")), "--check", "--config", str(file)]).stdout)
        self.assertIn(written.strip().replace(str(self.folder / "trial"), "/etc/ringpost/tls"),
                      (ROOT / "README.md").read_text(encoding="utf-8"))
