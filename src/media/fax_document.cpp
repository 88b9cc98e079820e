// SPDX-License-Identifier: Apache-2.0
#include "media/fax_document.h"

#include "media/ascii.h"
#include "media/charset.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace ringpost::media
{
namespace
{
// Every converter wants files: the input is copied into the sandbox's own /tmp, what it says goes to standard error.
constexpr std::string_view draw = "gs -q -dSAFER -dBATCH -dNOPAUSE -sDEVICE=tiffg4 -r204x196 -g1728x2292 "
                                  "-dPDFFitPage -dMaxStripSize=0 -sOutputFile=out.tif ";
constexpr std::string_view copy_pages = "set -e; cat >in; tiffcp -c g4 -f msb2lsb -r -1 in out.tif >&2; cat out.tif";

SandboxCommand script(std::string text)
{
    SandboxCommand command{"/usr/bin/sh", {"-c", std::move(text)}, {}};
    // Alternatives: the font that serves as Japanese gothic is a link to there.
    command.readable = {"/etc/alternatives", "/etc/fonts", "/etc/ghostscript", "/var/lib/ghostscript",
                        "/var/cache/fontconfig"};
    return command;
}

SandboxCommand from_tiff()
{
    return script(
        fmt::format("set -e; cat >in; tiff2pdf -z -o in.pdf in >&2; rm in; {} in.pdf >&2; cat out.tif", draw));
}

/// One page more than is allowed tells that there are too many. A PDF that is damaged is refused: half of it would look
/// like the whole to who receives it.
SandboxCommand from_pdf(std::size_t pages)
{
    return script(
        fmt::format("set -e; cat >in; {} -dPDFSTOPONERROR -dLastPage={} in >&2; cat out.tif", draw, pages + 1));
}

SandboxCommand from_text()
{
    return script(fmt::format("set -e; cat >in; paps --encoding=UTF-8 --paper=a4 --font='Monospace 11' in >in.ps; "
                              "{} in.ps >&2; cat out.tif",
                              draw));
}

Failure no_fax(std::string_view what)
{
    return fail(Errc::unsupported, "", fmt::format("{} is not a document that can be sent by FAX", what));
}

Failure too_many_pages(const FaxLimits& limits)
{
    return fail(Errc::too_large, "", fmt::format("the document has more than {} pages", limits.pages));
}

/// What a printer would do with control characters is not wanted.
std::string printable(std::string_view charset, std::string_view octets)
{
    if (octets.starts_with("\xff\xfe") || octets.starts_with("\xfe\xff"))
    {
        charset = "UTF-16"; // its mark says so
    }
    else if (charset.empty() || iequals(charset, "us-ascii"))
    {
        charset = "UTF-8"; // where a client names none
    }
    std::string text = to_utf8(charset, octets);
    std::erase_if(text, [](char c) { return is_control(c) && c != '\n' && c != '\t' && c != '\f'; });
    return text;
}

/// A text in an old charset is not recognised by its content: there the mail is believed.
bool is_old_text(std::string_view declared_type, std::string_view octets)
{
    return istarts_with(declared_type, "text/plain") && !charset_of(declared_type).empty() &&
           octets.find('\0') == std::string_view::npos;
}

struct Conversion
{
    SandboxCommand command;
    std::string input;
};

Result<Conversion> of_tiff(std::string octets, const FaxLimits& limits)
{
    const auto images = read_tiff_images(octets, limits.pages);
    if (images.has_error())
    {
        return images.error();
    }
    const auto large = [&limits](const TiffImage& image) {
        // Divided, for a product of what a file says may be anything.
        return image.width > limits.pixels / std::max<std::uint64_t>(image.rows, 1);
    };
    if (std::any_of(images->begin(), images->end(), large))
    {
        return fail(Errc::too_large, "", fmt::format("a page of the document has more than {} pixels", limits.pixels));
    }
    const bool ready =
        std::all_of(images->begin(), images->end(), [](const TiffImage& image) { return image.is_fax_page(); });
    return Conversion{ready ? script(std::string(copy_pages)) : from_tiff(), std::move(octets)};
}

Result<Conversion> of_text(std::string_view declared_type, std::string_view octets, const FaxLimits& limits)
{
    if (istarts_with(declared_type, "text/html"))
    {
        return no_fax("an HTML page");
    }
    // A page holds about 5000 letters; a limit before anything is drawn.
    constexpr std::size_t page_octets = 20'000;
    if (octets.size() / page_octets > limits.pages)
    {
        return too_many_pages(limits);
    }
    std::string text = printable(charset_of(declared_type), octets);
    if (text.find_first_not_of(" \t\n\f") == std::string::npos)
    {
        return fail(Errc::malformed, "", "the text is empty");
    }
    return Conversion{from_text(), std::move(text)};
}

Result<Conversion> conversion_of(std::string octets, std::string_view declared_type, const FaxLimits& limits)
{
    if (octets.empty())
    {
        return fail(Errc::malformed, "", "the document is empty");
    }
    if (octets.size() > limits.octets)
    {
        return fail(Errc::too_large, "", fmt::format("the document has more than {} octets", limits.octets));
    }
    switch (const OctetKind kind = sniff(octets); kind)
    {
    case OctetKind::tiff:
        return of_tiff(std::move(octets), limits);
    case OctetKind::pdf:
        return Conversion{from_pdf(limits.pages), std::move(octets)};
    case OctetKind::text:
        return of_text(declared_type, octets, limits);
    case OctetKind::unknown:
        if (is_old_text(declared_type, octets))
        {
            return of_text(declared_type, octets, limits);
        }
        return no_fax(describe(kind));
    default:
        return no_fax(describe(kind));
    }
}

/// Octets of pages that are drawn as badly as can be, and the document beside them.
std::size_t most_output(const FaxLimits& limits)
{
    constexpr std::size_t page_octets = 1 * MiB;
    return limits.octets + (limits.pages + 1) * page_octets;
}

Failure not_converted(const Failure& why, const FaxLimits& limits)
{
    switch (why.code())
    {
    case Errc::malformed:
        return fail(Errc::malformed, "", fmt::format("the document cannot be read: {}", why.text()));
    case Errc::too_large:
        return fail(Errc::too_large, "",
                    fmt::format("the pages of the document have more than {} octets", most_output(limits)));
    default:
        return why;
    }
}

Result<FaxDocument> document_of(const std::string& tiff, const FaxLimits& limits)
{
    auto pages = read_fax_pages(tiff, limits.pages);
    if (pages.has_error())
    {
        return pages.error();
    }
    return FaxDocument{std::make_shared<const std::vector<FaxPage>>(std::move(*pages))};
}
} // namespace

std::string charset_of(std::string_view declared_type)
{
    constexpr std::string_view name = "charset=";
    for (std::size_t at = declared_type.find(';'); at != std::string_view::npos; at = declared_type.find(';', at))
    {
        ++at;
        while (at < declared_type.size() && is_space(declared_type[at]))
        {
            ++at;
        }
        auto value = declared_type.substr(at);
        if (!istarts_with(value, name))
        {
            continue;
        }
        value.remove_prefix(name.size());
        value = value.substr(0, value.find(';'));
        std::string charset(value);
        std::erase_if(charset, [](char c) { return c == '"' || is_space(c); });
        return charset;
    }
    return {};
}

std::string FaxDocument::tiff(std::size_t first, std::size_t count) const
{
    if (first >= size())
    {
        return {};
    }
    return write_fax_tiff(std::span(*pages).subspan(first, std::min(count, size() - first)));
}

FaxReader::FaxReader(Sandbox& sandbox, const SandboxLimits& limits) : sandbox_(sandbox), limits_(limits) {}

boost::asio::awaitable<Result<FaxDocument>> FaxReader::read(std::string octets, std::string declared_type,
                                                            FaxLimits limits)
{
    auto conversion = conversion_of(std::move(octets), declared_type, limits);
    if (conversion.has_error())
    {
        co_return conversion.error();
    }
    SandboxLimits bounds = limits_;
    bounds.output = most_output(limits);
    // The document, a colour page after the other in a PDF (packed), and the result.
    bounds.scratch = std::max(bounds.scratch, 2 * limits.octets + most_output(limits));
    const Result<std::string> tiff =
        co_await sandbox_.run(std::move(conversion->command), std::move(conversion->input), bounds);
    if (tiff.has_error())
    {
        co_return not_converted(tiff.error(), limits);
    }
    co_return document_of(*tiff, limits);
}
} // namespace ringpost::media
