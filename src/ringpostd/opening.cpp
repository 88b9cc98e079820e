// SPDX-License-Identifier: Apache-2.0
// What the gateway opens at its start, in the order in which one needs the other.
#include "core/log.h"
#include "ringpostd/daemon.h"
#include "ringpostd/inputs.h"

namespace ringpost
{
/// At start, and again at SIGHUP: certificates are renewed every few weeks.
Result<> Daemon::open_tls()
{
    if (auto loaded = tls_client_.load(config_.tls); loaded.has_error())
    {
        return loaded;
    }
    if (auto loaded = tls_server_.load(config_.tls); loaded.has_error())
    {
        return loaded;
    }
    if (tls_server_.offered())
    {
        const auto validity = tls_server_.validity();
        const auto event = validity.ends_soon ? log::warning : log::info;
        event("tls.certificate", {{"file", config_.tls.certificate}, {"valid_until", validity.until}});
        warn_of_open_key(config_.tls);
    }
    return {};
}

Result<> Daemon::open_store()
{
    const std::filesystem::path state(config_.gateway.state_dir);
    store::DatabaseOptions options;
    options.file = state / "ringpost.db";
    options.queue_limit = config_.store.queue_limit;
    options.readers = static_cast<int>(config_.store.readers);
    options.log_limit = config_.store.log_limit;
    auto database = store::Database::open(options);
    if (database.has_error())
    {
        return database.error();
    }
    database_ = std::move(*database);
    auto vault = open_vault(config_);
    if (vault.has_error())
    {
        return vault.error();
    }
    auto spool = store::Spool::open(state / "spool", std::move(*vault));
    if (spool.has_error())
    {
        return spool.error();
    }
    spool_.emplace(std::move(*spool));
    dead_files_.emplace(*database_, *spool_);
    return sweep();
}

Result<> Daemon::open_directory()
{
    const auto seed = seed_options(config_);
    const auto people = people_file(config_);
    if (people.has_error())
    {
        return people.error();
    }
    const auto seeded = directory::seed_if_empty(*database_, people->text, people->name, seed);
    if (seeded.has_error())
    {
        return seeded.error();
    }
    if (*seeded)
    {
        log::info("directory.seeded", {{"from", people->name}});
    }
    directory::OfficeOptions office;
    office.own_domains = {config_.gateway.domain};
    office.own_domains.insert(office.own_domains.end(), config_.gateway.extra_domains.begin(),
                              config_.gateway.extra_domains.end());
    office.representative = config_.gateway.representative;
    office.plan = plan_from(config_);
    if (config_.exchange.driver == "simulated")
    {
        office.extensions = config_.exchange.simulated_extensions;
    }
    directory_ = std::make_unique<directory::Directory>(*database_, std::move(office));
    if (auto loaded = directory_->load_now(); loaded.has_error())
    {
        return loaded;
    }
    warn_of_unread_people(*people, *directory_->current());
    tell_of_postmaster(config_, *directory_->current());
    directory::AuthenticationOptions options;
    options.cost = seed.cost;
    options.threads = config_.authentication.threads;
    options.delays = {config_.authentication.free_failures, config_.authentication.delay_first,
                      config_.authentication.delay_most, config_.authentication.delay_forget,
                      config_.authentication.delay_accounts};
    auto authentication = directory::Authentication::create(*directory_, options, executor(), *clock_);
    if (authentication.has_error())
    {
        return authentication.error();
    }
    authentication_ = std::move(*authentication);
    return {};
}

Result<> Daemon::open_exchange()
{
    pbx::simulated::Numbering numbering;
    auto* directory = directory_.get();
    numbering.external_number = [directory](const std::string& extension) {
        return directory::external_form(*directory->current(), extension);
    };
    numbering.extension_of = [directory](const std::string& e164) -> std::optional<std::string> {
        return directory->current()->conversions().extension_of(e164);
    };
    numbering.normalise = [directory](const std::string& written) {
        const auto target = directory::read_number(*directory->current(), written);
        return target.has_value() ? target->device : directory::digits_of(written);
    };
    auto as_dialled = [plan = plan_from(config_)](const std::string& e164) {
        return directory::to_national(plan, e164);
    };
    auto machines = open_machines();
    if (machines.has_error())
    {
        return machines.error();
    }
    auto parts = pbx::open_exchange(executor(), *clock_, config_, std::move(numbering), std::move(as_dialled),
                                    std::move(*machines));
    if (parts.has_error())
    {
        return parts.error();
    }
    exchange_ = std::move(*parts);
    return {};
}

/// FAX machines at simulated extensions, where there are to be some.
Result<pbx::simulated::Machines> Daemon::open_machines()
{
    pbx::simulated::Machines machines;
    const auto& numbers = config_.exchange.simulated_fax_machines;
    if (config_.exchange.driver != "simulated" || numbers.empty())
    {
        return machines;
    }
    auto opened = media::FaxMachines::open(executor(), *board_, config_.faxes(), config_.media.fax_time);
    if (opened.has_error())
    {
        return opened.error();
    }
    fax_machines_.emplace(std::move(*opened));
    machines.extensions = {numbers.begin(), numbers.end()};
    machines.answered = [this](const std::string& extension, std::unique_ptr<pbx::AudioPort> port) {
        fax_machines_->answer(extension, std::move(port));
    };
    return machines;
}

/// Where mail is to be routed by it.
Result<> Daemon::open_dns()
{
    const auto& relay = config_.relay;
    if (!relay.dns)
    {
        return {};
    }
    auto resolver = Resolver::open(executor(), *clock_, {relay.dns_servers, relay.dns_timeout, relay.dns_tries});
    if (resolver.has_error())
    {
        return resolver.error();
    }
    resolver_ = std::move(*resolver);
    dns_ = std::make_unique<mta::DnsRouter>(
        *resolver_, config_.relay, [this](std::string_view host) { return directory_->current()->own_domain(host); });
    return {};
}
} // namespace ringpost
