# SPDX-License-Identifier: Apache-2.0
"""From a mail with a document to the pages at a FAX machine that somebody else wrote."""
from __future__ import annotations

import dataclasses
import unittest

from office_case import long_run, wait_for  # first: it knows where the others are
from fax_case import A_FAX, Ended, FaxCase
from fax_pages import cells, drawn, grid_of, pdf, tiff
from offices import PATIENCE
from two_offices import Settings

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
        line, = self.logged("media.fax")
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

    @seldom
    def test_a_gateway_that_is_killed_in_the_fax_sends_it_again(self) -> None:
        """The pages of the call that was lost are not known to be confirmed: all of them go again."""
        pages = [PAGES[0], drawn(GRIDS[1], noisy_rows=100)]
        inbox = self.send_document("killed", tiff(pages), TIFF)
        wait_for(self.received_files, PATIENCE, "the machine has begun to receive")
        self.b.kill()
        self.b.start()
        self.b.wait_ready(PATIENCE * 2)
        self.sent(inbox, pages=2, attempts=2)
        self.assertEqual(self.told("CALLS"), "2")
        self.expect_pages(self.received()[-1], pages)


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
        self.machine("PERSON", "2001")
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


@seldom
class NoT38(OtherTrunk):
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

    def test_the_same_to_an_older_exchange(self) -> None:
        self.expect_arrives()
        self.assertIn("by=RTP", " ".join(self.logged("pbx.audio")))
