# SPDX-License-Identifier: Apache-2.0
"""A Postfix of the test's own: configuration, queue and port, nothing of the system's. Its master runs as root only."""
from __future__ import annotations

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile

from offices import wait_for
from two_offices import ending_with_us, free_ports

SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
"""


class Postfix:
    """Takes mail of 127.0.0.1 for `domain`, and hands it over to `transport` (`lmtp:inet:127.0.0.1:24`)."""

    def __init__(self, domain: str, transport: str) -> None:
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="ringpost-postfix-"))
        self.directory.chmod(0o755)  # its processes are another user
        self.port = free_ports(1)[0]
        queue, data = self.directory / "queue", self.directory / "data"
        for place in (queue, data):
            place.mkdir(mode=0o755)
        os.chown(data, pwd.getpwnam("postfix").pw_uid, -1)
        (self.directory / "master.cf").write_text(SERVICES.format(port=self.port), encoding="ascii")
        (self.directory / "main.cf").write_text("\n".join([
            "compatibility_level = 3.6", f"queue_directory = {queue}", f"data_directory = {data}",
            "myhostname = front.example", "mydestination =", "inet_protocols = ipv4", "mynetworks = 127.0.0.0/8",
            f"relay_domains = {domain}", f"relay_transport = {transport}", "local_recipient_maps =",
            "alias_maps =", "alias_database =", "smtpd_relay_restrictions = permit_mynetworks, reject",
            "minimal_backoff_time = 2s", "maximal_backoff_time = 4s",
            "queue_run_delay = 2s", ""]), encoding="ascii")
        self.process = subprocess.Popen(
            ending_with_us(["/usr/sbin/postfix", "-c", str(self.directory), "start-fg"]), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)

    def wait_ready(self, seconds: float) -> None:
        def look() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"Postfix has ended with {self.process.returncode}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                    return connection.recv(4) == b"220 "
            except OSError:
                return False

        wait_for(look, seconds, "Postfix serves")

    def close(self) -> None:
        try:
            if self.process.poll() is None:
                subprocess.run(["/usr/sbin/postfix", "-c", str(self.directory), "stop"], stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=30, check=False)
                self.process.wait(30)
        finally:
            self.process.kill()
            self.process.wait()
            shutil.rmtree(self.directory, ignore_errors=True)
