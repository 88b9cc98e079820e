// SPDX-License-Identifier: Apache-2.0
#include "core/toml_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace ringpost
{
namespace
{
constexpr std::size_t largest_file = 1024 * 1024;

bool control_octet(char c)
{
    return (static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r' && c != '\n') || c == '\x7f';
}

/// What toml++ must not see: control octets, and outside of strings and comments octets beyond ASCII. TOML 1.0.0 has no
/// place for any of them.
class Scanner
{
public:
    explicit Scanner(std::string_view text) : text_(text), at_(text.starts_with("\xef\xbb\xbf") ? 3 : 0) {}

    /// The line of the first of them; 0 where there is none.
    std::size_t bad_line()
    {
        for (; at_ < text_.size(); ++at_)
        {
            const char c = text_[at_];
            if (control_octet(c))
            {
                return line_;
            }
            if (c == '\n')
            {
                ++line_;
                end_ = end_.size() == 3 ? end_ : std::string_view{};
            }
            else if (!end_.empty())
            {
                inside(c);
            }
            else if (!outside(c))
            {
                return line_;
            }
        }
        return 0;
    }

private:
    /// Outside of strings and comments; false: not allowed.
    bool outside(char c)
    {
        if (c == '#' || c == '"' || c == '\'')
        {
            constexpr std::string_view comment = "\n";
            const std::string_view triple = c == '"' ? "\"\"\"" : "'''";
            end_ = c == '#' ? comment : triple.substr(0, text_.substr(at_).starts_with(triple) ? 3 : 1);
            at_ += end_.size() - 1;
        }
        return static_cast<unsigned char>(c) < 0x80;
    }

    /// Inside a string or comment.
    void inside(char c)
    {
        if (c == '\\' && end_.front() == '"' && at_ + 1 < text_.size() && !control_octet(text_[at_ + 1]) &&
            text_[at_ + 1] != '\n')
        {
            ++at_;
        }
        else if (text_.substr(at_).starts_with(end_))
        {
            at_ += end_.size() - 1;
            end_ = {};
        }
    }

    std::string_view text_;
    std::string_view end_; ///< of the string or comment that we are in; empty outside
    std::size_t at_;
    std::size_t line_ = 1;
};
} // namespace

Result<std::string> read_toml_file(const std::string& path)
{
    std::ifstream in(path, std::ios::binary);
    std::string text(largest_file + 1, '\0');
    if (!in || in.read(text.data(), static_cast<std::streamsize>(text.size())).bad() || (in.fail() && !in.eof()))
    {
        return fail(Errc::io, path, "the file cannot be read");
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > largest_file)
    {
        return fail(Errc::malformed, path, "the file is larger than 1 MiB");
    }
    return text;
}

Result<toml::table> parse_toml(std::string_view text, const std::string& name)
{
    const auto where = [&name](std::size_t line) { return fmt::format("{}:{}", name, line); };
    if (const std::size_t line = Scanner(text).bad_line())
    {
        return fail(Errc::malformed, where(line), "a control character, or a letter beyond ASCII outside quotes");
    }
    toml::parse_result parsed = toml::parse(text);
    if (!parsed)
    {
        return fail(Errc::malformed, where(parsed.error().source().begin.line),
                    std::string(parsed.error().description()));
    }
    return std::move(parsed).table();
}
} // namespace ringpost
