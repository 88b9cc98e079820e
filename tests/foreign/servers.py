# SPDX-License-Identifier: Apache-2.0
"""Postfix and Dovecot as Debian ships them, each with a configuration of its own, on loopback, in a directory that goes
with them. Both want to be started by root and then run as users of theirs."""
from __future__ import annotations

import grp
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys

from dialogs import SECRETS, SIZE_LIMIT

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts" / "lib")]

from processes import tail  # noqa: E402  (the path comes first)
from two_offices import free_ports, wait_for  # noqa: E402

DOMAIN = "office-b.example"

POSTFIX_MAIN = """\
compatibility_level = 3.6
queue_directory = {directory}/queue
data_directory = {directory}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.1/32
myhostname = {domain}
mydestination =
alias_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = inline:{{ {users} }}
virtual_alias_maps = inline:{{ postmaster@{domain}=taro@{domain} }}
virtual_transport = discard:
default_transport = discard:
message_size_limit = {size}
smtpd_recipient_limit = 100
smtpd_recipient_overshoot_limit = 1000
smtpd_error_sleep_time = 0
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch
smtpd_sender_login_maps = inline:{{ {logins} }}
smtpd_data_restrictions = reject_unauth_pipelining
smtpd_forbid_bare_newline = reject
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth_port}
smtpd_sasl_security_options = noanonymous
"""
POSTFIX_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
proxymap  unix - - n - - proxymap
anvil     unix - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""
DOVECOT = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
mail_location = maildir:{directory}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {directory}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={directory}/mail/%u
}}
service pop3-login {{
  inet_listener pop3 {{
    port = {port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth_port}
  }}
}}
"""


def answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return bool(connection.recv(1))
    except OSError:
        return False


class Servers:
    """Both, running from `with` on."""

    def __init__(self, directory: pathlib.Path, mails: list[bytes]) -> None:
        self.directory = directory
        self.smtp_port, self.pop3_port, self.auth_port = free_ports(3)
        self._processes: list[subprocess.Popen[bytes]] = []
        directory.chmod(0o755)  # they run as other users
        self._dovecot(directory / "dovecot", mails)
        self._postfix(directory / "postfix")

    def _postfix(self, directory: pathlib.Path) -> None:
        users = ", ".join(f"{address}=x" for address in SECRETS)
        logins = ", ".join(f"{address}={address}" for address in SECRETS)
        for path in (directory, directory / "queue", directory / "data"):
            path.mkdir()
        shutil.chown(directory / "data", "postfix")
        (directory / "main.cf").write_text(POSTFIX_MAIN.format(
            directory=directory, domain=DOMAIN, users=users, logins=logins, size=SIZE_LIMIT, auth_port=self.auth_port))
        (directory / "master.cf").write_text(POSTFIX_MASTER.format(port=self.smtp_port))

    def _dovecot(self, directory: pathlib.Path, mails: list[bytes]) -> None:
        owner = pwd.getpwnam("mail")
        directory.mkdir()
        (directory / "users").write_text("".join(f"{user}:{{PLAIN}}{secret}\n" for user, secret in SECRETS.items()))
        for user in SECRETS:
            for folder in ("cur", "new", "tmp"):
                (directory / "mail" / user / folder).mkdir(parents=True)
            for number, mail in enumerate(mails):
                (directory / "mail" / user / "new" / f"{1_000_000_000 + number}.M0P1.host").write_bytes(
                    mail.replace(b"\r\n", b"\n"))
        for path in [directory / "mail", *(directory / "mail").rglob("*")]:
            os.chown(path, owner.pw_uid, grp.getgrnam("mail").gr_gid)
        (directory / "dovecot.conf").write_text(DOVECOT.format(
            directory=directory, uid=owner.pw_uid, gid=grp.getgrnam("mail").gr_gid, port=self.pop3_port,
            auth_port=self.auth_port))

    def __enter__(self) -> Servers:
        try:
            self._start("dovecot", ["/usr/sbin/dovecot", "-F", "-c", str(self.directory / "dovecot" / "dovecot.conf")])
            self._start("postfix", ["/usr/sbin/postfix", "-c", str(self.directory / "postfix"), "start-fg"])
            for name, port in (("dovecot", self.pop3_port), ("postfix", self.smtp_port)):
                wait_for(lambda port=port: answers(port), 30, f"{name} answers; its log:\n{tail(self.directory / name / 'log')}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self, name: str, words: list[str]) -> None:
        with open(self.directory / f"{name}.out", "wb") as output:
            self._processes.append(subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                                    start_new_session=True))

    def __exit__(self, *_: object) -> None:
        # What `start-fg` has started is Postfix's master, which goes on without it.
        subprocess.run(["/usr/sbin/postfix", "-c", str(self.directory / "postfix"), "stop"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
