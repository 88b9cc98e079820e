// SPDX-License-Identifier: Apache-2.0
#include "media/contents.h"

#include "media/ascii.h"
#include "media/encoded_word.h"

namespace ringpost::media
{
namespace
{
Parameters disposition_of(const Part& part)
{
    const Field* field = part.header.find("Content-Disposition");
    return field == nullptr ? Parameters{} : parameters(field->value);
}

std::string file_name(const Parameters& disposition, const Parameters& type)
{
    const std::string* name = disposition.find("filename");
    name = name == nullptr ? type.find("name") : name;
    // Encoded words are forbidden in parameters (RFC 2047 5), and Japanese mail clients write file names so.
    return name == nullptr ? std::string{} : std::string(trimmed(decode_encoded_words(*name)));
}

Body body_of(const Part& part)
{
    const Parameters disposition = disposition_of(part);
    const std::string* charset = part.content_type.find("charset");
    const Field* encoding = part.header.find("Content-Transfer-Encoding");
    Body body;
    body.media_type = part.media_type;
    body.file_name = file_name(disposition, part.content_type);
    body.kind = kind_of(body.media_type, body.file_name);
    body.charset = charset == nullptr ? std::string{} : *charset;
    body.encoding = encoding == nullptr ? TransferEncoding::identity : transfer_encoding(encoding->value);
    body.attachment = iequals(disposition.value, "attachment");
    body.octets = part.body;
    return body;
}

bool signature_image(const Part& part, const Body& body)
{
    return body.kind == ContentKind::other && body.media_type.starts_with("image/") &&
           iequals(disposition_of(part).value, "inline") && part.header.find("Content-ID") != nullptr;
}

bool counts_as_one(const Part& part)
{
    return part.media_type == "multipart/alternative" || part.media_type == "multipart/related";
}

/// The content that each multipart belongs to as a whole; Part::none for one whose parts count each.
class Numbering
{
public:
    explicit Numbering(const MailStructure& structure)
        : structure_(structure), group_(structure.parts.size(), Part::none)
    {}

    std::vector<Content> run()
    {
        for (std::size_t index = 0; index < structure_.parts.size(); ++index)
        {
            take(index);
        }
        return std::move(contents_);
    }

private:
    void take(std::size_t index)
    {
        const Part& part = structure_.parts[index];
        group_[index] = part.parent == Part::none ? Part::none : group_[part.parent];
        const bool opens_group = part.multipart && group_[index] == Part::none && counts_as_one(part);
        if (part.multipart && !opens_group)
        {
            return;
        }
        Body body = body_of(part);
        if (opens_group)
        {
            group_[index] = contents_.size();
        }
        else if (group_[index] != Part::none)
        {
            Content& content = contents_[group_[index]];
            content.body.kind = body.kind == ContentKind::text ? ContentKind::text : content.body.kind;
            content.members.push_back(std::move(body));
            return;
        }
        else if (signature_image(part, body))
        {
            return;
        }
        contents_.push_back({static_cast<int>(contents_.size()) + 1, std::move(body), {}});
    }

    const MailStructure& structure_;
    std::vector<std::size_t> group_;
    std::vector<Content> contents_;
};
} // namespace

ContentKind kind_of(std::string_view media_type, std::string_view name)
{
    if (media_type.starts_with("message/") || media_type.starts_with("multipart/"))
    {
        return ContentKind::other; // a forwarded order orders nothing, whatever its name
    }
    if (media_type == exchange_information_type || iends_with(name, ".exchange"))
    {
        return ContentKind::exchange_information;
    }
    if (media_type == scenario_type || iends_with(name, ".scenario"))
    {
        return ContentKind::scenario;
    }
    if (media_type.starts_with("text/"))
    {
        return ContentKind::text;
    }
    if (media_type.starts_with("audio/"))
    {
        return ContentKind::voice;
    }
    if (media_type == "image/tiff")
    {
        return ContentKind::fax_image;
    }
    return media_type == "application/pdf" ? ContentKind::pdf : ContentKind::other;
}

std::string_view to_string(ContentKind kind)
{
    switch (kind)
    {
    case ContentKind::exchange_information:
        return "exchange_information";
    case ContentKind::scenario:
        return "scenario";
    case ContentKind::text:
        return "text";
    case ContentKind::voice:
        return "voice";
    case ContentKind::fax_image:
        return "fax_image";
    case ContentKind::pdf:
        return "pdf";
    case ContentKind::other:
        break;
    }
    return "other";
}

std::vector<const Body*> Content::bodies() const
{
    std::vector<const Body*> out;
    out.reserve(members.size());
    for (const Body& member : members)
    {
        out.push_back(&member);
    }
    if (out.empty())
    {
        out.push_back(&body);
    }
    return out;
}

std::vector<Content> contents_of(const MailStructure& structure)
{
    return Numbering(structure).run();
}

std::vector<const Content*> documents_of(const std::vector<Content>& contents)
{
    std::vector<const Content*> documents;
    for (const auto& content : contents)
    {
        const auto bodies = content.bodies();
        const bool plain = std::any_of(bodies.begin(), bodies.end(),
                                       [](const Body* body) { return body->media_type == "text/plain"; });
        const auto kind = content.body.kind;
        if (kind == ContentKind::fax_image || kind == ContentKind::pdf || (kind == ContentKind::text && plain))
        {
            documents.push_back(&content);
        }
    }
    return documents;
}

Result<std::string> decoded(std::string_view mail, const Body& body, std::size_t limit, AtLimit at_limit)
{
    if (!body.encoding)
    {
        return fail(Errc::malformed, "Content-Transfer-Encoding", "no such transfer encoding is known");
    }
    return decode(*body.encoding, body.octets.of(mail), limit, at_limit);
}

Result<std::string> decoded(std::string_view mail, const Content& content, std::size_t limit)
{
    if (!content.body.media_type.starts_with("multipart/"))
    {
        return decoded(mail, content.body, limit);
    }
    for (const Body& member : content.members)
    {
        if (member.media_type == "text/plain")
        {
            return decoded(mail, member, limit);
        }
    }
    return fail(Errc::unsupported, content.body.media_type, "it has no text/plain");
}

const Body* first_text(const std::vector<Content>& contents)
{
    for (const Content& content : contents)
    {
        for (const Body* body : content.bodies())
        {
            if (body->media_type == "text/plain" && body->kind == ContentKind::text && !body->attachment)
            {
                return body;
            }
        }
    }
    return nullptr;
}
} // namespace ringpost::media
