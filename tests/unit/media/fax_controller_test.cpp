// SPDX-License-Identifier: Apache-2.0
// From a mail in the database to pages at the other end.
#include "core/base64.h"
#include "fax_network.h"
#include "media/fax_controller.h"
#include "store/mails.h"
#include "unit/temporary_directory.h"

#include <cstdlib>
#include <filesystem>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;

namespace
{
/// Content 1 a text in two forms, content 2 the FAX.
std::string mail_with(const std::string& tiff)
{
    return "From: hanako@office-a.example\r\nMIME-Version: 1.0\r\n"
           "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
           "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
           "--a\r\nContent-Type: text/plain; charset=iso-2022-jp\r\n\r\n\x1b$B$3$s$K$A$O\x1b(B\r\n"
           "--a\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n--a--\r\n"
           "--m\r\nContent-Type: IMAGE/TIFF; name=fax.tif\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           base64_lines(tiff) + "\r\n--m--\r\n";
}

const std::string taro = "taro@office-b.example";

/// An exchange that has a port, and nothing else.
class OnePort : public pbx::Exchange
{
public:
    explicit OnePort(Network& network) : network_(network) {}
    bool taken = false; ///< there is no leg any more

    [[nodiscard]] bool supports(pbx::Capability /*capability*/) const override { return true; }
    [[nodiscard]] std::string name() const override { return "test"; }
    [[nodiscard]] bool link_up() const override { return true; }
    void on_event(std::function<void(const pbx::Event&)> /*sink*/) override {}
    boost::asio::awaitable<Result<>> make_call(pbx::MakeCall /*call*/) override { co_return Result<>{}; }
    boost::asio::awaitable<Result<>> alert_second(AttemptId /*attempt*/) override { co_return Result<>{}; }
    boost::asio::awaitable<Result<>> clear_call(AttemptId /*attempt*/) override { co_return Result<>{}; }
    boost::asio::awaitable<Result<>> announce(AttemptId /*attempt*/, pbx::Announcement /*what*/) override
    {
        co_return Result<>{};
    }
    boost::asio::awaitable<Result<std::unique_ptr<pbx::AudioPort>>> connect_port(AttemptId /*attempt*/) override
    {
        if (taken)
        {
            co_return fail(Errc::not_found, "", "gone");
        }
        co_return network_.port();
    }
    boost::asio::awaitable<Result<std::optional<pbx::AttemptLegs>>> find_attempt(AttemptId /*attempt*/) override
    {
        co_return std::optional<pbx::AttemptLegs>{};
    }
    boost::asio::awaitable<Result<>> clear_orphans(std::set<AttemptId> /*keep*/) override { co_return Result<>{}; }
    boost::asio::awaitable<Result<std::vector<pbx::Finding>>> check() override
    {
        co_return std::vector<pbx::Finding>{};
    }
    [[nodiscard]] pbx::DeviceState snapshot_device(const pbx::DeviceId& /*device*/) const override { return {}; }
    Result<> monitor_start(const pbx::DeviceId& /*device*/) override { return {}; }
    void monitor_stop(const pbx::DeviceId& /*device*/) override {}

private:
    Network& network_;
};

class Gateway
{
public:
    explicit Gateway(Network& network) : network_(network)
    {
        spool_.emplace(store::Spool::open(folder_.path()).value());
        store::DatabaseOptions memory;
        memory.file = ":memory:";
        database_ = store::Database::open(memory).value();
        config.media.fax_header = false;
    }
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    /// A request that sends this content of a mail.
    store::Request request(const std::string& mail_text, int content, const std::string& addressee = taro)
    {
        std::function<Result<store::Request>(store::Connection&)> unit =
            [&](store::Connection& connection) -> Result<store::Request> {
            store::Mail mail;
            mail.accepted_at = noon;
            mail.content = mail_text;
            mail.size = static_cast<std::int64_t>(mail_text.size());
            store::Request whole;
            whole.number = "1@office-a.example";
            whole.asked = noon;
            whole.mail = store::Mails(connection).insert(mail);
            store::Request part = whole;
            part.part_of = store::Requests(connection).insert(whole);
            part.number = "2@office-a.example";
            part.medium = Medium::fax;
            part.content = content;
            part.source_number = "044-222-3333";
            part.addressee = addressee;
            part.id = store::Requests(connection).insert(part);
            return part;
        };
        return database_->write_now<store::Request>("test", std::move(unit)).value();
    }
    store::Request stored(store::Request request)
    {
        std::function<Result<store::Request>(store::Connection&)> unit =
            [&](store::Connection& connection) -> Result<store::Request> {
            REQUIRE(store::Requests(connection).save(request));
            return store::Requests(connection).find(request.id).value();
        };
        return database_->write_now<store::Request>("test", std::move(unit)).value();
    }

    Result<std::shared_ptr<service::Content>> prepare(const store::Request& request)
    {
        FaxController controller(board_, *database_, *spool_, sandbox_, config);
        return finished(network_.context(), controller.prepare(request));
    }
    Result<service::Performance> perform(const store::Request& request)
    {
        OnePort exchange(network_);
        auto content = prepare(request);
        REQUIRE(content.has_value());
        return network_.carry((*content)->perform(exchange, AttemptId{1}, keep()));
    }
    std::string refusal(const store::Request& request)
    {
        const auto content = prepare(request);
        return content ? "read" : to_string(content.error().code()) + (": " + content.error().message());
    }

    service::Content::Told keep()
    {
        return [this](service::Progress progress) { told.push_back(std::move(progress)); };
    }

    Config config;
    std::vector<service::Progress> told; ///< while it was performed

private:
    Network& network_;
    VoiceBoard board_{network_.context().get_executor(), network_.clock(), VoiceBoard::Threads::control};
    ringpost::test::TemporaryDirectory folder_;
    std::optional<store::Spool> spool_;
    std::unique_ptr<store::Database> database_;
    Sandbox sandbox_;
};
} // namespace

TEST_CASE("The TIFF of a mail arrives page by page")
{
    const auto pages = some_pages(2);
    Network network(true);
    Gateway gateway(network);
    const std::string mail = "MIME-Version: 1.0\r\nContent-Type: IMAGE/TIFF\r\n"
                             "Content-Transfer-Encoding: base64\r\n\r\n" +
                             base64_lines(recoded(raw_tiff(pages), "g3:1d"));
    const auto done = gateway.perform(gateway.request(mail, 1, "FAX=+81441112222/T33S=77@office-b.example"));
    REQUIRE(done.has_value());
    CHECK(done->cause == Cause::none);
    CHECK(done->pages == 2);
    CHECK_FALSE(done->heard.has_value());
    CHECK(bitmaps_of(network.far().received().value()) == pages);
    CHECK(network.far().progress().remote_id == "0442223333");
    CHECK(network.far().progress().sub_address == "77");
    // Each page was told of when it was confirmed, with what the copy of it needs.
    REQUIRE(gateway.told.size() == 2);
    CHECK((gateway.told[0].pages == 1 && gateway.told[1].pages == 2));
    CHECK((!gateway.told[0].whole && gateway.told[1].whole));
    CHECK(gateway.told[1].bit_rate == done->bit_rate);
    CHECK(gateway.told[1].remote_id == done->remote_id);
    REQUIRE(gateway.told[1].sent.size() == 1);
    CHECK(gateway.told[1].sent[0].page == 1);
    CHECK(gateway.told[1].sent[0].rows == static_cast<int>(pages[1].rows));
}

TEST_CASE("Of a confidential mail, and of pages beyond the limit, no copy is kept")
{
    const auto pages = some_pages(1);
    for (const bool confidential : {true, false})
    {
        Network network(true);
        Gateway gateway(network);
        gateway.config.media.fax_copy_octets = confidential ? 5 * MiB : 10;
        const std::string mail =
            (confidential ? "Sensitivity: company-confidential\r\n" : "") + mail_with(raw_tiff(pages));
        REQUIRE(gateway.perform(gateway.request(mail, 2)).has_value());
        REQUIRE(gateway.told.size() == 1);
        CHECK(gateway.told[0].whole);
        CHECK(gateway.told[0].sent.empty());
    }
}

TEST_CASE("To a FAX address all documents of the mail go in one call")
{
    const auto pages = some_pages(2);
    Network network(true);
    Gateway gateway(network);
    const auto request = gateway.request(mail_with(raw_tiff(pages)), 1, "FAX=+81441112222@office-b.example");
    const auto done = gateway.perform(request);
    REQUIRE(done.has_value());
    CHECK(done->pages == 3);
    const auto received = bitmaps_of(network.far().received().value());
    REQUIRE(received.size() == 3);
    CHECK(blackness(received[0]) > 400); // the text
    CHECK(std::vector(received.begin() + 1, received.end()) == pages);
}

TEST_CASE("An empty text in front of a document is not sent to a FAX address")
{
    const auto pages = some_pages(1);
    Network network(true);
    Gateway gateway(network);
    const std::string mail = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
                             "--m\r\n\r\n \r\n\r\n"
                             "--m\r\nContent-Type: image/tiff\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                             base64_lines(raw_tiff(pages)) + "\r\n--m--\r\n";
    REQUIRE(gateway.perform(gateway.request(mail, 1, "FAX=2004@office-b.example")).has_value());
    CHECK(bitmaps_of(network.far().received().value()) == pages);
}

TEST_CASE("Pages that an earlier call has brought are not sent again")
{
    const auto pages = some_pages(3);
    Network broken(true);
    int since = 0;
    broken.breaks = [&] { return broken.far().progress().pages == 1 && ++since > 125; };
    Gateway first(broken);
    const std::string mail = mail_with(raw_tiff(pages));
    const auto half = first.perform(first.request(mail, 2));
    REQUIRE(half.has_value());
    CHECK(half->cause == Cause::congestion);
    CHECK(half->retry);
    CHECK(half->pages == 1);
    Network network(true);
    Gateway gateway(network);
    auto request = gateway.request(mail, 2);
    request.pages = half->pages;
    request = gateway.stored(request);
    CHECK(request.pages == 1);
    const auto rest = gateway.perform(request);
    REQUIRE(rest.has_value());
    CHECK(rest->cause == Cause::none);
    CHECK(rest->pages == 3);
    CHECK(bitmaps_of(network.far().received().value()) == std::vector{pages[1], pages[2]});
}

TEST_CASE("A text is faxed in its own charset, with a line above each page")
{
    Network network(true);
    Gateway gateway(network);
    gateway.config.media.fax_header = true;
    gateway.config.media.fax_station_id = "+81 1";
    const auto request = gateway.request(mail_with(raw_tiff(some_pages(1))), 1);
    const auto done = gateway.perform(request);
    REQUIRE(done.has_value());
    CHECK(done->pages == 1);
    const auto received = bitmaps_of(network.far().received().value());
    REQUIRE(received.size() == 1);
    CHECK(received[0].rows > 2292);
    // Five kana, and not the escapes of their charset.
    CHECK(blackness(received[0]) > 400);
    CHECK(network.far().progress().remote_id == "+81 1");
}

TEST_CASE("What cannot be sent is refused before anything rings")
{
    Network network(true);
    Gateway gateway(network);
    CHECK(gateway.refusal(gateway.request(mail_with("x"), 3)) ==
          "not-found: 2@office-a.example: the mail has no such content");
    store::Request gone;
    gone.number = "9@office-a.example";
    CHECK(gateway.refusal(gone) == "not-found: 9@office-a.example: its mail is no longer there");
}

TEST_CASE("A limit is told with the content")
{
    Network network(true);
    Gateway gateway(network);
    gateway.config.media.fax_pages = 1;
    CHECK(gateway.refusal(gateway.request(mail_with(raw_tiff(some_pages(2))), 2)) ==
          "too-large: content 2: the document has more than 1 pages");
}

TEST_CASE("Who hangs up at once is no FAX, unless it has taken pages before")
{
    Network network(true);
    OnePort exchange(network);
    exchange.taken = true;
    for (const int before : {0, 1})
    {
        Gateway gateway(network);
        auto request = gateway.request(mail_with(raw_tiff(some_pages(2))), 2);
        request.pages = before;
        auto content = gateway.prepare(request);
        REQUIRE(content.has_value());
        const auto performed = finished(network.context(), (*content)->perform(exchange, AttemptId{1}, gateway.keep()));
        REQUIRE(performed.has_value());
        CHECK(performed->cause == (before > 0 ? Cause::congestion : Cause::rejected));
        CHECK(performed->retry == (before > 0));
        CHECK(performed->pages == before);
        CHECK_FALSE(performed->why.empty());
    }
}
