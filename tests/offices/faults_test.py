# SPDX-License-Identifier: Apache-2.0
"""Whatever fails: no telephone is rung twice for one attempt, nobody is rung again who has answered, no leg is left,
every request has exactly one result, and those who talk go on talking."""
from __future__ import annotations

import json
import unittest
from typing import Any

from office_case import long_run  # first: it knows where the others are
from fault_case import ENDED, ERROR, LOST, SUCCESS, FaultCase
from proxy import Way
from two_offices import Gateway, write_private

seldom = unittest.skipUnless(long_run(), "takes long: --long")


class KilledGateway(FaultCase):
    """kill -9 of the gateway that performs the connection, at each step of it; the exchange lives on."""

    def killed_at(self, point: str, result: set[tuple[str, str]]) -> None:
        """At a commit; whoever rings answers by himself."""
        self.restart_with_fault(point)
        order = self.order()
        self.wait_killed()
        self.start(self.b)
        self.finish(order, result, talking=result == SUCCESS)

    # --- at the commits -------------------------------------------------------------------------------------------
    @seldom
    def test_before_the_attempt_is_stored(self) -> None:
        rung = self.taro.rung
        self.killed_at("commit:request.dial:before:1", SUCCESS)
        self.assertEqual(self.taro.rung, rung + 1)

    @seldom
    def test_after_the_attempt_is_stored_and_before_anything_rings(self) -> None:
        self.killed_at("commit:request.dial:after:1", SUCCESS)

    def test_before_the_answer_of_the_first_is_stored(self) -> None:
        self.killed_at("commit:request.first-answered:before:1", ERROR)

    @seldom
    def test_after_the_answer_of_the_first_is_stored(self) -> None:
        self.killed_at("commit:request.first-answered:after:1", ERROR)

    def test_before_the_connection_is_stored(self) -> None:
        self.killed_at("commit:request.connected:before:1", SUCCESS)

    @seldom
    def test_after_the_connection_is_stored(self) -> None:
        self.killed_at("commit:request.connected:after:1", SUCCESS)

    # --- at what people do ----------------------------------------------------------------------------------------
    @seldom
    def test_while_the_first_rings(self) -> None:
        order = self.ring(self.taro)
        self.kill()
        self.taro.answers = 0.3  # the next time; he may be rung as soon as the gateway is there
        self.start(self.b)
        self.finish(order, SUCCESS, talking=True)

    def test_while_the_first_rings_who_then_answers(self) -> None:
        order = self.ring(self.taro)
        self.kill()
        self.taro.accept()
        self.start(self.b)
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_the_second_rings(self) -> None:
        order = self.ring(self.hanako)
        self.kill()
        self.start(self.b)
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_the_second_rings_who_then_answers(self) -> None:
        """Asterisk hangs up who answers while nobody is connected to it."""
        order = self.ring(self.hanako)
        self.kill()
        self.hanako.accept()
        self.start(self.b)
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_both_talk(self) -> None:
        order = self.talk()
        self.hear(self.taro, self.hanako)
        self.kill()
        self.hear(self.taro, self.hanako)
        self.start(self.b)
        self.finish(order, SUCCESS, talking=True)

    @seldom
    def test_while_both_talk_and_one_hangs_up(self) -> None:
        order = self.talk()
        self.kill()
        self.taro.hang_up()
        self.wait(self.hanako.idle, "the exchange ends the other side too")
        self.start(self.b)
        self.finish(order, SUCCESS, talking=False)

    # --- and once more --------------------------------------------------------------------------------------------
    @seldom
    def test_again_while_it_settles_what_was_left(self) -> None:
        order = self.ring(self.taro)
        self.kill()
        for when in ("before", "after"):
            with self.subTest(when=when):
                self.b.start({"RINGPOST_FAULT": f"commit:request.interrupted:{when}:1:kill"})
                self.wait_killed()
        self.taro.answers = 0.3
        self.start(self.b)
        self.finish(order, SUCCESS, talking=True)

    @seldom
    def test_while_it_waits_for_a_release_that_comes_meanwhile(self) -> None:
        self.make_busy()
        order = self.order()
        self.wait(lambda: order.row().get("attempts") == 1, "it was busy")
        self.kill()
        self.jiro.hang_up()
        self.start(self.b)
        self.finish(order, SUCCESS, talking=True)



class CutLink(FaultCase):
    """The link between the gateway that performs the connection and its exchange."""

    def test_while_a_release_is_waited_for(self) -> None:
        since = len(self.log(self.b))
        self.make_busy()
        order = self.order()
        self.wait(lambda: order.row().get("attempts") == 1, "it was busy")
        self.cut()
        self.jiro.hang_up()
        self.wait(self.taro.idle, "Taro is idle")
        self.assertEqual(order.state(), "waiting")
        self.mend()
        self.expect_log(since, "pbx.link-down", "service.exchange-lost", "pbx.link-up", "service.exchange-regained")
        self.finish(order, SUCCESS, talking=True)

    def test_what_is_asked_for_meanwhile_waits(self) -> None:
        self.cut()
        order = self.order()
        self.wait(lambda: order.state() == "waiting", "it waits")
        self.assertFalse(self.b.ringpost("exchange", "check").returncode == 0)
        self.assertEqual((order.state(), order.results()), ("waiting", []))
        self.mend()
        self.finish(order, SUCCESS, talking=True)
        self.assertEqual(order.row()["attempts"], 1)

    @seldom
    def test_while_the_first_rings(self) -> None:
        order = self.ring(self.taro)
        self.cut()
        self.taro.answers = 0.3
        self.mend()
        self.finish(order, SUCCESS, talking=True)

    def test_while_the_first_rings_who_then_answers(self) -> None:
        order = self.ring(self.taro)
        self.cut()
        self.taro.accept()
        self.mend()
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_the_second_rings(self) -> None:
        order = self.ring(self.hanako)
        self.cut()
        self.mend()
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_the_second_rings_who_then_answers(self) -> None:
        order = self.ring(self.hanako)
        self.cut()
        self.hanako.accept()
        self.mend()
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_the_first_rings_who_then_hangs_up(self) -> None:
        order = self.ring(self.hanako)
        self.cut()
        self.taro.hang_up()
        self.mend()
        self.finish(order, ERROR, talking=False)

    @seldom
    def test_while_both_talk(self) -> None:
        order = self.talk()
        self.cut()
        self.hear(self.taro, self.hanako)
        self.mend()
        self.finish(order, SUCCESS, talking=True)

    @seldom
    def test_again_and_again(self) -> None:
        order = self.ring(self.taro)
        for answers in (None, None, 0.3):
            self.cut()
            self.taro.answers = answers
            self.mend()
        self.finish(order, SUCCESS, talking=True)

    @seldom
    def test_a_dead_router_is_noticed(self) -> None:
        """Nothing arrives any more and nothing is refused: only time tells."""
        order = self.ring(self.taro, Ring_Time="1m")
        self.proxy.set(Way.MUTE)
        self.wait_link(self.b, "down", 40)
        check = self.b.ringpost("exchange", "check")
        self.assertEqual(check.returncode, 1, check.stdout)
        self.assertIn("asterisk_url", check.stdout)
        self.taro.answers = 0.3
        self.mend()
        self.finish(order, SUCCESS, talking=True)

    @seldom
    def test_what_is_asked_for_behind_a_dead_router_waits(self) -> None:
        self.proxy.set(Way.MUTE)
        order = self.order()
        self.wait_link(self.b, "down", 40)
        self.assertNotIn(order.state(), ENDED, self.standing())
        self.mend()
        self.wait(lambda: self.taro.talks() and self.hanako.talks(), "Taro and Hanako talk", 60)
        self.finish(order, SUCCESS, talking=True)


class RestartedExchange(FaultCase):
    """The exchange of office B ends, and its conversations with it."""

    def test_while_a_release_is_waited_for(self) -> None:
        self.make_busy()
        order = self.order()
        self.wait(lambda: order.row().get("attempts") == 1, "it was busy")
        self.restart_exchange()
        self.finish(order, SUCCESS, talking=True)

    def test_a_release_after_it_is_noticed(self) -> None:
        self.restart_exchange()
        self.make_busy()
        order = self.order()
        self.wait(lambda: order.row().get("attempts") == 1, "it was busy")
        self.jiro.hang_up()
        self.finish(order, SUCCESS, talking=True)

    def test_while_the_first_rings(self) -> None:
        order = self.ring(self.taro)
        self.taro.answers = 0.3
        self.restart_exchange()
        self.finish(order, SUCCESS, talking=True)

    @seldom
    def test_while_the_second_rings(self) -> None:
        order = self.ring(self.hanako)
        self.restart_exchange()
        self.finish(order, LOST, talking=False)

    @seldom
    def test_while_both_talk(self) -> None:
        order = self.talk()
        self.wait(order.results, "the result is told")
        self.restart_exchange()
        self.finish(order, SUCCESS, talking=False)

    @seldom
    def test_killed_while_the_first_rings(self) -> None:
        """No telephone is told that the call is over: Taro gives up by himself."""
        order = self.ring(self.taro)
        child = self.office_b.asterisk.child
        assert child is not None
        child.kill()
        self.wait_link(self.b, "down")
        self.taro.hang_up()
        self.taro.answers = 0.3
        self.start_exchange()
        self.finish(order, SUCCESS, talking=True)

    def test_away_while_the_gateway_starts(self) -> None:
        """It serves mail without its exchange."""
        self.b.stop()
        self.office_b.asterisk.stop()
        self.start(self.b)
        order = self.order()
        self.wait(lambda: order.state() == "waiting", "it waits")
        self.assertEqual(self.link(self.b), "down")
        self.start_exchange()
        self.finish(order, SUCCESS, talking=True)
        self.assertEqual(order.row()["attempts"], 1)


class Misconfigured(FaultCase):
    """What an administrator may have got wrong."""

    def neighbour(self, name: str, **exchange: Any) -> Gateway:
        """One more gateway at the exchange of office B."""
        gateway = self.offices.neighbour(name, **exchange)
        self.addCleanup(lambda: self.assertEqual(gateway.stop(), 0, gateway.log_tail()))
        self.start(gateway)
        return gateway

    def check(self, gateway: Gateway, status: int) -> dict[str, str]:
        """What `exchange check` finds fault with, by name."""
        done = gateway.ringpost("exchange", "check", "--json")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return {row["what"]: row["text"] for row in json.loads(done.stdout) if not row["ok"]}

    # --- no context -----------------------------------------------------------------------------------------------
    def without_context(self) -> None:
        """Until the test ends the dial plan of office B has no context for the gateway."""
        asterisk = self.office_b.asterisk
        file = asterisk.home / "etc" / "ringpost.conf"
        text = file.read_text(encoding="utf-8")

        def change(to: str) -> None:
            file.write_text(to, encoding="utf-8")
            asterisk.cli("dialplan reload")

        self.addCleanup(change, text)
        change("")

    def test_without_the_context_the_gateway_keeps_the_conversation(self) -> None:
        self.without_context()
        self.assertIn("[ringpost]", self.check(self.b, 1)["context"])
        order = self.talk()
        self.finish(order, SUCCESS, talking=True)
        for one, other in ((self.taro, self.hanako), (self.hanako, self.taro)):
            with self.subTest(hangs_up=one.name):
                if one.idle():
                    self.talk()
                one.hang_up()
                self.wait(other.idle, "the other side is ended")
                self.wait(self.nothing_left, "nothing is left")

    def nothing_left(self) -> bool:
        asterisk = self.office_b.asterisk
        return not self.legs(self.office_b) and not asterisk.ask("/bridges")

    def test_a_kept_conversation_outlives_the_gateway_and_ends_after_its_restart(self) -> None:
        self.without_context()
        order = self.talk()
        self.kill()
        self.hear(self.taro, self.hanako)
        self.start(self.b)
        self.finish(order, SUCCESS, talking=True)
        self.taro.hang_up()
        self.wait(self.hanako.idle, "the other side is ended")
        self.wait(self.nothing_left, "nothing is left")

    def test_a_kept_conversation_that_ends_while_the_gateway_is_away(self) -> None:
        self.without_context()
        order = self.talk()
        self.kill()
        self.taro.hang_up()
        self.assertTrue(self.hanako.talks(), "nobody has ended the other side")
        self.start(self.b)
        self.wait(self.hanako.idle, "the other side is ended")
        self.finish(order, SUCCESS, talking=False)
        self.wait(self.nothing_left, "nothing is left")

    @seldom
    def test_a_kept_conversation_that_ends_while_the_link_is_cut(self) -> None:
        self.without_context()
        order = self.talk()
        self.cut()
        self.taro.hang_up()
        self.mend()
        self.wait(self.hanako.idle, "the other side is ended")
        self.finish(order, SUCCESS, talking=False)
        self.wait(self.nothing_left, "nothing is left")

    @seldom
    def test_a_kept_connection_that_was_not_stored(self) -> None:
        self.without_context()
        self.restart_with_fault("commit:request.connected:before:1")
        order = self.order()
        self.wait_killed()
        self.start(self.b)
        self.finish(order, SUCCESS, talking=True)
        self.taro.hang_up()
        self.wait(self.hanako.idle, "the other side is ended")

    # --- two gateways with one name -------------------------------------------------------------------------------
    def test_two_gateways_with_one_application(self) -> None:
        since = len(self.log(self.b))
        order = self.talk()
        second = self.neighbour("second")
        self.wait_link(second, "up")
        self.expect_log(since, "pbx.application-replaced")
        self.wait_link(self.b, "down")
        self.assertIn("asterisk_application", self.check(self.b, 1)["application"])
        shown = self.b.ringpost("exchange", "status").stdout
        self.assertIn("another gateway uses the application", shown)
        self.finish(order, SUCCESS, talking=True)
        self.assertEqual((self.link(self.b), self.link(second)), ("down", "up"), "the first leaves it to the second")
        second.stop()
        self.wait_link(self.b, "up")
        self.finish(order, SUCCESS, talking=True)

    # --- the rest -------------------------------------------------------------------------------------------------
    def test_a_wrong_password(self) -> None:
        file = self.offices.directory / "wrong-password"
        write_private(file, "wrong\n")
        found = self.check(self.neighbour("password", asterisk_password_file=str(file)), 1)
        self.assertEqual(list(found), ["user"])
        for word in ("ringpost", "exchange.asterisk_user", "exchange.asterisk_password_file", "ari.conf"):
            self.assertIn(word, found["user"])

    def test_a_wrong_url(self) -> None:
        address = self.office_b.asterisk.address
        for name, url in (("port", f"http://{address}:8089/ari"), ("path", f"http://{address}:8088/arj")):
            with self.subTest(url=url):
                found = self.check(self.neighbour(name, asterisk_url=url), 1)
                self.assertEqual(list(found), ["asterisk"])
                for word in (url, "exchange.asterisk_url", "http.conf"):
                    self.assertIn(word, found["asterisk"])

    def test_a_trunk_that_is_not_there(self) -> None:
        gateway = self.neighbour("trunk", asterisk_trunks=["+=PJSIP/{number}@carrier"], asterisk_application="trunk")
        self.wait_link(gateway, "up")
        found = self.check(gateway, 1)
        self.assertEqual(list(found), ["trunk"])
        for word in ("PJSIP/carrier", "exchange.asterisk_trunks", "pjsip.conf"):
            self.assertIn(word, found["trunk"])

    def test_a_module_that_is_not_loaded(self) -> None:
        asterisk = self.office_b.asterisk
        asterisk.cli("module unload func_callerid.so")
        self.addCleanup(asterisk.cli, "module load func_callerid.so")
        found = self.check(self.b, 1)
        self.assertEqual(list(found), ["modules"])
        for word in ("func_callerid.so", "modules.conf"):
            self.assertIn(word, found["modules"])

    def test_a_user_who_may_only_read(self) -> None:
        asterisk = self.office_b.asterisk
        with open(asterisk.home / "etc" / "ari.conf", "a", encoding="utf-8") as file:
            file.write(f"\n[reader]\ntype = user\nread_only = yes\npassword = {asterisk.password}\n")
        asterisk.cli("module reload res_ari.so")
        found = self.check(self.neighbour("reader", asterisk_user="reader", asterisk_application="reader"), 1)
        self.assertIn("read_only=no", found["user"])

    def test_an_exchange_that_is_as_it_should_be(self) -> None:
        self.assertEqual(self.check(self.b, 0), {})


if __name__ == "__main__":
    unittest.main()
