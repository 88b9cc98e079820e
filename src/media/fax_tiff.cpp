// SPDX-License-Identifier: Apache-2.0
#include "media/fax_tiff.h"

#include "media/octets.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace ringpost::media
{
namespace
{
// TIFF 6.0 section 8 and RFC 3949 4.
enum class Tag : std::uint16_t
{
    new_subfile_type = 254,
    image_width = 256,
    image_length = 257,
    bits_per_sample = 258,
    compression = 259,
    photometric = 262,
    fill_order = 266,
    strip_offsets = 273,
    samples_per_pixel = 277,
    rows_per_strip = 278,
    strip_byte_counts = 279,
    x_resolution = 282,
    y_resolution = 283,
    resolution_unit = 296,
    page_number = 297
};
constexpr std::uint16_t type_short = 3;
constexpr std::uint16_t type_long = 4;
constexpr std::uint16_t type_rational = 5;

constexpr std::size_t entry_octets = 12;
constexpr std::size_t most_strips = 65'536; // a page of one line a strip is not as long
constexpr std::uint64_t per_inch = 2;
constexpr std::uint64_t per_centimetre = 3;
constexpr std::uint64_t is_thumbnail = 1;

Failure damaged_tiff(std::string_view what)
{
    return fail(Errc::malformed, "", fmt::format("the TIFF image is damaged: {}", what));
}

/// Values of a tag: where they are, how large each is.
struct Values
{
    std::uint16_t type = 0;
    std::uint64_t count = 0;
    std::uint64_t at = 0;
};

class TiffReader
{
public:
    explicit TiffReader(std::string_view octets) : octets_(octets), little_(octets.substr(0, 2) == "II") {}

    Result<std::vector<TiffImage>> images(std::size_t limit)
    {
        std::vector<TiffImage> images;
        std::uint64_t at = number(4, 4);
        // A chain that comes back to itself is as long as it is allowed to be.
        for (std::size_t seen = 0; at != 0; ++seen)
        {
            if (images.size() > limit || seen > 2 * limit + 2)
            {
                return fail(Errc::too_large, "", fmt::format("the document has more than {} pages", limit));
            }
            auto image = directory(at);
            if (image.has_error())
            {
                return image.error();
            }
            if (!thumbnail_)
            {
                images.push_back(std::move(*image));
            }
            at = next_;
        }
        if (images.size() > limit)
        {
            return fail(Errc::too_large, "", fmt::format("the document has more than {} pages", limit));
        }
        if (images.empty())
        {
            return damaged_tiff("it has no page");
        }
        return images;
    }

private:
    [[nodiscard]] std::uint64_t number(std::uint64_t at, std::size_t size) const
    {
        const auto place = static_cast<std::size_t>(at);
        return little_ ? little_endian(octets_, place, size) : big_endian(octets_, place, size);
    }
    [[nodiscard]] bool inside(std::uint64_t at, std::uint64_t size) const
    {
        return at <= octets_.size() && size <= octets_.size() - at;
    }

    /// Value `index` of a tag; 0 where it is outside.
    [[nodiscard]] std::uint64_t value(const Values& values, std::uint64_t index = 0) const
    {
        const std::size_t size = values.type == type_short ? 2 : values.type == 1 ? 1 : 4;
        return index < values.count ? number(values.at + index * size, size) : 0;
    }

    [[nodiscard]] static std::size_t size_of(std::uint16_t type)
    {
        return type == type_short ? 2 : type == type_long ? 4 : type == type_rational ? 8 : 1;
    }

    Result<TiffImage> directory(std::uint64_t at)
    {
        if (!inside(at, 2))
        {
            return damaged_tiff("it ends early");
        }
        const std::uint64_t entries = number(at, 2);
        if (!inside(at + 2, entries * entry_octets + 4))
        {
            return damaged_tiff("it ends early");
        }
        TiffImage image;
        offsets_ = counts_ = {};
        thumbnail_ = false;
        lines_ = unit_ = std::nullopt;
        for (std::uint64_t i = 0; i < entries; ++i)
        {
            read_entry(image, at + 2 + i * entry_octets);
        }
        next_ = number(at + 2 + entries * entry_octets, 4);
        image.resolution = resolution(image);
        if (!thumbnail_ && (image.width == 0 || image.rows == 0))
        {
            return damaged_tiff("a page has no size");
        }
        const bool whole = read_strips(image);
        return whole ? Result<TiffImage>(std::move(image)) : damaged_tiff("it ends early");
    }

    void read_entry(TiffImage& image, std::uint64_t at)
    {
        Values values{static_cast<std::uint16_t>(number(at + 2, 2)), number(at + 4, 4), at + 8};
        if (values.count > 4 / size_of(values.type))
        {
            values.at = number(at + 8, 4); // they do not fit into the entry
        }
        const std::uint64_t first = value(values);
        switch (static_cast<Tag>(number(at, 2)))
        {
        case Tag::new_subfile_type:
            thumbnail_ = (first & is_thumbnail) != 0;
            break;
        case Tag::image_width:
            image.width = first;
            break;
        case Tag::image_length:
            image.rows = first;
            break;
        case Tag::bits_per_sample:
            image.bits = first;
            break;
        case Tag::compression:
            image.compression = first;
            break;
        case Tag::photometric:
            image.photometric = first;
            break;
        case Tag::fill_order:
            image.fill_order = first;
            break;
        case Tag::samples_per_pixel:
            image.samples = first;
            break;
        case Tag::strip_offsets:
            offsets_ = values;
            break;
        case Tag::strip_byte_counts:
            counts_ = values;
            break;
        case Tag::y_resolution:
            lines_ = rational(values.at);
            break;
        case Tag::resolution_unit:
            unit_ = first;
            break;
        default:
            break;
        }
    }

    [[nodiscard]] std::optional<double> rational(std::uint64_t at) const
    {
        const auto below = static_cast<double>(number(at + 4, 4));
        return below > 0 ? std::optional(static_cast<double>(number(at, 4)) / below) : std::nullopt;
    }

    /// The nearest one; RFC 3949 allows lines to the inch and to the centimetre, and 100 and 200 for 98 and 196.
    [[nodiscard]] FaxResolution resolution(const TiffImage& image) const
    {
        constexpr double centimetres = 2.54;
        constexpr std::uint64_t fine_page = 1500; // lines; half as many are an A4 page of standard resolution
        if (!lines_ || *lines_ <= 0)
        {
            return image.rows > fine_page ? FaxResolution::fine : FaxResolution::standard;
        }
        const double lines = unit_.value_or(per_inch) == per_centimetre ? *lines_ * centimetres : *lines_;
        return lines < 147 ? FaxResolution::standard : lines < 294 ? FaxResolution::fine : FaxResolution::superfine;
    }

    /// False: one of them is not in the file. Not kept: a file can name one table of strips for each of its pages.
    bool read_strips(TiffImage& image) const
    {
        image.strips = std::min({offsets_.count, counts_.count, std::uint64_t{most_strips}});
        for (std::uint64_t i = 0; i < image.strips; ++i)
        {
            const TiffImage::Strip strip{value(offsets_, i), value(counts_, i)};
            if (!inside(strip.at, strip.octets))
            {
                return false;
            }
            if (i == 0)
            {
                image.first_strip = strip;
            }
        }
        return true;
    }

    std::string_view octets_;
    bool little_;
    Values offsets_;
    Values counts_;
    bool thumbnail_ = false;
    std::optional<double> lines_;
    std::optional<std::uint64_t> unit_;
    std::uint64_t next_ = 0;
};

class TiffWriter
{
public:
    void page(const FaxPage& page, std::size_t number, std::size_t of)
    {
        const std::size_t begin = out_.size();
        out_ += page.coded;
        pad();
        const std::size_t rationals = out_.size();
        put(across_of_100, 4);
        put(100, 4);
        put(100 * static_cast<std::uint64_t>(rows_per_inch(page.resolution)), 4);
        put(100, 4);
        link();
        put(entries, 2);
        entry(Tag::new_subfile_type, type_long, 2); // a page of several
        entry(Tag::image_width, type_long, fax_width);
        entry(Tag::image_length, type_long, page.rows);
        entry(Tag::bits_per_sample, type_short, 1);
        entry(Tag::compression, type_short, 4); // ITU-T T.6
        entry(Tag::photometric, type_short, page.zero_is_black ? 1 : 0);
        entry(Tag::fill_order, type_short, 1);
        entry(Tag::strip_offsets, type_long, begin);
        entry(Tag::samples_per_pixel, type_short, 1);
        entry(Tag::rows_per_strip, type_long, page.rows);
        entry(Tag::strip_byte_counts, type_long, page.coded.size());
        entry(Tag::x_resolution, type_rational, rationals);
        entry(Tag::y_resolution, type_rational, rationals + 8);
        entry(Tag::resolution_unit, type_short, per_inch);
        entry(Tag::page_number, type_short, number | of << 16U, 2);
        link_at_ = out_.size();
        put(0, 4);
    }
    std::string take() && { return std::move(out_); }

private:
    static constexpr std::uint64_t across_of_100 = 20'400;
    static constexpr std::uint64_t entries = 15;

    void pad()
    {
        if (out_.size() % 2 != 0)
        {
            out_ += '\0'; // TIFF 6.0 section 2: at a word boundary
        }
    }
    void put(std::uint64_t value, std::size_t size)
    {
        for (std::size_t i = 0; i < size; ++i, value >>= 8U)
        {
            out_ += static_cast<char>(value & 0xffU);
        }
    }
    void entry(Tag tag, std::uint16_t type, std::uint64_t value, std::uint64_t count = 1)
    {
        put(static_cast<std::uint16_t>(tag), 2);
        put(type, 2);
        put(count, 4);
        put(value, 4);
    }
    /// The directory begins here: the one before it says so.
    void link()
    {
        std::uint64_t here = out_.size();
        for (std::size_t i = 0; i < 4; ++i, here >>= 8U)
        {
            out_[link_at_ + i] = static_cast<char>(here & 0xffU);
        }
    }

    std::string out_{"II*\0\0\0\0\0", 8};
    std::size_t link_at_ = 4;
};
} // namespace

int rows_per_inch(FaxResolution resolution)
{
    switch (resolution)
    {
    case FaxResolution::standard:
        return 98;
    case FaxResolution::fine:
        return 196;
    case FaxResolution::superfine:
        break;
    }
    return 391;
}

bool TiffImage::is_fax_page() const
{
    return width == fax_width && bits == 1 && samples == 1 && photometric <= 1 &&
           resolution != FaxResolution::superfine && strips > 0;
}

Result<std::vector<TiffImage>> read_tiff_images(std::string_view octets, std::size_t limit)
{
    const auto magic = octets.substr(0, 4);
    if (magic != std::string_view("II*\0", 4) && magic != std::string_view("MM\0*", 4))
    {
        return damaged_tiff("it has no header");
    }
    return TiffReader(octets).images(limit);
}

Result<std::vector<FaxPage>> read_fax_pages(std::string_view octets, std::size_t limit)
{
    const auto images = read_tiff_images(octets, limit);
    if (images.has_error())
    {
        return images.error();
    }
    std::vector<FaxPage> pages;
    std::uint64_t coded = 0;
    for (const auto& image : *images)
    {
        constexpr std::uint64_t t6 = 4;
        if (!image.is_fax_page() || image.compression != t6 || image.fill_order != 1 || image.strips != 1 ||
            image.rows > std::numeric_limits<std::uint32_t>::max())
        {
            return damaged_tiff("a page is not a FAX page");
        }
        const auto& strip = image.first_strip;
        coded += strip.octets;
        if (coded > octets.size())
        {
            return damaged_tiff("pages lie over each other");
        }
        pages.push_back({static_cast<std::uint32_t>(image.rows), image.resolution, image.photometric == 1,
                         std::string(octets.substr(strip.at, strip.octets))});
    }
    return pages;
}

std::string write_fax_tiff(std::span<const FaxPage> pages)
{
    TiffWriter writer;
    for (std::size_t i = 0; i < pages.size(); ++i)
    {
        writer.page(pages[i], i, pages.size());
    }
    return std::move(writer).take();
}
} // namespace ringpost::media
