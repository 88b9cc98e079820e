// SPDX-License-Identifier: Apache-2.0
// What the sender's gateway performs where the office of the addressee has none (spec 2.4).
#include "mta/fallback.h"
#include "plan_office.h"

#include <catch2/catch.hpp>

using namespace ringpost;
using namespace ringpost::mta;
using namespace ringpost::mta::test;

namespace
{
void without_gateway(Rows& rows)
{
    rows.destinations.push_back({"plain.example", "mail.plain.example", 25, "", "", HopTls::opportunistic, ""});
    rows.destinations.back().gateway = false;
    rows.permissions.push_back({"*", "public:+81", ""});
}

constexpr const char* at_once = "Ringpost-Trigger: system-recognition\r\n";

Result<MailPlan> planned(Office& office, const std::string& fields, const std::string& to = "abe@plain.example")
{
    return office(from_taro({to}, fields));
}

Result<store::Request> instead(Office& office, const std::string& fields)
{
    const auto followed = request_of(planned(office, fields, "abe@elsewhere.example"));
    return performed_instead(followed, *office.directory, office.config.service);
}
} // namespace

TEST_CASE("The own exchange calls the external number, again and again")
{
    Office office(without_gateway);
    const auto request = instead(office, std::string(at_once) + "Ringpost-Destination-Number: 03-9999-1234\r\n");
    REQUIRE(request.has_value());
    CHECK(request->performer.empty());
    CHECK(request->destination_device == "+81399991234");
    CHECK(request->source_device == "2000");
    CHECK(request->retry_every == office.config.service.default_periodic);
    CHECK(request->ring_time == office.config.service.default_ring_time);
    const auto often = instead(office, std::string(at_once) + "Ringpost-Destination-Number: 03-9999-1234\r\n"
                                                              "Ringpost-Retry: every 7s\r\n");
    CHECK(often->retry_every == 7s);
}

TEST_CASE("What the own exchange cannot do in place of a gateway says why")
{
    Office office(without_gateway);
    struct Row
    {
        std::string fields;
        Errc code;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {"Ringpost-Trigger: user-reception\r\nRingpost-Destination-Number: 03-9999-1234\r\n", Errc::unsupported,
         "system-recognition"},
        {at_once, Errc::not_found, "no telephone of abe@elsewhere.example is known here"},
        {std::string(at_once) + "Ringpost-Destination-Number: 2001\r\n", Errc::not_found, "2001 is not an external"},
        {std::string(at_once) + "Ringpost-Destination-Number: 044-222-3300\r\n", Errc::malformed, ""},
    }));
    CAPTURE(row.fields);
    const auto request = instead(office, row.fields);
    REQUIRE(request.has_error());
    CHECK(request.error().code() == row.code);
    CHECK(contains(request.error().text(), row.text));
}

TEST_CASE("What will be refused where no gateway is known to be is refused at once")
{
    Office office(without_gateway);
    CHECK(planned(office, std::string(at_once) + "Ringpost-Destination-Number: 03-9999-1234\r\n").has_value());
    CHECK(planned(office, "Ringpost-Trigger: user-reception\r\n").has_value());
    CHECK(planned(office, "").has_value());
    const auto unknown = planned(office, at_once);
    REQUIRE(unknown.has_error());
    CHECK(contains(unknown.error().message(), "Destination-Number"));
    const auto abroad = planned(office, std::string(at_once) + "Ringpost-Destination-Number: +12125551234\r\n");
    REQUIRE(abroad.has_error());
    CHECK(abroad.error().code() == Errc::refused);
    const auto confidential = planned(office, "Ringpost-Service: confidential\r\n");
    REQUIRE(confidential.has_error());
    CHECK(contains(confidential.error().text(), "gateways only"));
}
