// SPDX-License-Identifier: Apache-2.0
#include "exchange/asterisk_rig.h"

#include "exchange/voice.h"

#include <boost/asio/ip/address.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace ringpost::pbx::conformance
{
namespace
{
constexpr Duration longest_start = 20s;
constexpr Duration step = 20ms;

std::string first_line(const std::string& path)
{
    std::ifstream file(path);
    std::string line;
    if (!std::getline(file, line))
    {
        throw std::runtime_error(path + " cannot be read");
    }
    return line;
}

/// Each case begins with attempt 1: no channel of an earlier one may stand in its way.
std::string fresh_gateway()
{
    static int rigs = 0;
    return "rig" + std::to_string(++rigs) + ".example";
}

Endpoint endpoint_of(const std::string& url)
{
    const std::string scheme = "http://";
    const auto end = url.find('/', scheme.size());
    return parse_endpoint(url.substr(scheme.size(), end - scheme.size())).value();
}
} // namespace

AsteriskRig::AsteriskRig(const std::string& file) : gateway_(fresh_gateway()), clock_(context_.get_executor())
{
    open(file);
    // Until it is told: the event comes a little after the link, and belongs to no case.
    bool told = false;
    exchange_->on_event([&told](const Event& event) { told = told || event.kind == Event::Kind::link_regained; });
    Duration waited{0};
    while (!told && waited < longest_start)
    {
        run_for(step);
        waited += step;
    }
    if (!told)
    {
        throw std::runtime_error("the link to Asterisk does not come up");
    }
    wait_for_telephones();
    // What happened until now belongs to no case.
    listen();
}

AsteriskRig::~AsteriskRig()
{
    // An Asterisk whose media sockets are cut in the middle of a call sometimes answers no WebSocket any more, and then
    // every case behind this one fails.
    try
    {
        hang_up_all();
        run_for(5 * step);
    }
    catch (const std::exception&) // it was away: the next case says so
    {}
    exchange_.reset();
    rest_.reset();
    telephones_.reset();
    proxy_.reset();
    context_.restart();
    context_.poll();
}

void AsteriskRig::open(const std::string& file)
{
    std::ifstream text(file);
    const auto bed = nlohmann::json::parse(text);
    const std::string url = bed.at("url");
    const Endpoint behind = endpoint_of(url);
    proxy_ = std::make_unique<CutProxy>(
        context_, boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address(behind.host), behind.port));
    std::vector<SoftphoneAddress> addresses;
    for (const auto& [number, address] : bed.at("telephones").items())
    {
        addresses.push_back(parse_softphone(number + "=" + address.get<std::string>()).value());
    }
    telephones_ = BaresipTelephones::open(context_.get_executor(), clock_, addresses, 1s).value();
    asterisk::DriverOptions options;
    options.gateway = gateway_;
    options.account.url = "http://127.0.0.1:" + std::to_string(proxy_->port()) + url.substr(url.find('/', 7));
    options.account.user = bed.at("user");
    options.account.password = first_line(bed.at("password_file"));
    options.link.application = "ringpost-conformance";
    options.link.least = 50ms;
    options.link.most = 200ms;
    options.announcement = 1s;
    for (const auto& [number, hz] : bed.at("tones").items())
    {
        tones_[number] = hz;
        recordings_[number] = bed.at("recordings").at(number);
    }
    asterisk::Account straight = options.account;
    straight.url = url;
    rest_ = std::make_unique<asterisk::Rest>(straight);
    exchange_ = std::make_unique<AsteriskExchange>(context_.get_executor(), clock_, std::move(options));
}

/// baresip names the file of each call by its time.
std::vector<std::int16_t> AsteriskRig::heard(const std::string& number)
{
    std::filesystem::path last;
    for (const auto& entry : std::filesystem::directory_iterator(recordings_.at(number)))
    {
        const std::string name = entry.path().filename();
        const bool later = last.empty() || entry.last_write_time() > std::filesystem::last_write_time(last);
        if (name.ends_with("-dec.wav") && later)
        {
            last = entry.path();
        }
    }
    return read_wav(last);
}

std::size_t AsteriskRig::ports_at_exchange()
{
    // Of an earlier rig something may be left, which nobody comes back to.
    const auto is_port = [this](const std::string& id) {
        return id.starts_with("rp-" + gateway_ + "-") && id.find("-p") != id.npos;
    };
    using Channels = Result<std::vector<asterisk::Channel>>;
    const auto channels = complete<Channels>([&] { return rest_->channels(); }).value();
    using Bridges = Result<std::vector<std::string>>;
    const auto bridges = complete<Bridges>([&] { return rest_->bridges(); }).value();
    const auto of_channels =
        std::count_if(channels.begin(), channels.end(), [&](const auto& channel) { return is_port(channel.id); });
    return static_cast<std::size_t>(of_channels + std::count_if(bridges.begin(), bridges.end(), is_port));
}

bool AsteriskRig::all_idle() const
{
    const auto list = telephones_->list();
    return std::all_of(list.begin(), list.end(), [this](const Telephone& telephone) {
        return telephone.state == DeviceState::idle &&
               exchange_->snapshot_device({telephone.number}) == DeviceState::idle;
    });
}

void AsteriskRig::wait_for_telephones()
{
    const auto connected = [this] {
        const auto list = telephones_->list();
        return exchange_->link_up() && std::all_of(list.begin(), list.end(), [this](const Telephone& telephone) {
                   return exchange_->snapshot_device({telephone.number}) != DeviceState::unreachable;
               });
    };
    Duration waited{0};
    for (; !connected() && waited < 40 * step; waited += step)
    {
        run_for(step);
    }
    for (const Telephone& telephone : telephones_->list())
    {
        // Left unplugged by a case before; who is registered must not register anew, for that comes late.
        if (exchange_->snapshot_device({telephone.number}) == DeviceState::unreachable)
        {
            static_cast<void>(telephones_->set_registered(telephone.number, true));
        }
    }
    while (!all_idle() && waited < longest_start)
    {
        // Of a case before; what Asterisk was still about to ring comes late.
        for (const Telephone& telephone : telephones_->list())
        {
            if (telephone.state != DeviceState::idle)
            {
                static_cast<void>(telephones_->hang_up(telephone.number));
            }
        }
        run_for(step);
        waited += step;
        if (waited % 3s == Duration{0})
        {
            end_what_is_left();
        }
    }
    if (!all_idle())
    {
        throw std::runtime_error("the telephones are not in service and idle:" + standing());
    }
}

/// One case that failed must not fail all behind it: what it has left at the exchange is ended there, and told.
void AsteriskRig::end_what_is_left()
{
    const std::string found = standing() + hang_up_all();
    for (const Telephone& telephone : telephones_->list())
    {
        if (exchange_->snapshot_device({telephone.number}) == DeviceState::unreachable)
        {
            static_cast<void>(telephones_->set_registered(telephone.number, true));
        }
    }
    WARN("a case before this one has left:" << found);
}

/// Of the whole exchange; names the channels that there were.
std::string AsteriskRig::hang_up_all()
{
    using Channels = Result<std::vector<asterisk::Channel>>;
    const auto channels = complete<Channels>([&] { return rest_->channels(); });
    std::string found;
    for (const asterisk::Channel& channel : channels.has_value() ? *channels : std::vector<asterisk::Channel>{})
    {
        found += "\n  channel " + channel.id + " " + channel.name;
        static_cast<void>(complete<Result<bool>>([&] { return rest_->hang_up(channel.id); }));
    }
    return found;
}

/// Each telephone, as it is and as the exchange sees it.
std::string AsteriskRig::standing() const
{
    std::string text;
    for (const Telephone& telephone : telephones_->list())
    {
        text += "\n  " + telephone.number + " is " + telephone_word(telephone.state) + ", at the exchange " +
                telephone_word(exchange_->snapshot_device({telephone.number}));
    }
    return text;
}

void AsteriskRig::run_for(Duration duration)
{
    context_.restart();
    context_.run_for(duration);
}

void AsteriskRig::set_reachable(const std::string& number, bool reachable)
{
    telephones_->set_registered(number, reachable).value();
    wait_until([&] {
        const DeviceState state = exchange_->snapshot_device({number});
        const auto list = telephones_->list();
        const auto telephone =
            std::find_if(list.begin(), list.end(), [&](const Telephone& one) { return one.number == number; });
        return (state != DeviceState::unreachable) == reachable &&
               (telephone->state != DeviceState::unreachable) == reachable;
    });
}
} // namespace ringpost::pbx::conformance
