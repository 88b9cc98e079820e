// SPDX-License-Identifier: Apache-2.0
#include "media/structure_scan.h"

#include "media/ascii.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace ringpost::media
{
namespace
{
/// RFC 2046 5.1.1 allows 70; some clients write more.
constexpr std::size_t longest_boundary = 200;

struct OpenMultipart
{
    std::size_t part;
    std::string boundary;
};

/// A boundary line: which of the open multiparts it belongs to.
struct Delimiter
{
    std::size_t depth;
    bool closes;
};

bool token(std::string_view text)
{
    constexpr std::string_view specials = "()<>@,;:\\\"/[]?=";
    for (const char c : text)
    {
        if (c <= 32 || c == 127 || specials.find(c) != std::string_view::npos)
        {
            return false;
        }
    }
    return !text.empty();
}

/// RFC 2045 5.2: a Content-Type that cannot be read counts as absent.
std::string media_type(std::string_view written, std::string_view by_default)
{
    const auto slash = written.find('/');
    if (slash == std::string_view::npos)
    {
        return std::string(by_default);
    }
    const auto type = trimmed(written.substr(0, slash));
    const auto subtype = trimmed(written.substr(slash + 1));
    return token(type) && token(subtype) ? fmt::format("{}/{}", lowered(type), lowered(subtype))
                                         : std::string(by_default);
}

class Scan
{
public:
    Scan(std::string_view mail, const ScanLimits& limits) : mail_(mail), limits_(limits) {}

    Result<MailStructure> run()
    {
        begin_part(Part::none);
        while (!failure_ && at_ < mail_.size() && !open_.empty())
        {
            read_line();
        }
        if (failure_)
        {
            return *failure_;
        }
        close_deeper_than(0, mail_.size());
        return std::move(structure_);
    }

private:
    void read_line()
    {
        const auto line_begin = at_;
        const auto newline = mail_.find('\n', at_);
        at_ = newline == std::string_view::npos ? mail_.size() : newline + 1;
        const auto delimiter = delimiter_of(mail_.substr(line_begin, at_ - line_begin));
        if (!delimiter)
        {
            return;
        }
        const auto end = before_line_end(line_begin);
        close_deeper_than(delimiter->depth + 1, end);
        if (delimiter->closes)
        {
            structure_.parts[open_.back().part].body.end = at_;
            open_.pop_back();
        }
        else
        {
            begin_part(open_.back().part);
        }
    }

    /// RFC 2046 5.1.1: `--boundary`, `--` for the last one, blanks added in transport; nothing else on the line.
    [[nodiscard]] std::optional<Delimiter> delimiter_of(std::string_view line) const
    {
        if (line.substr(0, 2) != "--")
        {
            return std::nullopt;
        }
        line.remove_prefix(2);
        while (!line.empty() && is_space(line.back()))
        {
            line.remove_suffix(1);
        }
        for (std::size_t depth = open_.size(); depth-- > 0;)
        {
            const std::string_view boundary = open_[depth].boundary;
            const bool closes = line.size() == boundary.size() + 2 && line.substr(boundary.size()) == "--";
            if ((closes || line.size() == boundary.size()) && line.substr(0, boundary.size()) == boundary)
            {
                return Delimiter{depth, closes};
            }
        }
        return std::nullopt;
    }

    /// Ends the leaf that is being read and all but the outer `depth` multiparts at `end`.
    void close_deeper_than(std::size_t depth, std::size_t end)
    {
        if (leaf_ != Part::none)
        {
            Range& body = structure_.parts[leaf_].body;
            body.end = std::max(body.begin, end);
            leaf_ = Part::none;
        }
        for (; open_.size() > depth; open_.pop_back())
        {
            Range& body = structure_.parts[open_.back().part].body;
            body.end = std::max(body.begin, end);
            flaw(structure_.parts[open_.back().part],
                 fmt::format("the multipart has no end, --{}--", open_.back().boundary));
        }
    }

    void flaw(const Part& part, std::string text)
    {
        if (!structure_.flaw)
        {
            const Field* type = part.header.find("Content-Type");
            const auto at = part.header_begin + (type == nullptr ? 0 : type->offset);
            const auto lines = std::count(mail_.begin(), mail_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
            structure_.flaw = fail(Errc::malformed, fmt::format("MIME structure, line {}", lines + 1), std::move(text));
        }
    }

    /// RFC 2046 5.1.1 has boundaries compared with the beginning of a line, RFC 2046 5.1.2 those of all levels.
    void compare_with_open(const Part& part, std::string_view boundary)
    {
        for (const auto& outer : open_)
        {
            if (boundary.starts_with(outer.boundary) || outer.boundary.starts_with(boundary))
            {
                flaw(part, fmt::format("one of the boundaries {} and {}, of multiparts within each other, begins with "
                                       "the other",
                                       outer.boundary, boundary));
            }
        }
    }

    /// The line end before a boundary belongs to the boundary.
    [[nodiscard]] std::size_t before_line_end(std::size_t line_begin) const
    {
        std::size_t end = line_begin;
        if (end > 0 && mail_[end - 1] == '\n')
        {
            --end;
            end -= end > 0 && mail_[end - 1] == '\r' ? 1 : 0;
        }
        return end;
    }

    void begin_part(std::size_t parent)
    {
        Part part;
        part.parent = parent;
        part.level = open_.size();
        part.header_begin = at_;
        if (!read_header(part))
        {
            return;
        }
        const std::string_view by_default =
            parent != Part::none && structure_.parts[parent].media_type == "multipart/digest" ? "message/rfc822"
                                                                                              : "text/plain";
        const Field* type = part.header.find("Content-Type");
        part.content_type = type == nullptr ? Parameters{} : parameters(type->value);
        part.media_type = media_type(part.content_type.value, by_default);
        const std::string* boundary = part.content_type.find("boundary");
        part.multipart = part.media_type.starts_with("multipart/") && boundary != nullptr &&
                         !trimmed(*boundary).empty() && boundary->size() <= longest_boundary;
        at_ = part.body.begin;
        add(std::move(part));
    }

    void add(Part part)
    {
        const std::size_t index = structure_.parts.size();
        if (part.multipart && open_.size() == limits_.levels)
        {
            too_large("scan.levels", fmt::format("multiparts are nested deeper than {} levels", limits_.levels));
            return;
        }
        if (!part.multipart && ++leaves_ > limits_.parts)
        {
            too_large("scan.parts", fmt::format("the mail has more than {} parts", limits_.parts));
            return;
        }
        if (part.multipart)
        {
            std::string boundary = *part.content_type.find("boundary");
            while (is_space(boundary.back()))
            {
                boundary.pop_back(); // blanks at its end cannot be told from those added in transport
            }
            compare_with_open(part, boundary);
            open_.push_back({index, std::move(boundary)});
        }
        else
        {
            leaf_ = index;
            if (part.media_type.starts_with("multipart/"))
            {
                flaw(part, "the multipart has no boundary, or one that is too long");
            }
        }
        structure_.parts.push_back(std::move(part));
    }

    bool read_header(Part& part)
    {
        ScanLimits left = limits_;
        left.headers -= header_octets_;
        part.header = HeaderBlock::read(mail_.substr(at_), left);
        for (const Field& field : part.header.fields())
        {
            // A boundary may hold a colon and so look like a field.
            if (field.name.starts_with("--") && delimiter_of(first_line(at_ + field.offset)))
            {
                part.header.cut_at(field.offset);
                break;
            }
        }
        if (part.header.limit_met())
        {
            failure_ = part.header.limit_met();
            return false;
        }
        header_octets_ += part.header.length();
        part.body = {at_ + part.header.body_offset(), mail_.size()};
        return true;
    }

    [[nodiscard]] std::string_view first_line(std::size_t begin) const
    {
        return mail_.substr(begin, mail_.find('\n', begin) - begin);
    }

    void too_large(const char* key, std::string text) { failure_ = fail(Errc::too_large, key, std::move(text)); }

    std::string_view mail_;
    ScanLimits limits_;
    std::size_t at_ = 0;
    std::size_t header_octets_ = 0;
    std::size_t leaves_ = 0;
    std::size_t leaf_ = Part::none; ///< whose body is being read; none in a preamble or epilogue
    std::vector<OpenMultipart> open_;
    MailStructure structure_;
    std::optional<Failure> failure_;
};
} // namespace

std::size_t MailStructure::leaf_count() const
{
    std::size_t count = 0;
    for (const Part& part : parts)
    {
        count += part.multipart ? 0 : 1;
    }
    return count;
}

Result<MailStructure> scan_structure(std::string_view mail, const ScanLimits& limits)
{
    return Scan(mail, limits).run();
}
} // namespace ringpost::media
