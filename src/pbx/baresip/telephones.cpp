// SPDX-License-Identifier: Apache-2.0
#include "pbx/baresip/telephones.h"

#include <boost/asio/ip/address.hpp>

#include <utility>

namespace ringpost::pbx
{
namespace asio = boost::asio;

Result<std::unique_ptr<BaresipTelephones>> BaresipTelephones::open(const asio::any_io_executor& executor, Clock& clock,
                                                                   const std::vector<SoftphoneAddress>& addresses,
                                                                   Duration answer_after)
{
    // The constructor is private: std::make_unique cannot reach it.
    std::unique_ptr<BaresipTelephones> telephones(new BaresipTelephones(executor, clock));
    for (const SoftphoneAddress& address : addresses)
    {
        const auto added = telephones->add(address, answer_after);
        if (added.has_error())
        {
            return added.error();
        }
    }
    return telephones;
}

BaresipTelephones::~BaresipTelephones()
{
    for (const auto& [number, softphone] : softphones_)
    {
        softphone->close();
    }
}

Result<> BaresipTelephones::add(const SoftphoneAddress& address, Duration answer_after)
{
    boost::system::error_code error;
    const std::string& host = address.endpoint.host;
    const auto ip = asio::ip::make_address(host == "localhost" ? "127.0.0.1" : host, error);
    if (error)
    {
        return fail(Errc::malformed, host, "the address of a softphone is numeric");
    }
    auto softphone = std::make_shared<baresip::Softphone>(executor_, clock_, address.extension,
                                                          asio::ip::tcp::endpoint(ip, address.endpoint.port));
    if (!softphones_.try_emplace(address.extension, softphone).second)
    {
        return fail(Errc::conflict, address.extension, "two softphones have this extension");
    }
    softphone->start(tasks_, [this](const baresip::Line& line) {
        outbox_.post(TelephoneEvent{clock_.now(), line.number(), telephone_word(line.state()), line.with()});
    });
    return at(address.extension, [answer_after](baresip::Line& line) -> Result<> {
        line.habit.answer_after = answer_after;
        return {};
    });
}

Result<> BaresipTelephones::at(const std::string& number, const std::function<Result<>(baresip::Line&)>& deed)
{
    const auto found = softphones_.find(number);
    if (found == softphones_.end())
    {
        return fail(Errc::not_found, number, "there is no such telephone");
    }
    return found->second->act(deed);
}

std::vector<Telephone> BaresipTelephones::list() const
{
    std::vector<Telephone> telephones;
    telephones.reserve(softphones_.size());
    for (const auto& [number, softphone] : softphones_)
    {
        telephones.push_back({number, softphone->line().state(), softphone->line().with()});
    }
    return telephones;
}

Result<> BaresipTelephones::call(const std::string& from, const std::string& to)
{
    return at(from, [&to](baresip::Line& line) { return line.dial(to); });
}

Result<> BaresipTelephones::answer(const std::string& number)
{
    return at(number, [](baresip::Line& line) { return line.answer(); });
}

Result<> BaresipTelephones::hang_up(const std::string& number)
{
    return at(number, [](baresip::Line& line) -> Result<> {
        line.hang_up();
        return {};
    });
}

Result<> BaresipTelephones::press(const std::string& number, const std::string& digits)
{
    return at(number, [&digits](baresip::Line& line) { return line.press(digits); });
}

Result<> BaresipTelephones::set(const std::string& number, const std::function<void(Habit&)>& change)
{
    return at(number, [&change](baresip::Line& line) -> Result<> {
        change(line.habit);
        return {};
    });
}

std::unique_ptr<Watch> BaresipTelephones::watch(std::function<void(const TelephoneEvent&)> sink)
{
    return outbox_.watch(std::move(sink));
}

Result<> BaresipTelephones::set_registered(const std::string& number, bool registered)
{
    return at(number, [registered](baresip::Line& line) { return line.set_registered(registered); });
}
} // namespace ringpost::pbx
