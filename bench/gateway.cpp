// SPDX-License-Identifier: Apache-2.0
#include "bench/gateway.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <fmt/format.h>

#include <exception>

namespace ringpost::bench
{
std::string phone(Phone kind, std::size_t number)
{
    return fmt::format("{}{:05}", static_cast<int>(kind), number);
}

namespace
{
std::vector<std::string> telephones(const GatewayOptions& options)
{
    std::vector<std::string> all;
    for (std::size_t i = 0; i < options.devices; ++i)
    {
        all.push_back(phone(Phone::destination, i));
        all.push_back(phone(Phone::source, i));
        all.push_back(phone(Phone::partner, i));
    }
    for (std::size_t i = 0; i < options.idle; ++i)
    {
        all.push_back(phone(Phone::idle, i));
        all.push_back(phone(Phone::idle_source, i));
    }
    return all;
}

store::DirectoryData people()
{
    store::DirectoryData data;
    store::UserRow taro;
    taro.name = "Taro";
    taro.address = Gateway::user;
    taro.extension = "900000";
    data.users = {taro};
    data.permissions = {{"*", "own", ""}};
    return data;
}
} // namespace

Gateway::Gateway(const GatewayOptions& options) : options_(options), clock_(std::make_unique<RealClock>(executor()))
{
    std::filesystem::create_directories(options.state);
    store::DatabaseOptions database;
    database.file = options.state / "ringpost.db";
    database_ = store::Database::open(database).value();
    directory::OfficeOptions office;
    office.own_domains = {"bench.example"};
    office.extensions = telephones(options);
    directory_ = std::make_unique<directory::Directory>(*database_, office);
    seed();
    open_exchange();
    notices_ = std::make_unique<service::Notices>(service::NoticeOptions{"bench.example", 5 * 24h, 24h}, *directory_);
    book_ = std::make_unique<service::RequestBook>(*database_, *clock_, *directory_, *notices_, service::CampOnRules{});
    scheduler_ = std::make_unique<service::Scheduler>(executor(), *clock_, *database_, *directory_, *line_, *book_,
                                                      options.scheduler);
    reception_ = std::make_unique<mailbox::Reception>(*clock_, *database_, *directory_, *book_, *scheduler_);
}

Gateway::~Gateway()
{
    reception_.reset();
    scheduler_.reset();
    exchange_.reset();
    context_.restart();
    context_.poll();
    database_.reset();
}

void Gateway::seed()
{
    write([](store::Connection& connection) {
        store::DirectoryRows rows(connection);
        if (rows.empty())
        {
            rows.insert_all(people());
        }
    });
    directory_->load_now().value();
}

void Gateway::open_exchange()
{
    pbx::SimulatedExchange::Options options;
    options.office.name = "bench";
    options.office.extensions = telephones(options_);
    options.office.numbering.external_number = [](const std::string& extension) { return extension; };
    options.office.numbering.extension_of = [](const std::string&) { return std::optional<std::string>{}; };
    options.office.numbering.normalise = [](const std::string& written) { return written; };
    exchange_ = pbx::SimulatedExchange::open(executor(), *clock_, std::move(options)).value();
    for (const auto& number : telephones(options_))
    {
        const auto at_once = [](pbx::Habit& habit) { habit.answer_after = 0s; };
        exchange_->set(number, at_once).value();
    }
    line_ = std::make_unique<StampedExchange>(*exchange_);
}

void Gateway::occupy_all()
{
    for (std::size_t i = 0; i < options_.devices; ++i)
    {
        exchange_->call(phone(Phone::partner, i), phone(Phone::destination, i)).value();
    }
}

void Gateway::write(const std::function<void(store::Connection&)>& unit)
{
    std::function<Result<bool>(store::Connection&)> wrapped = [&unit](store::Connection& connection) -> Result<bool> {
        unit(connection);
        return true;
    };
    database_->write_now<bool>("bench", std::move(wrapped)).value();
}

boost::asio::awaitable<void> Gateway::work_then_stop(std::function<boost::asio::awaitable<void>()> work)
{
    co_await work();
    scheduler_->stop();
    co_await scheduler_->stopped();
}

void Gateway::run(const std::function<boost::asio::awaitable<void>()>& work)
{
    std::exception_ptr trouble;
    const auto guard = boost::asio::make_work_guard(context_);
    boost::asio::co_spawn(context_, work_then_stop(work), [&](std::exception_ptr thrown) {
        trouble = std::move(thrown);
        context_.stop();
    });
    context_.run();
    if (trouble)
    {
        std::rethrow_exception(trouble);
    }
}
} // namespace ringpost::bench
