# SPDX-License-Identifier: Apache-2.0
"""Two offices that offer TLS, with one certificate for both."""
from __future__ import annotations

import ssl

from offices import OfficesCase, Settings, TwoOffices, build_directory
from two_offices import THIS_MACHINE


class TlsCase(OfficesCase):
    names: tuple[str, ...] = THIS_MACHINE
    destination = ""

    @classmethod
    def make_offices(cls, settings: Settings) -> TwoOffices:
        return TwoOffices(build_directory(), settings, tls=cls.names, destination=cls.destination)

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.offices.certificate))
