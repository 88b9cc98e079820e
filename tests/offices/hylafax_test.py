# SPDX-License-Identifier: Apache-2.0
"""From a mail with a document to the pages at a FAX machine that has nothing of ours: HylaFAX at an IAXmodem."""
from __future__ import annotations

import unittest
from typing import Any

from office_case import long_run, wait_for  # first: it knows where the others are
from fax_case import FaxCase, FaxOffices
from fax_pages import Rows, cells, drawn, grid_of, pages_of, pdf, tiff
from hylafax import MODULE, STATION, HylaFax
from offices import PATIENCE, blocks_of

GRIDS = [cells(seed) for seed in (31, 32, 33)]
PAGES = [drawn(grid) for grid in GRIDS]
TIFF, PDF = ("image", "tiff"), ("application", "pdf")
seldom = unittest.skipUnless(long_run(), "takes long: --long")


class HylaFaxOffices(FaxOffices):
    """The machine of office-a.example is HylaFAX's."""

    error_correction = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.hylafax: HylaFax | None = None

    def start(self, seconds: float = 20) -> None:
        self.hylafax = HylaFax(self.bed.a.asterisk, self.error_correction)
        self.hylafax.subscribe()
        self.change(self.bed.a, "modules.conf", "load = chan_pjsip.so\n", f"load = chan_pjsip.so\nload = {MODULE}\n")
        super().start(seconds)
        self.hylafax.start()

    def remove(self) -> None:
        try:
            if self.hylafax is not None:
                self.hylafax.stop()
                self.hylafax = None
        finally:
            super().remove()


class WithoutCorrection(HylaFaxOffices):
    error_correction = False


class HylaFaxCase(FaxCase):
    kind = HylaFaxOffices

    def setUp(self) -> None:
        super().setUp()
        self.machine("INSTEAD", HylaFax.DEVICE)
        self.hylafax.wait_idle()
        self.before = len(self.hylafax.files())

    @property
    def hylafax(self) -> HylaFax:
        assert isinstance(self.offices, HylaFaxOffices) and self.offices.hylafax is not None
        return self.offices.hylafax

    def expect_arrives(self, octets: bytes, kind: tuple[str, str]) -> list[Rows]:
        """In one call; the pages."""
        inbox = self.send_document(kind[1], octets, kind)
        blocks = blocks_of(self.sent(inbox, pages=3, attempts=1))
        assert blocks is not None
        self.assertEqual(blocks[1]["Remote-Id"], STATION)
        file, = wait_for(lambda: self.hylafax.files()[self.before:], PATIENCE, "the machine has stored the document")
        self.assertEqual(self.hylafax.pages()[self.before:], [3])
        return pages_of(file.read_bytes())

    def expect_corrects(self, expected: bool) -> None:
        """Whether each page came in numbered frames (T.30: PPS)."""
        self.assertEqual("RECV recv PPS" in self.hylafax.session(), expected)


@seldom
class ToHylaFax(HylaFaxCase):
    def test_three_pages_of_a_tiff_arrive_as_they_are(self) -> None:
        received = self.expect_arrives(tiff(PAGES), TIFF)
        self.expect_pages(received, PAGES)
        self.assertEqual([grid_of(page) for page in received], GRIDS)
        self.expect_corrects(True)

    def test_a_pdf_is_drawn_and_arrives(self) -> None:
        received = self.expect_arrives(pdf(GRIDS), PDF)
        self.assertEqual([grid_of(page) for page in received], GRIDS)


@seldom
class ToHylaFaxWithoutCorrection(HylaFaxCase):
    kind = WithoutCorrection

    def test_three_pages_of_a_tiff_arrive_as_they_are(self) -> None:
        self.expect_pages(self.expect_arrives(tiff(PAGES), TIFF), PAGES)
        self.expect_corrects(False)
