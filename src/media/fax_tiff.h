// SPDX-License-Identifier: Apache-2.0
// TIFF as far as a FAX needs it (TIFF 6.0; RFC 3949): looks at a file before a converter gets it, and writes the pages
// that a FAX modem sends. Only tags are read, never pixels. Linear in time, whatever the file says.
#pragma once

#include "core/result.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::media
{
inline constexpr std::uint32_t fax_width = 1728; ///< pixels of a line of an A4 page (ITU-T T.4)

/// Lines to the inch of a page, as T.30 names them.
enum class FaxResolution
{
    standard, ///< 98
    fine,     ///< 196
    superfine ///< 391
};

[[nodiscard]] int rows_per_inch(FaxResolution resolution);

/// One image of a TIFF, from its tags.
struct TiffImage
{
    struct Strip
    {
        std::uint64_t at = 0;
        std::uint64_t octets = 0;
    };
    std::uint64_t width = 0;
    std::uint64_t rows = 0;
    std::uint64_t bits = 1;        ///< of a sample
    std::uint64_t samples = 1;     ///< of a pixel
    std::uint64_t compression = 1; ///< 1 none, 2 to 4 ITU-T T.4 and T.6
    std::uint64_t photometric = 0; ///< 0: zero is white
    std::uint64_t fill_order = 1;  ///< 1: the first pixel in the highest bit
    FaxResolution resolution = FaxResolution::fine;
    std::uint64_t strips = 0; ///< all inside the file; 0 for tiles
    Strip first_strip;

    [[nodiscard]] std::uint64_t pixels() const { return width * rows; }
    /// Black and white, as wide as a FAX line, of a resolution that every FAX knows.
    [[nodiscard]] bool is_fax_page() const;
};

/// The images in order, at most `limit`; thumbnails do not count. Errc::malformed: damaged; Errc::too_large: there are
/// more, or the file is a loop.
[[nodiscard]] Result<std::vector<TiffImage>> read_tiff_images(std::string_view octets, std::size_t limit);

/// A page as it is sent: black and white, 1728 wide, in the coding of ITU-T T.6.
struct FaxPage
{
    std::uint32_t rows = 0;
    FaxResolution resolution = FaxResolution::fine;
    bool zero_is_black = false; ///< RFC 3949 photometric interpretation 1
    std::string coded;          ///< T.6, the first pixel in the highest bit

    friend bool operator==(const FaxPage&, const FaxPage&) = default;
};

/// The pages of a TIFF whose images are all as of FaxPage, one strip each. Errc::malformed: they are not.
[[nodiscard]] Result<std::vector<FaxPage>> read_fax_pages(std::string_view octets, std::size_t limit);

/// A TIFF of these pages, with no other tags than a FAX needs.
[[nodiscard]] std::string write_fax_tiff(std::span<const FaxPage> pages);
} // namespace ringpost::media
