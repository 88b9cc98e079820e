// SPDX-License-Identifier: Apache-2.0
// A gateway as far as it accepts mail, for the tests of what accepted mails leave in the database.
#pragma once

#include "core/virtual_clock.h"
#include "mail_office.h"
#include "mta/acceptance.h"
#include "unit/temporary_directory.h"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ringpost::mta::test
{
struct AuditRow
{
    std::string request;
    std::string standing;
    std::string who;
    std::string number;
    bool allowed = false;
    std::string rule;
};

class Gateway
{
public:
    explicit Gateway(store::Vault vault = {}) : keys(std::move(vault))
    {
        auto loaded = database->write_now<void>("load", [](store::Connection& connection) -> Result<> {
            store::DirectoryRows(connection).insert_all(people());
            return {};
        });
        REQUIRE(loaded.has_value());
        REQUIRE(directory.load_now().has_value());
        acceptance.on_queued([this] { ++poked; });
    }
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;

    Result<std::string> accept(IncomingMail mail)
    {
        std::optional<Result<std::string>> accepted;
        boost::asio::co_spawn(context, acceptance.accept(std::move(mail)),
                              [&accepted](const std::exception_ptr& error, Result<std::string> result) {
                                  if (error)
                                  {
                                      std::rethrow_exception(error);
                                  }
                                  accepted.emplace(std::move(result));
                              });
        clock.run_until_idle();
        return accepted.value();
    }

    Result<std::string> accept(const Letter& letter)
    {
        const bool peer = letter.submitter.standing == Standing::peer;
        return accept(IncomingMail{envelope_of(letter), letter.submitter, "client.example", "ESMTPA", "192.0.2.1",
                                   letter.octets, std::nullopt, peer ? std::optional(TlsInfo{}) : std::nullopt});
    }

    template <class T>
    T rows(std::function<T(store::Connection&)> unit)
    {
        return database
            ->write_now<T>("test", [&unit](store::Connection& connection) -> Result<T> { return unit(connection); })
            .value();
    }
    std::vector<store::QueueItem> queue()
    {
        return rows<std::vector<store::QueueItem>>(
            [](auto& connection) { return store::Queue(connection).due(Instant::max(), 100); });
    }
    std::vector<store::Request> requests()
    {
        return rows<std::vector<store::Request>>(
            [](auto& connection) { return store::Requests(connection).list(100); });
    }
    store::Request request(const std::string& number)
    {
        return rows<store::Request>([&](auto& connection) { return store::Requests(connection).find(number).value(); });
    }
    store::Mail mail(MailId id)
    {
        return rows<store::Mail>([id](auto& connection) { return store::Mails(connection).find(id).value(); });
    }
    std::int64_t count(const std::string& table)
    {
        return rows<std::int64_t>([&](auto& connection) {
            auto query = connection.prepare("SELECT count(*) FROM " + table);
            query.step();
            return query.integer(0);
        });
    }
    std::vector<AuditRow> audit()
    {
        return rows<std::vector<AuditRow>>([](auto& connection) {
            auto query =
                connection.prepare("SELECT request, standing, who, number, allowed, rule FROM audit ORDER BY id");
            std::vector<AuditRow> found;
            while (query.step())
            {
                found.push_back(
                    {query.text(0), query.text(1), query.text(2), query.text(3), query.boolean(4), query.text(5)});
            }
            return found;
        });
    }

    static std::unique_ptr<store::Database> open()
    {
        store::DatabaseOptions options;
        options.file = ":memory:";
        return store::Database::open(options).value();
    }

    store::Vault keys;
    Config config = default_config();
    boost::asio::io_context context;
    VirtualClock clock{context, now};
    std::unique_ptr<store::Database> database = open();
    ringpost::test::TemporaryDirectory folder;
    store::Spool spool = store::Spool::open(folder.path(), std::move(keys)).value();
    directory::Directory directory{*database, directory::test::office()};
    service::Notices notices{{"office.example"}, directory};
    Acceptance acceptance{config, clock, *database, spool, directory, notices};
    int poked = 0;
};
} // namespace ringpost::mta::test
