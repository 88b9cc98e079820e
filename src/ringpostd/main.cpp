// SPDX-License-Identifier: Apache-2.0
#include "core/log.h"
#include "ringpostd/daemon.h"
#include "ringpostd/descriptors.h"
#include "ringpostd/inputs.h"

#include <CLI/CLI.hpp>
#include <sodium.h>

#include <csignal>
#include <iostream>
#include <pthread.h>

namespace
{
/// Reading a mail recurses as deep as scan.levels allows, on I/O threads: their stack must not depend on the system.
void fix_thread_stacks()
{
    constexpr std::size_t stack = 8 * ringpost::MiB;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack);
    pthread_setattr_default_np(&attributes);
    pthread_attr_destroy(&attributes);
}

int complain(const ringpost::Failure& failure)
{
    std::cerr << "ringpostd: " << failure.message() << '\n';
    return EXIT_FAILURE;
}

int serve(const ringpost::Config& config)
{
    const auto level = ringpost::log::level_from(config.log.level).value_or(ringpost::log::Level::info);
    if (auto started = ringpost::log::start(level, config.log.file); started.has_error())
    {
        return complain(started.error());
    }
    if (const auto raised = ringpost::raise_descriptor_limit(ringpost::descriptors_needed(config)); raised.has_error())
    {
        ringpost::log::warning("gateway.descriptors", {{"why", raised.error().message()}});
    }
    ringpost::Daemon daemon(config);
    if (auto started = daemon.start(); started.has_error())
    {
        return complain(started.error());
    }
    return daemon.run();
}
} // namespace

int main(int argc, char** argv)
{
    CLI::App app("ringpostd: mail-driven CTI gateway (SMTP, POP3, telephone exchange)");
    std::string file;
    bool print = false;
    bool reference = false;
    bool check = false;
    app.add_option("--config", file, "Configuration file (TOML); without one the defaults serve 127.0.0.1 only");
    app.add_flag("--print-config", print, "Print a sample configuration with every key");
    app.add_flag("--print-reference", reference, "Print the manual's page of all keys (Markdown)");
    app.add_flag("--check", check, "Check the configuration and the files that it names, and end");
    CLI11_PARSE(app, argc, argv);
    if (print || reference)
    {
        std::cout << (print ? ringpost::sample_config() : ringpost::reference_markdown());
        return EXIT_SUCCESS;
    }
    const auto config =
        file.empty() ? ringpost::Result<ringpost::Config>(ringpost::default_config()) : ringpost::load_config(file);
    if (config.has_error())
    {
        return complain(config.error());
    }
    if (sodium_init() < 0)
    {
        return complain(ringpost::fail(ringpost::Errc::internal, "libsodium", "cannot be initialised"));
    }
    if (check)
    {
        if (const auto checked = ringpost::check_inputs(*config); checked.has_error())
        {
            return complain(checked.error());
        }
        std::cout << "the configuration is in order\n";
        return EXIT_SUCCESS;
    }
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN); // a file at the limit of the process is a full disk, not the end
    fix_thread_stacks();
    return serve(*config);
}
