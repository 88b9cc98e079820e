// SPDX-License-Identifier: Apache-2.0
#include "media/charset.h"

#include "media/ascii.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iconv.h>
#include <utility>

namespace ringpost::media
{
namespace
{
constexpr std::string_view replacement = "\xEF\xBF\xBD";

class Converter
{
public:
    explicit Converter(const std::string& charset) : handle_(iconv_open("UTF-8", charset.c_str())) {}
    ~Converter()
    {
        if (valid())
        {
            iconv_close(handle_);
        }
    }
    Converter(const Converter&) = delete;
    Converter& operator=(const Converter&) = delete;
    Converter(Converter&&) = delete;
    Converter& operator=(Converter&&) = delete;

    // iconv_open answers (iconv_t)-1 on failure. NOLINTNEXTLINE(performance-no-int-to-ptr)
    [[nodiscard]] bool valid() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
    std::size_t convert(char** in, std::size_t* in_left, char** out, std::size_t* out_left)
    {
        return iconv(handle_, in, in_left, out, out_left);
    }

private:
    iconv_t handle_;
};

/// What mail clients call a charset and what it is (WHATWG Encoding 4.2, as far as mails need it).
std::string iconv_name(std::string_view charset)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 10> known{{
        {"shift_jis", "CP932"},
        {"shift-jis", "CP932"},
        {"x-sjis", "CP932"},
        {"windows-31j", "CP932"},
        {"iso-8859-1", "WINDOWS-1252"},
        {"gb2312", "GB18030"},
        {"gbk", "GB18030"},
        {"ks_c_5601-1987", "CP949"},
        {"euc-kr", "CP949"},
        {"x-euc-jp", "EUC-JP"},
    }};
    for (const auto& [name, meant] : known)
    {
        if (iequals(name, charset))
        {
            return std::string(meant);
        }
    }
    return std::string(charset);
}

/// Only names that can be charsets reach iconv_open: `//` options and paths are no business of a mail.
bool plain_name(std::string_view charset)
{
    if (charset.empty() || charset.size() > 40)
    {
        return false;
    }
    for (const char c : charset)
    {
        if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_' && c != '.' && c != ':' && c != '+')
        {
            return false;
        }
    }
    return true;
}

/// Length of the valid UTF-8 character at the start of `text`, 0 where there is none (RFC 3629 4).
std::size_t character_length(std::string_view text)
{
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = octet(0);
    if (first < 0x80)
    {
        return 1;
    }
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length)
    {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i)
    {
        if ((octet(i) & 0xC0U) != 0x80U)
        {
            return 0;
        }
    }
    const unsigned second = octet(1);
    const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return bad ? 0 : length;
}

/// Most texts are ASCII, or nearly.
std::size_t ascii_length(std::string_view text)
{
    const auto first = std::find_if(text.begin(), text.end(), [](char c) { return (c & '\x80') != 0; });
    return static_cast<std::size_t>(first - text.begin());
}

std::string converted(Converter& converter, std::string_view octets)
{
    std::string input(octets);
    char* in = input.data();
    std::size_t in_left = input.size();
    const std::size_t bound = octets.size() * 8;
    std::string out;
    std::array<char, 4096> buffer{};
    bool flushing = false;
    while (out.size() <= bound)
    {
        char* to = buffer.data();
        std::size_t to_left = buffer.size();
        const std::size_t before = in_left;
        errno = 0;
        const std::size_t rc = flushing ? converter.convert(nullptr, nullptr, &to, &to_left)
                                        : converter.convert(&in, &in_left, &to, &to_left);
        const int error = errno;
        out.append(buffer.data(), buffer.size() - to_left);
        if (rc != static_cast<std::size_t>(-1))
        {
            if (flushing)
            {
                break;
            }
            flushing = true;
        }
        else if (flushing || (error == E2BIG && before == in_left && to_left == buffer.size()))
        {
            break; // a converter that makes no progress must not hold us
        }
        else if (error == EILSEQ || error == EINVAL)
        {
            out += replacement;
            if (in_left == 0)
            {
                flushing = true;
                continue;
            }
            ++in;
            --in_left;
        }
        else if (error != E2BIG)
        {
            break;
        }
    }
    return out;
}
} // namespace

bool valid_utf8(std::string_view text)
{
    text.remove_prefix(ascii_length(text));
    while (!text.empty())
    {
        const std::size_t length = character_length(text);
        if (length == 0)
        {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

std::string repaired_utf8(std::string_view text)
{
    std::string out;
    out.reserve(text.size());
    while (!text.empty())
    {
        const std::size_t plain = ascii_length(text);
        out += text.substr(0, plain);
        text.remove_prefix(plain);
        if (text.empty())
        {
            break;
        }
        const std::size_t length = character_length(text);
        out += length == 0 ? replacement : text.substr(0, length);
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

std::string to_utf8(std::string_view charset, std::string_view octets)
{
    if (!plain_name(charset) || iequals(charset, "utf-8") || iequals(charset, "utf8") || iequals(charset, "us-ascii"))
    {
        return repaired_utf8(octets);
    }
    Converter converter(iconv_name(charset));
    if (!converter.valid())
    {
        return repaired_utf8(octets);
    }
    std::string out = converted(converter, octets);
    if (out.size() > octets.size() * 8)
    {
        out.resize(octets.size() * 8);
    }
    return valid_utf8(out) ? out : repaired_utf8(out);
}
} // namespace ringpost::media
