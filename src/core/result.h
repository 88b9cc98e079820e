// SPDX-License-Identifier: Apache-2.0
// Expected failures are values: Result<T> holds a T or a Failure that names what, where and why.
// Broken invariants throw and end the session or the start-up that met them.
#pragma once

#include <boost/system/result.hpp>

#include <stdexcept>
#include <string>
#include <utility>

namespace ringpost
{
enum class Errc
{
    malformed,   ///< the input does not follow its grammar
    too_large,   ///< a configured limit was reached
    not_found,   ///< what was named does not exist
    refused,     ///< a rule does not allow it
    conflict,    ///< the stored state is another one (compare-and-set), or it exists already
    timeout,     ///< a configured time ran out
    closed,      ///< the other side ended the connection
    io,          ///< the operating system refused a read or write
    full,        ///< no space left on the storage
    unavailable, ///< not now: link down, database locked, shutting down
    unsupported, ///< this driver or gateway does not offer it
    internal     ///< a defect of ours
};

[[nodiscard]] const char* to_string(Errc code);

/// Why something failed. `text` is a sentence for a person; `where` names the line, field, file or peer.
class Failure
{
public:
    Failure() = default;
    Failure(Errc code, std::string where, std::string text)
        : code_(code), where_(std::move(where)), text_(std::move(text))
    {}

    [[nodiscard]] Errc code() const { return code_; }
    [[nodiscard]] const std::string& where() const { return where_; }
    [[nodiscard]] const std::string& text() const { return text_; }
    /// "where: text", or the text alone.
    [[nodiscard]] std::string message() const { return where_.empty() ? text_ : where_ + ": " + text_; }

private:
    Errc code_ = Errc::internal;
    std::string where_;
    std::string text_;
};

/// Thrown by Result::value() on a Failure: a caller that did not look.
class FailureError : public std::runtime_error
{
public:
    explicit FailureError(const Failure& failure) : std::runtime_error(failure.message()) {}
};

[[noreturn]] inline void throw_exception_from_error(const Failure& failure, const boost::source_location&)
{
    throw FailureError(failure);
}

template <class T = void>
using Result = boost::system::result<T, Failure>;

[[nodiscard]] inline Failure fail(Errc code, std::string where, std::string text)
{
    return {code, std::move(where), std::move(text)};
}
} // namespace ringpost
