# SPDX-License-Identifier: Apache-2.0
"""What the tests of the two offices share. A test of the exchanges alone derives from BedCase; one of the whole way,
from a mail to what the telephones hear, from OfficesCase, which has everything that the end-to-end tests have."""
from __future__ import annotations

import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE.parent, HERE.parent / "e2e", HERE):
    sys.path.insert(0, str(folder))

import offices as end_to_end  # noqa: E402  (the paths come first)
from bed import Bed  # noqa: E402
from bed_offices import BedOffices  # noqa: E402
from class_runner import long_run  # noqa: E402,F401  (for the tests)
from offices import build_directory  # noqa: E402
from telephone import Telephone  # noqa: E402
from two_offices import Gateway, Settings  # noqa: E402


class BedCase(unittest.TestCase):
    """Two offices without gateways for all tests of a class; each test begins without calls."""

    bed: Bed

    @classmethod
    def setUpClass(cls) -> None:
        cls.bed = Bed()
        try:
            cls.bed.start()
        except BaseException:
            cls.bed.stop()
            raise

    @classmethod
    def tearDownClass(cls) -> None:
        cls.bed.stop()

    def tearDown(self) -> None:
        self.bed.check_alive()
        self.bed.hang_up_all()


class OfficesCase(end_to_end.OfficesCase):
    """Two offices with gateways, exchanges and telephones for all tests of a class."""

    offices: BedOffices

    @classmethod
    def make_offices(cls, settings: Settings) -> BedOffices:
        return BedOffices(build_directory(), settings)

    def telephone(self, gateway: Gateway, number: str) -> Telephone:
        return self.offices.telephone(gateway, number)

    def heard(self, gateway: Gateway, number: str, last: float | None = None) -> dict[int, float]:
        """Seconds of each tone that a telephone hears in its call, or in its last seconds."""
        return self.offices.heard(gateway, number, last)

    def expect_call(self, marks: tuple[int, int], first: tuple[Gateway, str], second: tuple[Gateway, str]) -> None:
        """As in the end-to-end tests, and each hears the tone of the other."""
        super().expect_call(marks, first, second)
        self.offices.wait_both_hear(self.telephone(*first), self.telephone(*second))
