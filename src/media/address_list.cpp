// SPDX-License-Identifier: Apache-2.0
#include "media/address_list.h"

#include "media/ascii.h"
#include "media/encoded_word.h"

#include <fmt/format.h>

#include <optional>

namespace ringpost::media
{
namespace
{
constexpr std::size_t most_mailboxes = 100;
constexpr std::size_t longest_address = 320;

struct Token
{
    enum class Kind
    {
        atom,
        quoted,         ///< text without the quotes
        domain_literal, ///< with its brackets
        special         ///< one of `<>,:;@.`
    };
    Kind kind;
    std::string text;
    bool blank_before = false;
};

bool atom_character(char c)
{
    return c < 0 || (c > 32 && c != 127 && std::string_view("()<>@,;:\\\".[]").find(c) == std::string_view::npos);
}

Failure malformed(const char* text)
{
    return fail(Errc::malformed, "address list", text);
}

class Lexer
{
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    Result<std::vector<Token>> run()
    {
        std::vector<Token> tokens;
        bool blank = false;
        while (at_ < text_.size())
        {
            const char c = text_[at_];
            if (is_space(c) || c == '(')
            {
                if (c == '(' && !skip_comment())
                {
                    return malformed("a comment is not closed");
                }
                at_ += c == '(' ? 0 : 1;
                blank = true;
                continue;
            }
            Token token{};
            if (!take(token))
            {
                return malformed("an octet that no address has, or a quote that is not closed");
            }
            token.blank_before = blank;
            blank = false;
            tokens.push_back(std::move(token));
        }
        return tokens;
    }

private:
    bool take(Token& token)
    {
        const char c = text_[at_];
        if (c == '"')
        {
            token.kind = Token::Kind::quoted;
            return take_enclosed('"', token.text, false);
        }
        if (c == '[')
        {
            token.kind = Token::Kind::domain_literal;
            return take_enclosed(']', token.text, true);
        }
        if (std::string_view("<>,:;@.").find(c) != std::string_view::npos)
        {
            token = {Token::Kind::special, std::string(1, c), false};
            ++at_;
            return true;
        }
        token.kind = Token::Kind::atom;
        while (at_ < text_.size() && atom_character(text_[at_]))
        {
            token.text.push_back(text_[at_++]);
        }
        return !token.text.empty();
    }

    bool take_enclosed(char close, std::string& out, bool keep_ends)
    {
        const char open = text_[at_++];
        out = keep_ends ? std::string(1, open) : std::string{};
        while (at_ < text_.size() && text_[at_] != close)
        {
            const bool pair = text_[at_] == '\\' && at_ + 1 < text_.size();
            at_ += pair ? 1 : 0;
            const char c = text_[at_++];
            if (c != '\r' && c != '\n')
            {
                out += pair && keep_ends ? "\\" : ""; // a domain literal is kept as it is written
                out.push_back(c);
            }
        }
        if (at_ == text_.size())
        {
            return false;
        }
        ++at_;
        out += keep_ends ? std::string(1, close) : std::string{};
        return true;
    }

    /// Comments nest (RFC 5322 3.2.2).
    bool skip_comment()
    {
        std::size_t open = 0;
        do
        {
            const char c = text_[at_++];
            open += c == '(' ? 1 : 0;
            open -= c == ')' ? 1 : 0;
            at_ += c == '\\' && at_ < text_.size() ? 1 : 0;
        } while (open > 0 && at_ < text_.size());
        return open == 0;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

class Parser
{
public:
    explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

    Result<std::vector<Mailbox>> run()
    {
        bool in_group = false;
        while (!done())
        {
            if (is(',')) // an empty element (RFC 5322 4.4)
            {
                ++at_;
                continue;
            }
            if (in_group && is(';'))
            {
                in_group = false;
                ++at_;
                if (!done() && !is(','))
                {
                    return malformed("a group is followed by something else than a comma");
                }
                continue;
            }
            const std::size_t begin = at_;
            const auto words = take_words();
            if (is(':') && !in_group && at_ > begin)
            {
                in_group = true;
                ++at_;
                continue;
            }
            if (auto failure = take_mailbox(begin, words))
            {
                return *failure;
            }
            if (!done() && !is(',') && !(in_group && is(';')))
            {
                return malformed("an address is followed by something else than a comma");
            }
        }
        return in_group ? Result<std::vector<Mailbox>>(malformed("a group is not closed")) : std::move(mailboxes_);
    }

private:
    [[nodiscard]] bool done() const { return at_ == tokens_.size(); }
    [[nodiscard]] bool is(char c) const
    {
        return !done() && tokens_[at_].kind == Token::Kind::special && tokens_[at_].text[0] == c;
    }
    [[nodiscard]] bool is_word() const
    {
        return !done() && (tokens_[at_].kind == Token::Kind::atom || tokens_[at_].kind == Token::Kind::quoted);
    }

    /// phrase, or the local part of an address; dots are allowed in both (RFC 5322 4.1 obs-phrase).
    std::string take_words()
    {
        std::string text;
        while (is_word() || is('.'))
        {
            text += tokens_[at_].blank_before && !text.empty() ? " " : "";
            text += tokens_[at_++].text;
        }
        return text;
    }

    std::optional<Failure> take_mailbox(std::size_t begin, const std::string& words)
    {
        Mailbox mailbox;
        if (is('<'))
        {
            ++at_;
            mailbox.display_name = decode_encoded_words(words);
            if (!skip_route() || !take_address(mailbox.addr_spec) || !is('>'))
            {
                return malformed("what stands between < and > is not an address");
            }
            ++at_;
        }
        else
        {
            at_ = begin;
            if (!take_address(mailbox.addr_spec))
            {
                return malformed("an address is not of the form local-part@domain");
            }
        }
        if (mailboxes_.size() == most_mailboxes)
        {
            return fail(Errc::too_large, "address list", fmt::format("more than {} addresses", most_mailboxes));
        }
        mailboxes_.push_back(std::move(mailbox));
        return std::nullopt;
    }

    /// obs-route (RFC 5322 4.4): `@a,@b:` before the address, ignored.
    bool skip_route()
    {
        if (!is('@'))
        {
            return true;
        }
        while (is('@') || is(','))
        {
            std::string ignored;
            ++at_;
            if (tokens_[at_ - 1].text == "@" && !take_domain(ignored))
            {
                return false;
            }
        }
        const bool colon = is(':');
        at_ += colon ? 1 : 0;
        return colon;
    }

    bool take_address(std::string& address)
    {
        bool quotes_needed = false;
        std::string local;
        for (bool word_next = true; word_next ? is_word() : is('.'); word_next = !word_next, ++at_)
        {
            const Token& token = tokens_[at_];
            quotes_needed = quotes_needed || (token.kind == Token::Kind::quoted && !plain_local_part(token.text));
            local += token.text;
        }
        if (local.empty() || (tokens_[at_ - 1].kind == Token::Kind::special) || !is('@'))
        {
            return false;
        }
        ++at_;
        std::string domain;
        if (!take_domain(domain))
        {
            return false;
        }
        address = (quotes_needed ? quoted(local) : local) + "@" + domain;
        return address.size() <= longest_address;
    }

    bool take_domain(std::string& domain)
    {
        if (!done() && tokens_[at_].kind == Token::Kind::domain_literal)
        {
            domain = tokens_[at_++].text;
            return true;
        }
        bool atom_next = true;
        while (!done() && (atom_next ? tokens_[at_].kind == Token::Kind::atom : is('.')))
        {
            domain += tokens_[at_++].text;
            atom_next = !atom_next;
        }
        return !domain.empty() && !atom_next;
    }

    static bool plain_local_part(std::string_view text)
    {
        bool good = !text.empty() && text.front() != '.' && text.back() != '.';
        for (std::size_t i = 0; good && i < text.size(); ++i)
        {
            good = atom_character(text[i]) || (text[i] == '.' && text[i - 1] != '.');
        }
        return good;
    }

    static std::string quoted(std::string_view text)
    {
        std::string out = "\"";
        for (const char c : text)
        {
            out += c == '"' || c == '\\' ? "\\" : "";
            out.push_back(c);
        }
        return out + "\"";
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::vector<Mailbox> mailboxes_;
};
} // namespace

Result<std::vector<Mailbox>> parse_address_list(std::string_view raw_value)
{
    auto tokens = Lexer(raw_value).run();
    if (!tokens)
    {
        return tokens.error();
    }
    return Parser(std::move(*tokens)).run();
}
} // namespace ringpost::media
