// SPDX-License-Identifier: Apache-2.0
#include "core/result.h"

namespace ringpost
{
const char* to_string(Errc code)
{
    switch (code)
    {
    case Errc::malformed:
        return "malformed";
    case Errc::too_large:
        return "too-large";
    case Errc::not_found:
        return "not-found";
    case Errc::refused:
        return "refused";
    case Errc::conflict:
        return "conflict";
    case Errc::timeout:
        return "timeout";
    case Errc::closed:
        return "closed";
    case Errc::io:
        return "io";
    case Errc::full:
        return "full";
    case Errc::unavailable:
        return "unavailable";
    case Errc::unsupported:
        return "unsupported";
    case Errc::internal:
        break;
    }
    return "internal";
}
} // namespace ringpost
