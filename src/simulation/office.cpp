// SPDX-License-Identifier: Apache-2.0
#include "simulation/office.h"

#include "service/order.h"
#include "simulation/customs.h"
#include "store/mails.h"
#include "store/queue.h"

#include <boost/asio/co_spawn.hpp>
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <utility>

namespace ringpost::simulation
{
namespace
{
constexpr std::size_t first_extension = 200'000;
constexpr int notices_at_once = 1000;

std::unique_ptr<store::Database> open_database()
{
    store::DatabaseOptions memory;
    memory.file = ":memory:";
    memory.undo = false;
    return store::Database::open(memory).value();
}

std::vector<std::string> extensions(std::size_t count)
{
    std::vector<std::string> all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
    {
        all.push_back(extension(i));
    }
    return all;
}

directory::OfficeOptions directory_options(const OfficeOptions& office)
{
    directory::OfficeOptions options;
    options.own_domains = {office.domain};
    options.extensions = extensions(office.telephones);
    return options;
}

/// A big office has a gateway that is set up for it.
service::SchedulerOptions scheduler_options(const OfficeOptions& office)
{
    service::SchedulerOptions options;
    options.attempts_at_once = std::max(options.attempts_at_once, office.telephones / 10);
    return options;
}

service::CampOnRules rules()
{
    service::CampOnRules rules;
    rules.monitor_time_cap = customs::monitor_time_cap;
    return rules;
}

store::DirectoryData people(const OfficeOptions& office)
{
    store::DirectoryData data;
    for (std::size_t i = 0; i < office.telephones; ++i)
    {
        store::UserRow user;
        user.name = "Person " + extension(i);
        user.address = extension(i) + "@" + office.domain;
        user.extension = extension(i);
        data.users.push_back(std::move(user));
    }
    data.conversions = {{"2xxxxx", office.prefix + "2xxxxx"}};
    data.cti = {{office.other_prefix, NetworkType::toll, office.other_domain}};
    data.peers = {{office.other_domain, "", {office.other_prefix}}};
    data.permissions = {{"*", "own", ""}, {"*", "toll", ""}, {"peer:*", "own", ""}, {"peer:*", "toll", ""}};
    return data;
}

pbx::simulated::Numbering numbering(const directory::Directory& directory)
{
    pbx::simulated::Numbering numbering;
    numbering.external_number = [&directory](const std::string& own) {
        return directory::external_form(*directory.current(), own);
    };
    numbering.extension_of = [&directory](const std::string& e164) {
        return directory.current()->conversions().extension_of(e164);
    };
    numbering.normalise = [&directory](const std::string& written) {
        const auto target = directory::read_number(*directory.current(), written);
        return target.has_value() ? target->device : written;
    };
    return numbering;
}

std::unique_ptr<pbx::SimulatedExchange> open_exchange(const boost::asio::any_io_executor& executor, Clock& clock,
                                                      const OfficeOptions& office,
                                                      const directory::Directory& directory)
{
    pbx::SimulatedExchange::Options options;
    options.office.name = office.domain;
    options.office.extensions = extensions(office.telephones);
    options.office.numbering = numbering(directory);
    options.trunk_lines = office.lines;
    return pbx::SimulatedExchange::open(executor, clock, std::move(options)).value();
}

template <class T>
T commit(store::Database& database, const std::function<T(store::Connection&)>& unit)
{
    return database
        .write_now<T>("simulation", [&unit](store::Connection& connection) -> Result<T> { return unit(connection); })
        .value();
}
} // namespace

std::string extension(std::size_t index)
{
    return std::to_string(first_extension + index);
}

std::size_t index_of(const std::string& extension)
{
    std::size_t number = first_extension;
    std::from_chars(extension.data(), extension.data() + extension.size(), number);
    return number - first_extension;
}

Office::Office(boost::asio::any_io_executor executor, VirtualClock& clock, OfficeOptions options)
    : options_(std::move(options)), executor_(std::move(executor)), clock_(clock), limits_(scheduler_options(options_)),
      database_(open_database()), directory_(*database_, directory_options(options_)),
      notices_({options_.domain, 5 * 24h, customs::monitor_time_cap}, directory_),
      book_(*database_, clock_, directory_, notices_, rules()),
      exchange_(open_exchange(executor_, clock_, options_, directory_)), witness_(options_.domain, clock_, *exchange_),
      line_(*exchange_, witness_), scheduler_(executor_, clock_, *database_, directory_, line_, book_, limits_)
{
    seed();
    listening_ = book_.on_change([this](const store::Request& request) { witness_.changed(request); });
    scheduler_.start();
}

Office::~Office() = default;

void Office::seed()
{
    static_cast<void>(commit<bool>(*database_, [this](store::Connection& connection) {
        store::DirectoryRows(connection).insert_all(people(options_));
        return true;
    }));
    directory_.load_now().value();
}

store::Request Office::determine(store::Request request)
{
    const auto determined = commit<store::Request>(*database_, [&](store::Connection& connection) {
        request.id = store::Requests(connection).insert(request);
        const auto after = book_.apply_in(connection, request, service::event::Determined{}, clock_.now()).after;
        notices_.queue_completed(connection, after, clock_.now());
        return after;
    });
    book_.changed(determined);
    scheduler_.handed_over(determined);
    return determined;
}

void Office::receive(const store::Request& request)
{
    spawn(executor_, "simulation.receive",
          [](service::Scheduler& scheduler, store::Request what) -> boost::asio::awaitable<void> {
              const auto received = co_await scheduler.receive(std::move(what), {});
              static_cast<void>(received);
          }(scheduler_, request));
}

void Office::delete_unread(const store::Request& request)
{
    spawn(executor_, "simulation.delete", [](service::RequestBook& book, RequestId id) -> boost::asio::awaitable<void> {
        std::vector<service::RequestEvent> events{service::event::DeletedUnread{}};
        const auto deleted = co_await book.apply(id, std::move(events));
        static_cast<void>(deleted);
    }(book_, request.id));
}

void Office::cancel(const store::Request& request)
{
    spawn(executor_, "simulation.cancel",
          [](service::Scheduler& scheduler, store::Request what) -> boost::asio::awaitable<void> {
              const auto cancelled = co_await scheduler.cancel(std::move(what));
              static_cast<void>(cancelled);
          }(scheduler_, request));
}

void Office::send_notices()
{
    std::vector<store::QueueItem> items;
    do
    {
        items = commit<std::vector<store::QueueItem>>(*database_, [this](store::Connection& connection) {
            store::Queue queue(connection);
            auto due = queue.due(clock_.now(), notices_at_once);
            for (const auto& item : due)
            {
                queue.remove(item.id);
                store::Mails(connection).release(item.mail);
            }
            return due;
        });
        for (const auto& item : items)
        {
            const auto field = service::parse_exchange_field(item.exchange);
            if (field.has_value() && field->state && is_end(*field->state))
            {
                witness_.told_result(field->request, *field->state);
            }
        }
    } while (!items.empty());
}

void Office::check_patience()
{
    witness_.check_patience(scheduler_.attempts() < limits_.attempts_at_once);
}

void Office::check_end()
{
    witness_.check_end();
    check_rows();
    check_telephones();
    if (scheduler_.attempts() + scheduler_.unsettled() + scheduler_.devices_reserved() != 0)
    {
        witness_.note_broken(fmt::format("{} attempts, {} unsettled ones and {} reserved devices are left",
                                         scheduler_.attempts(), scheduler_.unsettled(), scheduler_.devices_reserved()));
    }
    if (exchange_->trunks().busy_lines() != 0)
    {
        witness_.note_broken(fmt::format("{} lines are still in use", exchange_->trunks().busy_lines()));
    }
}

/// What is stored is what was reported.
void Office::check_rows()
{
    using Stored = std::vector<std::pair<store::Request, std::vector<store::Attempt>>>;
    const auto stored = commit<Stored>(*database_, [](store::Connection& connection) {
        store::Requests requests(connection);
        Stored all;
        for (auto& row : requests.list(std::numeric_limits<int>::max()))
        {
            auto attempts = requests.attempts_of(row.id);
            all.emplace_back(std::move(row), std::move(attempts));
        }
        return all;
    });
    if (stored.size() != witness_.requests().size())
    {
        witness_.note_broken(
            fmt::format("{} requests are stored, {} were asked for", stored.size(), witness_.requests().size()));
        return;
    }
    for (const auto& [row, attempts] : stored)
    {
        check_row(row, attempts);
    }
}

void Office::check_row(const store::Request& row, const std::vector<store::Attempt>& attempts)
{
    const auto& account = witness_.requests().at(static_cast<std::size_t>(row.id.value) - 1);
    if (row.state != account.state || row.cause != account.cause || row.attempts != account.attempts)
    {
        witness_.note_broken(fmt::format("request {} is stored as {}, but was reported as {}", row.number,
                                         word(row.state), word(account.state)));
    }
    for (const auto& attempt : attempts)
    {
        if (!attempt.ended)
        {
            witness_.note_broken(fmt::format("attempt {} of request {} has no end", attempt.id.value, row.number));
        }
    }
}

void Office::check_telephones()
{
    for (const auto& telephone : exchange_->list())
    {
        if (telephone.state != pbx::DeviceState::idle && telephone.state != pbx::DeviceState::unreachable)
        {
            witness_.note_broken(
                fmt::format("telephone {} is still {}", telephone.number, pbx::telephone_word(telephone.state)));
        }
    }
}

void Office::stop()
{
    if (stopping_)
    {
        return;
    }
    stopping_ = true;
    exchange_->set_link(true);
    scheduler_.stop();
    boost::asio::co_spawn(executor_, scheduler_.stopped(), [this](const std::exception_ptr&) { stopped_ = true; });
}
} // namespace ringpost::simulation
