// SPDX-License-Identifier: Apache-2.0
#include "media/fax_modem.h"

#include "media/ascii.h"
#include "media/descriptor.h"
#include "media/spandsp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/mman.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace ringpost::media
{
namespace
{
constexpr std::size_t longest_header = 50; // T30_MAX_PAGE_HEADER_INFO

int modems_up_to(FaxOptions::Fastest fastest)
{
    switch (fastest)
    {
    case FaxOptions::Fastest::v27ter:
        return T30_SUPPORT_V27TER;
    case FaxOptions::Fastest::v29:
        return T30_SUPPORT_V27TER | T30_SUPPORT_V29;
    case FaxOptions::Fastest::v17:
        break;
    }
    return T30_SUPPORT_V27TER | T30_SUPPORT_V29 | T30_SUPPORT_V17;
}

std::string printable_ascii(std::string_view text, std::size_t most)
{
    std::string line(text.substr(0, most));
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    return line;
}

/// What spandsp's completion code means for the one who sends.
FaxEnd end_of(int code, bool met)
{
    switch (code)
    {
    case T30_ERR_OK:
        return FaxEnd::done;
    case T30_ERR_FILEERROR:
    case T30_ERR_NOPAGE:
    case T30_ERR_BADTIFF:
    case T30_ERR_BADPAGE:
    case T30_ERR_BADTAG:
    case T30_ERR_BADTIFFHDR:
    case T30_ERR_NOMEM:
        return FaxEnd::defect;
    case T30_ERR_INCOMPATIBLE:
    case T30_ERR_RX_INCAPABLE:
    case T30_ERR_TX_INCAPABLE:
    case T30_ERR_NORESSUPPORT:
    case T30_ERR_NOSIZESUPPORT:
    case T30_ERR_NOPOLL:
    case T30_ERR_IDENT_UNACCEPTABLE:
    case T30_ERR_SUB_UNACCEPTABLE:
        return FaxEnd::incompatible;
    default:
        return met ? FaxEnd::line : FaxEnd::no_fax;
    }
}

struct ReleaseFax
{
    void operator()(fax_state_t* state) const { fax_free(state); }
};

Failure no_memory_file()
{
    return fail(Errc::io, "", fmt::format("no file in memory: {}", std::generic_category().message(errno)));
}

bool fill_file(int descriptor, std::string_view octets)
{
    while (!octets.empty())
    {
        const auto written = ::write(descriptor, octets.data(), octets.size());
        if (written <= 0)
        {
            return false;
        }
        octets.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<std::string> octets_of_file(int descriptor)
{
    struct stat status
    {};
    if (::fstat(descriptor, &status) != 0)
    {
        return no_memory_file();
    }
    std::string octets(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < octets.size())
    {
        const auto got = ::pread(descriptor, octets.data() + have, octets.size() - have, static_cast<::off_t>(have));
        if (got <= 0)
        {
            return no_memory_file();
        }
        have += static_cast<std::size_t>(got);
    }
    return octets;
}
} // namespace

/// At one address for all its life: spandsp calls back.
class FaxModem::Engine
{
public:
    enum class Role
    {
        sender,
        receiver
    };

    Engine(Role role, Descriptor file, std::size_t pages, const FaxOptions& options)
        : role_(role), file_(std::move(file)), pages_(pages), fax_(fax_init(nullptr, role == Role::sender ? 1 : 0))
    {
        if (!fax_)
        {
            throw std::bad_alloc();
        }
        // Otherwise it writes to standard error.
        span_log_set_level(fax_get_logging_state(fax_.get()), SPAN_LOG_NONE);
        span_log_set_level(t30_get_logging_state(t30()), SPAN_LOG_NONE);
        fax_set_transmit_on_idle(fax_.get(), 1);
        t30_set_phase_b_handler(t30(), on_phase_b, this);
        t30_set_phase_d_handler(t30(), on_phase_d, this);
        t30_set_phase_e_handler(t30(), on_phase_e, this);
        offer(options);
        // A path is what spandsp takes; this one leads to the file in memory.
        const std::string path = fmt::format("/proc/self/fd/{}", file_.number());
        if (role_ == Role::sender)
        {
            t30_set_tx_file(t30(), path.c_str(), -1, -1);
        }
        else
        {
            t30_set_rx_file(t30(), path.c_str(), -1);
        }
    }
    ~Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    void rx(std::span<const std::int16_t> samples)
    {
        std::array<std::int16_t, samples_in(frame_length)> part{};
        while (!samples.empty() && end_ == FaxEnd::running)
        {
            // Copied: spandsp does not promise to leave them as they are.
            const auto count = std::min(samples.size(), part.size());
            std::copy_n(samples.begin(), count, part.begin());
            fax_rx(fax_.get(), part.data(), static_cast<int>(count));
            samples = samples.subspan(count);
        }
    }

    Frame tx()
    {
        Frame frame{};
        if (end_ == FaxEnd::running)
        {
            fax_tx(fax_.get(), frame.data(), static_cast<int>(frame.size()));
        }
        return frame;
    }

    void hang_up()
    {
        if (end_ == FaxEnd::running)
        {
            t30_terminate(t30());
        }
        if (end_ == FaxEnd::running)
        {
            over(T30_ERR_CALLDROPPED);
        }
    }

    [[nodiscard]] FaxEnd end() const { return end_; }
    [[nodiscard]] const std::string& reason() const { return reason_; }
    [[nodiscard]] FaxProgress progress() const
    {
        t30_stats_t now{};
        t30_get_transfer_statistics(t30(), &now);
        FaxProgress progress = told_;
        progress.pages = static_cast<std::size_t>(std::max(role_ == Role::sender ? now.pages_tx : now.pages_rx, 0));
        progress.bit_rate = static_cast<std::uint32_t>(std::max(now.bit_rate, 0));
        progress.error_correction = now.error_correcting_mode != 0;
        return progress;
    }
    [[nodiscard]] Result<std::string> received() const
    {
        if (role_ != Role::receiver || progress().pages == 0)
        {
            return fail(Errc::not_found, "", "no page was received");
        }
        return octets_of_file(file_.number());
    }

private:
    [[nodiscard]] t30_state_t* t30() const { return fax_get_t30_state(fax_.get()); }

    void offer(const FaxOptions& options) const
    {
        t30_set_ecm_capability(t30(), options.error_correction ? 1 : 0);
        t30_set_supported_modems(t30(), modems_up_to(options.fastest));
        t30_set_supported_compressions(t30(), T30_SUPPORT_T4_1D_COMPRESSION | T30_SUPPORT_T4_2D_COMPRESSION |
                                                  T30_SUPPORT_T6_COMPRESSION);
        t30_set_supported_resolutions(t30(), T30_SUPPORT_STANDARD_RESOLUTION | T30_SUPPORT_FINE_RESOLUTION |
                                                 T30_SUPPORT_R8_RESOLUTION);
        t30_set_supported_image_sizes(t30(), T30_SUPPORT_215MM_WIDTH | T30_SUPPORT_UNLIMITED_LENGTH |
                                                 T30_SUPPORT_A4_LENGTH | T30_SUPPORT_B4_LENGTH);
        t30_set_supported_t30_features(t30(), T30_SUPPORT_IDENTIFICATION | T30_SUPPORT_SUB_ADDRESSING);
        t30_set_tx_ident(t30(), station_id(options.station_id).c_str());
        if (!options.header.empty())
        {
            t30_set_tx_page_header_info(t30(), printable_ascii(options.header, longest_header).c_str());
        }
        if (!options.sub_address.empty())
        {
            t30_set_tx_sub_address(t30(), options.sub_address.c_str());
        }
    }

    void over(int code)
    {
        end_ = end_of(code, told_.met);
        if (role_ == Role::sender && progress().pages >= pages_)
        {
            end_ = FaxEnd::done; // who hangs up during the farewell has got everything
        }
        else if (role_ == Role::sender && end_ == FaxEnd::done)
        {
            end_ = FaxEnd::line; // a page was not confirmed
        }
        reason_ = t30_completion_code_to_str(code);
    }

    static void keep(std::string& where, const char* told)
    {
        if (told != nullptr && *told != '\0')
        {
            where = printable_ascii(told, T30_MAX_IDENT_LEN);
        }
    }

    static int on_phase_b(t30_state_t* t30, void* engine, int /*message*/)
    {
        auto& self = *static_cast<Engine*>(engine);
        self.told_.met = true;
        keep(self.told_.remote_id, t30_get_rx_ident(t30));
        keep(self.told_.sub_address, t30_get_rx_sub_address(t30));
        return T30_ERR_OK;
    }
    static int on_phase_d(t30_state_t* t30, void* engine, int /*message*/) { return on_phase_b(t30, engine, 0); }
    static void on_phase_e(t30_state_t* /*t30*/, void* engine, int code) { static_cast<Engine*>(engine)->over(code); }

    Role role_;
    Descriptor file_;
    std::size_t pages_;
    std::unique_ptr<fax_state_t, ReleaseFax> fax_;
    FaxProgress told_;
    FaxEnd end_ = FaxEnd::running;
    std::string reason_;
};

FaxModem::FaxModem(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
FaxModem::~FaxModem() = default;
FaxModem::FaxModem(FaxModem&&) noexcept = default;
FaxModem& FaxModem::operator=(FaxModem&&) noexcept = default;

Result<FaxModem> FaxModem::sender(const FaxDocument& document, std::size_t first_page, const FaxOptions& options)
{
    const std::string tiff = document.tiff(first_page);
    if (tiff.empty())
    {
        return fail(Errc::not_found, "", "there is no such page");
    }
    Descriptor file(::memfd_create("fax", MFD_CLOEXEC));
    if (!file.open() || !fill_file(file.number(), tiff))
    {
        return no_memory_file();
    }
    return FaxModem(
        std::make_unique<Engine>(Engine::Role::sender, std::move(file), document.size() - first_page, options));
}

Result<FaxModem> FaxModem::receiver(const FaxOptions& options)
{
    Descriptor file(::memfd_create("fax", MFD_CLOEXEC));
    if (!file.open())
    {
        return no_memory_file();
    }
    return FaxModem(std::make_unique<Engine>(Engine::Role::receiver, std::move(file), 0, options));
}

void FaxModem::rx(std::span<const std::int16_t> samples)
{
    engine_->rx(samples);
}

Frame FaxModem::tx()
{
    return engine_->tx();
}

void FaxModem::hang_up()
{
    engine_->hang_up();
}

FaxEnd FaxModem::end() const
{
    return engine_->end();
}

std::string FaxModem::reason() const
{
    return engine_->reason();
}

FaxProgress FaxModem::progress() const
{
    return engine_->progress();
}

Result<std::string> FaxModem::received() const
{
    return engine_->received();
}

std::string station_id(std::string_view text)
{
    std::string id;
    for (const char c : text)
    {
        if ((is_digit(c) || c == '+' || c == ' ') && id.size() < T30_MAX_IDENT_LEN)
        {
            id += c;
        }
    }
    return id;
}
} // namespace ringpost::media
