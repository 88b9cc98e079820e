// SPDX-License-Identifier: Apache-2.0
// A mail's octets made ready for DATA: dots at line starts doubled, the end CRLF.CRLF (RFC 5321 4.5.2, 4.1.1.4).
#pragma once

#include <string>
#include <string_view>

namespace ringpost::mta
{
/// Fed with the mail in pieces however cut. A bare CR or LF is made CRLF: we never send what another server could
/// take for the end of a mail. Octets of a mail that has none go out as they are, dots apart.
class DotStuffer
{
public:
    /// What to send for these octets. A CR at the end waits for the next piece.
    [[nodiscard]] std::string encode(std::string_view octets);

    /// The end of the mail: CRLF where it lacks one, and the final dot. Once.
    [[nodiscard]] std::string finish();

private:
    bool line_start_ = true;
    bool cr_ = false; ///< a CR that is not yet sent
};
} // namespace ringpost::mta
