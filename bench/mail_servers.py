# SPDX-License-Identifier: Apache-2.0
"""The mail servers that Ringpost is measured against, as Debian ships them (scripts/lib/mail_peers_root).

Each runs in a mount and process namespace of its own, so that nothing of it is left when it is stopped, listens on
127.0.0.1 and keeps everything in one directory. Needs root.
"""
from __future__ import annotations

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from types import TracebackType
from typing import Any

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts" / "lib"))

from processes import Child, tail  # noqa: E402
from two_offices import free_ports, wait_for  # noqa: E402

DOMAIN = "peer.example"
PLACE = "/srv"  # where a server sees its directory


def peers_root() -> pathlib.Path:
    done = subprocess.run(["bash", str(ROOT / "scripts" / "lib" / "mail_peers_root")], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, check=True)
    return pathlib.Path(done.stdout.strip().splitlines()[-1])


class ProcessorTime:
    """User and system time of whatever runs in a control group, its ended children included."""

    def __init__(self, name: str) -> None:
        old = pathlib.Path("/sys/fs/cgroup/cpuacct")
        self.directory = (old if old.is_dir() else pathlib.Path("/sys/fs/cgroup")) / f"ringpost-bench-{os.getpid()}-{name}"
        self.directory.mkdir(exist_ok=True)

    def words(self, words: list[str]) -> list[str]:
        """The command, started in the group."""
        return ["sh", "-c", 'echo $$ >"$0"/cgroup.procs && exec "$@"', str(self.directory), *words]

    def seconds(self) -> float:
        usage = self.directory / "cpuacct.usage"
        if usage.exists():
            return int(usage.read_text(encoding="ascii")) / 1e9
        rows = dict(row.split() for row in (self.directory / "cpu.stat").read_text(encoding="ascii").splitlines())
        return int(rows["usage_usec"]) / 1e6

    def memory_mib(self) -> float:
        """Resident memory of all its processes; what they share is counted for each."""
        total = 0
        for pid in self.processes():
            try:
                status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            total += sum(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmRSS:"))
        return total / 1024

    def processes(self) -> list[int]:
        return [int(pid) for pid in (self.directory / "cgroup.procs").read_text(encoding="ascii").split()]

    def kill(self) -> None:
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def close(self) -> None:
        def gone() -> bool:
            try:
                self.directory.rmdir()
            except FileNotFoundError:
                return True
            except OSError:
                return False
            return True

        wait_for(gone, 10, f"the processes of {self.directory.name} have ended")


class Server:
    """One running server; `port` accepts connections."""

    name = ""

    def __init__(self, root: pathlib.Path, directory: pathlib.Path, **options: Any) -> None:
        self.root = root
        self.home = directory / f"{self.name}-{len(list(directory.iterdir()))}"
        self.home.mkdir(mode=0o755)
        self.port, = free_ports(1)
        self.processor = ProcessorTime(self.home.name)
        self.options = options
        command = self.configure()
        mounts = (f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev && "
                  f"mount --bind {self.home} {root}{PLACE} && {self.more_mounts()}exec chroot {root} \"$@\"")
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", mounts, "sh", *command]
        self.child = Child(self.name, self.processor.words(words), self.home, self.home / "output")
        wait_for(self.answers, 20, f"{self.name} answers at its port")

    def configure(self) -> list[str]:
        """Writes its configuration; the command that runs it in the foreground."""
        raise NotImplementedError

    def more_mounts(self) -> str:
        return ""

    def write(self, name: str, text: str) -> str:
        file = self.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text).lstrip("\n"), encoding="ascii")
        return f"{PLACE}/{name}"

    def inside(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Runs a program of its system, which sees its directory."""
        mounts = f"mount --bind {self.home} {self.root}{PLACE} && exec chroot {self.root} \"$@\""
        done = subprocess.run(["unshare", "--mount", "sh", "-c", mounts, "sh", *words], capture_output=True, text=True,
                              check=False, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()[:500]}")
        return done

    def answers(self) -> bool:
        if not self.child.alive():
            raise RuntimeError(f"{self.name} has ended: {tail(self.home / 'output')}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as probe:
                return bool(probe.recv(1))
        except OSError:
            return False

    def stop(self) -> None:
        self.child.kill()
        self.processor.kill()  # a program that changes its user forgets whose end is to be its own
        self.processor.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()


class Sink(Server):
    """smtp-sink: stores nothing. What the generator and this machine can do at most."""

    name = "sink"

    def configure(self) -> list[str]:
        return ["/usr/sbin/smtp-sink", "-u", "postfix", f"127.0.0.1:{self.port}", "200"]


class Postfix(Server):
    """`relay_to`: a port to which everything is sent on; `maildir`: mails are delivered to one; else they are kept in
    the queue (HOLD)."""

    name = "postfix"

    def configure(self) -> list[str]:
        relay_to = self.options.get("relay_to")
        if relay_to:
            way = f"relayhost = [127.0.0.1]:{relay_to}\nmydestination ="
        elif self.options.get("maildir"):
            (self.home / "mail").mkdir(mode=0o777)
            (self.home / "mail").chmod(0o777)
            way = (f"mydestination =\nvirtual_mailbox_domains = {DOMAIN}\nvirtual_mailbox_base = {PLACE}/mail\n"
                   "virtual_mailbox_maps = static:box/\nvirtual_uid_maps = static:65534\n"
                   "virtual_gid_maps = static:65534\nvirtual_minimum_uid = 100")
        else:
            way = f"mydestination = {DOMAIN}\nlocal_recipient_maps =\nsmtpd_client_restrictions = static:HOLD"
        rows = ["compatibility_level = 3.6", f"myhostname = {DOMAIN}", "inet_interfaces = 127.0.0.1",
                "inet_protocols = ipv4", "mynetworks = 127.0.0.0/8", f"queue_directory = {PLACE}/queue",
                f"data_directory = {PLACE}/data", "alias_maps =", "alias_database =", "smtp_host_lookup = native",
                "smtpd_client_connection_count_limit = 0", "smtpd_peername_lookup = no", "disable_dns_lookups = yes", way]
        self.write("etc/main.cf", "\n".join(rows) + "\n")
        for name in ("queue", "data"):
            (self.home / name).mkdir()
        shutil.chown(self.home / "data", *self._owner())
        default = (self.root / "usr/share/postfix/master.cf.dist").read_text(encoding="ascii")
        rows = []
        for row in default.splitlines():
            words = row.split()
            if len(words) >= 8 and not row.startswith(("#", " ")):
                words[0] = f"127.0.0.1:{self.port}" if words[0] == "smtp" and words[1] == "inet" else words[0]
                words[4] = "n"  # no chroot within this one
                row = " ".join(words)
            rows.append(row)
        self.write("etc/master.cf", "\n".join(rows) + "\n")
        return ["sh", "-c", f"/usr/sbin/postfix -c {PLACE}/etc start-fg"]

    def _owner(self) -> tuple[int, int]:
        for row in (self.root / "etc/passwd").read_text(encoding="ascii").splitlines():
            name, _, user, group, *_ = row.split(":")
            if name == "postfix":
                return int(user), int(group)
        raise RuntimeError("there is no user postfix")


class Exim(Server):
    """Mails are kept in the queue."""

    name = "exim"

    def configure(self) -> list[str]:
        (self.home / "spool").mkdir()
        (self.home / "spool").chmod(0o777)
        self.write("exim.conf", f"""
            primary_hostname = {DOMAIN}
            domainlist local = {DOMAIN}
            spool_directory = {PLACE}/spool
            log_file_path = {PLACE}/spool/%slog
            exim_user = Debian-exim
            exim_group = Debian-exim
            never_users =
            local_interfaces = 127.0.0.1
            daemon_smtp_ports = {self.port}
            smtp_accept_max = 200
            smtp_accept_queue = 0
            smtp_accept_queue_per_connection = 0
            smtp_accept_reserve = 0
            host_lookup =
            rfc1413_query_timeout = 0s
            queue_only = true
            disable_ipv6 = true
            acl_smtp_rcpt = all
            acl_smtp_data = all
            begin acl
            all:
              accept
            begin routers
            nowhere:
              driver = accept
              transport = nowhere
            begin transports
            nowhere:
              driver = appendfile
              file = /dev/null
              user = vmail
            """)
        return ["/usr/sbin/exim4", "-C", f"{PLACE}/exim.conf", "-bdf"]


class OpenSmtpd(Server):
    """Mails are kept in the queue, from whose files it does not wait for the disk."""

    name = "opensmtpd"

    def configure(self) -> list[str]:
        queue = self.home / "spool"
        queue.mkdir(mode=0o711)
        self.write("smtpd.conf", f"""
            smtp limit max-mails 100000
            listen on 127.0.0.1 port {self.port} no-dsn
            table boxes {{ "@" = "vmail" }}
            action "keep" maildir "{PLACE}/mail" virtual <boxes>
            match from any for any action "keep"
            """)
        return ["/usr/sbin/smtpd", "-d", "-P", "mda", "-P", "mta", "-f", f"{PLACE}/smtpd.conf"]

    def more_mounts(self) -> str:
        return f"mount --bind {self.home}/spool {self.root}/var/spool && mount -t tmpfs none {self.root}/run && "


class Dovecot(Server):
    """POP3 over mdbox; `tuned`: processes serve more than one session. `mails` of `octets` in each of `users`."""

    name = "dovecot"

    def configure(self) -> list[str]:
        users = self.options["users"]
        vmail = next(row.split(":") for row in (self.root / "etc/passwd").read_text(encoding="ascii").splitlines()
                     if row.startswith("vmail:"))
        user, group = int(vmail[2]), int(vmail[3])
        self.write("users", "".join(f"{name}:{{PLAIN}}{secret}:{user}:{group}::{PLACE}/mail/{name}::\n"
                                    for name, secret in users))
        tuned = """
            service pop3-login {
              service_count = 0
              process_min_avail = 2
            }
            service pop3 {
              service_count = 1000
              process_min_avail = 4
            }
            """ if self.options.get("tuned") else ""
        self.write("dovecot.conf", f"""
            base_dir = {PLACE}/run
            log_path = {PLACE}/log
            protocols = pop3
            listen = 127.0.0.1
            ssl = no
            disable_plaintext_auth = no
            mail_location = mdbox:~/mdbox
            mail_max_userip_connections = 0
            service pop3-login {{
              inet_listener pop3 {{
                port = {self.port}
              }}
              inet_listener pop3s {{
                port = 0
              }}
            }}
            passdb {{
              driver = passwd-file
              args = {PLACE}/users
            }}
            userdb {{
              driver = passwd-file
              args = {PLACE}/users
            }}
            """ + tuned)
        for name, _ in users:
            box = self.home / "mail" / name / "Maildir"
            for folder in ("new", "cur", "tmp"):
                (box / folder).mkdir(parents=True)
            for number in range(self.options["mails"]):
                (box / "cur" / f"{number:06}.bench:2,").write_bytes(self.options["octets"])
        for directory, names, files in os.walk(self.home / "mail"):
            for name in [".", *names, *files]:
                os.chown(os.path.join(directory, name), user, group)
        return ["/usr/sbin/dovecot", "-F", "-c", f"{PLACE}/dovecot.conf"]

    def __init__(self, root: pathlib.Path, directory: pathlib.Path, **options: Any) -> None:
        super().__init__(root, directory, **options)
        for name, _ in options["users"] if options["mails"] else []:
            self.inside("doveadm", "-c", f"{PLACE}/dovecot.conf", "import", "-u", name,
                        f"maildir:{PLACE}/mail/{name}/Maildir", "", "all")
