// SPDX-License-Identifier: Apache-2.0
#include "media/fax_controller.h"

#include "core/log.h"
#include "media/fax_address.h"
#include "media/fax_session.h"
#include "media/port_content.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
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
    if (const auto machine = fax_machine_at(request.addressee))
    {
        options.sub_address = machine->sub_address;
    }
    return options;
}

class Fax : public PortContent
{
public:
    Fax(VoiceBoard& board, FaxDocument document, bool copied, const store::Request& request, const MediaConfig& config)
        : PortContent(board), document_(std::move(document)), copied_(copied), number_(request.number),
          options_(options_for(request, config)), time_(config.fax_time),
          before_(static_cast<std::size_t>(std::max(request.pages.value_or(0), 0)))
    {}

    boost::asio::awaitable<Result<service::Performance>> perform(pbx::Exchange& exchange, AttemptId attempt,
                                                                 Told told) override
    {
        const auto control = co_await boost::asio::this_coro::executor;
        // Posted before the end of the session is: who performs it is still there when it comes.
        PageConfirmed confirmed = [this, control, told = std::move(told)](const FaxProgress& progress) {
            boost::asio::post(control, [this, told, progress] { told(progress_of(progress)); });
        };
        VoiceBoard::Port::Session<FaxResult> session =
            [document = document_, first = before_, options = options_, time = time_,
             confirmed = std::move(confirmed)](Clock& clock, std::unique_ptr<pbx::AudioPort> port) {
                return send_fax(clock, std::move(port), document, first, options, time, confirmed);
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
                                {"why", result.reason}});
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
    service::Progress progress_of(const FaxProgress& now)
    {
        service::Progress progress;
        const std::size_t pages = std::min(before_ + now.pages, document_.size());
        progress.pages = static_cast<int>(pages);
        progress.whole = pages == document_.size();
        progress.bit_rate = static_cast<int>(now.bit_rate);
        progress.remote_id = now.remote_id;
        for (std::size_t i = before_ + told_; copied_ && i < pages; ++i)
        {
            const FaxPage& page = document_.pages->at(i);
            progress.sent.push_back({static_cast<int>(i), static_cast<int>(page.rows), rows_per_inch(page.resolution),
                                     page.zero_is_black, page.coded});
        }
        told_ = now.pages;
        return progress;
    }

    /// Answered and hung up at once: a machine only where it has shown itself as one before.
    [[nodiscard]] service::Performance hung_up() const
    {
        service::Performance performance;
        performance.pages = static_cast<int>(before_);
        performance.retry = before_ > 0;
        performance.cause = performance.retry ? Cause::congestion : Cause::rejected;
        performance.why = "the called number hung up at once";
        return performance;
    }

    FaxDocument document_;
    bool copied_; ///< its pages go into the result
    std::string number_;
    FaxOptions options_;
    Duration time_;
    std::size_t before_;   ///< pages that earlier calls have brought
    std::size_t told_ = 0; ///< pages of this call that were told of
};

bool is_empty_text(const FoundContent& content)
{
    return content.media_type.starts_with("text/") &&
           content.octets.find_first_not_of(" \t\r\n\f") == std::string::npos;
}

bool to_be_copied(const FaxDocument& document, const std::vector<FoundContent>& contents, std::size_t most)
{
    const std::size_t octets =
        std::accumulate(document.pages->begin(), document.pages->end(), std::size_t{0},
                        [](std::size_t sum, const FaxPage& page) { return sum + page.coded.size(); });
    return octets <= most && std::none_of(contents.begin(), contents.end(),
                                          [](const FoundContent& content) { return content.confidential; });
}
} // namespace

FaxController::FaxController(VoiceBoard& board, store::Database& database, store::Spool& spool, Sandbox& sandbox,
                             const Config& config)
    : board_(board), config_(config), contents_(database, spool, config.scan),
      reader_(sandbox, {config.media.convert_time, config.media.convert_memory})
{}

boost::asio::awaitable<Result<std::shared_ptr<service::Content>>> FaxController::prepare(store::Request request)
{
    auto contents = co_await found(request);
    if (contents.has_error())
    {
        co_return contents.error();
    }
    auto document = co_await drawn(*contents);
    if (document.has_error())
    {
        co_return document.error();
    }
    const bool copied = to_be_copied(*document, *contents, config_.media.fax_copy_octets);
    std::shared_ptr<service::Content> fax =
        std::make_shared<Fax>(board_, std::move(*document), copied, request, config_.media);
    co_return fax;
}

boost::asio::awaitable<Result<std::vector<FoundContent>>> FaxController::found(store::Request request)
{
    const std::size_t most = config_.media.fax_octets;
    if (!fax_machine_at(request.addressee))
    {
        auto one = co_await contents_.read(std::move(request), most);
        if (one.has_error())
        {
            co_return one.error();
        }
        std::vector<FoundContent> alone;
        alone.push_back(std::move(*one));
        co_return alone;
    }
    auto all = co_await contents_.read_documents(std::move(request), most);
    if (all.has_value() && !std::all_of(all->begin(), all->end(), is_empty_text))
    {
        // A mail client puts an empty text in front of what is attached.
        std::erase_if(*all, is_empty_text);
    }
    co_return all;
}

/// The pages of all contents, one after the other.
boost::asio::awaitable<Result<FaxDocument>> FaxController::drawn(std::vector<FoundContent> contents)
{
    const MediaConfig& media = config_.media;
    std::vector<FaxPage> pages;
    for (auto& content : contents)
    {
        std::string type = content.charset.empty() ? content.media_type
                                                   : fmt::format("{}; charset={}", content.media_type, content.charset);
        const FaxLimits limits{media.fax_pages, media.fax_pixels, media.fax_octets};
        auto document = co_await reader_.read(std::move(content.octets), std::move(type), limits);
        if (document.has_error())
        {
            co_return fail(document.error().code(), fmt::format("content {}", content.number),
                           document.error().message());
        }
        pages.insert(pages.end(), document->pages->begin(), document->pages->end());
    }
    if (pages.size() > media.fax_pages)
    {
        co_return fail(Errc::too_large, "", fmt::format("the document has more than {} pages", media.fax_pages));
    }
    co_return FaxDocument{std::make_shared<const std::vector<FaxPage>>(std::move(pages))};
}
} // namespace ringpost::media
