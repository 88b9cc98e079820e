# SPDX-License-Identifier: Apache-2.0
"""kill -9 at every fault point of a flow, in either gateway, and a restart without the fault.

Flows: `at-once` (system-recognition), `user-reception`, where Taro fetches the mail by POP3 and that starts the call,
and scenarios: `scenario`, a voice, a little later the call; `together`, two voices in one step and a time that has passed,
then the call; `inquiry`, where Taro is asked and says yes, by a key, or by mail where a kill has ended that call. The points are not listed here: a first run with RINGPOST_FAULT_TRACE tells which ones the flow meets. For each of them
one more run is killed there. After the restart must hold:
  - no mail is lost: the client repeats it only where it got no 250, and every request is answered;
  - a mail that Taro has fetched, in a session that ended with the answer to QUIT, has been received: it need not be
    fetched again;
  - the sender gets exactly one result for each request, and one only for a mail that was accepted at once;
  - neither call log has an attempt id that rang the same telephone twice;
  - nothing rings once the request has ended, not after one more restart either, whatever is fetched again.
"""
from __future__ import annotations

import argparse
import collections
import concurrent.futures
import json
import pathlib
import poplib
import smtplib
import sys
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "e2e")]

from counts import conclude  # noqa: E402
from offices import (FINDINGS, PATIENCE, QUIET, TEST_SETTINGS, Gateway, Inbox, Mail, TwoOffices,  # noqa: E402
                     compose, octets_of, smtp, submit, wait_for)
from voices import SCENARIO_TYPE, melody, wav  # noqa: E402

KILLED = -9
TRIGGERS = {"at-once": "system-recognition", "user-reception": "user-reception", "scenario": "system-recognition",
            "together": "system-recognition", "inquiry": "system-recognition"}  # flow → what its mail says
PLANS = {"scenario": "play = message 2\nwait = 3s\nplay = message exchange\n",
         "together": "play = message 2, message 3\nat = 2026-01-01T09:00:00+09:00\nplay = message exchange\n",
         "inquiry": "play = message 2\npause = message exchange\n"}
VOICES = {"scenario": 1, "together": 2, "inquiry": 1}


class Point:
    """The nth time that gateway `office` comes to the fault point `name` in `flow`."""

    def __init__(self, flow: str, office: str, name: str, nth: int, starting: bool) -> None:
        self.flow = flow
        self.office = office
        self.name = name
        self.nth = nth
        self.starting = starting  # met before the flow begins

    def __str__(self) -> str:
        return f"{self.flow}, {self.office}: {self.name} (hit {self.nth})"

    def environment(self) -> dict[str, str]:
        return {"RINGPOST_FAULT": f"{self.name}:{self.nth}:kill"}


class Run:
    """One mail from office A to office B, with at most one kill."""

    def __init__(self, build: pathlib.Path, flow: str) -> None:
        self.offices = TwoOffices(build, TEST_SETTINGS)
        self.flow = flow
        self.kills = 0
        self.a_killed = False
        self.fetched: set[str] = set()
        self.replied: set[str] = set()  # mails of Taro that were looked at for questions

    def office(self, name: str) -> Gateway:
        return self.offices.a if name == "a" else self.offices.b

    def revive(self) -> bool:
        """Restarts, without its fault, a gateway that was killed; anything else that ends one is an error."""
        revived = False
        for gateway in self.offices.both:
            if gateway.process is not None and gateway.process.poll() == KILLED:
                self.kills += 1
                self.a_killed = self.a_killed or gateway is self.offices.a
                gateway.close_watch()
                gateway.start()
                gateway.wait_ready(PATIENCE * 2)
                revived = True
            gateway.check_alive()
        return revived

    def start(self, environments: dict[str, dict[str, str]]) -> None:
        for name in ("a", "b"):
            self.office(name).start(environments.get(name))
        for name in ("a", "b"):
            gateway = self.office(name)
            wait_for(lambda: not gateway.alive() or (gateway.state / "ready.json").exists(), PATIENCE * 2,
                     f"{gateway.domain} is ready or killed")
            if not gateway.alive():
                self.revive()
            else:
                try:
                    gateway.wait_ready(PATIENCE)
                except RuntimeError:
                    if not self.revive():
                        raise

    def patiently(self, action: str, step: object, seconds: float = PATIENCE * 3) -> object:
        """Repeats `step` over the connections that a kill breaks, until it returns something true."""
        assert callable(step)

        def attempt() -> object:
            self.revive()
            try:
                return step()
            except (OSError, EOFError, smtplib.SMTPException, poplib.error_proto, RuntimeError) as error:
                if isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600:
                    raise AssertionError(f"{action}: {error}") from error
                return None  # a connection that the kill broke: look again, until the time is over

        return wait_for(attempt, seconds, action)

    def send(self, mail: Mail) -> int:
        """As a mail client does: again until there is a 250. Returns how often it was tried."""
        tries = 0

        def once() -> bool:
            nonlocal tries
            tries += 1
            hanako = self.offices.a.user("2000")
            with smtp(self.offices.a, hanako) as client:
                for step in (lambda: client.mail(hanako["address"]),
                             lambda: client.rcpt(self.offices.b.user("2000")["address"]),
                             lambda: client.data(octets_of(mail))):
                    code, text = step()
                    if code != 250:
                        raise smtplib.SMTPResponseException(code, text)
            return True

        self.patiently("the mail is accepted", once)
        return tries

    def mail(self) -> Mail:
        mail = compose(self.offices.a.user("2000")["address"], self.offices.b.user("2000")["address"], "kill", fields={
            "Ringpost-Trigger": TRIGGERS[self.flow]})
        if self.flow in PLANS:
            for seed in range(VOICES[self.flow]):
                mail.add_attachment(wav(melody(0.5, seed=seed)), "audio", "wav", filename="message.wav")
            mail.add_attachment(PLANS[self.flow].encode(), *SCENARIO_TYPE, filename="plan.scenario")
        return mail

    def answer(self) -> None:
        """Taro says yes to whatever asks him: at the telephone, and to mails that ask after a call that was cut."""
        if self.flow != "inquiry":
            return
        asked = [part for row in self.offices.b.ask("request", "list")
                 for part in self.offices.b.ask("request", "show", row["number"])["contents"]
                 if part["medium"] == "inquiry"]
        if any(part["state"] == "dialling-second" for part in asked):
            try:
                self.offices.b.do("phone", "press", "2000", "1")
            except RuntimeError:
                pass  # it was over just then
        elif self.kills:
            self.answer_by_mail()

    def answer_by_mail(self) -> None:
        taro = self.offices.b.user("2000")
        letters = Inbox.__new__(Inbox)
        letters.gateway, letters.user, letters.known, letters.mails = self.offices.b, taro, set(self.replied), []
        letters.look()
        self.replied |= letters.known
        for mail in letters.mails:
            if mail["Message-ID"].startswith("<ringpost-inquiry."):
                submit(self.offices.b, taro, compose(taro["address"], mail["From"].addresses[0].addr_spec, "Re:",
                                                     text="OK\n", fields={"In-Reply-To": mail["Message-ID"]}))

    def fetch(self, again: bool = False) -> bool:
        """Taro fetches what he does not have yet (or everything `again`). As mail clients do, he counts on having a
        mail only when QUIT has been answered: after a session that breaks he fetches its mails once more. True: he has
        any."""
        if self.flow != "user-reception":
            return True
        new = set()
        taro = self.offices.b.user("2000")
        client = poplib.POP3(*self.offices.b.pop3, timeout=30)
        try:
            client.user(taro["address"])
            client.pass_(taro["secret"])
            for line in client.uidl()[1]:
                number, uid = line.decode("ascii").split(" ", 1)
                if again or uid not in self.fetched:
                    client.retr(int(number))
                    new.add(uid)
            client.quit()
        finally:
            client.close()
        self.fetched |= new
        return bool(self.fetched)

    def play(self) -> None:
        """Sends, waits for the end of every request, and checks what the module's first lines say."""
        hanako = self.offices.a.user("2000")
        inbox = Inbox.__new__(Inbox)  # its mailbox is empty: nothing need be fetched to know what was there before
        inbox.gateway, inbox.user, inbox.known, inbox.mails = self.offices.a, hanako, set(), []
        tries = self.send(self.mail())

        def ended() -> bool:
            self.fetch()
            self.answer()
            inbox.look()
            done = {fields["Request-Number"] for fields in inbox.results()}
            told = {fields["Request-Number"] for fields in inbox.notices()}
            if done and told != done:
                # The mail was sent twice, as no 250 came: its second request waits for the telephones of the first.
                phones = [phone["state"] for gateway in self.offices.both for phone in gateway.ask("phone", "list")]
                if phones.count("talking") == 2 and "ringing" not in phones:
                    self.offices.hang_up_all()
            return bool(done) and told == done

        self.patiently("every request is answered", ended)
        # The last points of the flow are met after the result has been fetched.
        self.settle(inbox)
        self.check_results(inbox, tries)
        rung = self.check_rings()
        self.offices.hang_up_all()
        for gateway in self.offices.both:
            gateway.kill()
        for gateway in self.offices.both:
            gateway.start()
        for gateway in self.offices.both:
            gateway.wait_ready(PATIENCE * 2)
        self.patiently("Taro fetches everything again", lambda: self.fetch(again=True))
        wait_for_quiet = time.monotonic() + QUIET
        wait_for(lambda: time.monotonic() > wait_for_quiet or self.check_rings() != rung, QUIET + 5, "a quiet moment")
        inbox.look()
        self.check_results(inbox, tries)
        if self.check_rings() != rung:
            raise AssertionError("a telephone rang although every request had ended")

    def settle(self, inbox: Inbox) -> None:
        """Both queues are empty and nothing is dialled, whatever was killed meanwhile."""
        def idle() -> bool:
            busy = any(row["state"] not in ("connected", "failed", "cancelled", "expired")
                       for gateway in self.offices.both for row in gateway.ask("request", "list"))
            queued = any(gateway.ask("queue", "list") for gateway in self.offices.both)
            inbox.look()
            return not busy and not queued

        self.patiently("both gateways have nothing left to do", idle)

    def check_results(self, inbox: Inbox, tries: int) -> None:
        counts = collections.Counter(fields["Request-Number"] for fields in inbox.results())
        twice = {number: count for number, count in counts.items() if count != 1}
        if twice:
            raise AssertionError(f"results were told more than once: {twice}")
        # Where the 250 was lost the client's repetition is a mail of its own: SMTP cannot tell (RFC 1047).
        if not 1 <= len(counts) <= tries:
            raise AssertionError(f"{len(counts)} results for a mail that was sent {tries} times: {inbox.results()}")
        causes = {"error", "source-busy", "busy"}
        if self.a_killed:
            causes.add("congestion")  # its simulated exchange died with it, and the trunk on which its telephone rang
        bad = [fields for fields in inbox.results()
               if fields["Result"] != "success" and fields.get("Cause") not in causes]
        if bad:
            raise AssertionError(f"a result that no kill explains: {bad}")

    def check_rings(self) -> int:
        """How many rings both call logs have; none of them twice for one attempt."""
        total = 0
        for gateway in self.offices.both:
            rings: collections.Counter[tuple[object, ...]] = collections.Counter()
            try:
                lines = (gateway.state / "call.log").read_text(encoding="utf-8").splitlines()
            except FileNotFoundError:
                lines = []
            for line in lines:
                entry = json.loads(line)
                if entry["event"] == "ring" and entry["attempt"]:
                    rings[(entry.get("origin"), entry["attempt"], entry["leg"], entry["number"])] += 1
            twice = [key for key, count in rings.items() if count > 1]
            if twice:
                raise AssertionError(f"{gateway.domain}: rung twice for one attempt: {twice}")
            total += sum(rings.values())
        return total

    def check_logs(self) -> None:
        for gateway in self.offices.both:
            log = gateway.log.read_text(encoding="utf-8", errors="replace")
            found = [word for word in FINDINGS if word in log]
            if found:
                raise AssertionError(f"{gateway.domain}: {log[log.index(found[0]):][:4000]}")


def hits(trace: pathlib.Path) -> list[str]:
    return trace.read_text(encoding="ascii").split() if trace.exists() else []


def explore(build: pathlib.Path, flow: str) -> list[Point]:
    """The fault points of one undisturbed flow: the first hit while it starts, and the first hit of the flow itself."""
    run = Run(build, flow)
    try:
        traces = {name: run.offices.directory / f"trace-{name}" for name in ("a", "b")}
        run.start({name: {"RINGPOST_FAULT_TRACE": str(trace)} for name, trace in traces.items()})
        starting = {name: collections.Counter(hits(trace)) for name, trace in traces.items()}
        # One call only, without the restart that ends play(): its points would be met a second time.
        hanako = run.offices.a.user("2000")
        inbox = Inbox(run.offices.a, hanako)
        run.send(run.mail())

        wait_for(run.fetch, PATIENCE, "the mail is fetched")

        def told() -> bool:
            run.answer()
            inbox.look()
            return bool(inbox.results())

        wait_for(told, PATIENCE * 2, "the result")
        run.settle(inbox)
        points = []
        for name, trace in traces.items():
            for point, count in collections.Counter(hits(trace)).items():
                if starting[name][point]:
                    points.append(Point(flow, name, point, 1, starting=True))
                if count > starting[name][point]:
                    points.append(Point(flow, name, point, starting[name][point] + 1, starting=False))
        return points
    finally:
        run.offices.remove()


def kill_at(build: pathlib.Path, point: Point) -> str | None:
    """One run that is killed at `point`; None if all holds, else what does not."""
    run = Run(build, point.flow)
    try:
        run.start({point.office: point.environment()})
        run.play()
        run.check_logs()
        if run.kills == 0:
            return "the point was not met"
        return None
    except Exception as error:  # every run is judged, whatever went wrong in this one
        shown = "\n".join(f"  end of the log of {gateway.domain}:\n{gateway.log_tail(25)}" for gateway in run.offices.both)
        return f"{error}\n{traceback.format_exc()}{shown}"
    finally:
        run.offices.kill()
        run.offices.remove()


def some_of(points: list[Point], count: int | None) -> list[Point]:
    """All, or `count` points of the flows, spread evenly."""
    if count is None or count >= len(points):
        return points
    flow = [point for point in points if not point.starting]
    return [flow[index * len(flow) // count] for index in range(min(count, len(flow)))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=HERE.parents[1] / "build" / "asan-ubsan")
    parser.add_argument("--flow", choices=[*TRIGGERS, "all"], default="all")
    parser.add_argument("--points", type=int, help="only so many of all flows together, spread evenly")
    parser.add_argument("--only", help="only points whose name contains this text")
    parser.add_argument("--jobs", type=int, default=3, help="runs at once; they mostly wait")
    parser.add_argument("--count", type=pathlib.Path, help="write `PASSED FAILED` to this file")
    chosen = parser.parse_args()

    points: list[Point] = []
    passed = failed = 0
    for flow in TRIGGERS if chosen.flow == "all" else [chosen.flow]:
        found = explore(chosen.build, flow)
        print(f"the flow {flow} meets {len(found)} fault points", flush=True)
        if any(point.name.startswith("commit:") for point in found):
            passed += 1
        else:
            failed += 1
            print("FAILED: no commit was traced (is the build one with fault points?)")
        # Gateways that start meet the same points, whatever the flow is.
        points += [point for point in found if not points or not point.starting]
    chosen_points = some_of([point for point in points if not chosen.only or chosen.only in point.name], chosen.points)
    tell = threading.Lock()

    def judge(point: Point) -> bool:
        begun = time.monotonic()
        wrong = kill_at(chosen.build, point)
        with tell:
            print(f"{'ok' if wrong is None else 'FAILED'}  {point}  ({time.monotonic() - begun:.1f} s)"
                  + ("" if wrong is None else f"\n{wrong}"), flush=True)
        return wrong is None

    with concurrent.futures.ThreadPoolExecutor(chosen.jobs) as pool:
        verdicts = list(pool.map(judge, chosen_points))
    passed += sum(verdicts)
    failed += len(verdicts) - sum(verdicts)
    return conclude(passed, failed, chosen.count)


if __name__ == "__main__":
    sys.exit(main())
