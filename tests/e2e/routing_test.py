# SPDX-License-Identifier: Apache-2.0
"""Mail for domains that the destination database does not know: the way by DNS, and one copy for each next hop."""
from __future__ import annotations

from far import FarCase, FarServer, wait_status
from dns_server import Name
from offices import Inbox, PATIENCE, wait_for

DEAD = "127.0.0.9"  # nobody listens there


class Routing(FarCase):
    def refused(self, address: str, status: str, words: str) -> None:
        inbox = Inbox(self.a, self.hanako)
        self.send([address])
        bounce = wait_status(inbox, "failed", address)
        text = bounce.as_string().replace("\n ", " ")
        self.assertIn(f"Status: {status}", text)
        self.assertIn(words, text)

    def waits_and_arrives(self, domain: str, words: str, repaired: Name) -> None:
        self.send([f"x@{domain}"])

        def reason() -> bool:
            rows = [row for row in self.a.ask("queue", "list") if row["recipient"] == f"x@{domain}"]
            return bool(rows) and words in str(rows[0])

        wait_for(reason, PATIENCE, f"the queue says {words}")
        self.zone[domain] = repaired
        self.arrived(self.far)

    def test_the_lowest_preference_is_tried_first_and_the_next_where_it_is_dead(self) -> None:
        self.zone["a.example"] = Name(mx=["30 mx.plain.example", "10 dead.example", "20 mx.far.example"])
        self.zone["dead.example"] = Name(addresses=[DEAD, "127.0.0.8"])
        self.send(["x@a.example"])
        self.arrived(self.far)
        self.assertEqual(self.plain.mails, [])

    def test_every_address_of_a_host_is_tried(self) -> None:
        self.zone["several.example"] = Name(addresses=[DEAD, "::1", "127.0.0.1"])
        self.send(["x@several.example"])
        self.arrived(self.far)

    def test_a_host_with_many_ipv6_addresses_is_reached_without_ipv6(self) -> None:
        self.zone["six.example"] = Name(addresses=["::1"] * 12 + ["127.0.0.1"])
        self.send(["x@six.example"])
        self.arrived(self.far)

    def test_a_server_that_greets_with_554_is_passed_over(self) -> None:
        surly = FarServer("127.0.0.3", self.far.port, greeting="554 no service")
        self.addCleanup(surly.close)
        self.zone["surly.example"] = Name(mx=["1 surly-mx.example", "2 mx.far.example"])
        self.zone["surly-mx.example"] = Name(addresses=["127.0.0.3"])
        self.send(["x@surly.example"])
        self.arrived(self.far)
        self.assertGreaterEqual(surly.sessions, 1)

    def test_without_mx_the_domain_itself_is_the_host(self) -> None:
        self.zone["implicit.example"] = Name(addresses=["127.0.0.1"])
        self.zone["alias.example"] = Name(alias="implicit.example")
        self.send(["x@implicit.example"])
        self.send(["x@alias.example"])
        self.arrived(self.far, 2)
        self.assertEqual({mail.addresses()[0] for mail in self.far.mails}, {"x@implicit.example", "x@alias.example"})

    def test_an_alias_with_mx(self) -> None:
        self.zone["other-name.example"] = Name(alias="far.example")
        self.send(["x@other-name.example"])
        self.arrived(self.far)

    def test_an_address_literal_needs_no_name(self) -> None:
        self.send(["x@[127.0.0.1]"])
        self.arrived(self.far)

    def test_null_mx(self) -> None:
        self.zone["null.example"] = Name(mx=["0 ."], addresses=["127.0.0.1"])
        self.refused("x@null.example", "5.1.10", "takes no mail")

    def test_a_domain_that_does_not_exist(self) -> None:
        self.refused("x@nowhere.example", "5.1.2", "there is no such domain")

    def test_hosts_without_addresses(self) -> None:
        self.zone["empty.example"] = Name(mx=["1 nowhere.example"])
        self.refused("x@empty.example", "5.4.4", "no host")

    def test_addresses_that_are_not_to_be_called(self) -> None:
        self.zone["forbidden.example"] = Name(addresses=["127.0.0.66"])
        self.refused("x@forbidden.example", "5.4.4", "no host")
        self.refused("x@[127.0.0.66]", "5.4.4", "not called")

    def test_an_own_name_among_the_hosts_is_a_loop(self) -> None:
        self.zone["loop.example"] = Name(mx=["10 OFFICE-A.example", "20 mx.far.example"])
        self.refused("x@loop.example", "5.4.6", "to this gateway")
        self.zone["before.example"] = Name(mx=["10 office-a.example", "5 mx.far.example"])
        self.send(["x@before.example"])
        self.arrived(self.far)

    def test_trouble_of_a_name_server_is_waited_for(self) -> None:
        good = Name(mx=["1 mx.far.example"])
        for manner in ("servfail", "refused", "silent", "garbage", "silent over tcp"):
            with self.subTest(manner):
                self.far.mails.clear()
                domain = f"{manner.replace(' ', '-')}.example"
                self.zone[domain] = Name(manner=manner)
                self.waits_and_arrives(domain, "the name servers do not say", good)

    def test_a_host_whose_address_nobody_can_say_is_waited_for(self) -> None:
        self.zone["later.example"] = Name(mx=["1 later-mx.example"])
        self.zone["later-mx.example"] = Name(manner="servfail")
        self.waits_and_arrives("later.example", "the name servers do not say", Name(addresses=["127.0.0.1"]))

    def test_a_truncated_answer_is_asked_for_by_tcp(self) -> None:
        self.zone["long.example"] = Name(mx=[f"{n} host-{n}.nowhere.example" for n in range(9, 600)]
                                         + ["1 mx.far.example"], manner="truncated")
        self.send(["x@long.example"])
        self.arrived(self.far)
        self.assertIn(("tcp", "long.example"), self.dns.asked)

    def test_answers_to_other_questions_are_not_believed(self) -> None:
        self.zone["lied.example"] = Name(mx=["10 mx.far.example"], manner="lies")
        self.zone["liar.example"] = Name(addresses=["127.0.0.2"])
        self.send(["x@lied.example"])
        self.arrived(self.far)
        self.assertNotIn(("udp", "liar.example"), self.dns.asked)

    def test_the_other_office_is_not_asked_for(self) -> None:
        self.send([self.taro["address"]])
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the mail has left")
        self.assertNotIn("office-b.example", {name for _, name in self.dns.asked})


class Copies(FarCase):
    def test_recipients_at_one_hop_get_one_copy(self) -> None:
        everybody = [f"r{n}@far.example" for n in range(5)]
        self.send([*everybody, "other@plain.example", self.taro["address"]])
        self.arrived(self.far)
        self.arrived(self.plain)
        self.assertEqual([mail.addresses() for mail in self.far.mails], [everybody])
        self.assertEqual([mail.addresses() for mail in self.plain.mails], [["other@plain.example"]])

    def test_each_recipient_has_its_own_end(self) -> None:
        self.far.replies = {"no@far.example": "550 5.1.1 no such person", "later@far.example": "450 4.2.0 busy"}
        inbox = Inbox(self.a, self.hanako)
        self.send(["yes@far.example", "no@far.example", "later@far.example"])
        bounce = wait_status(inbox, "failed", "no@far.example")
        self.assertIn("550 5.1.1 no such person", bounce.as_string().replace("\n ", " "))
        self.far.replies.clear()
        self.arrived(self.far, 2)
        self.assertEqual([mail.addresses() for mail in self.far.mails], [["yes@far.example"], ["later@far.example"]])
        wait_for(lambda: not self.a.ask("queue", "list"), PATIENCE, "the queue is empty")
        inbox.look()
        self.assertEqual(len(inbox.mails), 1)

    def test_too_many_for_one_copy_get_another_at_once(self) -> None:
        self.far.most = 2
        everybody = [f"m{n}@far.example" for n in range(5)]
        self.send(everybody)
        self.arrived(self.far, 3)
        self.assertEqual([len(mail.recipients) for mail in self.far.mails], [2, 2, 1])
        self.assertEqual(sorted(sum((mail.addresses() for mail in self.far.mails), [])), everybody)

    def test_those_who_are_asked_for_a_call_get_their_own(self) -> None:
        self.send(["a+call@far.example", "b+call@far.example", "c@far.example", "d@far.example"])
        self.arrived(self.far, 3)
        self.assertEqual(sorted(mail.addresses() for mail in self.far.mails),
                         [["a@far.example"], ["b@far.example"], ["c@far.example", "d@far.example"]])
