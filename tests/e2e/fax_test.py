# SPDX-License-Identifier: Apache-2.0
"""FAXes: from a mail to the pages that a FAX machine of a simulated exchange receives."""
from __future__ import annotations

import pathlib
import struct

from offices import Gateway, Inbox, Mail, build_directory, run, submit
from two_offices import Settings, TwoOffices, wait_for, write_private
from voices import VoiceCase, heard_at, melody, wav, whole

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
        result, first, second = self.blocks(inbox, 120)
        self.assertEqual(result["Result"], "success")
        self.assert_fax(first, "2", 3)
        self.assert_fax(second, "3", 1)
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
        self.assertTrue(whole(sound, heard_at(self.recordings(self.b)[heard])))
        self.assertEqual(len(self.faxes(self.b)), before)
        body = notice.get_body(("plain",))
        assert body is not None
        self.assertRegex(" ".join(body.get_content().split()), r"content 2: [^.]*TIFF")

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
        self.assertTrue(whole(sound, heard_at(self.recordings(self.b, "2001")[heard])))
        body = notice.get_body(("plain",))
        assert body is not None
        self.assertIn("the addressee has no FAX number", " ".join(body.get_content().split()))


class FaxesAndVoices(FaxCase):
    def test_a_voice_and_a_fax_at_the_same_time_are_both_over_before_the_next_step(self) -> None:
        sound = melody(2, seed=92)
        sent = tiff(self.offices.directory, 1)
        inbox = Inbox(self.a, self.hanako)
        marks = self.marks()
        before, heard = len(self.faxes(self.b)), len(self.recordings(self.b))
        submit(self.a, self.hanako, self.fax_mail("at once", ("audio/x-wav", wav(sound)), ("image/tiff", sent),
                                                  scenario="play = message 2, message 3\nplay = message 2\n"))
        result, voice, fax, *again = self.blocks(inbox, 90)
        self.assertEqual((result["Result"], len(again)), ("success", 1))
        self.assert_success(voice, "voice", "2")
        self.assert_fax(fax, "3", 1)
        self.assertEqual(self.received(self.b, before, 1), [pages_of(self.offices.directory, sent)])
        self.assertTrue(whole(sound, heard_at(self.recordings(self.b)[heard])))
        events = self.b.watch()
        told = {number: {event: [row["time"] for row in events.since(marks[1], number, event)]
                         for event in ("talking", "idle")} for number in ("2000", MACHINE)}
        first, second = told["2000"]["talking"]
        self.assertLess(told[MACHINE]["talking"][0], told["2000"]["idle"][0], "the FAX came behind the voice")
        self.assertLess(first, told[MACHINE]["idle"][0])
        self.assertLess(told[MACHINE]["idle"][0], second, "the next step did not wait for the FAX")

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
