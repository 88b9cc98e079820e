// SPDX-License-Identifier: Apache-2.0
// The page behind the link of an inquiry mail (spec 2.10): which request means what, and what is shown. GET and HEAD
// never answer, because mail scanners fetch links; an answer is a POST. Source: HTML Living Standard ("Forms"),
// Content Security Policy Level 3. No I/O.
#pragma once

#include "console/http_dialog.h"
#include "core/config.h"
#include "scenario/inquiry_desk.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ringpost::console
{
/// What a request asks of the desk.
struct Wish
{
    std::string token;
    std::optional<bool> ok{}; ///< the answer; none: only to be shown
};

/// A wish, or the response where the desk need not be asked: 404 for everything but `/inquiry/` with a whole token,
/// 400 for a POST without exactly one `answer`, `ok` or `ng`.
[[nodiscard]] std::variant<Wish, Response> read_wish(const Request& request);

/// The inquiry with its two buttons.
[[nodiscard]] Response question_page(const scenario::InquiryView& inquiry);
/// After the answer has been stored: what happens now.
[[nodiscard]] Response answered_page(const scenario::InquiryView& inquiry, bool ok);
/// Why the desk could not: 404 for Errc::not_found, else 503. In all languages, since the addressee is not known.
[[nodiscard]] Response failed_page(const Failure& failure);

/// What comes before scenario::inquiry_path in links, without a slash at its end: `console.url`, or else made of the
/// first of `listening` (real ports). Empty where there is none: then mails have no links.
[[nodiscard]] std::string public_address(const ConsoleConfig& config, const std::vector<Endpoint>& listening);

/// For text and attribute values in HTML.
[[nodiscard]] std::string html_escaped(std::string_view text);
} // namespace ringpost::console
