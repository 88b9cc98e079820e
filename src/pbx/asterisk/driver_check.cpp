// SPDX-License-Identifier: Apache-2.0
// `ringpost exchange check`: what an administrator may have forgotten, and what to do about it.
#include "pbx/asterisk/driver.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace ringpost::pbx::asterisk
{
namespace asio = boost::asio;

namespace
{
/// The first with channel ids of one's own everywhere, deviceStates and event filters.
constexpr std::pair<int, int> least_version{16, 6};
/// The pieces of an installation that are asked one by one.
constexpr std::size_t most_endpoints_asked = 200;

std::pair<int, int> version_of(std::string_view text)
{
    std::pair<int, int> version{0, 0};
    const char* const end = text.data() + text.size();
    const auto major = std::from_chars(text.data(), end, version.first);
    if (major.ptr != end && *major.ptr == '.')
    {
        std::from_chars(major.ptr + 1, end, version.second);
    }
    return version;
}

bool is_tone(const std::string& media)
{
    return media.starts_with("tone:");
}
} // namespace

asio::awaitable<Result<std::vector<Finding>>> Driver::check(Self self)
{
    std::vector<Finding> findings;
    const auto reached = co_await check_access(self, findings);
    if (reached)
    {
        co_await check_link(self, findings);
        co_await check_context(self, findings);
        co_await check_modules(self, findings);
        co_await check_endpoints(self, findings);
        co_await check_trunks(self, findings);
        co_await check_sounds(self, findings);
        co_await check_audio(self, findings);
    }
    co_return findings;
}

/// False: there is nobody to ask further.
asio::awaitable<bool> Driver::check_access(Self self, std::vector<Finding>& findings)
{
    const std::string& url = self->options_.account.url;
    const auto version = co_await self->rest_.version();
    const bool refused = version.has_error() && version.error().code() == Errc::refused;
    if (version.has_error() && !refused)
    {
        findings.push_back({"asterisk", false,
                            version.error().message() + "; look at exchange.asterisk_url (" + url +
                                ") and at enabled and bindaddr in http.conf"});
        co_return false;
    }
    if (refused)
    {
        findings.push_back({"user", false,
                            "Asterisk refuses the user " + self->options_.account.user +
                                "; look at exchange.asterisk_user, exchange.asterisk_password_file and ari.conf"});
        co_return false;
    }
    const bool new_enough = version_of(*version) >= least_version;
    findings.push_back({"asterisk", new_enough,
                        "version " + *version + " at " + url + (new_enough ? "" : "; 16.6 or later is needed")});
    // Setting what is set already; an application that is away answers "not found", which needs the right, too.
    std::vector<std::string> types{"DeviceStateChanged", "EndpointStateChange", "ApplicationReplaced"};
    const auto written = co_await self->rest_.filter(self->link_.device_application(), std::move(types));
    const bool read_only = written.has_error() && written.error().code() == Errc::refused;
    findings.push_back({"user", !read_only,
                        read_only ? "the user may only read; set read_only=no in ari.conf"
                                  : "user " + self->options_.account.user + " may read and write"});
    co_return true;
}

asio::awaitable<void> Driver::check_link(Self self, std::vector<Finding>& findings)
{
    const std::string& application = self->link_.options().application;
    if (self->link_.was_replaced())
    {
        findings.push_back({"application", false,
                            "another gateway has taken the application " + application +
                                "; give each gateway a name of its own (exchange.asterisk_application)"});
    }
    else
    {
        findings.push_back({"application", true, "nobody else uses the application " + application});
    }
    const std::string& trouble = self->link_.trouble();
    std::string link = "is down: " + trouble;
    if (self->link_.up())
    {
        link = "both event sockets are open";
    }
    else if (trouble.empty())
    {
        link = "is being made; ask again in a moment";
    }
    else if (self->link_.unanswered())
    {
        // It has just answered check_access().
        link += "; Asterisk answers other requests: its ARI stands still, restart Asterisk";
    }
    findings.push_back({"link", self->link_.up(), std::move(link)});
    co_return;
}

/// ARI shows functions of the dialplan to channels only: one that is not dialled does.
asio::awaitable<void> Driver::check_context(Self self, std::vector<Finding>& findings)
{
    const std::string& context = self->options_.context;
    const std::string probe = self->ids_.probe() + std::to_string(++self->probes_);
    if (!self->link_.up())
    {
        findings.push_back({"context", false, "cannot be looked at while the link is down"});
        co_return;
    }
    const auto made = co_await self->rest_.create(probe, "Local/resume@" + context, self->link_.options().application);
    Result<std::string> exists = std::string{};
    if (made.has_value())
    {
        exists = co_await self->rest_.variable(probe, "DIALPLAN_EXISTS(" + context + ",resume,1)");
        static_cast<void>(co_await self->rest_.hang_up(probe));
    }
    if (made.has_error() || exists.has_error())
    {
        const std::string why = made.has_error() ? made.error().message() : exists.error().message();
        findings.push_back({"context", false, "cannot be looked at: " + why});
        co_return;
    }
    const bool there = *exists == "1";
    findings.push_back(
        {"context", there,
         there ? "calls are given back to the PBX through resume in [" + context + "]"
               : "extensions.conf has no [" + context +
                     "] with `exten => resume,1,Bridge(${RINGPOST_TARGET})` and `same => n,Hangup()`; without it a "
                     "conversation stays in the gateway's hands, and who is left by the other waits for the gateway"});
}

/// Those without which nothing is refused and nothing happens.
asio::awaitable<void> Driver::check_modules(Self self, std::vector<Finding>& findings)
{
    std::string missing;
    for (const char* const name : {"bridge_holding.so", "func_callerid.so", "func_dialplan.so"})
    {
        const auto loaded = co_await self->rest_.module(name);
        if (loaded.has_error() && (loaded.error().code() == Errc::not_found || loaded.error().code() == Errc::conflict))
        {
            missing += std::string(missing.empty() ? "" : ", ") + name;
        }
    }
    findings.push_back({"modules", missing.empty(),
                        missing.empty() ? std::string("all that are needed are loaded")
                                        : missing + " is not loaded; look at modules.conf"});
}

asio::awaitable<void> Driver::check_endpoints(Self self, std::vector<Finding>& findings)
{
    const auto endpoints = co_await self->rest_.endpoints(self->plan_.technology());
    const std::size_t count = endpoints.has_value() ? endpoints->size() : 0;
    findings.push_back({"endpoints", count > 0,
                        count > 0 ? std::to_string(count) + " of " + self->plan_.technology()
                                  : "there is no endpoint of " + self->plan_.technology() +
                                        "; look at exchange.asterisk_endpoint (" + self->options_.endpoint + ")"});
    if (count == 0 || self->plan_.technology() != "PJSIP")
    {
        co_return;
    }
    std::string early;
    for (std::size_t i = 0; i < std::min(count, most_endpoints_asked); ++i)
    {
        const std::string name = (*endpoints)[i].name.substr(self->plan_.technology().size() + 1);
        const auto busy_at = co_await self->rest_.pjsip_attribute(name, "device_state_busy_at");
        if (busy_at.has_value() && *busy_at == "1")
        {
            early += (early.empty() ? "" : ", ") + name;
        }
    }
    findings.push_back({"busy", true,
                        early.empty() ? std::string("ringing and talking devices can be told apart")
                                      : "device_state_busy_at=1: ringing is seen as busy at " + early});
}

asio::awaitable<void> Driver::check_trunks(Self self, std::vector<Finding>& findings)
{
    const auto names = self->plan_.trunk_endpoints();
    for (const std::string& name : names)
    {
        const auto endpoint = co_await self->rest_.endpoint(name);
        if (endpoint.has_error())
        {
            findings.push_back(
                {"trunk", false, endpoint.error().message() + "; look at exchange.asterisk_trunks and pjsip.conf"});
            continue;
        }
        const bool away = endpoint->state == "offline";
        findings.push_back({"trunk", !away,
                            name + (away ? " is offline; look at `pjsip show endpoint` and at the carrier"
                                         : " is " + endpoint->state)});
    }
    if (names.empty())
    {
        findings.push_back({"trunk", true, "none: external numbers cannot be called (exchange.asterisk_trunks)"});
    }
}

asio::awaitable<void> Driver::check_sounds(Self self, std::vector<Finding>& findings)
{
    const std::set<std::string> sounds{self->options_.source_busy, self->options_.source_no_answer,
                                       self->options_.destination_failed};
    for (const std::string& media : sounds)
    {
        constexpr std::string_view scheme = "sound:";
        const std::string name = media.starts_with(scheme) ? media.substr(scheme.size()) : std::string{};
        if (name.empty() || name.find("://") != std::string::npos)
        {
            findings.push_back({"announcement", true,
                                media + (is_tone(media) ? " (indications.conf must know the tone)"
                                                        : " (is looked for when it is played)")});
            continue;
        }
        const auto there = co_await self->rest_.sound(name);
        findings.push_back({"announcement", there.has_value(),
                            there.has_value() ? media
                                              : media + " is not there; put the file into Asterisk's sounds, or name "
                                                        "another (exchange.asterisk_sound_…)"});
    }
}

asio::awaitable<void> Driver::check_audio(Self self, std::vector<Finding>& findings)
{
    const auto by_web_socket = co_await self->rest_.module_runs("chan_websocket.so");
    if (by_web_socket.has_value() && *by_web_socket)
    {
        findings.push_back({"audio", true, "goes by WebSocket"});
        co_return;
    }
    const auto by_rtp = co_await self->rest_.module_runs("chan_rtp.so");
    if (by_rtp.has_error() || !*by_rtp)
    {
        findings.push_back({"audio", false,
                            "neither chan_websocket.so nor chan_rtp.so is running: load one of them, or no voice can "
                            "be played to anybody"});
        co_return;
    }
    const auto address = self->rtp_address();
    findings.push_back({"audio", address.has_value(),
                        address.has_value() ? "goes by RTP to " + address->to_string() : address.error().message()});
}
} // namespace ringpost::pbx::asterisk
