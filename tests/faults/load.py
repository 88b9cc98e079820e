# SPDX-License-Identifier: Apache-2.0
"""Mail clients and telephone users of two offices whose gateways may be killed at any moment, and what they remember:
what was promised to whom, and what has come."""
from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import poplib
import random
import smtplib
import subprocess
import tempfile
import threading
import traceback
from collections.abc import Callable

from offices import Gateway, Mail, User, blocks_of, compose, octets_of, parse, pop3, smtp, submit
from voices import SCENARIO_TYPE, melody, wav

EXTENSIONS = ("2000", "2001", "2002")
BROKEN = (OSError, EOFError, smtplib.SMTPException, poplib.error_proto)
KINDS = ("plain", "plain", "large", "at-once", "at-once", "on-reception", "source-first", "voice", "inquiry",
         "voice", "unreadable-voice", "forbidden", "cancel", "cancel", "nowhere", "later", "later")
FIELDS = {"at-once": {"Ringpost-Trigger": "system-recognition"},
          "on-reception": {"Ringpost-Trigger": "user-reception"},
          "source-first": {"Ringpost-Trigger": "system-recognition", "Ringpost-Call-Order": "source-first"},
          "voice": {"Ringpost-Trigger": "system-recognition"},
          "unreadable-voice": {"Ringpost-Trigger": "system-recognition"},
          "inquiry": {"Ringpost-Trigger": "system-recognition"},
          "later": {"Ringpost-Trigger": "system-recognition", "Ringpost-Service": "time; after=1s"}}
NOWHERE = "nowhere.example"  # its name server does not answer
VOICE = wav(melody(2.0, seed=0))
FORBIDDEN = {"Ringpost-Trigger": "system-recognition", "Ringpost-Destination-Number": "+12025550100"}
PLAN = b"pause = message exchange\n"  # of the inquiry: the addressee is asked before the call


class Doors:
    """Where a gateway is reached; the same in all its incarnations."""

    def __init__(self, gateway: Gateway) -> None:
        self.domain = gateway.domain
        self.smtp, self.pop3, self.offers_tls = gateway.smtp, gateway.pop3, gateway.offers_tls
        self.words = gateway.ringpost_words()
        self.users: list[User] = [gateway.user(extension) for extension in EXTENSIONS]

    def ringpost(self, *words: str) -> bool:
        """Whether the command did it: the gateway may be away."""
        done = subprocess.run([*self.words, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=30, check=False)
        return done.returncode == 0


@dataclasses.dataclass
class Sent:
    """A mail that was sent once. `outcome`: `accepted` (250), `refused`, or `unknown`, where no answer came."""

    kind: str
    sender: str
    recipient: str
    octets: int
    digest: bytes
    outcome: str = "unknown"

    @property
    def asks(self) -> bool:
        return self.kind in FIELDS


@dataclasses.dataclass
class Arrived:
    """What one mailbox has handed out under one unique-id."""

    message_id: str
    digest_fits: bool
    in_reply_to: str
    notice: dict[str, str] | None


class Memory:
    """What all clients know. Thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.sent: dict[str, Sent] = {}                           # by Message-ID
        self.arrived: dict[str, dict[str, Arrived]] = {}          # mailbox → unique-id → mail
        self.deleted: dict[str, set[str]] = {}                    # mailbox → those whose QUIT was answered
        self.wrong: list[str] = []
        self.numbers: dict[str, Sent] = {}                        # requests that have been begun and not yet ended
        self.questions: dict[str, tuple[Doors, User, Mail]] = {}  # by Message-ID: mails that ask before a call

    def complain(self, what: str) -> None:
        with self.lock:
            self.wrong.append(what)

    def counts(self) -> dict[str, int]:
        with self.lock:
            told = {"sent": len(self.sent)}
            for outcome in ("accepted", "refused", "unknown"):
                told[outcome] = sum(mail.outcome == outcome for mail in self.sent.values())
            told["calls asked for"] = sum(mail.asks and mail.outcome == "accepted" for mail in self.sent.values())
            told["retrieved"] = sum(map(len, self.arrived.values()))
            told["results"] = sum(bool(mail.notice and "Result" in mail.notice)
                                  for box in self.arrived.values() for mail in box.values())
            return told


class Load:
    """The people. Each has a random generator of its own, so that what one does hangs on the seed alone."""

    def __init__(self, seed: int, doors: tuple[Doors, Doors], memory: Memory) -> None:
        self.seed, self.doors, self.memory = seed, doors, memory
        self.sending = threading.Event()   # set: mails are sent, requests cancelled
        self.over = threading.Event()      # set: everybody goes home
        self.threads: list[threading.Thread] = []

    def begin(self) -> None:
        self.sending.set()
        for doors in self.doors:
            for number in range(2):
                self._person(f"sender {number} of {doors.domain}", self._send, doors)
            self._person(f"reader of {doors.domain}", self._read, doors)
            self._person(f"telephones of {doors.domain}", self._use_telephones, doors)
            self._person(f"regrets of {doors.domain}", self._cancel, doors)
            self._person(f"answers of {doors.domain}", self._answer, doors)
            self._person(f"backups of {doors.domain}", self._back_up, doors)

    def end(self) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join(60)

    def fetch_all(self) -> None:
        """When everybody has gone home: what is still in the mailboxes."""
        dice = random.Random(self.seed)
        for doors in self.doors:
            for user in doors.users:
                self._fetch(doors, user, dice)

    def _person(self, name: str, step: Callable[[Doors, random.Random], float], doors: Doors) -> None:
        """Does `step` again and again; it returns how long to wait before the next."""
        dice = random.Random(f"{self.seed} {name}")

        def live() -> None:
            while not self.over.is_set():
                try:
                    pause = step(doors, dice)
                except BROKEN:
                    pause = 0.05
                except Exception:  # a fault of the test must not pass for silence
                    self.memory.complain(f"{name}: {traceback.format_exc()}")
                    return
                self.over.wait(pause)

        thread = threading.Thread(target=live, name=name, daemon=True)
        self.threads.append(thread)
        thread.start()

    # --- mails ----------------------------------------------------------------------------------------------------
    def _send(self, doors: Doors, dice: random.Random) -> float:
        """A session with a few mails."""
        if not self.sending.is_set():
            return 0.2
        user = dice.choice(doors.users)
        mails = [self._mail(doors, user, dice) for _ in range(dice.randint(1, 4))]
        with smtp(doors, user) as client:
            for message_id, sent, octets in mails:
                self._submit(client, message_id, sent, octets)
        return dice.uniform(0.05, 0.3)

    def _mail(self, doors: Doors, user: User, dice: random.Random) -> tuple[str, Sent, bytes]:
        kind = dice.choice(KINDS)
        other = dice.choice(self.doors) if kind != "source-first" else doors
        to = dice.choice([each for each in other.users if each is not user])
        fields = dict(FORBIDDEN if kind == "forbidden" else FIELDS.get(kind, {}))
        part = None
        if kind == "cancel":
            with self.memory.lock:
                mine = [(number, sent) for number, sent in self.memory.numbers.items() if sent.sender == user["address"]]
            if mine:
                number, sent = dice.choice(mine)
                part = f"Request: cancel\nReference: {number}\n"
                # To the addressee, or to anybody here, whose gateway then passes it on.
                to = dice.choice([each for at in self.doors for each in at.users if each["address"] == sent.recipient] + [to])
            else:
                kind = "plain"
        if kind in FIELDS:
            fields["Ringpost-Monitor-Time"] = f"{dice.randint(5, 15)}s"
            fields["Ringpost-Ring-Time"] = "5s"
        text = "\n".join(dice.randbytes(30).hex() for _ in range(400 if kind == "large" else dice.randint(1, 20)))
        recipient = f"x@{NOWHERE}" if kind == "nowhere" else to["address"]
        mail = compose(user["address"], recipient, kind, text, fields, part)
        if kind == "voice":
            mail.add_attachment(VOICE, "audio", "wav", filename="message.wav")
        if kind == "unreadable-voice":
            mail.add_attachment(VOICE[:20] + b"\x34\x12" + VOICE[22:], "audio", "wav", filename="message.wav")
        if kind == "inquiry":
            mail.add_attachment(PLAN, *SCENARIO_TYPE, filename="plan.scenario")
        del mail["Message-ID"]
        message_id = f"<{dice.randbytes(8).hex()}@client.example>"
        mail["Message-ID"] = message_id
        octets = octets_of(mail)
        return message_id, Sent(kind, user["address"], recipient, len(octets), hashlib.sha256(octets).digest()), octets

    def _submit(self, client: smtplib.SMTP, message_id: str, sent: Sent, octets: bytes) -> None:
        try:
            for step in (lambda: client.mail(sent.sender), lambda: client.rcpt(sent.recipient)):
                code, text = step()
                if code != 250:
                    raise smtplib.SMTPResponseException(code, text)
            with self.memory.lock:
                self.memory.sent[message_id] = sent  # before its end: it may be delivered before the answer is read
            code, text = client.data(octets)
        except smtplib.SMTPResponseException as error:
            code, text = error.smtp_code, error.smtp_error
        if 500 <= code < 600 and sent.kind != "forbidden":
            self.memory.complain(f"a {sent.kind} mail was refused for ever: {code} {text!r}")
        with self.memory.lock:
            sent.outcome = "accepted" if code == 250 else "refused"

    # --- mailboxes ------------------------------------------------------------------------------------------------
    def _read(self, doors: Doors, dice: random.Random) -> float:
        for user in doors.users:
            with contextlib.suppress(*BROKEN):
                self._fetch(doors, user, dice)
        return dice.uniform(0.05, 0.3)

    def _fetch(self, doors: Doors, user: User, dice: random.Random) -> None:
        """Retrieves what is new, and deletes some of what is there. Only what QUIT has confirmed is deleted for sure."""
        box = user["address"]
        with self.memory.lock:
            arrived = self.memory.arrived.setdefault(box, {})
            deleted = self.memory.deleted.setdefault(box, set())
        going: set[str] = set()
        with pop3(doors, user) as client:
            for line in client.uidl()[1]:
                number, uid = line.decode("ascii").split(" ", 1)
                if uid in deleted:
                    self.memory.complain(f"{box}: the deleted mail {uid} is there again")
                if uid not in arrived:
                    self._note(box, uid, b"".join(each + b"\r\n" for each in client.retr(int(number))[1]), doors)
                if dice.random() < 0.7:
                    client.dele(int(number))
                    going.add(uid)
        deleted |= going

    def _note(self, box: str, uid: str, octets: bytes, doors: Doors) -> None:
        mail = parse(octets)
        message_id = str(mail["Message-ID"]).strip()
        blocks = blocks_of(mail)
        notice = blocks[0] if blocks else None
        with self.memory.lock:
            sent = self.memory.sent.get(message_id)
            fits = sent is None or hashlib.sha256(octets[-sent.octets:]).digest() == sent.digest
            self.memory.arrived[box][uid] = Arrived(message_id, fits, str(mail.get("In-Reply-To", "")).strip(), notice)
            if notice and "Request-Number" in notice:
                if "Result" in notice:
                    self.memory.numbers.pop(notice["Request-Number"], None)
                else:
                    about = self.memory.sent.get(self.memory.arrived[box][uid].in_reply_to)
                    if about is not None:
                        self.memory.numbers[notice["Request-Number"]] = about
            if message_id.startswith("<ringpost-inquiry."):
                user = next(each for each in doors.users if each["address"] == box)
                self.memory.questions[message_id] = (doors, user, mail)

    # --- telephones and second thoughts -----------------------------------------------------------------------------
    def _use_telephones(self, doors: Doors, dice: random.Random) -> float:
        """Keys that answer questions, repeat a voice, end it, or ask for its sender; and the end of every call."""
        number = dice.choice(EXTENSIONS)
        if dice.random() < 0.5:
            doors.ringpost("phone", "press", number, dice.choice("1199*"))
        else:
            doors.ringpost("phone", "hangup", number)
        return dice.uniform(0.1, 0.4)

    def _cancel(self, doors: Doors, dice: random.Random) -> float:
        with self.memory.lock:
            open_ones = [number for number, sent in self.memory.numbers.items() if sent.sender.endswith("@" + doors.domain)]
        if open_ones and self.sending.is_set():
            doors.ringpost("request", "cancel", dice.choice(open_ones))
        doors.ringpost("queue", "retry", "--all")
        return dice.uniform(0.5, 1.5)

    def _answer(self, doors: Doors, dice: random.Random) -> float:
        """Yes to a mail that asks, where no answer came again, and often once more: then it comes too late, which is told."""
        with self.memory.lock:
            asked = [(key, user, mail) for key, (at, user, mail) in self.memory.questions.items() if at is doors]
        for key, user, mail in asked:
            to = mail["From"].addresses[0].addr_spec
            yes = compose(user["address"], to, "Re:", text="OK\n", fields={"In-Reply-To": key})
            submit(doors, user, yes)  # type: ignore[arg-type]
            if dice.random() < 0.5:
                with self.memory.lock:
                    del self.memory.questions[key]
        return dice.uniform(0.2, 0.6)

    def _back_up(self, doors: Doors, dice: random.Random) -> float:
        with tempfile.TemporaryDirectory() as folder:
            doors.ringpost("backup", f"{folder}/backup")
        return dice.uniform(2.0, 4.0)
