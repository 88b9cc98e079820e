// SPDX-License-Identifier: Apache-2.0
// The header field Ringpost-Exchange between gateways (spec 2.2).
#include "service/order.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::service;

namespace
{
ExchangeField full()
{
    ExchangeField field;
    field.id = "17@office-a.example";
    Order order;
    order.destination_number = "2000";
    order.source_number = "+81442223333";
    order.network = NetworkType::toll;
    order.trigger = Trigger::system_recognition;
    order.result_notification = false;
    order.monitor_time = 90min;
    order.retry_every = 10s;
    order.ring_time = 40s;
    order.call_order = CallOrder::source_first;
    order.first_attempt = false;
    order.name = "山田 \"Taro\" 100%; \\ \r\nX: y";
    order.transfer_to = {"2001", "+81442223334"};
    order.reference = "3@office-a.example";
    order.express = true;
    order.notify_completed = false;
    order.language = "ja";
    field.order = order;
    return field;
}
} // namespace

TEST_CASE("An order comes back from its field as it was")
{
    const auto before = full();
    const std::string text = format(before);
    const auto after = parse_exchange_field(text);
    REQUIRE(after.has_value());
    CHECK(format(*after) == text);
    CHECK(after->id == before.id);
    REQUIRE(after->order.has_value());
    CHECK(after->order->name == before.order->name);
    CHECK(after->order->monitor_time == before.order->monitor_time);
    CHECK(after->order->retry_every == before.order->retry_every);
    CHECK(after->order->transfer_to == before.order->transfer_to);
    CHECK(after->order->network == NetworkType::toll);
    CHECK(after->order->call_order == CallOrder::source_first);
    CHECK_FALSE(after->order->first_attempt);
    CHECK(after->order->express);
}

TEST_CASE("The field is printable ASCII in folded lines, whatever a name holds")
{
    for (const char c : format(full()))
    {
        CHECK(((c >= 0x20 && c < 0x7f) || c == '\r' || c == '\n'));
    }
    const std::string text = format(full());
    for (std::size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1))
    {
        CHECK(text.at(at - 1) == '\r');
        CHECK(text.at(at + 1) == ' ');
    }
}

TEST_CASE("How a request stands comes back from the field of a notice")
{
    ExchangeField field;
    field.id = "ringpost-notice.1.2.17=a@b";
    field.request = "17@office-a.example";
    field.state = RequestState::expired;
    field.cause = Cause::no_answer;
    field.attempts = 12;
    const auto after = parse_exchange_field(format(field));
    REQUIRE(after.has_value());
    CHECK_FALSE(after->order.has_value());
    CHECK(after->request == field.request);
    CHECK(after->state == RequestState::expired);
    CHECK(after->cause == Cause::no_answer);
    CHECK(after->attempts == 12);
}

TEST_CASE("An answer to an inquiry comes back from its field")
{
    ExchangeField field;
    field.id = "7@office-b.example";
    field.reply = InquiryReply{"42@office-a.example", 2, false};
    const auto back = parse_exchange_field(format(field));
    REQUIRE(back.has_value());
    REQUIRE(back->reply);
    CHECK(back->reply->request == "42@office-a.example");
    CHECK(back->reply->step == 2);
    CHECK_FALSE(back->reply->ok);
    CHECK(parse_exchange_field("id=1; inquiry=42; step=0; answer=ok")->reply->ok);
    for (const std::string bad : {"id=1; inquiry=42; step=0; answer=perhaps", "id=1; inquiry=42; step=-1; answer=ok",
                                  "id=1; inquiry=42; step=x; answer=ok"})
    {
        CHECK(parse_exchange_field(bad).has_error());
    }
}

TEST_CASE("A name that is not known is ignored, a value that is not is an error that names it")
{
    CHECK(parse_exchange_field("id=1@a; colour=red; kind=camp-on").has_value());
    CHECK(parse_exchange_field(" id = 1@a").has_error()); // a name has no blanks
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "id"},
        {"kind=camp-on", "id"},
        {"id=", "id"},
        {"id=1@a; id=2@a", "id"},
        {"id=1@a; kind=fly", "kind"},
        {"id=1@a; kind=camp-on; trigger=x", "trigger"},
        {"id=1@a; kind=camp-on; monitor-time=x", "monitor-time"},
        {"id=1@a; kind=camp-on; express=maybe", "express"},
        {"id=1@a; state=dancing", "state"},
        {"id=1@a; attempts=-1", "attempts"},
        {"id=1@a; attempts=3x", "attempts"},
        {"id=1@a; attempts=99999999999", "attempts"},
        {"id=1@a; name=\"open", "name"},
        {"id=1@a; name=\"%4\"", "name"},
        {"id=1@a; name=\"%zz\"", "name"},
        {"id=1@a junk", "id"},
        {"id=1@a; junk", "junk"},
    };
    for (const auto& [text, names] : table)
    {
        CAPTURE(text);
        const auto read = parse_exchange_field(text);
        REQUIRE(read.has_error());
        CHECK(read.error().where().find(names) != std::string::npos);
    }
}

TEST_CASE("A field is bounded in size and number of parameters")
{
    CHECK(parse_exchange_field("id=" + std::string(9000, 'a')).error().code() == Errc::too_large);
    std::string many = "id=1@a";
    for (int i = 0; i < 100; ++i)
    {
        many += "; p" + std::to_string(i) + "=1";
    }
    CHECK(parse_exchange_field(many).has_error());
    CHECK(parse_exchange_field(std::string(8000, '=')).has_error());
    CHECK(parse_exchange_field(std::string(8000, ';')).has_error());
}
