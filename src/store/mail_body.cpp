// SPDX-License-Identifier: Apache-2.0
#include "store/mail_body.h"

#include <fmt/format.h>

namespace ringpost::store
{
Result<MailBody> MailBody::open(Mail&& mail, const Spool& spool)
{
    MailBody body(std::move(mail.content));
    if (!mail.spool_file.empty())
    {
        auto file = MappedFile::open(spool.path(mail.spool_file));
        if (file.has_error())
        {
            return file.error();
        }
        const std::int64_t expected = mail.confidential() ? sealed_size(mail.size) : mail.size;
        if (const auto found = static_cast<std::int64_t>(file->octets().size()); found != expected)
        {
            return fail(Errc::io, spool.path(mail.spool_file).string(),
                        fmt::format("is damaged: it has {} octets, not {}", found, expected));
        }
        body.file_.emplace(std::move(*file));
    }
    if (mail.confidential())
    {
        auto opener = spool.vault().open(mail.key_id);
        if (opener.has_error())
        {
            return opener.error();
        }
        body.opener_.emplace(std::move(*opener));
    }
    return body;
}

Result<std::string_view> MailBody::next()
{
    std::string_view rest = stored().substr(at_);
    if (!opener_)
    {
        const std::string_view piece = rest.substr(0, sealed_piece);
        at_ += piece.size();
        return piece;
    }
    if (opener_->complete())
    {
        return std::string_view{};
    }
    auto piece = opener_->next(rest);
    if (piece.has_error())
    {
        return piece.error();
    }
    at_ = stored().size() - rest.size();
    piece_ = std::move(*piece);
    return std::string_view(piece_);
}

Result<std::string_view> MailBody::whole()
{
    if (!opener_)
    {
        return stored();
    }
    std::string all;
    all.reserve(stored().size());
    while (!opener_->complete())
    {
        const auto piece = next();
        if (piece.has_error())
        {
            return piece.error();
        }
        all += *piece;
    }
    piece_ = std::move(all);
    return std::string_view(piece_);
}
} // namespace ringpost::store
