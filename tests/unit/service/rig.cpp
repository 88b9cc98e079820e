// SPDX-License-Identifier: Apache-2.0
#include "rig.h"

#include "store/queue.h"

#include <fmt/format.h>

#include <utility>

namespace ringpost::service::test
{
namespace
{
const std::string own_prefix = "+81441111";

pbx::simulated::Office office_of(const std::string& name, const std::string& prefix,
                                 std::vector<std::string> extensions)
{
    pbx::simulated::Office office;
    office.name = name;
    office.extensions = std::move(extensions);
    office.numbering.external_number = [prefix](const std::string& extension) { return prefix + extension; };
    office.numbering.extension_of = [prefix](const std::string& e164) -> std::optional<std::string> {
        return e164.starts_with(prefix) ? std::optional(e164.substr(prefix.size())) : std::nullopt;
    };
    office.numbering.normalise = [](const std::string& written) { return written; };
    return office;
}

store::DirectoryData rows()
{
    store::DirectoryData data;
    store::UserRow taro;
    taro.name = "Taro";
    taro.address = "taro@office-a.example";
    taro.extension = "2000";
    store::UserRow hanako = taro;
    hanako.name = "Hanako";
    hanako.address = "hanako@office-a.example";
    hanako.extension = "2001";
    data.users = {taro, hanako};
    data.conversions = {{"2xxx", own_prefix + "2xxx"}};
    data.cti = {{Rig::far_prefix, NetworkType::toll, "office-b.example"}, {"+81", NetworkType::public_network, ""}};
    data.peers = {{"office-b.example", "", {Rig::far_prefix}}};
    data.permissions = {
        {"*", "own", ""}, {"*", "toll", ""}, {"*", "public:+81", ""}, {"peer:*", "own", ""}, {"peer:*", "toll", ""}};
    return data;
}

directory::OfficeOptions office_options(const std::vector<std::string>& extensions)
{
    directory::OfficeOptions options;
    options.own_domains = {"office-a.example"};
    options.extensions = extensions;
    return options;
}
} // namespace

Rig::Rig(RigOptions options)
    : options_(std::move(options)), clock_(context_, Instant{Duration{1'800'000'000'000'000}}), start_(clock_.now())
{
    store::DatabaseOptions memory;
    memory.file = ":memory:";
    database_ = store::Database::open(memory).value();
    directory_ = std::make_unique<directory::Directory>(*database_, office_options(options_.extensions));
    change_directory([](store::DirectoryRows& into) -> Result<> {
        into.insert_all(rows());
        return {};
    });
    notices_ = std::make_unique<Notices>(NoticeOptions{"office-a.example", 5 * 24h, options_.rules.monitor_time_cap},
                                         *directory_);
    book_ = std::make_unique<RequestBook>(*database_, clock_, *directory_, *notices_, options_.rules);
    open_other();
    open_exchange();
    start();
}

Rig::~Rig()
{
    if (scheduler_)
    {
        line_.cut();
        end_scheduler();
    }
}

void Rig::open_other()
{
    pbx::SimulatedExchange::Options options;
    options.office = office_of("office-b", far_prefix, {"2000", "2001"});
    other_ = pbx::SimulatedExchange::open(context_.get_executor(), clock_, std::move(options)).value();
    watch_other_ = other_->watch([this](const pbx::TelephoneEvent& event) {
        if (event.event == "ringing")
        {
            rings_.push_back({event.time - start_, far_prefix + event.number});
        }
    });
}

void Rig::open_exchange()
{
    pbx::SimulatedExchange::Options options;
    options.office = office_of("office-a", own_prefix, options_.extensions);
    options.trunk_lines = options_.trunk_lines;
    exchange_ = pbx::SimulatedExchange::open(context_.get_executor(), clock_, std::move(options)).value();
    to_other_ = std::make_unique<pbx::simulated::MemoryTrunk>(
        context_.get_executor(), [this](auto link) { other_->trunks().accept(std::move(link)); });
    exchange_->trunks().add_route(far_prefix, to_other_->take_near());
    watch_ = exchange_->watch([this](const pbx::TelephoneEvent& event) {
        if (event.event == "ringing")
        {
            rings_.push_back({event.time - start_, event.number});
        }
    });
    line_.connect(*exchange_);
}

void Rig::start()
{
    line_.revive();
    scheduler_ = std::make_unique<Scheduler>(context_.get_executor(), clock_, *database_, *directory_, line_, *book_,
                                             options_.scheduler);
    if (contents_ != nullptr)
    {
        scheduler_->perform_with(*contents_);
    }
    scheduler_->start();
    run_for(Duration{0});
}

void Rig::perform_with(ContentController& contents)
{
    contents_ = &contents;
    scheduler_->perform_with(contents);
}

void Rig::end_scheduler()
{
    scheduler_->stop();
    if (line_.dead())
    {
        line_.lose_waiters();
    }
    bool ended = false;
    boost::asio::co_spawn(context_, scheduler_->stopped(), [&ended](const std::exception_ptr&) { ended = true; });
    // A message to somebody may still be playing.
    for (int seconds = 0; !ended && seconds < 600; ++seconds)
    {
        run_for(seconds == 0 ? 0s : 1s);
    }
    if (!ended)
    {
        line_.fault("the scheduler does not stop");
        return;
    }
    scheduler_.reset();
    line_.on_event({});
}

void Rig::crash(bool exchange_too)
{
    line_.cut();
    end_scheduler();
    if (exchange_too)
    {
        watch_.reset();
        exchange_.reset();
        open_exchange();
    }
}

void Rig::stop()
{
    end_scheduler();
}

void Rig::at(Duration when, std::function<void()> action)
{
    timers_.push_back(clock_.at(start_ + when, std::move(action)));
}

void Rig::answers(const std::string& number, Duration after, std::optional<Duration> talk)
{
    const auto change = [&](pbx::Habit& habit) { habit = {pbx::Habit::Answer::after, after, talk}; };
    const bool far = number.starts_with(far_prefix);
    (far ? *other_ : *exchange_).set(far ? number.substr(far_prefix.size()) : number, change).value();
}

void Rig::never_answers(const std::string& number)
{
    const bool far = number.starts_with(far_prefix);
    (far ? *other_ : *exchange_)
        .set(far ? number.substr(far_prefix.size()) : number,
             [](pbx::Habit& habit) { habit.answer = pbx::Habit::Answer::never; })
        .value();
}

void Rig::rejects(const std::string& number)
{
    exchange_->set(number, [](pbx::Habit& habit) { habit.answer = pbx::Habit::Answer::reject; }).value();
}

void Rig::calls(const std::string& from, const std::string& to)
{
    exchange_->call(from, to).value();
}

void Rig::hangs_up(const std::string& number)
{
    exchange_->hang_up(number).value();
}

pbx::DeviceState Rig::state(const std::string& number) const
{
    return exchange_->snapshot_device({number});
}

store::Request Rig::order(const std::string& destination, const std::string& source)
{
    store::Request request;
    request.number = fmt::format("{}@office-a.example", ++orders_);
    request.submitter = {Standing::own_user, "taro@office-a.example"};
    request.sender = "taro@office-a.example";
    request.addressee = "hanako@office-a.example";
    request.destination_number = destination;
    request.destination_device = destination;
    request.source_number = source;
    request.source_device = source;
    request.ring_time = 25s;
    request.asked = clock_.now();
    return request;
}

RequestId Rig::ask(store::Request request)
{
    const auto determined = with<store::Request>([&](store::Connection& connection) {
        request.id = store::Requests(connection).insert(request);
        return book_->apply_in(connection, request, event::Determined{}, clock_.now()).after;
    });
    if (request.trigger == Trigger::system_recognition)
    {
        scheduler_->handed_over(determined);
    }
    else
    {
        spawn(context_.get_executor(), "test.receive",
              [](Scheduler& scheduler, store::Request what) -> boost::asio::awaitable<void> {
                  const auto done = co_await scheduler.receive(std::move(what), {});
                  static_cast<void>(done);
              }(*scheduler_, determined));
    }
    return determined.id;
}

void Rig::not_to_be_rung(const std::string& hours)
{
    change_directory([&hours](store::DirectoryRows& rows) -> Result<> {
        for (auto user : rows.load().users)
        {
            user.quiet_hours = user.address == "hanako@office-a.example" ? hours : "";
            user.time_zone = "Etc/UTC";
            rows.replace(user);
        }
        return {};
    });
}

RequestId Rig::store_due(store::Request request)
{
    return with<RequestId>([&](store::Connection& connection) {
        request.trigger = Trigger::system_recognition;
        request.id = store::Requests(connection).insert(request);
        return book_->apply_in(connection, request, event::Determined{}, clock_.now()).after.id;
    });
}

Result<store::Request> Rig::cancel(RequestId id)
{
    return complete<Result<store::Request>>(scheduler_->cancel(request(id)));
}

store::Request Rig::request(RequestId id)
{
    return with<store::Request>(
        [id](store::Connection& connection) { return store::Requests(connection).find(id).value(); });
}

std::vector<store::Attempt> Rig::attempts(RequestId id)
{
    return with<std::vector<store::Attempt>>(
        [id](store::Connection& connection) { return store::Requests(connection).attempts_of(id); });
}

std::string Rig::standing(RequestId id)
{
    const auto now = request(id);
    std::string text(word(now.state));
    if (now.cause != Cause::none)
    {
        text += fmt::format(" {}", word(now.cause));
    }
    if (!is_end(now.state) && now.wait != store::Wait::none)
    {
        text += fmt::format(" {}", word(now.wait));
    }
    return text;
}

std::vector<std::string> Rig::results(RequestId id)
{
    return all_results()[request(id).number];
}

std::map<std::string, std::vector<std::string>> Rig::all_results()
{
    const auto items = with<std::vector<store::QueueItem>>(
        [](store::Connection& connection) { return store::Queue(connection).due(Instant::max(), 100'000); });
    std::map<std::string, std::vector<std::string>> found;
    for (const auto& item : items)
    {
        const auto field = parse_exchange_field(item.exchange);
        if (field.has_value() && field->state && is_end(*field->state))
        {
            found[field->request].push_back(
                fmt::format("{} {} {}", word(*field->state), word(field->cause), field->attempts));
        }
    }
    return found;
}

std::vector<Ring> Rig::rings(const std::string& number) const
{
    std::vector<Ring> some;
    for (const auto& ring : rings_)
    {
        if (number.empty() || ring.number == number)
        {
            some.push_back(ring);
        }
    }
    return some;
}

std::vector<double> Rig::ring_times(const std::string& number) const
{
    std::vector<double> times;
    for (const auto& ring : rings(number))
    {
        times.push_back(std::chrono::duration<double>(ring.at).count());
    }
    return times;
}

void Rig::execute(const std::string& sql)
{
    static_cast<void>(with<bool>([&](store::Connection& connection) {
        connection.execute(sql);
        return true;
    }));
}

void Rig::change_directory(const directory::Directory::Edit& edit)
{
    complete<Result<>>(directory_->change(edit)).value();
}
} // namespace ringpost::service::test
