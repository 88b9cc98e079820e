# SPDX-License-Identifier: Apache-2.0
"""scripts/demo: starts two offices and shows, with real mail clients, that mail connects their telephones.

Every scene asserts what it tells; a scene in which something else happened fails, and so does the demonstration.
"""
from __future__ import annotations

import argparse
import email
import email.message
import email.policy
import math
import os
import pathlib
import poplib
import shlex
import signal
import struct
import subprocess
import sys
import traceback
import wave
from collections.abc import Callable
from typing import Any, Protocol

from two_offices import THIS_MACHINE, GatewayDied, Gateway, TwoOffices, e164, wait_for, write_by_rename

ROOT = pathlib.Path(__file__).resolve().parents[2]
User = dict[str, Any]
Telephone = tuple[Gateway, str]  # an office and an extension of it
GUARD_TIME = 2.0  # default of service.guard_time
QUIET = 1.5       # how long we look on when nothing may ring; people answer after 1 s, and ringing is immediate
# With `nohup` a lost terminal is meant to stop nothing.
STOP_SIGNALS = [signal.SIGINT, signal.SIGTERM] + (
    [] if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN else [signal.SIGHUP])


class Stopped(BaseException):
    """One of STOP_SIGNALS came."""


class DidNotHappen(RuntimeError):
    """A scene went otherwise than it was told."""


def check(fact: bool, sentence: str) -> None:
    if not fact:
        raise DidNotHappen(sentence)


def say(text: str) -> None:
    print(text, flush=True)


def run(words: list[str], status: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Runs a mail client and shows its command; `status` is the exit status it must have (None: any)."""
    say("  $ " + shlex.join(words))
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                          timeout=60, check=False)
    if status is not None and done.returncode != status:
        output = "\n".join((done.stdout + done.stderr).splitlines()[-12:])
        raise DidNotHappen(f"{words[0]} ended with exit status {done.returncode}, expected {status}:\n{output}")
    return done


# --- mail clients -------------------------------------------------------------------------------------------------
def swaks(gateway: Gateway, sender: User | str, recipient: str, subject: str, fields: list[str],
          options: list[str] | None = None, status: int = 0) -> str:
    """Sends with swaks: as `sender` with AUTH, or as a stranger where it is only an address. Returns the last answer
    of the gateway to what swaks asked for."""
    host, port = gateway.smtp
    address = sender if isinstance(sender, str) else sender["address"]
    words = ["swaks", "--server", host, "--port", str(port), "--ehlo", "client.example", "--timeout", "20",
             "--from", address, "--to", recipient, "--header", f"Subject: {subject}"]
    if not isinstance(sender, str):
        words += ["--auth", "PLAIN", "--auth-user", address, "--auth-password", sender["secret"]]
    for field in fields:
        words += ["--header", field]
    done = run(words + (options or []), status)
    answers = [line[4:].strip() for line in done.stdout.splitlines() if line.startswith(("<- ", "<**"))]
    told = [answer for answer in answers if not answer.startswith(("221", "220"))]
    check(bool(told), "swaks shows no answer of the gateway")
    say(f"    {told[-1]}")
    return told[-1]


def uids(gateway: Gateway, user: User) -> list[str]:
    """The unique-ids of a mailbox, in its order; while another session has it, we wait for our turn."""
    def look() -> list[str] | None:
        client = poplib.POP3(*gateway.pop3, timeout=20)
        try:
            client.user(user["address"])
            client.pass_(user["secret"])
            found = [line.decode("ascii").split(" ", 1)[1] for line in client.uidl()[1]]
            client.quit()
            return ["", *found]
        except poplib.error_proto as error:
            if b"IN-USE" in error.args[0]:
                return None
            raise
        finally:
            client.close()

    return wait_for(look, 10, f"the mailbox of {user['address']} is free")[1:]


def curl(gateway: Gateway, user: User, number: int) -> email.message.EmailMessage:
    """Fetches one mail with curl, which retrieves it (RETR) and says QUIT."""
    host, port = gateway.pop3
    done = run(["curl", "--silent", "--show-error", "--max-time", "20", "--user",
                f"{user['address']}:{user['secret']}", f"pop3://{host}:{port}/{number}"])
    parsed = email.message_from_string(done.stdout, policy=email.policy.default)
    assert isinstance(parsed, email.message.EmailMessage)
    return parsed


def result_blocks(mail: email.message.EmailMessage) -> list[dict[str, str]]:
    """The blocks of a notice's machine-readable part, the fields of the request first; empty where it is no notice."""
    for part in mail.walk():
        if part.get_content_type() == "application/vnd.ringpost.result":
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            blocks = payload.decode("ascii").replace("\r\n", "\n").strip("\n").split("\n\n")
            return [{name.strip(): value.strip() for name, _, value in
                     (line.partition(":") for line in block.splitlines() if line)} for block in blocks]
    return []


def recording(path: pathlib.Path, seconds: float) -> pathlib.Path:
    """A WAV as a person would record it, but of a tone."""
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(2 * math.pi * 1000 * i / 8000)))
                                   for i in range(int(8000 * seconds))))
    return path


def fax_pages(path: pathlib.Path) -> pathlib.Path:
    """Two short pages as a FAX has them: a line of text and a frame on each."""
    drawing = ("/Helvetica findfont 24 scalefont setfont 60 100 moveto (Drawing {0}) show "
               "50 50 {1} 100 rectstroke showpage ")
    done = subprocess.run(["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=tiffg4", "-r204x98", "-g1728x300",
                           f"-sOutputFile={path}", "-c", "".join(drawing.format(n, 150 * n) for n in (1, 2))],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=60,
                          check=False)
    check(done.returncode == 0, f"gs did not draw: {done.stdout}{done.stderr}")
    return path


class Notices:
    """The notices that reach one user from now on, fetched with curl as they come."""

    def __init__(self, gateway: Gateway, user: User) -> None:
        self.gateway = gateway
        self.user = user
        self.known = set(uids(gateway, user))
        self.blocks: list[dict[str, str]] = []  # of the notice that was waited for last

    def wait(self, wanted: Callable[[dict[str, str]], bool], what: str, seconds: float = 15) -> dict[str, str]:
        def look() -> dict[str, str] | None:
            self.gateway.check_alive()
            for number, uid in enumerate(uids(self.gateway, self.user), 1):
                if uid in self.known:
                    continue
                self.known.add(uid)
                mail = curl(self.gateway, self.user, number)
                blocks = result_blocks(mail)
                if blocks:
                    say(f"    Subject: {mail['Subject']}")
                if blocks and wanted(blocks[0]):
                    self.blocks = blocks
                    return blocks[0]
            return None

        return wait_for(look, seconds, what)

    def completed(self) -> dict[str, str]:
        return self.wait(lambda fields: "Result" not in fields, f"{self.user['address']} is told that it was transmitted")

    def result(self) -> dict[str, str]:
        return self.wait(lambda fields: "Result" in fields, f"{self.user['address']} is told the result")


# --- the scenes -----------------------------------------------------------------------------------------------------
class Ears(Protocol):
    """What the telephones hear, where they are real ones."""

    def begin(self, scene: str) -> None:
        """A scene begins, with idle telephones."""

    def both_hear(self, first: Telephone, second: Telephone) -> str:
        """Two telephones talk: checks that each hears the other; evidence of it."""

    def end(self, scene: str) -> list[dict[str, Any]]:
        """Ends all calls; what each telephone heard in the scene, with an `evidence`."""

    def fax_machine(self) -> tuple[str, pathlib.Path] | None:
        """The number of a FAX machine that somebody else made, and where it puts what it receives."""


class NoEars:
    """Simulated telephones send and hear nothing."""

    def begin(self, scene: str) -> None:
        pass

    def both_hear(self, first: Telephone, second: Telephone) -> str:
        return ""

    def end(self, scene: str) -> list[dict[str, Any]]:
        return []

    def fax_machine(self) -> None:
        """Those of a simulated exchange are our own."""


class Scenes:
    """Hanako (2000) in office A wants to speak with Taro (2000) or Jiro (2001) in office B."""

    def __init__(self, offices: TwoOffices, ears: Ears) -> None:
        self.offices = offices
        self.ears = ears
        self.a, self.b = offices.both
        self.hanako = self.a.user("2000")
        self.taro = self.b.user("2000")
        self.jiro = self.b.user("2001")

    def run(self, name: str) -> str:
        """Plays one scene from idle telephones; returns the evidence."""
        self.offices.hang_up_all()
        self.ears.begin(name)
        scene: Callable[[], str] = getattr(self, name.replace("-", "_"))
        return scene()

    def both_talk(self, mark_a: int, mark_b: int, called: str, seconds: float = 15) -> str:
        """Telephone `called` of B rings and answers, then Hanako's, and they talk with each other."""
        steps = [(self.b, mark_b, called, "ringing"), (self.b, mark_b, called, "talking"),
                 (self.a, mark_a, "2000", "ringing"), (self.a, mark_a, "2000", "talking")]
        times = []
        for gateway, mark, number, word in steps:
            event = gateway.watch().wait(mark, number, word, seconds)
            self.offices.check_alive()
            check(event is not None, f"telephone {number} of {gateway.domain} was never {word}")
            times.append(event["time"])
            say(f"    {event['time']}  {gateway.domain}  telephone {number}: {word} (with {event['with']})")
        check(times == sorted(times), f"the order is wrong: {times}")
        numbers = (self.hanako["external_number"], self.b.user(called)["external_number"])

        def talking() -> bool:
            here, there = self.a.phones()["2000"], self.b.phones()[called]
            return (here["state"], there["state"], e164(here["with"]), e164(there["with"])) == (
                "talking", "talking", e164(numbers[1]), e164(numbers[0]))

        wait_for(talking, 5, f"`phone list` shows {numbers[0]} and {numbers[1]} talking with each other")
        heard = self.ears.both_hear((self.a, "2000"), (self.b, called))
        return f"{self.b.domain} {called} rang first, then {self.a.domain} 2000; both talk{heard}"

    def nothing_rings(self, mark_a: int, mark_b: int, seconds: float = QUIET) -> None:
        """Nothing has rung since the marks, and nothing does while we look on."""
        for gateway, mark, time in ((self.b, mark_b, seconds), (self.a, mark_a, 0.0)):
            event = gateway.watch().wait(mark, None, "ringing", time)
            check(event is None, f"a telephone of {gateway.domain} rang: {event}")
        self.offices.check_alive()
        say("    No telephone rings.")

    def marks(self) -> tuple[int, int]:
        return self.a.watch().mark(), self.b.watch().mark()

    def make_busy(self, number: str) -> None:
        say(f"Telephone {number} of office B is busy: somebody at 2003 talks with it.")
        say("  $ " + shlex.join(self.b.ringpost_words("phone", "call", "2003", number)))
        mark = self.b.watch().mark()
        self.b.do("phone", "call", "2003", number)
        # By the watch, so that the ringing of this call is not taken for one that comes later.
        check(self.b.watch().wait(mark, number, "talking", 10) is not None, f"telephone {number} was never talking")

    def at_once(self) -> str:
        say("Hanako in office A sends Taro in office B an ordinary mail that asks for a call at once (header field).")
        notices = Notices(self.a, self.hanako)
        mark_a, mark_b = self.marks()
        swaks(self.a, self.hanako, self.taro["address"], "About the drawings",
              ["Ringpost-Trigger: system-recognition"])
        evidence = self.both_talk(mark_a, mark_b, "2000")
        say("Hanako fetches her mail: the mail was transmitted, and the telephones were connected.")
        completed = notices.completed()
        result = notices.result()
        check(result.get("Result") == "success", f"the result notice says {result}")
        check(result.get("Request-Number") == completed.get("Request-Number"), "the notices name different requests")
        return f"{evidence}; request {result['Request-Number']}: completed notice, then result success"

    def camp_on_release(self) -> str:
        self.make_busy("2000")
        notices = Notices(self.a, self.hanako)
        mark_a, mark_b = self.marks()
        say("Hanako's mail asks to be connected with it, with the exchange information as a part of the mail.")
        part = self.offices.directory / "call.exchange"
        part.write_text("Request: camp-on\nTrigger: system-recognition\nRetry: on-release\nMonitor-Time: 10m\n",
                        encoding="ascii")
        swaks(self.a, self.hanako, self.taro["address"], "About the drawings", [],
              ["--body", "Please call me.", "--attach-type", "application/vnd.ringpost.exchange-information",
               "--attach-name", "call.exchange", "--attach", f"@{part}"])
        number = notices.completed()["Request-Number"]
        wait_for(lambda: self.request_at_b(number).get("cause") == "busy" or
                 int(self.request_at_b(number).get("attempts") or 0) > 0, 10, "the gateway of office B met busy")
        self.nothing_rings(mark_a, mark_b)
        say("They hang up. Within the guard time and a moment, Hanako's call comes.")
        mark_a, mark_b = self.marks()
        self.b.do("phone", "hangup", "2003")
        evidence = self.both_talk(mark_a, mark_b, "2000", GUARD_TIME + 5)
        result = notices.result()
        check(result.get("Result") == "success", f"the result notice says {result}")
        return f"busy: nothing rang; after the release {evidence}; {result.get('Attempts')} attempts"

    def request_at_b(self, number: str) -> dict[str, Any]:
        self.offices.check_alive()
        return next((row for row in self.b.ask("request", "list") if row["number"] == number), {})

    def user_reception(self) -> str:
        say("Hanako's mail to Jiro is to ring only when he reads it.")
        notices = Notices(self.a, self.hanako)
        before = set(uids(self.b, self.jiro))
        mark_a, mark_b = self.marks()
        swaks(self.a, self.hanako, self.jiro["address"], "Your offer", ["Ringpost-Trigger: user-reception"])
        wait_for(lambda: set(uids(self.b, self.jiro)) - before, 15, "the mail is in Jiro's mailbox")
        notices.completed()
        self.nothing_rings(mark_a, mark_b)
        number = next(n for n, uid in enumerate(uids(self.b, self.jiro), 1) if uid not in before)
        say("Jiro fetches it.")
        mail = curl(self.b, self.jiro, number)
        check(mail["Subject"] == "Your offer", f"Jiro fetched {mail['Subject']!r}")
        evidence = self.both_talk(mark_a, mark_b, "2001")
        result = notices.result()
        check(result.get("Result") == "success", f"the result notice says {result}")
        say("They hang up, and Jiro fetches the same mail once more.")
        self.offices.hang_up_all()
        mark_a, mark_b = self.marks()
        curl(self.b, self.jiro, number)
        self.nothing_rings(mark_a, mark_b)
        return f"nothing rang before RETR; then {evidence}; the second RETR rang nothing"

    def monitor_time(self) -> str:
        self.make_busy("2000")
        notices = Notices(self.a, self.hanako)
        mark_a, mark_b = self.marks()
        say("Hanako's mail asks to try for 3 seconds only; the telephone stays busy.")
        swaks(self.a, self.hanako, self.taro["address"], "In a hurry",
              ["Ringpost-Trigger: system-recognition", "Ringpost-Monitor-Time: 3s"])
        result = notices.result()
        check(result.get("Result") == "failure" and result.get("Cause") == "busy", f"the result notice says {result}")
        self.nothing_rings(mark_a, mark_b, 0.5)
        return f"nothing rang; request {result['Request-Number']}: result failure, cause busy"

    def stranger(self) -> str:
        say("Somebody who does not log in writes to office B, and pretends to be Hanako.")
        before = set(uids(self.b, self.taro))
        requests = len(self.b.ask("request", "list"))
        mark_a, mark_b = self.marks()
        say("To an address that orders a call: refused at RCPT.")
        local, domain = self.taro["address"].split("@")
        answer = swaks(self.b, self.hanako["address"], f"{local}+callnow@{domain}", "Call!", [], status=24)
        check(answer.startswith("550 5.7.1"), f"the answer is {answer}")
        say("With header fields that order one: it is an ordinary mail.")
        swaks(self.b, self.hanako["address"], self.taro["address"], "Call me",
              ["Ringpost-Trigger: system-recognition", "Ringpost-Destination-Number: 2000"])
        fresh = wait_for(lambda: set(uids(self.b, self.taro)) - before, 15, "the mail is in Taro's mailbox")
        number = next(n for n, uid in enumerate(uids(self.b, self.taro), 1) if uid in fresh)
        mail = curl(self.b, self.taro, number)
        check(mail["Subject"] == "Call me", f"Taro fetched {mail['Subject']!r}")
        self.nothing_rings(mark_a, mark_b)
        check(len(self.b.ask("request", "list")) == requests, "a request was made of it")
        return f"+callnow: {answer}; header fields: delivered as ordinary mail, nothing rang, no request"


    def voice_is_heard(self, mark: int) -> None:
        """Telephone 2000 of B rings, is answered, and is released when the recording is over."""
        for word in ("ringing", "talking", "idle"):
            event = self.b.watch().wait(mark, "2000", word, 20)
            self.offices.check_alive()
            check(event is not None, f"telephone 2000 of {self.b.domain} was never {word}")
            say(f"    {event['time']}  {self.b.domain}  telephone 2000: {word}")

    def voice_result(self, notices: Notices) -> str:
        result = notices.result()
        check(result.get("Result") == "success", f"the result notice says {result}")
        told = [f"content {block['Content']}, {block['Medium']}: {block['Result']}" +
                (f", {block['Seconds-Heard']} s heard" if "Seconds-Heard" in block else "")
                for block in notices.blocks[1:]]
        check(len(told) == 2 and all("success" in each for each in told), f"the result notice tells of {told}")
        return "; ".join(told)

    def voice(self) -> str:
        say("Hanako's mail to Taro has a recording, and asks for a call at once: first he hears it, then they talk.")
        notices = Notices(self.a, self.hanako)
        _, mark_b = self.marks()
        sound = recording(self.offices.directory / "message.wav", 2)
        swaks(self.a, self.hanako, self.taro["address"], "Listen to this", ["Ringpost-Trigger: system-recognition"],
              ["--body", "Listen.", "--attach-type", "audio/x-wav", "--attach-name", "message.wav",
               "--attach", f"@{sound}"])
        self.voice_is_heard(mark_b)
        evidence = self.both_talk(*self.marks(), "2000")
        return f"the recording was played to 2000; then {evidence}; result: {self.voice_result(notices)}"

    def scenario(self) -> str:
        say("A scenario says when: the recording, three seconds later the connection.")
        notices = Notices(self.a, self.hanako)
        _, mark_b = self.marks()
        sound = recording(self.offices.directory / "message.wav", 1)
        plan = self.offices.directory / "plan.scenario"
        plan.write_text("play = message 2          # the recording\nwait = 3s\nplay = message exchange\n",
                        encoding="ascii")
        swaks(self.a, self.hanako, self.taro["address"], "In this order", ["Ringpost-Trigger: system-recognition"],
              ["--body", "Listen.", "--attach-type", "audio/x-wav", "--attach-name", "message.wav",
               "--attach", f"@{sound}", "--attach-type", "application/vnd.ringpost.scenario",
               "--attach-name", "plan.scenario", "--attach", f"@{plan}"])
        self.voice_is_heard(mark_b)
        mark_a, mark_b = self.marks()
        self.nothing_rings(mark_a, mark_b)
        evidence = self.both_talk(mark_a, mark_b, "2000")
        return f"played, then 3 s of silence, then {evidence}; result: {self.voice_result(notices)}"


    def inquiry(self) -> str:
        say("Before the telephones are connected Taro is asked: over his telephone, and by mail. He presses 1.")
        notices = Notices(self.a, self.hanako)
        mark_a, mark_b = self.marks()
        plan = self.offices.directory / "ask.scenario"
        plan.write_text("pause = message exchange\n", encoding="ascii")
        swaks(self.a, self.hanako, self.taro["address"], "May I call?", ["Ringpost-Trigger: system-recognition"],
              ["--body", "May I?", "--attach-type", "application/vnd.ringpost.scenario",
               "--attach-name", "ask.scenario", "--attach", f"@{plan}"])
        number = notices.completed()["Request-Number"]

        def asked() -> bool:
            contents = self.b.ask("request", "show", number)["contents"]
            return any(part["medium"] == "inquiry" and part["state"] == "dialling-second" for part in contents)

        wait_for(asked, 30, "the question is asked at telephone 2000")
        check(not self.a.watch().since(mark_a, "2000", "ringing"), "the sender was rung before the answer")
        self.b.do("phone", "press", "2000", "1")
        for gateway, mark in ((self.a, mark_a), (self.b, mark_b)):
            event = gateway.watch().wait(mark, "2000", "talking", 30)
            check(event is not None, f"telephone 2000 of {gateway.domain} does not talk")
        rings = len(list(self.b.watch().since(mark_b, "2000", "ringing")))
        check(rings == 1, f"Taro's telephone rang {rings} times")
        result = notices.result()
        check(result.get("Result") == "success", f"the result notice says {result}")
        return f"asked, 1 pressed, connected in the same call; request {number}: success"


    def fax(self) -> str:
        machine = self.ears.fax_machine()
        return self.fax_by_number(*machine) if machine else self.fax_to_taro()

    def fax_by_number(self, number: str, directory: pathlib.Path) -> str:
        say(f"Hanako sends a mail to a FAX number: the gateway of office B dials the machine {number} over the trunk.")
        notices = Notices(self.a, self.hanako)
        drawing = fax_pages(self.offices.directory / "drawing.tif")
        before = set(directory.glob("*.tif"))
        swaks(self.a, self.hanako, f"FAX={number}@{self.b.domain}", "The drawings", [],
              ["--body", "Two drawings.", "--attach-type", "image/tiff", "--attach-name", "drawing.tif",
               "--attach", f"@{drawing}"])
        number_told = self.fax_result(notices, pages=3, seconds=150.0)["Destination-Number"]
        check(number_told == number, f"the result notice names {number_told}")
        came = sorted(set(directory.glob("*.tif")) - before)
        check(len(came) == 1, f"the FAX machine has made {len(came)} files")
        # The result comes with the last page, before the two machines have said farewell.
        wait_for(lambda: self.pages_in(came[0]) == 3, 15, f"{came[0].name} has 3 pages")
        return (f"the FAX machine {number} (ReceiveFAX of Asterisk) received {came[0].name}, "
                f"3 pages: the text and two drawings; result: fax: success, 3 pages")

    def fax_result(self, notices: Notices, pages: int, seconds: float = 15.0) -> dict[str, str]:
        result = notices.wait(lambda fields: "Result" in fields, f"{self.hanako['address']} is told the result", seconds)
        check(result.get("Result") == "success", f"the result notice says {result}")
        fax = notices.blocks[1]
        check((fax.get("Medium"), fax.get("Result"), fax.get("Pages")) == ("fax", "success", str(pages)),
              f"the result notice tells of {notices.blocks[1:]}")
        return result

    @staticmethod
    def pages_in(path: pathlib.Path) -> int:
        """As a FAX has them."""
        done = subprocess.run(["tiffinfo", str(path)], capture_output=True, text=True, errors="replace", timeout=30,
                              check=False)
        return done.stdout.count("Image Width: 1728")

    def fax_to_taro(self) -> str:
        say("Hanako's mail to Taro has a drawing of two pages: it goes to the FAX machine of his office.")
        notices = Notices(self.a, self.hanako)
        mark = self.b.watch().mark()
        drawing = fax_pages(self.offices.directory / "drawing.tif")
        plan = self.offices.directory / "fax.scenario"
        plan.write_text("play = message 2          # the drawing\n", encoding="ascii")
        before = set(self.faxes())
        swaks(self.a, self.hanako, self.taro["address"], "The drawings", ["Ringpost-Trigger: system-recognition"],
              ["--body", "By FAX.", "--attach-type", "image/tiff", "--attach-name", "drawing.tif",
               "--attach", f"@{drawing}", "--attach-type", "application/vnd.ringpost.scenario",
               "--attach-name", "fax.scenario", "--attach", f"@{plan}"])
        for word, seconds in (("ringing", 20.0), ("talking", 20.0), ("idle", 120.0)):
            event = self.b.watch().wait(mark, FAX_MACHINE, word, seconds)
            self.offices.check_alive()
            check(event is not None, f"the FAX machine {FAX_MACHINE} of {self.b.domain} was never {word}")
            say(f"    {event['time']}  {self.b.domain}  FAX machine {FAX_MACHINE}: {word}")
        self.fax_result(notices, pages=2)
        came = wait_for(lambda: sorted(set(self.faxes()) - before), 10, "the FAX machine has put the pages into a file")
        check(len(came) == 1, f"the FAX machine has made {len(came)} files")
        pages = self.pages_in(came[0])
        check(pages == 2, f"{came[0].name} has {pages} pages 1728 wide")
        return (f"the FAX machine {FAX_MACHINE} of {self.b.domain} received {came[0].name}, {pages} pages; "
                "result: content 2, fax: success, 2 pages")

    def faxes(self) -> list[pathlib.Path]:
        return list((self.b.state / "faxes").glob("*.tif"))


FAX_MACHINE = "2004"
SCENES = ["at-once", "camp-on-release", "user-reception", "monitor-time", "stranger", "voice", "scenario", "inquiry",
          "fax"]


def play(offices: TwoOffices, ears: Ears, names: list[str]) -> list[dict[str, Any]]:
    scenes = Scenes(offices, ears)
    report: list[dict[str, Any]] = []
    for name in names:
        say(f"\n== {name} ==")
        try:
            evidence, ok = scenes.run(name), True
        except GatewayDied:
            raise
        except Exception as error:  # whatever went wrong, the other scenes are still shown
            evidence, ok = f"{error}", False
            offices.check_alive()
            if not isinstance(error, RuntimeError):
                traceback.print_exc()
        entry: dict[str, Any] = {"scene": name, "ok": ok, "evidence": evidence}
        report.append(entry)
        try:
            heard = ears.end(name)
        except RuntimeError as error:
            offices.check_alive()
            heard, ok, entry["ok"] = [], False, False
            entry["evidence"] += f"; {error}"
        if heard:
            entry["telephones"] = heard
            entry["evidence"] = "; ".join([evidence, *(row["evidence"] for row in heard)])
        say(f"{'It happened' if ok else 'IT DID NOT HAPPEN'}: {entry['evidence']}")
        if not ok:
            try:  # a telephone that is still retried must not ring into the next scene
                for gateway in offices.both:
                    cancel_all(gateway)
            except RuntimeError as error:
                offices.check_alive()
                say(f"Clearing up: {error}")
    return report


def cancel_all(gateway: Gateway) -> None:
    for row in gateway.ask("request", "list"):
        if row["state"] not in ("connected", "failed", "cancelled", "expired"):
            gateway.ringpost("request", "cancel", row["number"])


def print_settings(settings: dict[str, Any]) -> None:
    say("\nBoth offices run. Type this into your mail client (password, login name = mail address):")
    for gateway in settings["gateways"]:
        say(f"\n  {gateway['domain']} (exchange: {gateway['exchange']})")
        for what, name in (("outgoing mail (SMTP)", "smtp"), ("incoming mail (POP3)", "pop3")):
            line = f"    {what}  {gateway[name + '_host']}  port {gateway[name + '_port']}"
            if "certificate" in gateway:
                line += f"  {gateway[name + '_security']} or no TLS; SSL/TLS at port {gateway[name + '_tls_port']}"
            say(line)
        for user in gateway["users"]:
            say(f"    {user['address']:26} password {user['secret']:16} telephone {user['extension']}"
                f"  from outside {user['external_number']}")
        say(f"    its telephones        {shlex.join([settings['ringpost'], '--gateway', gateway['control_socket']])}"
            " phone watch")
    certificate = settings["gateways"][0].get("certificate")
    if certificate:
        say(f"\nFor TLS let the client trust {certificate},")
        say("or accept it when asked. With curl, and with swaks:")
        gateway = settings["gateways"][0]
        user = gateway["users"][0]
        login = f"{user['address']}:{user['secret']}"
        say(f"  curl --ssl-reqd --cacert {certificate} --user {login} "
            f"pop3://{gateway['pop3_host']}:{gateway['pop3_port']}/")
        say(f"  swaks --tls --tls-verify --tls-ca-path {certificate} --server {gateway['smtp_host']}:{gateway['smtp_port']} "
            f"--auth PLAIN --auth-user {user['address']} --auth-password {user['secret']} --from {user['address']} "
            "--to taro+callnow@office-b.example")
    say("\nSend a mail with a header field `Ringpost-Trigger: system-recognition`, or to an address such as")
    say("taro+callnow@office-b.example, and watch the telephones. Stop with Ctrl-C.")


def stay(offices: TwoOffices) -> None:
    """Until a signal; a gateway that dies ends it too."""
    while True:
        offices.check_alive()
        signal.sigtimedwait([], 0.5)


def on_signal(number: int, _frame: object) -> None:
    for each in STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)  # we are on our way out already
    raise Stopped(number)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/demo", allow_abbrev=False)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--report", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--settings", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--scene", nargs="+", action="extend", choices=SCENES, metavar="NAME")
    parser.add_argument("--stay", action="store_true")
    parser.add_argument("--asterisk", action="store_true")
    chosen = parser.parse_args()
    chosen.scene = chosen.scene or SCENES
    return chosen


def make_offices(chosen: argparse.Namespace) -> tuple[TwoOffices, Ears]:
    if not chosen.asterisk:
        return TwoOffices(chosen.build, tls=THIS_MACHINE), NoEars()
    sys.path.insert(0, str(ROOT / "tests" / "offices"))
    from bed_offices import BedOffices  # only here: without --asterisk nothing of the test bed need be there
    from ears import BedEars
    offices = BedOffices(chosen.build, tls=THIS_MACHINE)
    return offices, BedEars(offices, ROOT / "build" / "demo-recordings")


def serve(offices: TwoOffices, ears: Ears, chosen: argparse.Namespace) -> int:
    offices.start()
    if chosen.settings:
        write_by_rename(chosen.settings, offices.client_settings())
    if chosen.stay:
        print_settings(offices.client_settings())
        stay(offices)
    report = play(offices, ears, chosen.scene)
    if chosen.report:
        write_by_rename(chosen.report, report)
    happened = sum(entry["ok"] for entry in report)
    say(f"\n{happened} of {len(report)} scenes happened as told.")
    return 0 if happened == len(report) else 1


def main() -> int:
    for each in STOP_SIGNALS:
        signal.signal(each, on_signal)
    chosen = options()
    offices: TwoOffices | None = None
    status = 1
    try:
        if chosen.settings:
            chosen.settings.unlink(missing_ok=True)  # who waits for it must not find that of an earlier run
        offices, ears = make_offices(chosen)
        status = serve(offices, ears, chosen)
    except Stopped as stopped:
        # Somebody who stops --stay has had what he wanted; scenes that were not shown did not happen.
        status = 0 if chosen.stay else 128 + int(stopped.args[0])
        say("\nStopping both gateways.")
    except (RuntimeError, OSError) as error:
        print(f"scripts/demo: {error}", file=sys.stderr, flush=True)
    finally:
        for each in STOP_SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        if offices is not None:
            status = clear(offices, status)
    return status


def clear(offices: TwoOffices, status: int) -> int:
    """Stops both gateways and removes their files; an unclean end of one is a failure."""
    died = [gateway for gateway in offices.both if gateway.process is not None and not gateway.alive()]
    ends: list[int] = []
    try:
        ends = offices.stop()
    except RuntimeError as error:
        print(f"scripts/demo: {error}", file=sys.stderr, flush=True)
        status = status or 1
    # One that was stopped while it started had not yet promised a clean end.
    unclean = [end for gateway, end in zip(offices.both, ends) if end != 0 and gateway.ready]
    if unclean and not died:
        print(f"scripts/demo: a gateway ended with exit status {unclean[0]} when it was stopped", file=sys.stderr)
        for gateway in offices.both:
            print(gateway.log_tail(), file=sys.stderr, flush=True)
        status = status or 1
    offices.remove()
    return status


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C.UTF-8"
    sys.exit(main())
