// SPDX-License-Identifier: Apache-2.0
// Who may dial what (spec 8). Pure, and the answer is no unless a row says yes. Every answer names its rule, for the
// audit log, the refusal and `ringpost permit test`.
#pragma once

#include "core/duration.h"
#include "core/result.h"
#include "core/submitter.h"
#include "directory/hours.h"
#include "directory/number_conversion.h"
#include "store/directory_rows.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ringpost::directory
{
struct Verdict
{
    bool allowed = false;
    std::string rule; ///< `permission public:+81 of *`, `no permission for public +1212…`, `kill-switch`
};

/// What a permission covers: extensions, tie lines, or public numbers by prefix (`+` alone: all but the denied ones).
struct NumberClass
{
    NetworkType network = NetworkType::own;
    std::string prefix; ///< of public numbers only
};

/// `own`, `toll`, `public:+81`; `public:` without + names a short number such as 119. Errc::malformed otherwise.
[[nodiscard]] Result<NumberClass> parse_number_class(std::string_view text);

/// The permission rows, parsed and by subject. A row that cannot be read permits nothing.
class Permissions
{
public:
    struct Permission
    {
        NumberClass covers;
        std::optional<Hours> hours; ///< nullopt: always
        store::PermissionRow row;
    };

    /// `primary_of` gives the primary address of a user's address, so that a row may name an alias.
    Permissions(const std::vector<store::PermissionRow>& rows,
                const std::function<std::string(const std::string&)>& primary_of);

    /// Rows for `who`: the own ones, then those of everybody of that standing; each longest prefix first. Empty for
    /// strangers and the own gateway.
    [[nodiscard]] std::vector<const Permission*> of(const Submitter& who) const;

private:
    using BySubject = std::unordered_map<std::string, std::vector<Permission>>;
    static void collect(const BySubject& from, const std::string& subject, std::vector<const Permission*>& into);

    BySubject users_; ///< primary address or `*`
    BySubject peers_; ///< peer name or `peer:*`
};

/// May `who` have `target` rung at `now`? First the kill switch, then the numbers that are denied unless a row names
/// them (premium, satellite, emergency), then the rows.
[[nodiscard]] Verdict may_dial(const Snapshot& snapshot, const Submitter& who, const DialTarget& target, Instant now);

/// May the peer name this source number? Only inside its own ranges.
[[nodiscard]] Verdict peer_may_name_source(const Snapshot& snapshot, std::string_view peer, std::string_view e164);
} // namespace ringpost::directory
