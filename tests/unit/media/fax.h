// SPDX-License-Identifier: Apache-2.0
// Pages and documents for the tests of the FAX parts.
#pragma once

#include "media/fax_document.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

namespace ringpost::media::test
{
/// Result of a coroutine that is run to its end.
template <class T>
Result<T> finished(boost::asio::io_context& context, boost::asio::awaitable<Result<T>> work)
{
    std::optional<Result<T>> answer;
    boost::asio::co_spawn(context, std::move(work), [&answer](const std::exception_ptr& error, Result<T> result) {
        REQUIRE_FALSE(error);
        answer = std::move(result);
    });
    context.restart();
    context.run();
    return answer.value_or(fail(Errc::internal, "", "never answered"));
}

/// Black and white, 1 = black, the first pixel in the highest bit.
struct Bitmap
{
    std::uint32_t rows = 0;
    std::string bits;

    friend bool operator==(const Bitmap&, const Bitmap&) = default;
};

/// Frames and slanted lines that are others on each page, with white between them, as a FAX has it.
inline Bitmap drawn_page(unsigned number, std::uint32_t rows, std::uint32_t width = fax_width)
{
    const std::uint32_t line = (width + 7) / 8;
    Bitmap page{rows, std::string(std::size_t{line} * rows, '\0')};
    const auto black = [&](std::uint32_t x, std::uint32_t y) {
        char& octet = page.bits[std::size_t{y} * line + x / 8];
        octet = static_cast<char>(static_cast<unsigned char>(octet) | (0x80U >> (x % 8)));
    };
    for (std::uint32_t y = 0; y < rows; ++y)
    {
        for (std::uint32_t x = 100 + 37 * number; x < 160 + 41 * number && y % 50 < 3 * number + 4; ++x)
        {
            black(x, y);
        }
        for (std::uint32_t x = 0; x < 3 + number; ++x)
        {
            black((700 + y * number + x) % width, y);
        }
    }
    return page;
}

struct RawImage
{
    std::uint32_t width = fax_width;
    std::uint32_t rows = 0;
    std::uint16_t samples = 1; ///< 3: colour, 8 bits each
    std::uint16_t photometric = 0;
    std::uint32_t lines = 98; ///< to the inch
    std::string octets;
};

/// A TIFF without compression.
inline std::string raw_tiff(const std::vector<RawImage>& images)
{
    std::string out("II*\0\0\0\0\0", 8);
    std::size_t link = 4;
    const auto put = [&out](std::uint64_t value, std::size_t size) {
        for (; size > 0; --size, value >>= 8U)
        {
            out += static_cast<char>(value & 0xffU);
        }
    };
    for (const auto& image : images)
    {
        const std::size_t begin = out.size();
        out += image.octets;
        out.append(out.size() % 2, '\0');
        const std::size_t extra = out.size();
        put(204, 4), put(1, 4), put(image.lines, 4), put(1, 4), put(8, 2), put(8, 2), put(8, 2);
        for (std::size_t i = 0, here = out.size(); i < 4; ++i, here >>= 8U)
        {
            out[link + i] = static_cast<char>(here & 0xffU);
        }
        const bool colour = image.samples > 1;
        const std::vector<std::array<std::uint64_t, 4>> entries{
            {256, 4, 1, image.width},
            {257, 4, 1, image.rows},
            {258, 3, image.samples, colour ? extra + 16 : 1},
            {259, 3, 1, 1},
            {262, 3, 1, colour ? 2U : image.photometric},
            {273, 4, 1, begin},
            {277, 3, 1, image.samples},
            {278, 4, 1, image.rows},
            {279, 4, 1, image.octets.size()},
            {282, 5, 1, extra},
            {283, 5, 1, extra + 8},
            {296, 3, 1, 2},
        };
        put(entries.size(), 2);
        for (const auto& [tag, type, count, value] : entries)
        {
            put(tag, 2), put(type, 2), put(count, 4), put(value, 4);
        }
        link = out.size();
        put(0, 4);
    }
    return out;
}

inline std::string raw_tiff(const std::vector<Bitmap>& pages, std::uint32_t lines = 98)
{
    std::vector<RawImage> images;
    for (const auto& page : pages)
    {
        images.push_back({fax_width, page.rows, 1, 0, lines, page.bits});
    }
    return raw_tiff(images);
}

/// libtiff's tiffcp in the sandbox, as reference.
inline std::string recoded(const std::string& tiff, const std::string& coding, const std::string& order = "msb2lsb")
{
    boost::asio::io_context context;
    Sandbox sandbox;
    SandboxCommand command{
        "/usr/bin/sh", {"-c", "cat >in; tiffcp -r -1 -f " + order + " -c " + coding + " in out && cat out"}, {}};
    const auto out = finished(context, sandbox.run(std::move(command), tiff, {}));
    REQUIRE(out.has_value());
    return *out;
}

/// What is on the pages of a black and white TIFF.
inline std::vector<Bitmap> bitmaps_of(const std::string& tiff)
{
    const std::string raw = recoded(tiff, "none");
    const auto images = read_tiff_images(raw, 1000);
    REQUIRE(images.has_value());
    std::vector<Bitmap> pages;
    for (const auto& image : *images)
    {
        REQUIRE(image.strips == 1);
        Bitmap page{static_cast<std::uint32_t>(image.rows), raw.substr(image.first_strip.at, image.first_strip.octets)};
        if (image.photometric == 1)
        {
            for (char& octet : page.bits)
            {
                octet = static_cast<char>(~static_cast<unsigned char>(octet));
            }
        }
        pages.push_back(std::move(page));
    }
    return pages;
}

inline FaxDocument document_of(const std::vector<Bitmap>& pages)
{
    auto coded = read_fax_pages(recoded(raw_tiff(pages), "g4"), 100);
    REQUIRE(coded.has_value());
    return {std::make_shared<const std::vector<FaxPage>>(std::move(*coded))};
}

inline std::vector<Bitmap> some_pages(unsigned count)
{
    std::vector<Bitmap> pages;
    for (unsigned i = 0; i < count; ++i)
    {
        pages.push_back(drawn_page(i + 1, 250));
    }
    return pages;
}

/// How many pixels of a page are black.
inline std::size_t blackness(const Bitmap& page)
{
    std::size_t count = 0;
    for (const char octet : page.bits)
    {
        count += static_cast<std::size_t>(__builtin_popcount(static_cast<unsigned char>(octet)));
    }
    return count;
}

/// A PDF of A4 pages with a black square each, larger from page to page.
inline std::string squares_pdf(int pages)
{
    std::vector<std::string> objects{"<< /Type /Catalog /Pages 2 0 R >>", ""};
    std::string kids;
    for (int i = 0; i < pages; ++i)
    {
        const std::string drawing = fmt::format("100 100 {0} {0} re f", 50 * (i + 1));
        kids += fmt::format("{} 0 R ", objects.size() + 1);
        objects.push_back(fmt::format("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R >>",
                                      objects.size() + 2));
        objects.push_back(fmt::format("<< /Length {} >>\nstream\n{}\nendstream", drawing.size(), drawing));
    }
    objects[1] = fmt::format("<< /Type /Pages /Count {} /Kids [ {}] >>", pages, kids);
    std::string out = "%PDF-1.4\n";
    std::string table;
    for (std::size_t i = 0; i < objects.size(); ++i)
    {
        table += fmt::format("{:010} 00000 n \n", out.size());
        out += fmt::format("{} 0 obj\n{}\nendobj\n", i + 1, objects[i]);
    }
    const std::size_t at = out.size();
    return out + fmt::format("xref\n0 {0}\n0000000000 65535 f \n{1}trailer\n<< /Size {0} /Root 1 0 R >>\n"
                             "startxref\n{2}\n%%EOF\n",
                             objects.size() + 1, table, at);
}
} // namespace ringpost::media::test
