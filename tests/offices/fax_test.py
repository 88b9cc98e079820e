# SPDX-License-Identifier: Apache-2.0
"""From a mail with a document to the pages at a FAX machine that somebody else wrote."""
from __future__ import annotations

import unittest

from office_case import long_run, wait_for  # first: it knows where the others are
from fax_case import A_FAX, FaxCase
from fax_pages import cells, drawn, grid_of, pdf, tiff

TIFF, PDF = ("image", "tiff"), ("application", "pdf")
GRIDS = [cells(seed) for seed in (11, 12, 13)]
NUMBER = "+81441112200"  # of who sends
seldom = unittest.skipUnless(long_run(), "takes long: --long")


class Documents(FaxCase):
    def test_three_pages_of_a_tiff_arrive_as_they_are(self) -> None:
        pages = [drawn(grid) for grid in GRIDS]
        inbox = self.send_document("tiff", tiff(pages), TIFF)
        self.sent(inbox, pages=3, attempts=1)
        received, = self.received()
        self.assertEqual(len(received), 3)
        for got, page in zip(received, pages):
            self.expect_same_page(got, page)
        self.assertEqual([grid_of(page) for page in received], GRIDS)
        self.assertNotEqual(grid_of(received[0]), GRIDS[1])
