// SPDX-License-Identifier: Apache-2.0
// The content of a stored mail as its sender sent it, whether it lies in its row or in a spool file, and unsealed where
// it is confidential.
#pragma once

#include "store/mails.h"
#include "store/spool.h"

#include <optional>
#include <string>
#include <string_view>

namespace ringpost::store
{
class MailBody
{
public:
    /// Takes the content out of `mail`. Errc::io: its file cannot be read, or is not as long as it was
    /// written; Errc::unavailable: there is no key for it.
    [[nodiscard]] static Result<MailBody> open(Mail&& mail, const Spool& spool);
    explicit MailBody(std::string content) : content_(std::move(content)) {}

    /// The next piece, at most 64 KiB, valid until the next call; empty: that was all. Errc::malformed: it was sealed,
    /// and is damaged.
    [[nodiscard]] Result<std::string_view> next();
    /// All of it, before any next(); valid as long as this lives and is not moved.
    [[nodiscard]] Result<std::string_view> whole();

private:
    [[nodiscard]] std::string_view stored() const { return file_ ? file_->octets() : std::string_view(content_); }

    std::string content_;
    std::optional<MappedFile> file_;
    std::optional<Opener> opener_;
    std::size_t at_ = 0; ///< stored octets that were taken
    std::string piece_;
};
} // namespace ringpost::store
