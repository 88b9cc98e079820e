# SPDX-License-Identifier: Apache-2.0
"""From a mail with a document to the pages at a FAX machine that somebody else wrote."""
from __future__ import annotations

import dataclasses
import signal
import unittest

from office_case import long_run, wait_for  # first: it knows where the others are
from fax_case import A_FAX, MACHINE, Ended, FaxCase
from fax_pages import cells, drawn, grid_of, pdf, tiff
from offices import PATIENCE, Inbox, compose, submit
from tones import read_wav
from two_offices import Settings
from udptl import Wire
from voices import SCENARIO_TYPE, expect_whole, melody, wav

TIFF, PDF = ("image", "tiff"), ("application", "pdf")
GRIDS = [cells(seed) for seed in (11, 12, 13)]
PAGES = [drawn(grid) for grid in GRIDS]
NUMBER = "+81441112200"  # of who sends
seldom = unittest.skipUnless(long_run(), "takes long: --long")


class FaxToAsterisk(FaxCase):
    settings: Settings = {"service": {"minimum_periodic": "1s", "default_periodic": "2s", "unreachable_retry": "2s"}}

    def expect_one_call(self, error_correction: bool) -> None:
        """The machine took one call, whole and at full speed, and knows who has called."""
        self.assertEqual([dataclasses.replace(end, number=1) for end in self.ends()],
                         [Ended(1, "SUCCESS", len(GRIDS), 14400, NUMBER)])
        line, = wait_for(lambda: self.logged("media.fax"), PATIENCE, "the gateway has told of the call")
        self.assertIn(f"error-correction={str(error_correction).lower()}", line)

    def test_three_pages_of_a_tiff_arrive_as_they_are(self) -> None:
        inbox = self.send_document("tiff", tiff(PAGES), TIFF)
        self.sent(inbox, pages=3, attempts=1)
        self.expect_one_call(error_correction=True)
        received, = self.received()
        self.expect_pages(received, PAGES)
        self.assertEqual([grid_of(page) for page in received], GRIDS)
        self.assertNotEqual(grid_of(received[0]), GRIDS[1])

    @seldom
    def test_a_pdf_is_drawn_and_arrives(self) -> None:
        inbox = self.send_document("pdf", pdf(GRIDS), PDF)
        self.sent(inbox, pages=3, attempts=1)
        self.expect_one_call(error_correction=True)
        received, = self.received()
        self.assertEqual([grid_of(page) for page in received], GRIDS)

    @seldom
    def test_to_a_machine_that_corrects_no_errors(self) -> None:
        self.machine("ECM", "no")
        inbox = self.send_document("no ecm", tiff(PAGES), TIFF)
        self.sent(inbox, pages=3, attempts=1)
        self.expect_one_call(error_correction=False)
        received, = self.received()
        self.expect_pages(received, PAGES)


class WithAVoice(FaxCase):
    @seldom
    def test_a_voice_and_a_fax_at_the_same_time_are_both_over_before_the_next_step(self) -> None:
        sound, again = melody(3, seed=121), melody(2, seed=122)
        marks, before = self.marks(), len(self.telephone(self.b, "2000").recordings())
        inbox = Inbox(self.a, self.hanako)
        mail = self.voice_mail("both", sound)
        mail.add_attachment(tiff(PAGES[:1]), *TIFF, filename="page.tif")
        mail.add_attachment(wav(again), "audio", "wav", filename="again.wav")
        mail.add_attachment(b"play = message 2, message 3\nplay = message 4\n", *SCENARIO_TYPE, filename="plan.scenario")
        submit(self.a, self.hanako, mail)
        self.expect(self.b, marks[1], "2000", "talking")
        wait_for(lambda: self.told("CALLS") == "1", PATIENCE, "the machine is called meanwhile")
        self.assertFalse(self.ends(), "the FAX was over before the voice began")
        self.expect(self.b, marks[1], "2000", "idle")
        self.assertFalse(self.ends(), "the voice took longer than the FAX")
        number = inbox.completed()["Request-Number"]
        wait_for(lambda: self.in_order(self.b, number), A_FAX, "all is performed")
        result, *blocks = self.blocks(inbox, 10)
        self.assertEqual(result["Result"], "success")
        played = {block["Content"]: block for block in blocks}
        self.assert_success(played["2"], "voice", "2")
        self.assert_success(played["3"], "fax", "3")
        self.assert_success(played["4"], "voice", "4")
        first, second = self.telephone(self.b, "2000").recordings()[before:]
        for original, path in ((sound, first), (again, second)):
            expect_whole(self, original, list(read_wav(path)))
        received, = self.received()
        self.expect_pages(received, PAGES[:1])


@seldom
class ByAddress(FaxCase):
    def test_a_fax_address_reaches_the_machine(self) -> None:
        """Of the own office, whose gateway dials it over the trunk; the text and the document in one call."""
        inbox = Inbox(self.b, self.taro)
        mail = compose(self.taro["address"], f"FAX={MACHINE}/T33S=42@{self.b.domain}", "by address")
        mail.add_attachment(tiff(PAGES[:1]), *TIFF, filename="page.tif")
        submit(self.b, self.taro, mail)
        result, document = self.blocks(inbox, A_FAX)
        self.assertEqual((result["Result"], result["Destination-Number"]), ("success", MACHINE))
        self.assert_success(document, "fax", "1")
        self.assertEqual(document["Pages"], "2")
        received, = self.received()
        self.expect_same_page(received[1], PAGES[0])


@seldom
class Killed(FaxCase):
    """kill -9 of the gateway that sends, in each step of a FAX of two pages: what the machine has confirmed is not sent
    again, everything else is."""

    settings: Settings = {"service": {"minimum_periodic": "1s", "default_periodic": "2s", "unreachable_retry": "2s"}}
    pages = PAGES[:2]

    def start_with(self, fault: str) -> None:
        self.b.stop()
        self.b.start({"RINGPOST_FAULT": fault})
        self.b.wait_ready(PATIENCE * 2)

    def expect_killed(self) -> None:
        wait_for(lambda: not self.b.alive(), A_FAX, "the gateway is killed")
        process = self.b.process
        assert process is not None
        self.assertEqual(process.returncode, -signal.SIGKILL)

    def restart(self) -> None:
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)

    def killed_at(self, fault: str) -> Inbox:
        self.start_with(f"commit:request.{fault}:kill")
        inbox = self.send_document(fault, tiff(self.pages), TIFF)
        self.expect_killed()
        self.restart()
        return inbox

    def expect_calls(self, *pages: int) -> None:
        """The pages that came in each call that the machine has answered."""
        wait_for(lambda: len(self.ends()) == len(pages), PATIENCE * 2, "all calls are over")
        self.assertEqual([end.pages for end in self.ends()], list(pages))

    def test_before_it_dials(self) -> None:
        self.sent(self.killed_at("dial:after:1"), pages=2, attempts=2)
        self.assertEqual(self.told("CALLS"), "1")
        self.expect_calls(2)

    def test_while_it_rings(self) -> None:
        self.machine("RING", "4")
        inbox = self.send_document("rings", tiff(self.pages), TIFF)
        wait_for(lambda: self.told("CALLS") == "1", PATIENCE, "the machine is called")
        self.b.kill()
        self.machine("RING", "")
        self.restart()
        self.sent(inbox, pages=2, attempts=2)
        self.assertEqual(self.told("CALLS"), "2")
        self.expect_pages(self.received()[-1], self.pages)

    def test_in_page_1(self) -> None:
        inbox = self.send_document("page 1", tiff([drawn(GRIDS[0], noisy_rows=60), self.pages[1]]), TIFF)
        wait_for(self.received_files, PATIENCE, "the machine has begun to receive")
        self.b.kill()
        self.restart()
        self.sent(inbox, pages=2, attempts=2)
        self.expect_calls(0, 2)

    def test_between_the_pages(self) -> None:
        mail = self.sent(self.killed_at("progressed:after:1"), pages=2, attempts=2)
        self.assertIn("fax-2.pdf", [part.get_filename() for part in mail.walk()])
        self.expect_pages(self.received()[-1], self.pages[1:])
        self.assertEqual(self.ends()[-1].pages, 1)

    def test_with_the_last_page_confirmed(self) -> None:
        """The result is stored with the last page: nothing is called again."""
        self.sent(self.killed_at("progressed:after:2"), pages=2, attempts=1)
        self.expect_quiet_machine()
        self.expect_pages(self.received()[-1], self.pages)

    def test_before_the_last_page_is_stored(self) -> None:
        """Confirmed, but nobody knows: only this page goes again."""
        self.sent(self.killed_at("progressed:before:2"), pages=2, attempts=2)
        self.expect_pages(self.received()[-1], self.pages[1:])

    def expect_quiet_machine(self) -> None:
        self.expect_quiet((self.a.watch().mark(), self.b.watch().mark()), 5)
        self.assertEqual(self.told("CALLS"), "1")


@seldom
class DifficultMachines(FaxCase):
    settings: Settings = {"service": {"minimum_periodic": "1s", "default_periodic": "2s", "unreachable_retry": "2s"}}

    def test_a_machine_that_hangs_up_in_page_2_gets_the_rest_in_another_call(self) -> None:
        """Page 1 takes it some 10 s, page 2 half a minute."""
        pages = [PAGES[0], drawn(GRIDS[1], noisy_rows=100), PAGES[2]]
        self.machine("SECONDS", "22")
        inbox = self.send_document("broken", tiff(pages), TIFF)
        self.sent(inbox, pages=3, attempts=2)
        self.assertEqual([end.pages for end in self.ends()], [1, 2])
        first, second = self.received()
        self.expect_pages(first, pages[:1])
        self.expect_pages(second, pages[1:])

    def test_a_machine_that_has_taken_a_page_is_called_again_though_it_answers_as_no_fax(self) -> None:
        pages = [PAGES[0], drawn(GRIDS[1], noisy_rows=100)]
        self.machine("SECONDS", "22")
        inbox = self.send_document("broken twice", tiff(pages), TIFF)
        for seconds in ("0.05", ""):
            wait_for(lambda: not self.told("SECONDS"), A_FAX, "the machine has answered")
            self.machine("SECONDS", seconds)
        self.sent(inbox, pages=2, attempts=3)
        self.assertEqual([end.pages for end in self.ends() if end.pages], [1, 1])
        self.expect_pages(self.received()[-1], pages[1:])

    def test_a_machine_that_is_busy_and_then_out_of_reach_is_called_again(self) -> None:
        for cause in ("17", "34"):
            self.machine("CAUSE", cause)
            if cause == "17":
                inbox = self.send_document("busy", tiff(PAGES[:1]), TIFF)
            wait_for(lambda: not self.told("CAUSE"), PATIENCE, "the machine has refused a call")
        self.sent(inbox, pages=1, attempts=3)
        self.assertEqual(self.told("CALLS"), "3")
        received, = self.received()
        self.expect_pages(received, PAGES[:1])

    def test_a_person_at_the_number_is_not_called_again(self) -> None:
        marks = self.marks()
        self.machine("INSTEAD", "PJSIP/2001")
        inbox = self.send_document("person", tiff(PAGES[:1]), TIFF)
        self.expect(self.a, marks[0], "2001", "talking")
        result, document = self.blocks(inbox, A_FAX)
        self.assertEqual((result["Result"], result["Cause"], result["Attempts"]), ("failure", "rejected", "1"))
        self.assert_failure(document, "fax", "2", "rejected")
        self.expect_idle(self.a, "2001")
        self.expect_quiet((self.a.watch().mark(), self.b.watch().mark()), 5)


class OtherTrunk(FaxCase):
    def expect_arrives(self, options: str = "") -> None:
        self.machine("OPTIONS", options)
        inbox = self.send_document(type(self).__name__, tiff(PAGES), TIFF)
        self.sent(inbox, pages=3, attempts=1)
        received, = self.received()
        self.expect_pages(received, PAGES)


@seldom
class ALaw(OtherTrunk):
    trunk = ("disallow = all", "allow = alaw")

    def test_over_a_trunk_of_another_coding(self) -> None:
        """The exchange makes A-law of µ-law and back: the sound is not quite the same."""
        self.expect_arrives()


class T38Trunk(FaxCase):
    """Both exchanges can T.38; the machine asks for it in the middle of the call."""

    trunk: tuple[str, ...] = ("t38_udptl = yes", "t38_udptl_ec = redundancy")

    def expect_t38(self, options: str) -> None:
        self.machine("OPTIONS", options)
        here, there = (office.asterisk.address for office in (self.office(self.b), self.office(self.a)))
        with Wire(here, there) as wire:
            inbox = self.send_document(options or "only t38", tiff(PAGES[:2]), TIFF)
            self.sent(inbox, pages=2, attempts=1)
        received, = self.received()
        self.expect_pages(received, PAGES[:2])
        # Data both ways: pages to the machine, and its answers.
        self.assertGreater(wire.packets[here, True], 100, wire.packets)
        self.assertGreater(wire.packets[there, True], 20, wire.packets)


@seldom
class T38(T38Trunk):
    def test_a_machine_that_takes_nothing_but_t38(self) -> None:
        for _ in range(3):  # whatever the sequence numbers of its sound were
            for file in self.received_files():
                file.unlink()
            self.machine("CALLS", "")
            self.expect_t38("")

    def test_a_machine_that_would_also_take_sound(self) -> None:
        self.expect_t38("f")


@seldom
class NoT38(OtherTrunk):
    """The same trunk; but Asterisk is not asked to translate."""

    settings: Settings = {"exchange": {"asterisk_t38": False}}
    trunk = ("t38_udptl = yes",)

    def test_a_machine_that_asks_for_t38_goes_on_with_sound(self) -> None:
        self.expect_arrives("f")

    def test_a_machine_that_takes_nothing_but_t38_is_not_reached(self) -> None:
        inbox = self.send_document("only t38", tiff(PAGES[:1]), TIFF)
        result = self.blocks(inbox, A_FAX)[0]
        self.assertEqual((result["Result"], result["Cause"]), ("failure", "rejected"))


@seldom
class ByRtp(OtherTrunk):
    """An Asterisk before 20.16, 21.11 and 22.6: the gateway sends the sound in packets of its own."""

    without = "chan_websocket.so"

    trunk = ("t38_udptl = yes", "t38_udptl_ec = redundancy")

    def test_the_same_to_an_older_exchange(self) -> None:
        here, there = (office.asterisk.address for office in (self.office(self.b), self.office(self.a)))
        with Wire(here, there) as wire:
            self.expect_arrives("f")  # would like T.38, and is not offered it
        self.assertFalse(any(wire.packets.values()), wire.packets)
        self.assertIn("by=RTP", " ".join(self.logged("pbx.audio")))
