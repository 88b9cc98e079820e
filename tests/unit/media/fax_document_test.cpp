// SPDX-License-Identifier: Apache-2.0
#include "fax.h"
#include "notice/fax_copy.h"

#include <algorithm>
#include <array>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;
using namespace std::string_literals;

namespace
{
class Documents
{
public:
    explicit Documents(const SandboxLimits& limits = {}) : reader_(sandbox_, limits) {}

    Result<FaxDocument> read(const std::string& octets, const std::string& type, const FaxLimits& limits = {})
    {
        return finished(context_, reader_.read(octets, type, limits));
    }
    FaxDocument good(const std::string& octets, const std::string& type)
    {
        auto document = read(octets, type);
        INFO((document ? "" : document.error().text()));
        REQUIRE(document.has_value());
        return *document;
    }
    std::string refusal(const std::string& octets, const std::string& type, const FaxLimits& limits = {})
    {
        const auto document = read(octets, type, limits);
        return document ? "read" : to_string(document.error().code()) + (": " + document.error().text());
    }

private:
    boost::asio::io_context context_;
    Sandbox sandbox_;
    FaxReader reader_;
};

std::vector<Bitmap> three_pages()
{
    return {drawn_page(1, 400), drawn_page(2, 300), drawn_page(3, 350)};
}

const std::string tiff_type = "image/tiff";
} // namespace

TEST_CASE("Black and white pages of 1728 pixels keep every pixel, however they are coded")
{
    Documents documents;
    const auto pages = three_pages();
    for (const std::string coding : {"none", "g3:1d", "g3:2d", "g4", "lzw", "packbits"})
    {
        INFO(coding);
        const auto document = documents.good(recoded(raw_tiff(pages), coding), tiff_type);
        REQUIRE(document.size() == 3);
        CHECK(document.pages->at(1).rows == 300);
        CHECK(document.pages->at(1).resolution == FaxResolution::standard);
        CHECK(bitmaps_of(document.tiff()) == pages);
    }
}

TEST_CASE("The first pixel may be in the lowest bit, as many FAX servers write it")
{
    Documents documents;
    for (const std::string coding : {"g3:1d", "g4"})
    {
        const auto document = documents.good(recoded(raw_tiff(three_pages()), coding, "lsb2msb"), tiff_type);
        CHECK(bitmaps_of(document.tiff()) == three_pages());
    }
}

TEST_CASE("A page on which zero is black is the same page")
{
    Documents documents;
    RawImage image{fax_width, 200, 1, 1, 196, drawn_page(2, 200).bits};
    for (char& octet : image.octets)
    {
        octet = static_cast<char>(~static_cast<unsigned char>(octet));
    }
    const auto document = documents.good(raw_tiff({image}), tiff_type);
    REQUIRE(document.size() == 1);
    CHECK(document.pages->front().resolution == FaxResolution::fine);
    CHECK(bitmaps_of(document.tiff()).front() == drawn_page(2, 200));
}

TEST_CASE("A part of the pages is a document of its own")
{
    Documents documents;
    const auto document = documents.good(raw_tiff(three_pages()), tiff_type);
    const auto part = bitmaps_of(document.tiff(1, 1));
    REQUIRE(part.size() == 1);
    CHECK(part.front() == three_pages()[1]);
    CHECK(bitmaps_of(document.tiff(1)).size() == 2);
    CHECK(document.tiff(3).empty());
}

TEST_CASE("Colour is drawn in black and white on A4")
{
    Documents documents;
    // The left half black, the right half white.
    std::string line(std::size_t{3} * 400, '\xff');
    std::fill_n(line.begin(), 600, '\0');
    RawImage image{400, 500, 3, 2, 50, ""};
    for (int i = 0; i < 500; ++i)
    {
        image.octets += line;
    }
    const auto document = documents.good(recoded(raw_tiff({image, image}), "lzw"), "image/tiff; application=faxbw");
    REQUIRE(document.size() == 2);
    CHECK(document.pages->front().rows == 2292);
    CHECK(document.pages->front().resolution == FaxResolution::fine);
    const auto pages = bitmaps_of(document.tiff());
    // 400 x 500 at 204 x 50 to the inch is tall and thin; half of it is black.
    CHECK(blackness(pages[0]) > 100'000);
    CHECK(blackness(pages[0]) < 2'200'000);
    CHECK(pages[0] == pages[1]);
}

TEST_CASE("Pages of another width are drawn on A4")
{
    Documents documents;
    const RawImage narrow{800, 1000, 1, 0, 100, drawn_page(1, 1000, 800).bits};
    const auto document = documents.good(raw_tiff({narrow}), tiff_type);
    REQUIRE(document.size() == 1);
    CHECK(document.pages->front().rows == 2292);
    CHECK(blackness(bitmaps_of(document.tiff()).front()) > 1000);
}

TEST_CASE("A PDF is drawn page by page")
{
    Documents documents;
    const auto document = documents.good(squares_pdf(3), "application/pdf");
    REQUIRE(document.size() == 3);
    const auto pages = bitmaps_of(document.tiff());
    for (std::size_t i = 0; i < 3; ++i)
    {
        // 50 points more each: 204 x 196 dots to the 72 x 72 points of an inch.
        const double side = 50.0 * static_cast<double>(i + 1);
        const double dots = side * side * 204 * 196 / 72 / 72;
        CHECK(static_cast<double>(blackness(pages[i])) == Approx(dots).epsilon(0.03));
    }
}

TEST_CASE("Text is drawn, Japanese too, and a form feed begins a page")
{
    Documents documents;
    const auto one = documents.good("Hello\r\n", "text/plain");
    REQUIRE(one.size() == 1);
    const auto two = documents.good("Hello\n\fこんにちは、世界\n", "text/plain; charset=utf-8");
    REQUIRE(two.size() == 2);
    const auto pages = bitmaps_of(two.tiff());
    CHECK(pages[0] == bitmaps_of(one.tiff())[0]);
    CHECK(blackness(pages[0]) > 300);
    CHECK(blackness(pages[1]) > blackness(pages[0]));
    // The same in the charset of Japanese mail clients, and in that of Windows, which is not recognised as text.
    const auto jis = documents.good("\x1b$B$3$s$K$A$O!\"@$3&\x1b(B\n"s, "text/plain; charset=\"ISO-2022-JP\"");
    CHECK(bitmaps_of(jis.tiff())[0] == pages[1]);
    const auto shift = documents.good("\x82\xb1\x82\xf1\x82\xc9\x82\xbf\x82\xcd\x81\x41\x90\xa2\x8a\x45\n"s,
                                      "text/plain; format=flowed; charset=shift_jis");
    CHECK(bitmaps_of(shift.tiff())[0] == pages[1]);
    CHECK(documents.refusal("\x82\xb1\x82\xf1\x82", "application/octet-stream") ==
          "unsupported: data of an unknown kind is not a document that can be sent by FAX");
}

TEST_CASE("What the mail calls a document does not matter")
{
    Documents documents;
    CHECK(documents.good(squares_pdf(1), "image/tiff").size() == 1);
    CHECK(documents.good(raw_tiff(three_pages()), "application/pdf").size() == 3);
    CHECK(documents.good("I am no picture", "image/tiff").size() == 1);
    CHECK(documents.refusal("RIFF\0\0\0\0WAVEfmt "s, "image/tiff") ==
          "unsupported: a WAV recording is not a document that can be sent by FAX");
    CHECK(documents.refusal("<html><body>x</body></html>", "text/html; charset=utf-8") ==
          "unsupported: an HTML page is not a document that can be sent by FAX");
}

TEST_CASE("An empty or damaged document is refused with a sentence")
{
    Documents documents;
    const std::string g4 = recoded(raw_tiff(three_pages()), "g4");
    CHECK(documents.refusal("", tiff_type) == "malformed: the document is empty");
    CHECK(documents.refusal(" \r\n\f", "text/plain") == "malformed: the text is empty");
    CHECK(documents.refusal(g4.substr(0, 8), tiff_type) == "malformed: the TIFF image is damaged: it ends early");
    CHECK(documents.refusal("II*\0\0\0\0\0"s, tiff_type) == "malformed: the TIFF image is damaged: it has no page");
    for (std::size_t size = 9; size < g4.size(); size += g4.size() / 20)
    {
        INFO(size);
        CHECK(documents.refusal(g4.substr(0, size), tiff_type) ==
              "malformed: the TIFF image is damaged: it ends early");
    }
    const std::string pdf = squares_pdf(3);
    const std::string refused = documents.refusal(pdf.substr(0, pdf.size() / 2), "application/pdf");
    CHECK(refused.starts_with("malformed: the document cannot be read: "));
    CHECK(documents.refusal("%PDF-1.4 and nothing more", "application/pdf").starts_with("malformed: "));
}

TEST_CASE("Torn pictures end in a failure or in pages, never in anything else")
{
    Documents documents;
    for (const std::string coding : {"g3:2d", "g4", "lzw"})
    {
        std::string torn = recoded(raw_tiff(three_pages()), coding);
        for (std::size_t i = 20; i < torn.size(); i += 31)
        {
            torn[i] = static_cast<char>(i);
        }
        const auto document = documents.read(torn, tiff_type);
        const bool refused = document.has_error() &&
                             (document.error().code() == Errc::malformed || document.error().code() == Errc::too_large);
        CHECK((refused || (document.has_value() && document->size() > 0)));
    }
}

TEST_CASE("A limit that is reached is named")
{
    Documents documents;
    const std::string tiff = raw_tiff(three_pages());
    CHECK(documents.refusal(tiff, tiff_type, {2, 40'000'000, 20 * MiB}) ==
          "too-large: the document has more than 2 pages");
    CHECK(documents.refusal(squares_pdf(3), "application/pdf", {2, 40'000'000, 20 * MiB}) ==
          "too-large: the document has more than 2 pages");
    CHECK(documents.refusal("a\fb\fc", "text/plain", {2, 40'000'000, 20 * MiB}) ==
          "too-large: the document has more than 2 pages");
    CHECK(documents.refusal(std::string(100'000, 'x'), "text/plain", {2, 40'000'000, 20 * MiB}) ==
          "too-large: the document has more than 2 pages");
    CHECK(documents.refusal(tiff, tiff_type, {3, 400 * fax_width - 1, 20 * MiB}) ==
          "too-large: a page of the document has more than 691199 pixels");
    CHECK(documents.refusal(tiff, tiff_type, {3, 400 * fax_width, 20 * MiB}) == "read");
    CHECK(documents.refusal(tiff, tiff_type, {3, 40'000'000, 1000}) ==
          "too-large: the document has more than 1000 octets");
}

TEST_CASE("A picture that claims to be huge is refused before any converter sees it")
{
    Documents documents;
    for (const auto& [width, rows] : {std::pair(0xffffffffU, 0xffffffffU), std::pair(0xffffffffU, 1U),
                                      std::pair(100'000U, 100'000U), std::pair(fax_width, 0xffffffffU)})
    {
        const RawImage bomb{width, rows, 1, 0, 98, "\x01\x02"};
        CHECK(documents.refusal(raw_tiff({bomb}), tiff_type) ==
              "too-large: a page of the document has more than 40000000 pixels");
    }
    CHECK(documents.refusal(raw_tiff({RawImage{0, 10, 1, 0, 98, "x"}}), tiff_type) ==
          "malformed: the TIFF image is damaged: a page has no size");
}

TEST_CASE("Pages that follow each other in a circle are too many")
{
    Documents documents;
    std::string loop = raw_tiff({drawn_page(1, 10)});
    // The link of the last page leads back to the first.
    std::copy_n(loop.begin() + 4, 4, loop.end() - 4);
    CHECK(documents.refusal(loop, tiff_type) == "too-large: the document has more than 100 pages");
}

TEST_CASE("The copy of what was sent is a PDF with the very pixels, whichever colour zero has")
{
    const auto pages = three_pages();
    const FaxDocument document = document_of(pages);
    std::vector<store::SentPage> sent;
    for (const auto& page : *document.pages)
    {
        sent.push_back(
            {static_cast<int>(sent.size()), static_cast<int>(page.rows), 98, page.zero_is_black, page.coded});
    }
    const auto drawn = [](const std::string& pdf) {
        boost::asio::io_context context;
        Sandbox sandbox;
        SandboxCommand command{
            "/usr/bin/sh",
            {"-c", "cat >in; gs -q -dSAFER -dBATCH -dNOPAUSE -sDEVICE=tiffg4 -r204x98 "
                   "-dMaxStripSize=0 -sOutputFile=out in >&2 && cat out"},
            {"/etc/alternatives", "/etc/fonts", "/etc/ghostscript", "/var/lib/ghostscript", "/var/cache/fontconfig"}};
        const auto tiff = finished(context, sandbox.run(std::move(command), pdf, {}));
        INFO((tiff ? "" : tiff.error().message()));
        REQUIRE(tiff.has_value());
        return bitmaps_of(*tiff);
    };
    const auto copy = drawn(notice::fax_copy(sent));
    CHECK(copy == pages);
    for (auto& page : sent)
    {
        page.zero_is_black = !page.zero_is_black;
    }
    const auto inverted = drawn(notice::fax_copy(sent));
    REQUIRE(inverted.size() == 3);
    CHECK(blackness(inverted[0]) == std::size_t{fax_width} * pages[0].rows - blackness(pages[0]));
}

TEST_CASE("The charset of a media type is found among its parameters")
{
    CHECK(charset_of("text/plain").empty());
    CHECK(charset_of("text/plain; charset=utf-8") == "utf-8");
    CHECK(charset_of("text/plain;format=flowed;\r\n Charset=\"Shift_JIS\"; x=y") == "Shift_JIS");
    CHECK(charset_of("text/plain; notcharset=x;").empty());
    CHECK(charset_of(";;;charset=").empty());
}
