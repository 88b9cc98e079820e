// SPDX-License-Identifier: Apache-2.0
// The command `ringpost`: asks the running gateway through its control socket, sends exchange mails, makes
// certificates for trials, and keys.
#include "ringpost/directory_commands.h"
#include "ringpost/key_commands.h"
#include "ringpost/outcome.h"
#include "ringpost/phone_commands.h"
#include "ringpost/queue_commands.h"
#include "ringpost/request_commands.h"
#include "ringpost/send.h"
#include "ringpost/simulate.h"
#include "ringpost/store_commands.h"
#include "ringpost/tls_commands.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <fcntl.h>
#include <unistd.h>

namespace
{
using namespace ringpost::command;

/// A standard descriptor that the caller has closed would be given to the gateway's socket, and output go there.
void keep_standard_descriptors()
{
    int descriptor = 0;
    do
    {
        descriptor = ::open("/dev/null", O_RDONLY);
    } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    if (descriptor > STDERR_FILENO)
    {
        ::close(descriptor);
    }
}

int run(int argc, char** argv)
{
    CLI::App app{"Ringpost: mail-driven CTI gateway", "ringpost"};
    Options options;
    Exit outcome = Exit::done;
    app.add_option("--gateway", options.gateway, "Control socket of the gateway")
        ->envname("RINGPOST_GATEWAY")
        ->default_val("./ringpost-state/control.sock");
    app.require_subcommand(1);
    app.footer("Exit codes: 0 done, 1 the gateway said no, 2 wrong command line, 3 no gateway answers.");
    add_phone_commands(app, options, outcome);
    add_request_commands(app, options, outcome);
    add_queue_commands(app, options, outcome);
    add_directory_commands(app, options, outcome);
    add_send_command(app, outcome);
    add_store_commands(app, options, outcome);
    add_tls_commands(app, outcome);
    add_simulate_command(app, outcome);
    add_key_commands(app, outcome);
    try
    {
        app.parse(argc, argv);
    }
    catch (const CLI::ParseError& error)
    {
        const bool wrong = app.exit(error) != 0;
        return static_cast<int>(wrong ? Exit::usage : Exit::done);
    }
    return static_cast<int>(outcome);
}
} // namespace

int main(int argc, char** argv)
{
    keep_standard_descriptors();
    // A reader of our output that has gone is seen by the write that fails, which then ends the command quietly.
    std::signal(SIGPIPE, SIG_IGN);
    try
    {
        return run(argc, argv);
    }
    catch (const std::exception& error)
    {
        complain(error.what());
        return static_cast<int>(Exit::refused);
    }
}
