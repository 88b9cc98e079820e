// SPDX-License-Identifier: Apache-2.0
#include "media/fax_controller.h"

#include "core/log.h"
#include "media/fax_address.h"
#include "media/fax_session.h"
#include "media/port_content.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace ringpost::media
{
namespace
{
/// What of the request the other FAX is told.
FaxOptions options_for(const store::Request& request, const MediaConfig& config)
{
    FaxOptions options;
    options.error_correction = config.fax_ecm;
    options.station_id = config.fax_station_id.empty() ? request.source_number : config.fax_station_id;
    if (config.fax_header)
    {
        options.header = request.sender.empty() ? request.source_number : request.sender;
    }
    const std::string& to = request.addressee;
    if (const auto address = parse_fax_address(to.substr(0, to.rfind('@'))); address)
    {
        options.sub_address = address->sub_address;
    }
    return options;
}

class Fax : public PortContent
{
public:
    Fax(VoiceBoard& board, std::shared_ptr<PortPool::Place> place, FaxDocument document, const store::Request& request,
        const MediaConfig& config)
        : PortContent(board, std::move(place)), document_(std::move(document)), number_(request.number),
          options_(options_for(request, config)), time_(config.fax_time),
          before_(static_cast<std::size_t>(std::max(request.pages.value_or(0), 0)))
    {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt) override
    {
        VoiceBoard::Port::Session<FaxResult> session = [document = document_, first = before_, options = options_,
                                                        time = time_](Clock& clock,
                                                                      std::unique_ptr<pbx::AudioPort> port) {
            return send_fax(clock, std::move(port), document, first, options, time);
        };
        const auto sent = co_await over_port(exchange, attempt, VoiceBoard::Needs::own_thread, std::move(session));
        if (sent.has_error())
        {
            co_return sent.error();
        }
        if (!sent->has_value())
        {
            co_return hung_up();
        }
        const FaxResult& result = **sent;
        log::info("media.fax", {{"request", number_},
                                {"pages", result.pages_sent},
                                {"of", result.pages_total},
                                {"bit-rate", result.bit_rate},
                                {"error-correction", result.error_correction},
                                {"remote", result.remote_id},
                                {"cause", word(result.cause)},
                                {"why", result.text}});
        service::Performance performance;
        performance.pages = static_cast<int>(before_ + result.pages_sent);
        performance.bit_rate = static_cast<int>(result.bit_rate);
        performance.remote_id = result.remote_id;
        performance.cause = result.cause;
        performance.retry = result.retry;
        performance.why = result.text;
        co_return performance;
    }

private:
    /// Answered and hung up at once: a machine only where it has shown itself as one before.
    [[nodiscard]] service::Performance hung_up() const
    {
        service::Performance performance;
        performance.pages = static_cast<int>(before_);
        performance.retry = before_ > 0;
        performance.cause = performance.retry ? Cause::congestion : Cause::rejected;
        performance.why = "the called number has hung up at once";
        return performance;
    }

    FaxDocument document_;
    std::string number_;
    FaxOptions options_;
    Duration time_;
    std::size_t before_; ///< pages that earlier calls have brought
};
} // namespace

FaxController::FaxController(VoiceBoard& board, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                             const Config& config)
    : board_(board), config_(config), contents_(database, spool, config.scan),
      reader_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> FaxController::prepare(store::Request request)
{
    auto found = co_await contents_.read(request, config_.media.fax_octets);
    if (found.has_error())
    {
        co_return found.error();
    }
    std::string type = found->charset.empty() ? std::move(found->media_type)
                                              : fmt::format("{}; charset={}", found->media_type, found->charset);
    const FaxLimits limits{config_.media.fax_pages, config_.media.fax_pixels, config_.media.fax_octets};
    auto document = co_await reader_.read(std::move(found->octets), std::move(type), limits);
    if (document.has_error())
    {
        co_return fail(document.error().code(), fmt::format("content {}", request.content), document.error().message());
    }
    auto place = co_await board_.pool().place_for(request.attempt);
    if (place.has_error())
    {
        co_return place.error();
    }
    std::shared_ptr<service::Content> fax =
        std::make_shared<Fax>(board_, std::move(*place), std::move(*document), request, config_.media);
    co_return fax;
}
} // namespace ringpost::media
