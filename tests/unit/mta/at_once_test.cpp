// SPDX-License-Identifier: Apache-2.0
// Mails for own addressees that are due at once: what becomes of them is stored by the transaction that accepts them.
#include "../service/rig.h"
#include "mail_office.h"
#include "mta/acceptance.h"
#include "unit/temporary_directory.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <optional>

using namespace ringpost;
using namespace ringpost::mta;

namespace
{
const std::string taro_a = "taro@office-a.example";
const std::string hanako_a = "hanako@office-a.example";
const std::string call_hanako = "hanako+callnow@office-a.example";

std::string with_scenario(const std::string& script)
{
    return mta::test::with_part(taro_a, "application/vnd.ringpost.scenario", "a.scenario", script);
}

class Office
{
public:
    Office() : spool_(store::Spool::open(folder_.path()).value())
    {
        acceptance_.determine_with(determination_, rig.context().get_executor());
        acceptance_.on_queued([this] { ++poked; });
        rig.answers("2000");
        rig.answers("2001");
    }

    /// By Taro; with a spool file where `spooled`.
    Result<std::string> accept(std::vector<std::string> recipients, const std::string& fields = {},
                               bool spooled = false)
    {
        return accept_text(std::move(recipients), mta::test::mail_text(taro_a, fields), spooled);
    }
    Result<std::string> accept_text(std::vector<std::string> recipients, const std::string& octets,
                                    bool spooled = false)
    {
        IncomingMail mail;
        mta::test::Letter letter{{Standing::own_user, taro_a}, taro_a, std::move(recipients), octets};
        letter.envelope.recipients.resize(1);
        letter.envelope.recipients.front().notify = notify;
        mail.envelope = mta::test::envelope_of(letter);
        mail.submitter = {Standing::own_user, taro_a};
        mail.octets = octets;
        if (spooled)
        {
            mail.spooled.emplace(store::SpoolFile::create(spool_).value());
            REQUIRE(mail.spooled->append(octets).has_value());
            mail.spooled_octets = static_cast<std::int64_t>(octets.size());
        }
        std::optional<Result<std::string>> accepted;
        boost::asio::co_spawn(rig.context(), acceptance_.accept(std::move(mail)),
                              [&accepted](const std::exception_ptr& error, Result<std::string> result) {
                                  REQUIRE_FALSE(error);
                                  accepted.emplace(std::move(result));
                              });
        rig.run_for(1ms);
        return accepted.value();
    }

    std::int64_t count(const std::string& rows)
    {
        return rig.with<std::int64_t>([&rows](store::Connection& connection) {
            auto query = connection.prepare("SELECT count(*) FROM " + rows);
            query.step();
            return query.integer(0);
        });
    }
    /// Not those that the gateway itself has written.
    std::int64_t mails() { return count("mail WHERE submitter <> ''"); }
    std::int64_t items() { return count("queue_item q JOIN mail m ON m.id = q.mail_id WHERE m.submitter <> ''"); }
    std::size_t files() const
    {
        const std::filesystem::directory_iterator all(folder_.path());
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    service::test::Rig rig;
    int poked = 0;
    Notify notify; ///< of all recipients

private:
    Config config_ = default_config();
    ringpost::test::TemporaryDirectory folder_;
    store::Spool spool_;
    scenario::Director director_{rig.book(), rig.notices(), rig.directory(), 1h};
    scenario::Inquiries inquiries_{rig.clock(), rig.database(),  rig.directory(),
                                   rig.book(),  rig.scheduler(), director_};
    Determination determination_{rig.clock(), rig.database(),  rig.directory(), rig.notices(),
                                 rig.book(),  rig.scheduler(), inquiries_};
    Acceptance acceptance_{config_, rig.clock(), rig.database(), spool_, rig.directory(), rig.notices()};
};
} // namespace

TEST_CASE("An ordinary mail is in its mailbox when it is accepted, and never in the queue", "[mta]")
{
    Office office;
    REQUIRE(office.accept({hanako_a}).has_value());
    CHECK(office.count("mailbox_entry") == 1);
    CHECK(office.items() == 0);
    CHECK(office.poked == 0);
    CHECK(office.mails() == 1);
}

TEST_CASE("A call that is asked for begins at once, and its mail is kept until its end", "[mta]")
{
    Office office;
    REQUIRE(office.accept({call_hanako}, {}, true).has_value());
    CHECK(office.items() == 0);
    CHECK(office.count("mailbox_entry") == 0);
    CHECK(office.count("request WHERE state <> 'held'") == 1);
    CHECK(office.mails() == 1);
    CHECK(office.files() == 1);
    office.rig.run_for(10min);
    CHECK(office.rig.rings("2001").size() == 1);
    CHECK(office.count("request WHERE state = 'connected'") == 1);
    CHECK(office.mails() == 0);
    CHECK(office.count("dead_file") == 1);
}

TEST_CASE("What an own user is told is in the mailbox at once, and nobody looks at the queue for it", "[mta]")
{
    Office office;
    office.rig.notices().deliver_own();
    int looks = 0;
    office.rig.book().on_notice([&looks] { ++looks; });
    REQUIRE(office.accept({call_hanako}).has_value());
    CHECK(office.count("mailbox_entry") == 1);
    CHECK(office.count("queue_item") == 0);
    CHECK(looks == 0);
}

TEST_CASE("Of several addressees each gets what is asked for there, whoever comes first", "[mta]")
{
    for (const auto& recipients : {std::vector{call_hanako, taro_a}, {taro_a, call_hanako}})
    {
        Office office;
        REQUIRE(office.accept(recipients).has_value());
        CHECK(office.items() == 0);
        CHECK(office.count("mailbox_entry") == 1);
        office.rig.run_for(10min);
        CHECK(office.rig.rings("2001").size() == 1);
        CHECK(office.mails() == 1); // for Taro
    }
}

TEST_CASE("A scenario that ends at its very beginning leaves the mail to the other addressees", "[mta]")
{
    const std::string over = with_scenario("at = 2020-01-01T00:00:00Z");
    for (const auto& recipients : {std::vector{call_hanako, taro_a}, {taro_a, call_hanako}})
    {
        Office office;
        REQUIRE(office.accept_text(recipients, over).has_value());
        CHECK(office.count("request WHERE ended_at IS NOT NULL") == 1);
        CHECK(office.mails() == 1);
        CHECK(office.count("mailbox_entry e JOIN mail m ON m.id = e.mail_id WHERE m.submitter <> ''") == 1);
    }
}

TEST_CASE("A notice of delivery has the header of a mail that its request has released", "[mta]")
{
    for (const std::string time : {"2020", "2030"})
    {
        Office office;
        office.notify = {.given = true, .success = true};
        REQUIRE(office.accept_text({call_hanako}, with_scenario("at = " + time + "-01-01T00:00:00Z")).has_value());
        CHECK(office.count("mail WHERE CAST(content AS TEXT) LIKE '%Action: delivered%' AND CAST(content AS TEXT) LIKE "
                           "'%text/rfc822-headers%'") == 1);
    }
}

TEST_CASE("What is for another office, or for later, is queued", "[mta]")
{
    Office office;
    REQUIRE(office.accept({hanako_a, "jiro@office-b.example"}).has_value());
    CHECK(office.count("mailbox_entry") == 1);
    CHECK(office.items() == 1);
    CHECK(office.poked == 1);
    REQUIRE(office.accept({hanako_a}, "Ringpost-Service: time; after=2h\r\n").has_value());
    CHECK(office.count("mailbox_entry") == 1);
    CHECK(office.items() == 2);
}

TEST_CASE("A mail that cannot be delivered is not accepted, and leaves nothing", "[mta]")
{
    Office office;
    office.rig.execute("CREATE TRIGGER full BEFORE INSERT ON mailbox_entry BEGIN SELECT RAISE(ABORT, 'full'); END");
    CHECK(office.accept({call_hanako, taro_a}, {}, true).has_error());
    CHECK(office.mails() == 0);
    CHECK(office.count("request") == 0);
    CHECK(office.files() == 0);
    office.rig.run_for(10min);
    CHECK(office.rig.rings().empty());
}
