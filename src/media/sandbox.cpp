// SPDX-License-Identifier: Apache-2.0
#include "media/sandbox.h"

#include "core/on_pool.h"
#include "media/sandbox_process.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ringpost::media
{
/// Becomes readable, for every process at once, when the sandbox is destroyed.
class Sandbox::Stop
{
public:
    Stop() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (!descriptor_.open())
        {
            throw std::system_error(errno, std::generic_category(), "eventfd");
        }
    }
    [[nodiscard]] int descriptor() const { return descriptor_.number(); }
    void now() const
    {
        const std::uint64_t one = 1;
        // An event counter that was never written takes one.
        [[maybe_unused]] const auto written = ::write(descriptor_.number(), &one, sizeof one);
    }

private:
    Descriptor descriptor_;
};

Sandbox::Sandbox(std::size_t at_once, std::size_t waiting) : stop_(std::make_unique<Stop>()), pool_(at_once, waiting) {}

Sandbox::~Sandbox()
{
    stop_->now();
    pool_.stop();
}

boost::asio::awaitable<Result<std::string>> Sandbox::run(SandboxCommand command, std::string input,
                                                         SandboxLimits limits)
{
    const int stop = stop_->descriptor();
    // Shared: std::function copies its target, and recordings are large.
    const auto octets = std::make_shared<std::string>(std::move(input));
    std::function<Result<std::string>()> work = [command = std::move(command), octets, limits, stop] {
        return run_sandboxed(command, std::move(*octets), limits, stop);
    };
    Failure busy(Errc::unavailable, "", "too many conversions at this moment");
    co_return co_await on_pool(pool_, std::move(work), std::move(busy));
}
} // namespace ringpost::media
