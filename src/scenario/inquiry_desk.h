// SPDX-License-Identifier: Apache-2.0
// Where an inquiry is answered by a link (spec 2.10): what the page behind the link needs to know and to say. The token
// in the link is all the proof there is, so it is a secret: it never goes into a log.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "notice/language.h"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>

namespace ringpost::scenario
{
/// Where the page of an inquiry is, behind the public address of the console; the token follows.
inline constexpr std::string_view inquiry_path = "/inquiry/";
/// A token is so many lower-case hexadecimal digits.
inline constexpr std::size_t inquiry_token_length = 32;

/// What the addressee is shown.
struct InquiryView
{
    std::string from;    ///< who asks, as in the mail
    std::string subject; ///< of the mail; may be empty
    std::string asked;   ///< one sentence, UTF-8
    Instant until{};     ///< silence until then is NG
    notice::Language language = notice::Language::en;
};

/// All calls on the control executor. Errc::not_found: there is no such inquiry, or it is over (answered, timed out);
/// any other error: not now.
class InquiryDesk
{
public:
    virtual ~InquiryDesk() = default;
    /// Changes nothing, however often it is called.
    virtual boost::asio::awaitable<Result<InquiryView>> look(std::string token) = 0;
    /// Counts once: of two answers the later one finds Errc::not_found.
    virtual boost::asio::awaitable<Result<>> answer(std::string token, bool ok) = 0;
};
} // namespace ringpost::scenario
