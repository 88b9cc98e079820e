// SPDX-License-Identifier: Apache-2.0
// Runs a program that reads what strangers sent (a decoder, a converter) where it can do no harm: bubblewrap with
// nothing but a read-only /usr and a small private /tmp, no network, no other processes, no rights (as nobody where the
// daemon is root), and limits of time, memory and output. There is no running without it.
#pragma once

#include "core/config.h"
#include "core/result.h"
#include "core/work_pool.h"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace ringpost::media
{
struct SandboxCommand
{
    std::string program; ///< absolute path, below /usr
    std::vector<std::string> arguments;
    std::vector<std::string> readable; ///< further files and directories that it may read, for example /etc/fonts
    std::string complaint{}; ///< on standard error it means failure, whatever the exit code says; empty: nothing does
};

struct SandboxLimits
{
    Duration time = 30s;            ///< of the clock on the wall; rounded up to seconds also of the processor
    std::size_t memory = 256 * MiB; ///< address space of each process
    std::size_t output = 16 * MiB;  ///< octets on standard output
    std::size_t scratch = 64 * MiB; ///< octets in /tmp
};

/// Errors of run(): Errc::unsupported: no sandbox here ("cannot convert in a sandbox: …"), or the program is not
/// installed; Errc::unavailable: too many wait, or the sandbox is being destroyed; Errc::timeout; Errc::too_large: more
/// output than allowed; Errc::malformed: the program failed, with the last line it wrote to standard error (printable,
/// at most 200 characters); Errc::io: no descriptors, no memory.
class Sandbox
{
public:
    /// `at_once`: programs that run at the same time, each on a thread of its own; `waiting`: more than so many wait.
    explicit Sandbox(std::size_t at_once = 2, std::size_t waiting = 100);
    /// Kills what runs; who waits gets Errc::unavailable.
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    /// `input` becomes the standard input (a file in memory: it can be read anywhere). Returns the standard output of a
    /// program that ended with 0. From any thread; goes on on the caller's executor.
    boost::asio::awaitable<Result<std::string>> run(SandboxCommand command, std::string input, SandboxLimits limits);

private:
    class Stop;
    std::unique_ptr<Stop> stop_;
    WorkPool pool_;
};
} // namespace ringpost::media
