// SPDX-License-Identifier: Apache-2.0
#include "media/mime_reader.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wregister"
#pragma GCC diagnostic ignored "-Wdeprecated"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#include <mimetic/mimetic.h>
#pragma GCC diagnostic pop

#include "media/ascii.h"

#include <exception>
#include <iterator>
#include <stack>
#include <string>
#include <vector>

namespace ringpost::media
{
namespace
{
/// What mimetic is allowed: its recursion and the octets it takes for headers (it grows its buffers by 128 octets).
struct Guard
{
    std::size_t depth = 0;       ///< entities open at once
    std::size_t header_left = 0; ///< octets
    const std::stack<mimetic::MimeEntity*>* open = nullptr;
    bool in_body = false;
    bool stopped = false;

    /// The parser goes one level deeper only after octets of a header.
    void header_octet()
    {
        stopped = stopped || header_left == 0 || open->size() > depth;
        header_left -= header_left == 0 ? 0 : 1;
    }
};

/// Runs over the octets; behaves as their end as soon as the guard says so, which unwinds the parser.
class GuardedIterator
{
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    GuardedIterator() = default;
    GuardedIterator(const char* at, Guard* guard) : at_(at), guard_(guard) {}
    reference operator*() const { return *at_; }
    GuardedIterator& operator++()
    {
        ++at_;
        if (!guard_->in_body)
        {
            guard_->header_octet();
        }
        return *this;
    }
    bool operator==(const GuardedIterator& other) const { return at_ == other.at_ || guard_->stopped; }

private:
    const char* at_ = nullptr;
    Guard* guard_ = nullptr;
};

// The line-based parser of mimetic: the one for random access finds boundaries in the middle of a line.
using LineParser = mimetic::IteratorParser<GuardedIterator, std::input_iterator_tag>;

class GuardedParser : public LineParser
{
public:
    GuardedParser(mimetic::MimeEntity& entity, Guard& guard) : LineParser(entity), guard_(guard)
    {
        guard_.open = &m_entityStack;
    }

protected:
    void copy_until_boundary(mimetic::ParsingElem element) override
    {
        guard_.in_body = true;
        LineParser::copy_until_boundary(element);
        guard_.in_body = false;
    }

private:
    Guard& guard_;
};

/// Of a mail without parts the body is whatever follows its header: its beginning shows where both see that end.
constexpr std::size_t body_beginning = 256;

bool without_parts(const MailStructure& structure)
{
    const Part& first = structure.parts.front();
    // A multipart that the scan takes for a leaf is one that mimetic may split.
    return structure.parts.size() == 1 && !first.multipart && !first.media_type.starts_with("multipart/");
}

/// The octets as mimetic is to see them: without the inside of message/rfc822 and most of the body of a mail that has
/// no parts, with a line end at the end, and without the fold that makes an empty first line of Content-Type (mimetic
/// would take the blank after it for a part of it).
std::string for_mimetic(std::string_view mail, const MailStructure& structure)
{
    std::string out;
    out.reserve(without_parts(structure) ? structure.parts.front().body.begin + body_beginning : mail.size() + 2);
    std::size_t copied = 0;
    const auto leave_out = [&](std::size_t begin, std::size_t end, std::string_view instead) {
        out += mail.substr(copied, begin - copied);
        out += instead;
        copied = end;
    };
    for (const Part& part : structure.parts)
    {
        for (const Field* field : part.header.all("Content-Type"))
        {
            const auto blanks = field->value.find_first_not_of(" \t\r\n");
            const auto value = static_cast<std::size_t>(field->value.data() - mail.data());
            if (blanks != std::string_view::npos && field->value.substr(0, blanks).find('\n') != std::string_view::npos)
            {
                leave_out(value, value + blanks, " ");
            }
        }
        if (part.media_type == "message/rfc822")
        {
            leave_out(part.body.begin, part.body.end, "\r\n");
        }
    }
    const std::size_t begin = structure.parts.front().body.begin;
    out += without_parts(structure) && copied <= begin ? mail.substr(copied, begin - copied + body_beginning)
                                                       : mail.substr(copied);
    if (!out.ends_with('\n'))
    {
        out += "\r\n";
    }
    return out;
}

bool is_multipart(const mimetic::MimeEntity& entity)
{
    const mimetic::Header& header = entity.header();
    const mimetic::ContentType& type = header.contentType();
    return type.isMultipart() && !type.param("boundary").empty();
}

/// Depth first, without recursion of ours.
std::vector<const mimetic::MimeEntity*> leaves_of(const mimetic::MimeEntity& mail)
{
    std::vector<const mimetic::MimeEntity*> leaves;
    std::vector<const mimetic::MimeEntity*> todo{&mail};
    while (!todo.empty())
    {
        const mimetic::MimeEntity* entity = todo.back();
        todo.pop_back();
        if (!is_multipart(*entity))
        {
            leaves.push_back(entity);
            continue;
        }
        const mimetic::MimeEntityList& children = entity->body().parts();
        todo.insert(todo.end(), children.rbegin(), children.rend());
    }
    return leaves;
}

/// Equal, or longer by the line end before the boundary: mimetic keeps it where its buffer of 4 KiB was just emptied.
bool same_octets(std::string_view ours, const std::string& theirs)
{
    const std::string_view other = theirs;
    return other.starts_with(ours) && trimmed(other.substr(ours.size())).empty() && other.size() <= ours.size() + 2;
}

bool same_leaves(std::string_view mail, const MailStructure& structure, const mimetic::MimeEntity& entity)
{
    const auto theirs = leaves_of(entity);
    std::size_t next = 0;
    for (const Part& part : structure.parts)
    {
        if (part.multipart)
        {
            continue;
        }
        if (next == theirs.size())
        {
            return false;
        }
        const mimetic::MimeEntity& leaf = *theirs[next++];
        // A multipart without boundary is a leaf for us; mimetic splits it at any `--`.
        const bool inside_unread = part.media_type == "message/rfc822" || part.media_type.starts_with("multipart/");
        const auto ours = part.body.of(mail);
        if (!inside_unread &&
            !same_octets(without_parts(structure) ? ours.substr(0, body_beginning) : ours, leaf.body()))
        {
            return false;
        }
    }
    return next == theirs.size();
}
} // namespace

Result<> agrees_with_mimetic(std::string_view mail, const MailStructure& structure, const ScanLimits& limits)
{
    const auto two_ways = [](const char* text) { return fail(Errc::malformed, "MIME structure", text); };
    try
    {
        const std::string octets = for_mimetic(mail, structure);
        // Empty lines after the headers come on top of what the scan counted.
        Guard guard{limits.levels + 2, limits.headers + (limits.parts + limits.levels) * 8};
        mimetic::MimeEntity entity;
        GuardedParser parser(entity, guard);
        const char* begin = octets.data();
        parser.run(GuardedIterator(begin, &guard), GuardedIterator(begin + octets.size(), &guard));
        if (guard.stopped || !same_leaves(mail, structure, entity))
        {
            return two_ways("the parts of the mail can be read in two ways");
        }
    }
    catch (const std::exception&)
    {
        return two_ways("the parts of the mail cannot be read");
    }
    return {};
}
} // namespace ringpost::media
