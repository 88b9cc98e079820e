// SPDX-License-Identifier: Apache-2.0
#include "media/encoded_word.h"

#include "media/ascii.h"
#include "media/charset.h"
#include "media/transfer_codec.h"

#include <optional>

namespace ringpost::media
{
namespace
{
constexpr auto npos = std::string_view::npos;

struct Word
{
    std::string charset;
    std::string octets;
    std::size_t length = 0; ///< in the value, `=?` to `?=`
};

std::optional<std::string> decoded_q(std::string_view text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i)
    {
        if (text[i] != '=')
        {
            out.push_back(text[i] == '_' ? ' ' : text[i]); // RFC 2047 4.2 (2)
            continue;
        }
        if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
        {
            return std::nullopt;
        }
        out.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
        i += 2;
    }
    return out;
}

std::optional<std::string> decoded_b(std::string_view text)
{
    std::string padded(text);
    while (padded.size() % 4 != 0 && padded.size() < text.size() + 3) // some clients leave the padding out
    {
        padded.push_back('=');
    }
    auto octets = decode(TransferEncoding::base64, padded, padded.size());
    if (!octets)
    {
        return std::nullopt;
    }
    return std::move(*octets);
}

/// encoded-word = "=?" charset ["*" language] "?" encoding "?" encoded-text "?=" at the start of `text`. The text holds
/// no `?`, so that what is looked at ends at the fourth one: the whole stays linear.
std::optional<Word> encoded_word(std::string_view text)
{
    const auto charset_end = text.find('?', 2);
    if (charset_end == npos || charset_end == 2 || charset_end + 2 >= text.size() || text[charset_end + 2] != '?')
    {
        return std::nullopt;
    }
    const auto text_begin = charset_end + 3;
    const auto text_end = text.find('?', text_begin);
    if (text_end == npos || text_end + 1 >= text.size() || text[text_end + 1] != '=')
    {
        return std::nullopt;
    }
    const auto charset = text.substr(2, charset_end - 2);
    const auto encoded = text.substr(text_begin, text_end - text_begin);
    const char encoding = lower(text[charset_end + 1]);
    auto octets = encoding == 'b' ? decoded_b(encoded) : encoding == 'q' ? decoded_q(encoded) : std::nullopt;
    if (!octets)
    {
        return std::nullopt;
    }
    // RFC 2231 5: a language may follow the charset.
    return Word{lowered(charset.substr(0, charset.find('*'))), std::move(*octets), text_end + 2};
}
} // namespace

std::string decode_encoded_words(std::string_view value)
{
    std::string out;
    std::optional<Word> pending;
    std::size_t plain = 0; // start of what has not been written yet
    const auto write_pending = [&] {
        if (pending)
        {
            out += to_utf8(pending->charset, pending->octets);
            pending.reset();
        }
    };
    for (auto at = value.find("=?"); at != npos;)
    {
        auto word = encoded_word(value.substr(at));
        if (!word)
        {
            at = value.find("=?", at + 2);
            continue;
        }
        const auto between = value.substr(plain, at - plain);
        const bool only_blanks = pending && trimmed(between).empty();
        plain = at + word->length;
        at = value.find("=?", plain);
        if (only_blanks && pending->charset == word->charset)
        {
            pending->octets += word->octets;
            continue;
        }
        write_pending();
        out += only_blanks ? std::string{} : repaired_utf8(between);
        pending = std::move(word);
    }
    write_pending();
    return out + repaired_utf8(value.substr(plain));
}
} // namespace ringpost::media
