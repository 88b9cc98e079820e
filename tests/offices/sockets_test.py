# SPDX-License-Identifier: Apache-2.0
"""The event sockets of the gateway: whatever becomes of them, the exchange goes on, and what is wrong has a name."""
from __future__ import annotations

import json
import threading
import unittest
from collections.abc import Iterator
from contextlib import contextmanager

from fault_case import SUCCESS, FaultCase  # first: it knows where the others are
from asterisk import Asterisk
from proxy import Way
from two_offices import write_private

ROUNDS = 12
DEVICES = 8


@contextmanager
def changing_devices(asterisk: Asterisk) -> Iterator[None]:
    """The state of some device of the exchange changes all the time."""
    over = threading.Event()

    def change(first: int) -> None:
        step = first
        while not over.is_set():
            step += 1
            state = ("INUSE", "NOT_INUSE")[step // DEVICES % 2]
            asterisk.ari("PUT", f"/deviceStates/Stasis:changing-{step % DEVICES}", deviceState=state)

    threads = [threading.Thread(target=change, args=(first,)) for first in (0, DEVICES // 2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


class Sockets(FaultCase):
    def trouble(self) -> str:
        return str(self.b.ask("exchange", "status").get("trouble", ""))

    def link_by_check(self) -> str:
        """What `exchange check` says of the link, after it has found that Asterisk answers requests."""
        rows = json.loads(self.b.ringpost("exchange", "check", "--json").stdout)
        self.assertEqual([row["ok"] for row in rows if row["what"] == "asterisk"], [True])
        return next(str(row["text"]) for row in rows if row["what"] == "link")

    # --- sockets that end suddenly --------------------------------------------------------------------------------
    def test_sockets_that_are_cut_while_devices_change(self) -> None:
        """Asterisk 22.10 stands still where an application with `subscribeAll` ends in such a moment."""
        with changing_devices(self.office_b.asterisk):
            for _ in range(ROUNDS):
                self.cut()
                self.mend()
        order = self.talk()
        self.finish(order, SUCCESS, talking=True)

    # --- devices --------------------------------------------------------------------------------------------------
    def test_a_telephone_that_is_added_is_listened_to(self) -> None:
        asterisk = self.office_b.asterisk
        file = asterisk.home / "etc" / "pjsip.conf"
        text = file.read_text(encoding="utf-8")

        self.addCleanup(write_private, file, text)
        asterisk.stop()
        self.wait_link(self.b, "down")
        write_private(file, text.replace("[2000](telephone)", "[2000-is-not-here](telephone)"))
        asterisk.start()
        self.wait_link(self.b, "up")
        self.assertNotIn("2000", asterisk.endpoints())
        write_private(file, text)
        asterisk.cli("module reload res_pjsip.so")
        self.office_b.wait_registered()
        self.make_busy()
        order = self.order()
        self.wait(lambda: order.row().get("attempts") == 1, "it was busy")
        self.jiro.hang_up()
        self.finish(order, SUCCESS, talking=True)

    # --- an exchange that stands still ----------------------------------------------------------------------------
    def test_an_exchange_that_answers_no_web_socket(self) -> None:
        self.proxy.set(Way.NO_SOCKETS)
        self.wait(lambda: "answers no WebSocket" in self.trouble(), "the trouble is named", 40)
        self.assertIn("restart Asterisk", self.link_by_check())
        self.assertEqual(self.link(self.b), "down")
        self.mend()
        self.assertEqual(self.trouble(), "")


if __name__ == "__main__":
    unittest.main()
