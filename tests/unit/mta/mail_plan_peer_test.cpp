// SPDX-License-Identifier: Apache-2.0
// What becomes of a mail that a peer gateway relayed (spec 2.2, 8).
#include "plan_office.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

TEST_CASE("A peer's order is performed under its number, with the destination from our directory")
{
    Office office;
    auto order = order_of_b();
    order.language = "ja";
    order.express = true;
    const auto plan = office(from_office_b({hanako}, field_of(order)));
    const auto request = request_of(plan);
    CHECK(request.number == "77@office-b.example");
    CHECK(plan->seen_id == "77@office-b.example");
    CHECK(request.destination_device == "2001");
    CHECK(request.source_device == "+81443332000");
    CHECK(request.submitter.name == "office-b.example");
    CHECK(request.sender == jiro_b);
    CHECK(request.language == "ja");
    CHECK(request.name == "Jiro");
    CHECK(request.state == RequestState::held);
    CHECK(plan->express);
    CHECK(office.numbers == 0);
    REQUIRE(plan->audit.size() == 1);
    CHECK(plan->audit[0].allowed);
}

TEST_CASE("Numbers of a peer are read at this exchange: own extension first, then conversion")
{
    Office office;
    struct Row
    {
        std::string written;
        std::string device;
    };
    const auto row = GENERATE(values<Row>({{"2000", "2000"},
                                           {"044-222-3300", "2000"},
                                           {"+81 44 222 3377", "2077"},
                                           {"044-333-2222", "+81443332222"},
                                           {"4000", "4000"}}));
    auto order = order_of_b();
    order.destination_number = row.written;
    CHECK(request_of(office(from_office_b({hanako}, field_of(order)))).destination_device == row.device);
}

TEST_CASE("A peer names sources inside its own ranges only, whatever it calls them")
{
    Office office;
    // 2000 would be Taro's telephone here, and +8144222… are our own numbers.
    const auto source = GENERATE(as<std::string>{}, "2000", "+81442223300", "+81444441111", "+81312345678", "2900");
    auto order = order_of_b();
    order.source_number = source;
    require_refused(office(from_office_b({hanako}, field_of(order))), Cause::refused, "no range of office-b.example");
}

TEST_CASE("A peer's order that may not be performed ends at once and leaves an ordinary mail")
{
    Office office([](Rows& rows) { rows.permissions = {{"office-b.example", "toll", ""}}; });
    auto order = order_of_b();
    require_refused(office(from_office_b({hanako}, field_of(order))), Cause::refused, "no permission for own 2001");
    order.kind = RequestKind::transfer_entry;
    require_refused(office(from_office_b({hanako}, field_of(order))), Cause::refused, "not offered");
    order = order_of_b();
    order.network = NetworkType::public_network;
    require_refused(office(from_office_b({hanako}, field_of(order))), Cause::bad_request, "toll, not public");
    order = order_of_b();
    order.source_number = "";
    require_refused(office(from_office_b({hanako}, field_of(order))), Cause::bad_request, "Source-Number");
    require_refused(office(from_office_b({"jiro@office.example"}, field_of(order_of_b()))), Cause::bad_request,
                    "has no telephone of jiro@office.example");
}

TEST_CASE("A field of a peer that nobody could have written is a bad request")
{
    Office office;
    auto order = order_of_b();
    const std::string tail = "; source=+81443332000\r\n";
    const auto field =
        GENERATE_COPY(as<std::string>{}, "Ringpost-Exchange: nonsense\r\n", "Ringpost-Exchange: kind=camp-on" + tail,
                      "Ringpost-Exchange: id=\"1%0D%0Ax@b\"; kind=camp-on" + tail,
                      "Ringpost-Exchange: id=1@b.example; kind=camp-on; name=\"%FF\"" + tail,
                      "Ringpost-Exchange: id=1@b.example; kind=camp-on; destination=abc" + tail,
                      "Ringpost-Exchange: id=1@b.example; kind=camp-on; retry-every=1s" + tail,
                      "Ringpost-Exchange: id=1@b.example; kind=camp-on; monitor-time=31d" + tail,
                      "Ringpost-Exchange: id=1@b.example; kind=camp-on; language=\"%00\"" + tail,
                      "Ringpost-Exchange: id=1@b.example; kind=cancel\r\n");
    INFO(field);
    auto letter = from_office_b({hanako}, field);
    const auto plan = office(letter);
    require_refused(plan, Cause::bad_request, "");
    CHECK(contains(request_of(plan).number, "@office.example"));
    letter.reverse_path = "";
    CHECK(ordinary(office(letter)));
}

TEST_CASE("An order of a peer in an automatic mail or one without sender makes no request and no answer")
{
    Office office;
    auto letter = from_office_b({hanako}, field_of(order_of_b()) + "Auto-Submitted: auto-generated\r\n");
    CHECK(ordinary(office(letter)));
    CHECK(noted(office(letter), "start no calls"));
    letter = from_office_b({hanako}, field_of(order_of_b()));
    letter.reverse_path = "";
    CHECK(ordinary(office(letter)));
    CHECK(noted(office(letter), "start no calls"));
    letter = from_office_b({hanako}, "Auto-Submitted: auto-replied\r\nRingpost-Trigger: never\r\n");
    CHECK(ordinary(office(letter)));
}

TEST_CASE("A part in a peer's mail counts only where the field is missing")
{
    Office office;
    auto letter = from_office_b({hanako}, "");
    const std::string text = "Source-Number: 044-333-2000\r\nTrigger: system-recognition";
    letter.octets = with_part(jiro_b, part_type, "a", text);
    const auto request = request_of(office(letter));
    CHECK(request.trigger == Trigger::system_recognition);
    CHECK(request.source_device == "+81443332000");
    CHECK(contains(request.number, "@office.example"));
    letter.octets = with_part(jiro_b, part_type, "a", text, "Ringpost-Exchange: id=9@office-b.example\r\n");
    CHECK(ordinary(office(letter)));
    CHECK(office(letter)->seen_id == "9@office-b.example");
    letter.octets = with_part(jiro_b, part_type, "a", "Trigger: never");
    require_refused(office(letter), Cause::bad_request, "Trigger");
    letter.octets = with_part(jiro_b, part_type, "a", "Trigger: system-recognition");
    require_refused(office(letter), Cause::bad_request, "Source-Number");
    letter.octets = with_part(jiro_b, part_type, "a", "Request: interruptive-connection");
    require_refused(office(letter), Cause::refused, "not offered");
    letter.octets = with_part(jiro_b, part_type, "a", "Source-Number: 2000");
    require_refused(office(letter), Cause::refused, "no range of office-b.example");
    CHECK(request_of(office(letter)).source_number == "2000");
}

TEST_CASE("A peer's mail without the field keeps to one telephone and the number of calls")
{
    Office office;
    const std::string source = "Ringpost-Source-Number: 044-333-2000\r\n";
    auto plan = office(from_office_b({hanako, taro}, source + "Ringpost-Destination-Number: 2900\r\n"));
    REQUIRE(plan.has_value());
    for (const auto& recipient : plan->recipients)
    {
        CHECK(recipient.request.value().cause == Cause::bad_request);
    }
    CHECK(office(from_office_b({hanako, taro}, source))->recipients[1].request.value().state == RequestState::held);
    office.config.service.calls_per_mail = 1;
    plan = office(from_office_b({hanako, taro}, source));
    CHECK(plan->recipients[0].request.value().cause == Cause::refused);
    CHECK(plan->recipients[1].request.value().cause == Cause::refused);
}

TEST_CASE("A relayed order keeps to the number of calls")
{
    Office office;
    office.config.service.calls_per_mail = 0;
    require_refused(office(from_office_b({hanako}, field_of(order_of_b()))), Cause::refused, "at most 0 calls");
    office.config.service.calls_per_mail = 1;
    CHECK(request_of(office(from_office_b({hanako}, field_of(order_of_b())))).state == RequestState::held);
    Office asking([](Rows& rows) {
        for (auto& user : rows.users)
        {
            user.ask_first = true;
        }
    });
    asking.config.service.calls_per_mail = 1; // the question is a call too
    auto order = order_of_b();
    order.trigger = Trigger::user_reception;
    require_refused(asking(from_office_b({hanako}, field_of(order))), Cause::refused, "at most 1 calls");
    asking.config.service.calls_per_mail = 2;
    CHECK(request_of(asking(from_office_b({hanako}, field_of(order)))).state == RequestState::held);
}

TEST_CASE("A relayed order has one addressee, and is one request with one result")
{
    Office office;
    const auto plan = office(from_office_b({hanako, taro}, field_of(order_of_b())));
    REQUIRE(plan.has_value());
    CHECK(plan->recipients[0].request.value().cause == Cause::bad_request);
    CHECK_FALSE(plan->recipients[1].request);
    CHECK_FALSE(field_of(plan->recipients[1]).order);
}

TEST_CASE("An order of a peer for another office goes no further")
{
    Office office;
    auto order = order_of_b();
    auto letter = from_office_b({"saburo@office-c.example"}, field_of(order));
    require_refused(office(letter), Cause::refused, "other offices");
    order.kind = RequestKind::cancel;
    order.reference = "1@office-c.example";
    letter = from_office_b({"saburo@office-c.example"}, field_of(order));
    require_refused(office(letter), Cause::refused, "other offices");
}

TEST_CASE("A peer's cancel travels to determination with its reference")
{
    Office office;
    service::Order order;
    order.kind = RequestKind::cancel;
    order.reference = "77@office-b.example";
    const auto plan = office(from_office_b({"postmaster@office.example"}, field_of(order, "78@office-b.example")));
    REQUIRE(plan.has_value());
    CHECK_FALSE(plan->recipients[0].request);
    CHECK(field_of(plan->recipients[0]).order.value().reference == "77@office-b.example");
}

TEST_CASE("A peer's notice tells how a request stands, and is known by its id")
{
    Office office;
    auto letter =
        from_office_b({taro}, "Ringpost-Exchange: id=ringpost-notice.1.2@office-b.example; request=5@office.example; "
                              "state=failed; cause=busy; attempts=3\r\nAuto-Submitted: auto-replied\r\n");
    letter.reverse_path = "";
    const auto plan = office(letter);
    CHECK(ordinary(plan));
    CHECK(plan->seen_id == "ringpost-notice.1.2@office-b.example");
    REQUIRE(plan->progress);
    CHECK(plan->progress->request == "5@office.example");
    CHECK(plan->progress->state == RequestState::failed);
    CHECK(plan->progress->cause == Cause::busy);
    CHECK(plan->progress->attempts == 3);
    CHECK(plan->audit.empty());
}

TEST_CASE("A scenario in a peer's order is not performed without it")
{
    Office office;
    auto letter = from_office_b({hanako}, "");
    letter.octets = with_part(jiro_b, "application/vnd.ringpost.scenario", "a.scenario", "play = message 9",
                              field_of(order_of_b()));
    require_refused(office(letter), Cause::bad_request, "scenario");
}

TEST_CASE("A peer's order whose contents cannot be read rings nowhere")
{
    Office office;
    const auto order = field_of(order_of_b());
    const std::string unread =
        GENERATE(as<std::string>{}, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                 "Content-Type: multipart/mixed\r\n");
    require_refused(office(from_office_b({hanako}, order + unread, "--b\r\n\r\nHello.\r\n")), Cause::bad_request,
                    "MIME structure");
    require_refused(
        office(from_office_b({"hanako+callnow@office.example"}, unread + "Ringpost-Source-Number: 044-333-2000\r\n")),
        Cause::bad_request, "MIME structure");
    std::string fields;
    for (int i = 0; i < 1500; ++i)
    {
        fields += "X-Filler: x\r\n";
    }
    require_refused(office(from_office_b({hanako}, order + fields)), Cause::bad_request, "scan.fields");
    require_refused(office(from_office_b({"hanako+callnow@office.example"}, fields)), Cause::bad_request,
                    "scan.fields");
}
