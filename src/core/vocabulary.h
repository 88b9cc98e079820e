// SPDX-License-Identifier: Apache-2.0
// The spec's words for requests and their results, with the one spelling each has in mails, tables and JSON.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace ringpost
{
/// What an exchange information asks for (spec 2.1 `Request`).
enum class RequestKind
{
    camp_on,
    additional_connection,
    interruptive_connection,
    transfer_entry,
    transfer_release,
    cancel
};

/// The way to a device as seen from the performing exchange (spec 1).
enum class NetworkType
{
    own,
    toll,
    public_network
};

/// What of a mail a request performs: its exchange information, one of its contents, the question whether to go on, or
/// the question for the addressee's PIN before a confidential FAX.
enum class Medium
{
    exchange,
    voice,
    fax,
    inquiry,
    pin
};

enum class Trigger
{
    user_reception,
    system_recognition
};

enum class CallOrder
{
    destination_first,
    source_first
};

/// How a connection to another mail server is protected.
enum class HopTls
{
    none,          ///< not at all
    opportunistic, ///< STARTTLS where it is offered; whoever answers is believed
    required,      ///< STARTTLS, and the certificate must be the named server's
    implicit       ///< as `required`, with TLS from the first octet (RFC 8314)
};

/// Life of a request (spec 3). The last four are ends.
enum class RequestState
{
    awaiting_reception,
    held,
    waiting,
    suspended,
    dialling_first,
    dialling_second,
    connected,
    failed,
    cancelled,
    expired
};

/// Why an attempt or a request ended (spec 2.7). `none`: no cause (success, or not tried yet).
enum class Cause
{
    none,
    busy,
    no_answer,
    rejected,
    unreachable,
    no_such_number,
    congestion,
    source_busy,
    source_no_answer,
    declined,
    not_talking,
    expired,
    cancelled,
    refused,
    bad_request,
    no_gateway,
    error
};

template <class Enum>
struct Spelling;

template <>
struct Spelling<RequestKind>
{
    static constexpr std::array<std::pair<RequestKind, std::string_view>, 6> words{{
        {RequestKind::camp_on, "camp-on"},
        {RequestKind::additional_connection, "additional-connection"},
        {RequestKind::interruptive_connection, "interruptive-connection"},
        {RequestKind::transfer_entry, "transfer-entry"},
        {RequestKind::transfer_release, "transfer-release"},
        {RequestKind::cancel, "cancel"},
    }};
};

template <>
struct Spelling<NetworkType>
{
    static constexpr std::array<std::pair<NetworkType, std::string_view>, 3> words{{
        {NetworkType::own, "own"},
        {NetworkType::toll, "toll"},
        {NetworkType::public_network, "public"},
    }};
};

template <>
struct Spelling<Medium>
{
    static constexpr std::array<std::pair<Medium, std::string_view>, 5> words{{
        {Medium::exchange, "exchange"},
        {Medium::voice, "voice"},
        {Medium::fax, "fax"},
        {Medium::inquiry, "inquiry"},
        {Medium::pin, "pin"},
    }};
};

template <>
struct Spelling<Trigger>
{
    static constexpr std::array<std::pair<Trigger, std::string_view>, 2> words{{
        {Trigger::user_reception, "user-reception"},
        {Trigger::system_recognition, "system-recognition"},
    }};
};

template <>
struct Spelling<CallOrder>
{
    static constexpr std::array<std::pair<CallOrder, std::string_view>, 2> words{{
        {CallOrder::destination_first, "destination-first"},
        {CallOrder::source_first, "source-first"},
    }};
};

template <>
struct Spelling<HopTls>
{
    static constexpr std::array<std::pair<HopTls, std::string_view>, 4> words{{
        {HopTls::none, "none"},
        {HopTls::opportunistic, "opportunistic"},
        {HopTls::required, "required"},
        {HopTls::implicit, "implicit"},
    }};
};

template <>
struct Spelling<RequestState>
{
    static constexpr std::array<std::pair<RequestState, std::string_view>, 10> words{{
        {RequestState::awaiting_reception, "awaiting-reception"},
        {RequestState::held, "held"},
        {RequestState::waiting, "waiting"},
        {RequestState::suspended, "suspended"},
        {RequestState::dialling_first, "dialling-first"},
        {RequestState::dialling_second, "dialling-second"},
        {RequestState::connected, "connected"},
        {RequestState::failed, "failed"},
        {RequestState::cancelled, "cancelled"},
        {RequestState::expired, "expired"},
    }};
};

template <>
struct Spelling<Cause>
{
    static constexpr std::array<std::pair<Cause, std::string_view>, 17> words{{
        {Cause::none, ""},
        {Cause::busy, "busy"},
        {Cause::no_answer, "no-answer"},
        {Cause::rejected, "rejected"},
        {Cause::unreachable, "unreachable"},
        {Cause::no_such_number, "no-such-number"},
        {Cause::congestion, "congestion"},
        {Cause::source_busy, "source-busy"},
        {Cause::source_no_answer, "source-no-answer"},
        {Cause::declined, "declined"},
        {Cause::not_talking, "not-talking"},
        {Cause::expired, "expired"},
        {Cause::cancelled, "cancelled"},
        {Cause::refused, "refused"},
        {Cause::bad_request, "bad-request"},
        {Cause::no_gateway, "no-gateway"},
        {Cause::error, "error"},
    }};
};

/// The word of a value, as it stands in mails, tables and JSON.
template <class Enum>
[[nodiscard]] constexpr std::string_view word(Enum value)
{
    for (const auto& [candidate, text] : Spelling<Enum>::words)
    {
        if (candidate == value)
        {
            return text;
        }
    }
    return {};
}

/// The value of a word, compared without regard to ASCII case; nullopt for any other word.
template <class Enum>
[[nodiscard]] constexpr std::optional<Enum> from_word(std::string_view text)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    for (const auto& [candidate, spelling] : Spelling<Enum>::words)
    {
        bool same = spelling.size() == text.size();
        for (std::size_t i = 0; same && i < text.size(); ++i)
        {
            same = lower(text[i]) == spelling[i];
        }
        if (same)
        {
            return candidate;
        }
    }
    return std::nullopt;
}

/// Nothing goes to the other server that has not proved by its certificate who it is.
[[nodiscard]] constexpr bool is_verified(HopTls tls)
{
    return tls == HopTls::required || tls == HopTls::implicit;
}

[[nodiscard]] constexpr bool is_end(RequestState state)
{
    return state >= RequestState::connected;
}
} // namespace ringpost
