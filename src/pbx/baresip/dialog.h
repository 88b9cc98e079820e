// SPDX-License-Identifier: Apache-2.0
// The conversation with one baresip over ctrl_tcp: octets in, octets out, and the Line that they are about. No I/O.
#pragma once

#include "pbx/baresip/line.h"
#include "pbx/baresip/netstring.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ringpost::pbx::baresip
{
class Dialog
{
public:
    explicit Dialog(std::string number) : line_(std::move(number)) {}

    void link_up();
    void link_lost();
    /// Errc::malformed, Errc::too_large: not what a baresip sends; the connection is to be ended.
    Result<> receive(std::string_view octets);
    /// What is to be sent now; empty: nothing. One command at a time: baresip 1.0.0 reads beyond the end of the first
    /// where two come together.
    [[nodiscard]] std::string take_output();
    /// Counts the commands and says which one waits for its reply; nullopt: none.
    [[nodiscard]] std::optional<std::uint64_t> unanswered() const;

    [[nodiscard]] Line& line() { return line_; }
    [[nodiscard]] const Line& line() const { return line_; }

private:
    Line line_;
    NetstringReader reader_{0};
    std::uint64_t last_token_ = 0;
    std::optional<Command> sent_;
};
} // namespace ringpost::pbx::baresip
