// SPDX-License-Identifier: Apache-2.0
#include "ringpostd/inputs.h"

#include "core/log.h"
#include "core/tls.h"
#include "pbx/factory.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace ringpost
{
namespace
{
Result<> check_tls(const Config& config)
{
    TlsClient client;
    if (auto loaded = client.load(config.tls); loaded.has_error())
    {
        return loaded;
    }
    TlsServer server;
    return server.load(config.tls);
}

Result<> check_people(const Config& config)
{
    const auto file = people_file(config);
    if (file.has_error())
    {
        return file.error();
    }
    const auto people = directory::parse_people(file->text, file->name, plan_from(config));
    return people.has_error() ? Result<>(people.error()) : Result<>{};
}

/// A name must be known, and the address one of this machine. The port is not tried: the gateway may be running.
Result<> check_address(const std::string& text)
{
    const auto endpoint = parse_local_endpoint(text);
    if (endpoint.has_error())
    {
        return endpoint.error();
    }
    if (!endpoint->path.empty())
    {
        return {};
    }
    using boost::asio::ip::tcp;
    boost::asio::io_context context;
    boost::system::error_code error;
    tcp::resolver resolver(context);
    const auto found = resolver.resolve(endpoint->tcp.host, "0", tcp::resolver::passive, error);
    tcp::acceptor acceptor(context);
    if (!error)
    {
        acceptor.open(found.begin()->endpoint().protocol(), error);
    }
    if (!error)
    {
        acceptor.bind(found.begin()->endpoint(), error);
    }
    return error ? Result<>(fail(Errc::unavailable, text, "cannot be listened on: " + error.message())) : Result<>{};
}

Result<> check_addresses(const Config& config)
{
    for (const auto* addresses : {&config.mta.listen, &config.mta.listen_tls, &config.mta.listen_lmtp,
                                  &config.mailbox.listen, &config.mailbox.listen_tls, &config.console.listen})
    {
        for (const auto& address : *addresses)
        {
            if (auto checked = check_address(address); checked.has_error())
            {
                return checked;
            }
        }
    }
    return {};
}
} // namespace

directory::NumberPlan plan_from(const Config& config)
{
    return {config.numbers.country_code, config.numbers.international_prefix, config.numbers.trunk_prefix};
}

Result<store::Vault> open_vault(const Config& config)
{
    const auto& key_file = config.confidential.key_file;
    if (!key_file.empty())
    {
        return store::Vault::load(key_file, true);
    }
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    const auto file = std::filesystem::path(credentials == nullptr ? "" : credentials) / "ringpost-confidential";
    std::error_code error;
    return credentials != nullptr && std::filesystem::exists(file, error) ? store::Vault::load(file, false)
                                                                          : Result<store::Vault>(store::Vault());
}

directory::SeedOptions seed_options(const Config& config)
{
    return {plan_from(config), {config.authentication.opslimit, config.authentication.memlimit}};
}

Result<PeopleFile> people_file(const Config& config)
{
    const auto& path = config.directory.seed;
    if (path.empty())
    {
        return PeopleFile{std::string(directory::sample_people().front().text), "built-in sample people", true};
    }
    auto text = directory::people_text(path);
    if (text.has_error())
    {
        return text.error();
    }
    return PeopleFile{std::move(*text), path};
}

void warn_of_open_key(const TlsConfig& config)
{
    std::error_code error;
    const auto mode = std::filesystem::status(config.key, error).permissions();
    if (!error && (mode & std::filesystem::perms::others_read) != std::filesystem::perms::none)
    {
        log::warning("tls.key-open",
                     {{"file", config.key}, {"why", "every user of this machine can read it: chmod o-r it"}});
    }
}

void warn_of_unread_people(const PeopleFile& file, const directory::Snapshot& office)
{
    if (!file.built_in && !directory::is_loaded(office, file.text))
    {
        log::warning(
            "directory.seed-not-read",
            {{"file", file.name}, {"why", "it has changed since it was loaded: ringpost directory load " + file.name}});
    }
}

void tell_of_postmaster(const Config& config, const directory::Snapshot& office)
{
    const auto& wanted = config.gateway.representative;
    if (const auto* first = office.representative(); first != nullptr && office.named_representative() == nullptr)
    {
        // Who has written a name means somebody.
        const auto event = wanted == GatewayConfig{}.representative ? log::info : log::warning;
        event("directory.postmaster", {{"mail_goes_to", first->address},
                                       {"why", "the first user; nobody is " + wanted + " (gateway.representative)"}});
    }
}

Result<> check_inputs(const Config& config)
{
    if (auto checked = check_tls(config); checked.has_error())
    {
        return checked;
    }
    if (const auto vault = open_vault(config); vault.has_error())
    {
        return vault.error();
    }
    if (auto checked = check_people(config); checked.has_error())
    {
        return checked;
    }
    if (const auto password = pbx::asterisk_password(config); password.has_error())
    {
        return password.error();
    }
    return check_addresses(config);
}
} // namespace ringpost
