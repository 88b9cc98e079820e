// SPDX-License-Identifier: Apache-2.0
// A Group 3 FAX modem in software (ITU-T T.30 over V.21, V.27ter, V.29, V.17; ECM of T.30 annex A) by spandsp. It
// hears and makes sound, 8 kHz; no clock, no thread: its time is the samples that it hears.
#pragma once

#include "core/result.h"
#include "media/fax_document.h"
#include "media/player.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace ringpost::media
{
struct FaxOptions
{
    bool error_correction = true; ///< where the other side can, too
    /// Fastest image modem; slower ones are used where a faster one cannot be trained.
    enum class Fastest
    {
        v27ter, ///< 4800 bit/s
        v29,    ///< 9600 bit/s
        v17     ///< 14400 bit/s
    };
    Fastest fastest = Fastest::v17;
    std::string station_id; ///< ours: digits, `+` and blanks, at most 20 (TSI, CSI); others are left out
    std::string header;     ///< who sends, printed above each page with date and page number; empty: no line is printed
    std::string sub_address; ///< where behind the other FAX it goes (SUB, as of T.33); empty: nowhere special
};

/// How a transmission has gone so far.
struct FaxProgress
{
    /// Pages that the receiver has confirmed, one after the other from the first one that was sent. A receiver's own:
    /// pages that it has got.
    std::size_t pages = 0;
    bool met = false; ///< the other side is a FAX: it has said so (T.30 DIS or DCS)
    std::uint32_t bit_rate = 0;
    bool error_correction = false;
    std::string remote_id;   ///< what the other one calls itself; printable ASCII
    std::string sub_address; ///< a receiver's: where behind it the pages go (SUB)
};

/// How it has ended.
enum class FaxEnd
{
    running,
    done,         ///< every page is confirmed
    no_fax,       ///< nobody on the other side is a FAX
    incompatible, ///< the two FAXes have nothing in common, or the other one does not take this document
    line,         ///< the connection was too bad, or broke
    defect        ///< of ours: the document cannot be sent
};

class FaxModem
{
public:
    /// Sends the pages of `document` from `first_page` (from 0) on, as the one who has called. Errc::not_found: there
    /// is no such page; Errc::io: no memory file.
    [[nodiscard]] static Result<FaxModem> sender(const FaxDocument& document, std::size_t first_page,
                                                 const FaxOptions& options);
    /// Receives, as the one who was called: for simulated machines, tests and benches.
    [[nodiscard]] static Result<FaxModem> receiver(const FaxOptions& options);
    ~FaxModem();
    FaxModem(FaxModem&&) noexcept;
    FaxModem& operator=(FaxModem&&) noexcept;

    /// What was heard, any number of samples. Silence counts too: without it no time passes.
    void rx(std::span<const std::int16_t> samples);
    /// What is to be heard in the next 20 ms; silence where there is nothing to say.
    [[nodiscard]] Frame tx();
    /// The call has ended.
    void hang_up();

    /// After the last signal; nothing is heard or said any more.
    [[nodiscard]] bool finished() const { return end() != FaxEnd::running; }
    [[nodiscard]] FaxEnd end() const;
    /// Why, in spandsp's words; empty while it runs.
    [[nodiscard]] std::string reason() const;
    [[nodiscard]] FaxProgress progress() const;
    /// A receiver's pages, a TIFF; not before it has finished. Errc::not_found: none.
    [[nodiscard]] Result<std::string> received() const;

private:
    class Engine;
    explicit FaxModem(std::unique_ptr<Engine> engine);

    std::unique_ptr<Engine> engine_;
};

/// Digits, `+` and blanks of `text`, at most 20: what a FAX calls itself (ITU-T T.30 5.3.6.2.4).
[[nodiscard]] std::string station_id(std::string_view text);
} // namespace ringpost::media
