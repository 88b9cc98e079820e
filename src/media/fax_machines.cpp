// SPDX-License-Identifier: Apache-2.0
#include "media/fax_machines.h"

#include "core/log.h"
#include "core/spawn.h"
#include "media/fax_session.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>
#include <utility>

namespace ringpost::media
{
namespace
{
/// Of the pages that have come; returns where they are.
Result<std::filesystem::path> keep(const std::filesystem::path& directory, const std::string& extension,
                                   const std::string& tiff)
{
    std::error_code error;
    std::filesystem::path path;
    unsigned number = 0;
    do
    {
        path = directory / fmt::format("{}-{}.tif", extension, ++number);
    } while (std::filesystem::exists(path, error));
    const auto temporary = directory / fmt::format(".{}-{}.tif.new", extension, number);
    {
        std::ofstream file(temporary, std::ios::binary | std::ios::trunc);
        file << tiff;
        if (!file.flush())
        {
            return fail(Errc::io, temporary.string(), "cannot be written");
        }
    }
    std::filesystem::rename(temporary, path, error);
    if (error)
    {
        return fail(Errc::io, path.string(), error.message());
    }
    return path;
}

boost::asio::awaitable<void> receive(std::unique_ptr<VoiceBoard::Port> port, std::filesystem::path directory,
                                     std::string extension, Duration time)
{
    FaxOptions options;
    options.station_id = extension;
    VoiceBoard::Port::Session<Result<ReceivedFax>> session = [options, time](Clock& clock,
                                                                             std::unique_ptr<pbx::AudioPort> end) {
        return receive_fax(clock, std::move(end), options, time);
    };
    const auto fax = co_await port->run(std::move(session));
    if (fax.has_error() || fax->tiff.empty())
    {
        log::info("fax-machine.nothing",
                  {{"extension", extension}, {"why", fax.has_error() ? fax.error().message() : fax->reason}});
        co_return;
    }
    const auto file = keep(directory, extension, fax->tiff);
    if (file.has_error())
    {
        log::warning("fax-machine.not-kept", {{"extension", extension}, {"why", file.error().message()}});
        co_return;
    }
    log::info("fax-machine.received", {{"file", file->string()},
                                       {"pages", fax->progress.pages},
                                       {"whole", fax->whole},
                                       {"remote", fax->progress.remote_id},
                                       {"sub-address", fax->progress.sub_address},
                                       {"bit-rate", fax->progress.bit_rate},
                                       {"why", fax->reason}});
}
} // namespace

FaxMachines::FaxMachines(boost::asio::any_io_executor executor, VoiceBoard& board, std::filesystem::path directory,
                         Duration time)
    : executor_(std::move(executor)), board_(&board), directory_(std::move(directory)), time_(time)
{}

Result<FaxMachines> FaxMachines::open(boost::asio::any_io_executor executor, VoiceBoard& board,
                                      std::filesystem::path directory, Duration time)
{
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error)
    {
        return fail(Errc::io, directory.string(), error.message());
    }
    return FaxMachines(std::move(executor), board, std::move(directory), time);
}

void FaxMachines::answer(const std::string& extension, std::unique_ptr<pbx::AudioPort> port) const
{
    auto used = board_->use(std::move(port), VoiceBoard::Needs::own_thread);
    spawn(executor_, "fax-machine", receive(std::move(used), directory_, extension, time_));
}
} // namespace ringpost::media
