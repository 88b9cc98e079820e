# SPDX-License-Identifier: Apache-2.0
"""FAXes: from a mail to the pages that a FAX machine of a simulated exchange receives."""
from __future__ import annotations

import pathlib
import signal
import smtplib
import struct

from offices import PATIENCE, Gateway, Inbox, Mail, blocks_of, build_directory, run, smtp, submit
from two_offices import Settings, TwoOffices, wait_for, write_private
from voices import VoiceCase, melody, wav

WIDTH = 1728
MACHINE = "2004"
ROWS = 200  # of a page: short, for a minute of FAX is a minute of test
Page = tuple[int, bytes]  # rows and pixels, 1 = black


def postscript(directory: pathlib.Path, device: list[str], code: str, name: str) -> bytes:
    out = directory / name
    run(["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", *device, f"-sOutputFile={out}", "-c", code])
    return out.read_bytes()


def tiff(directory: pathlib.Path, pages: int, seed: int = 0) -> bytes:
    """Pages as a FAX has them, nearly white, each with other marks."""
    code = "".join(f"{40 + 60 * page + 7 * seed} 40 30 {20 + 10 * page} rectfill 20 {10 + page} 500 1 rectfill "
                   "showpage " for page in range(pages))
    return postscript(directory, ["-sDEVICE=tiffg4", "-r204x98", f"-g{WIDTH}x{ROWS}"], code, "pages.tif")


def pdf(directory: pathlib.Path) -> bytes:
    """An A4 page with a black square of 2 inches, an inch from the left and from the bottom."""
    return postscript(directory, ["-sDEVICE=pdfwrite", "-g5950x8420"], "72 72 144 144 rectfill showpage", "page.pdf")


def pages_of(directory: pathlib.Path, octets: bytes) -> list[Page]:
    """The pixels of a black and white TIFF, read from what tiffcp makes of it."""
    coded, raw = directory / "coded.tif", directory / "raw.tif"
    coded.write_bytes(octets)
    run(["tiffcp", "-c", "none", "-r", "-1", "-f", "msb2lsb", str(coded), str(raw)])
    data = raw.read_bytes()
    order = "<" if data[:2] == b"II" else ">"
    pages, place = [], struct.unpack_from(order + "I", data, 4)[0]
    while place:
        tags = {}
        count = struct.unpack_from(order + "H", data, place)[0]
        for entry in range(count):
            tag, kind, _, = struct.unpack_from(order + "HHI", data, place + 2 + 12 * entry)
            tags[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, place + 10 + 12 * entry)[0]
        assert tags[256] == WIDTH, f"a page is {tags[256]} wide"
        bits = data[tags[273]:tags[273] + tags[279]]
        pages.append((tags[257], bits if tags[262] == 0 else bytes(255 - octet for octet in bits)))
        place = struct.unpack_from(order + "I", data, place + 2 + 12 * count)[0]
    return pages


def blackness(page: Page, left: float, right: float, top: float, bottom: float) -> float:
    """The share of black between these shares of the page's width and height."""
    rows, bits = page
    line = (WIDTH + 7) // 8
    columns = range(int(line * left), int(line * right))
    lines = range(int(rows * top), int(rows * bottom))
    return sum(bits[line * row + column].bit_count() for row in lines for column in columns) / (
        8 * len(columns) * len(lines))


def copy_of(directory: pathlib.Path, notice: Mail, content: str) -> list[Page]:
    """The pages of the PDF that a result carries; none: it has no such attachment."""
    for part in notice.walk():
        if part.get_filename() == f"fax-{content}.pdf":
            octets = part.get_payload(decode=True)
            assert part.get_content_type() == "application/pdf" and isinstance(octets, bytes)
            path, drawn = directory / "copy.pdf", directory / "copy.tif"
            path.write_bytes(octets)
            run(["gs", "-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-sDEVICE=tiffg4", "-r204x98",
                 f"-sOutputFile={drawn}", str(path)])
            return pages_of(directory, drawn.read_bytes())
    return []


class WithFaxNumbers(TwoOffices):
    """Taro's FAX is the machine of his office, Yuki's that of the other office, behind the trunk; Jiro has none."""

    numbers = {"taro": "+81442223304", "yuki": "+81441112204"}

    def _office(self, name: str, other: str, ports: dict[str, dict[str, int]]) -> Gateway:
        office = super()._office(name, other, ports)
        path = office.directory / "people.toml"
        lines = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("fax_number"):
                continue
            lines.append(line)
            lines += [f'fax_number = "{number}"' for who, number in self.numbers.items()
                      if line.startswith(f'address = "{who}@office-b')]
        write_private(path, "\n".join(lines) + "\n")
        return office


class FaxCase(VoiceCase):
    # Without the line above each page: what comes is compared with what was sent.
    settings = {**VoiceCase.settings, "media": {"fax_header": False}}

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return WithFaxNumbers(build_directory(), settings)

    def fax_mail(self, subject: str, *parts: tuple[str, bytes], to: str = "", scenario: str | None = None) -> Mail:
        """From Hanako, to Taro where nobody else is named; its first part is content 2."""
        mail = self.voice_mail(subject, scenario=None)
        if to:
            mail.replace_header("To", to)
        for kind, octets in parts:
            mail.add_attachment(octets, *kind.split("/"), filename="part")
        if scenario is not None:
            mail.add_attachment(scenario.encode(), "application", "vnd.ringpost.scenario", filename="plan.scenario")
        return mail

    @staticmethod
    def faxes(gateway: Gateway) -> list[pathlib.Path]:
        return sorted((gateway.state / "faxes").glob(f"{MACHINE}-*.tif"),
                      key=lambda path: int(path.stem.rpartition("-")[2]))

    def received(self, gateway: Gateway, before: int, count: int) -> list[list[Page]]:
        paths = wait_for(lambda: self.faxes(gateway)[before:] if len(self.faxes(gateway)) >= before + count else [],
                         10, f"the FAX machine of {gateway.domain} has received {count} documents")
        self.assertEqual(len(paths), count)
        return [pages_of(self.offices.directory, path.read_bytes()) for path in paths]

    def assert_fax(self, block: dict[str, str], content: str, pages: int) -> None:
        self.assert_success(block, "fax", content)
        self.assertEqual(block.get("Pages"), str(pages))


class Faxes(FaxCase):
    def test_a_tiff_and_a_pdf_are_received_as_they_were_sent(self) -> None:
        sent = tiff(self.offices.directory, 3)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.faxes(self.b))
        mail = self.fax_mail("tiff and pdf", ("image/tiff", sent), ("application/pdf", pdf(self.offices.directory)),
                             scenario="play = message 2\nplay = message 3\n")
        submit(self.a, self.hanako, mail)
        notice = self.result_mail(inbox, 120)
        result, first, second = blocks_of(notice) or []
        self.assertEqual(result["Result"], "success")
        self.assert_fax(first, "2", 3)
        self.assert_fax(second, "3", 1)
        self.assertEqual(copy_of(self.offices.directory, notice, "2"), pages_of(self.offices.directory, sent))
        self.assertEqual(len(copy_of(self.offices.directory, notice, "3")), 1)
        drawing, document = self.received(self.b, before, 2)
        self.assertEqual(drawing, pages_of(self.offices.directory, sent))
        self.assertNotEqual(drawing, pages_of(self.offices.directory, tiff(self.offices.directory, 3, seed=1)),
                            "the comparison takes anything for the document")
        self.assertEqual(len(document), 1)
        # The square: 72 to 216 of 595 points from the left, 72 to 216 of 842 from the bottom.
        self.assertGreater(blackness(document[0], 0.14, 0.34, 0.76, 0.90), 0.99)
        self.assertLess(blackness(document[0], 0.40, 1, 0, 1), 0.001)
        self.assertLess(blackness(document[0], 0, 1, 0, 0.72), 0.001)

    def test_a_damaged_tiff_is_refused_and_the_rest_is_performed(self) -> None:
        sound = melody(1, seed=90)
        inbox = Inbox(self.a, self.hanako)
        before, heard = len(self.faxes(self.b)), len(self.recordings(self.b))
        damaged = tiff(self.offices.directory, 1)[:90] + bytes(60)
        submit(self.a, self.hanako, self.fax_mail("damaged", ("image/tiff", damaged), ("audio/x-wav", wav(sound))))
        notice = self.result_mail(inbox)
        result, fax, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_failure(fax, "fax", "2", "bad-request")
        self.assert_success(voice, "voice", "3")
        self.assert_success(connection, "exchange", "exchange")
        self.expect_heard(sound, self.recordings(self.b)[heard])
        self.assertEqual(len(self.faxes(self.b)), before)
        body = notice.get_body(("plain",))
        assert body is not None
        self.assertRegex(" ".join(body.get_content().split()), r"コンテンツ2: TIFF画像が壊れています")

    def test_without_a_fax_number_the_rest_is_performed(self) -> None:
        sound = melody(1, seed=91)
        inbox = Inbox(self.a, self.hanako)
        heard = len(self.recordings(self.b, "2001"))
        mail = self.fax_mail("no FAX", ("image/tiff", tiff(self.offices.directory, 1)), ("audio/x-wav", wav(sound)),
                             to=self.jiro["address"])
        submit(self.a, self.hanako, mail)
        notice = self.result_mail(inbox)
        result, fax, voice, connection = self.blocks(inbox)
        self.assertEqual(result["Result"], "success")
        self.assert_failure(fax, "fax", "2", "no-such-number")
        self.assertNotIn("Pages", fax)
        self.assert_success(voice, "voice", "3")
        self.assert_success(connection, "exchange", "exchange")
        self.expect_heard(sound, self.recordings(self.b, "2001")[heard])
        body = notice.get_body(("plain",))
        assert body is not None
        self.assertIn("宛先のFAX番号が登録されていません", " ".join(body.get_content().split()))


class FaxesAndVoices(FaxCase):
    def test_a_voice_and_a_fax_at_the_same_time_are_both_over_before_the_next_step(self) -> None:
        sound = melody(2, seed=92)
        sent = tiff(self.offices.directory, 1)
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        before, heard = len(self.faxes(self.b)), len(self.recordings(self.b))
        submit(self.a, self.hanako, self.fax_mail("at once", ("audio/x-wav", wav(sound)), ("image/tiff", sent),
                                                  scenario="play = message 2, message 3\nplay = message 2\n"))
        number = inbox.completed()["Request-Number"]
        wait_for(lambda: self.in_order(self.b, number), 90, "all is performed")
        result, voice, fax, *again = self.blocks(inbox, 10)
        self.assertEqual((result["Result"], len(again)), ("success", 1))
        self.assert_success(voice, "voice", "2")
        self.assert_fax(fax, "3", 1)
        self.assertEqual(self.received(self.b, before, 1), [pages_of(self.offices.directory, sent)])
        self.expect_heard(sound, self.recordings(self.b)[heard])
        events = self.b.watch()
        told = {number: {event: [row["time"] for row in events.since(marks[1], number, event)]
                         for event in ("talking", "idle")} for number in ("2000", MACHINE)}
        first, _ = told["2000"]["talking"]
        self.assertLess(told[MACHINE]["talking"][0], told["2000"]["idle"][0], "the FAX came behind the voice")
        self.assertLess(first, told[MACHINE]["idle"][0])

    def test_a_busy_fax_is_tried_again(self) -> None:
        self.make_busy(self.b, MACHINE)
        sent = tiff(self.offices.directory, 1, seed=2)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.faxes(self.b))
        submit(self.a, self.hanako, self.fax_mail("busy", ("image/tiff", sent), scenario="play = message 2\n"))
        number = inbox.completed()["Request-Number"]

        def met_busy() -> bool:
            parts = self.b.ask("request", "show", number)["contents"]
            return any(part["medium"] == "fax" and part["state"] == "waiting" for part in parts)

        wait_for(met_busy, 20, "the FAX waits")
        self.assertEqual(len(self.faxes(self.b)), before)
        self.b.do("phone", "hangup", "2003")
        result, fax = self.blocks(inbox, 90)
        self.assertEqual(result["Result"], "success")
        self.assert_fax(fax, "2", 1)
        self.assertEqual(self.received(self.b, before, 1), [pages_of(self.offices.directory, sent)])


class FaxesOverTrunks(FaxCase):
    def test_a_machine_of_the_other_office_is_reached(self) -> None:
        sent = tiff(self.offices.directory, 2, seed=3)
        inbox = Inbox(self.a, self.hanako)
        here, there = len(self.faxes(self.a)), len(self.faxes(self.b))
        submit(self.a, self.hanako, self.fax_mail("far away", ("image/tiff", sent), to=self.yuki["address"],
                                                  scenario="play = message 2\n"))
        result, fax = self.blocks(inbox, 90)
        self.assertEqual(result["Result"], "success")
        self.assert_fax(fax, "2", 2)
        self.assertEqual(self.received(self.a, here, 1), [pages_of(self.offices.directory, sent)])
        self.assertEqual(len(self.faxes(self.b)), there)


class FaxAddresses(FaxCase):
    """`FAX=+81442223304@…` (RFC 3191): the machine of office B, asked of either gateway."""

    def log_of(self, gateway: Gateway) -> str:
        return gateway.log.read_text(encoding="utf-8", errors="replace")

    def test_a_mail_to_a_fax_address_is_sent_whole_in_one_call(self) -> None:
        """By the own gateway over the trunk, to a sub-address: the text, then what is attached."""
        sent = tiff(self.offices.directory, 1, seed=4)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.faxes(self.b))
        mail = self.fax_mail("to a machine", ("image/tiff", sent), to="FAX=+81-44-222-3304/T33S=77@office-a.example")
        del mail["Ringpost-Trigger"]
        submit(self.a, self.hanako, mail)
        notice = self.result_mail(inbox, 120)
        result, fax = blocks_of(notice) or []
        self.assertEqual((result["Result"], result["Destination-Number"]), ("success", "+81442223304"))
        self.assertEqual(str(notice["Subject"]), "+81442223304 へ送信しました: to a machine")
        completed = inbox.mails[0]
        self.assertEqual(str(completed["Subject"]), "送信完了: to a machine")
        self.assertIn("+81442223304 への録音・FAX の送信", completed.get_body().get_content())  # type: ignore[union-attr]
        self.assert_fax(fax, "1", 2)
        document, = self.received(self.b, before, 1)
        self.assertEqual(len(document), 2)
        self.assertGreater(blackness(document[0], 0, 1, 0, 0.2), 0.0005)  # the text
        self.assertEqual(document[1:], pages_of(self.offices.directory, sent))
        self.assertEqual(copy_of(self.offices.directory, notice, "1")[1:], document[1:])
        wait_for(lambda: "sub-address=77" in self.log_of(self.b), PATIENCE, "the machine was told the sub-address")

    def test_a_fax_address_of_another_office_is_performed_there(self) -> None:
        sent = tiff(self.offices.directory, 1, seed=5)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.faxes(self.b))
        mail = self.fax_mail("through the other office", ("image/tiff", sent), to="fax=+81442223304@office-b.example")
        mail.get_body(("plain",)).set_content("\n")  # type: ignore[union-attr]
        submit(self.a, self.hanako, mail)
        result, fax = blocks_of(self.result_mail(inbox, 120)) or []
        self.assertEqual(result["Result"], "success")
        self.assert_fax(fax, "1", 1)
        self.assertEqual(self.received(self.b, before, 1), [pages_of(self.offices.directory, sent)])
        self.assertTrue(any(row["number"] == result["Request-Number"] for row in self.b.ask("request", "list")))

    def test_who_may_not_and_what_cannot_be_sent_is_refused(self) -> None:
        machine = "FAX=+81442223304@office-a.example"
        with smtp(self.a, None) as client:
            client.ehlo()
            client.mail("somebody@elsewhere.example")
            code, text = client.rcpt(machine)
            self.assertEqual((code, text[:5]), (550, b"5.7.1"))
        with smtp(self.a, self.hanako) as client:
            client.ehlo()
            client.mail(self.hanako["address"])
            for address in ("FAX=+8144222p33@office-a.example", "FAX=@office-a.example"):
                code, text = client.rcpt(address)
                self.assertEqual((code, text[:5]), (550, b"5.6.0"), address)
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            submit(self.a, self.hanako, self.fax_mail("a sound", ("audio/x-wav", wav(melody(1, seed=93))), to=machine))
        self.assertEqual(refused.exception.smtp_code, 550)
        self.assertIn(b"content 2", refused.exception.smtp_error)
        emergency = self.fax_mail("emergency", ("image/tiff", tiff(self.offices.directory, 1)),
                                  to="FAX=119@office-a.example")
        with self.assertRaises(smtplib.SMTPDataError) as refused:
            submit(self.a, self.hanako, emergency)
        self.assertEqual(refused.exception.smtp_code, 550)


class InterruptedFaxes(FaxCase):
    settings = {**FaxCase.settings,
                "service": {"minimum_periodic": "1s", "default_periodic": "2s", "unreachable_retry": "2s"}}

    def test_a_gateway_that_is_killed_between_pages_goes_on_behind_the_confirmed_one(self) -> None:
        sent = tiff(self.offices.directory, 2, seed=6)
        self.b.stop()
        self.b.start({"RINGPOST_FAULT": "commit:request.progressed:after:1:kill"})
        self.b.wait_ready(PATIENCE * 2)
        inbox = Inbox(self.a, self.hanako)
        before = len(self.faxes(self.b))
        submit(self.a, self.hanako, self.fax_mail("killed", ("image/tiff", sent), scenario="play = message 2\n"))
        wait_for(lambda: not self.b.alive(), 60, "the gateway is killed")
        process = self.b.process
        assert process is not None
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        notice = self.result_mail(inbox, 90)
        result, fax = blocks_of(notice) or []
        self.assertEqual((result["Result"], result["Attempts"]), ("success", "2"))
        self.assert_fax(fax, "2", 2)
        pages = pages_of(self.offices.directory, sent)
        # The machine died with the gateway, in whose process it is: what it had got is lost with it.
        self.assertEqual(self.received(self.b, before, 1), [pages[1:]])
        self.assertEqual(copy_of(self.offices.directory, notice, "2"), pages)

    def test_a_gateway_that_is_stopped_while_a_machine_listens_ends_cleanly(self) -> None:
        self.b.stop()
        self.b.start({"MALLOC_PERTURB_": "165"})  # what is freed is overwritten at once
        self.b.wait_ready(PATIENCE * 2)
        mark = self.b.watch().mark()
        self.b.do("phone", "call", "2003", MACHINE)
        self.expect(self.b, mark, MACHINE, "talking")
        self.assertEqual(self.b.stop(), 0)
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)

    def test_of_a_fax_that_is_cancelled_the_confirmed_pages_are_told(self) -> None:
        sent = tiff(self.offices.directory, 3, seed=7)
        inbox = Inbox(self.a, self.hanako)
        submit(self.a, self.hanako, self.fax_mail("cancelled", ("image/tiff", sent), scenario="play = message 2\n"))
        number = inbox.completed()["Request-Number"]

        def pages() -> list[int]:
            return [part.get("pages") or 0 for part in self.b.ask("request", "show", number)["contents"]]

        wait_for(lambda: pages() and pages()[0] >= 1, 60, "a page is confirmed")
        self.b.do("request", "cancel", number)
        notice = self.result_mail(inbox, 30)
        result, fax = blocks_of(notice) or []
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "cancelled"))
        self.assert_failure(fax, "fax", "2", "cancelled")
        self.assertIn(fax["Pages"], ("1", "2"))
        self.assertEqual(copy_of(self.offices.directory, notice, "2"),
                         pages_of(self.offices.directory, sent)[:int(fax["Pages"])])
