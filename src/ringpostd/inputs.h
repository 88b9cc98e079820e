// SPDX-License-Identifier: Apache-2.0
// The files that the configuration names, as the gateway reads them when it starts; `ringpostd --check` reads them too.
#pragma once

#include "core/config.h"
#include "directory/seed.h"
#include "store/vault.h"

#include <string>

namespace ringpost
{
[[nodiscard]] directory::NumberPlan plan_from(const Config& config);

/// The keys of confidential mails: the key file, or the credential that systemd hands over (systemd.exec(5),
/// LoadCredential=). Without either a vault that cannot seal.
[[nodiscard]] Result<store::Vault> open_vault(const Config& config);

/// What `directory.seed`, and `ringpost directory load`, are read with.
[[nodiscard]] directory::SeedOptions seed_options(const Config& config);

struct PeopleFile
{
    std::string text;
    std::string name;      ///< for messages
    bool built_in = false; ///< the sample people
};
/// `directory.seed`, or else the sample people.
[[nodiscard]] Result<PeopleFile> people_file(const Config& config);

/// At start and when they are read again: a TLS key that every user of this machine can read is told in the log. (Not a
/// refusal as with the keys of confidential mails: distributions share such keys by group and mode.)
void warn_of_open_key(const TlsConfig& config);

/// A file named by `directory.seed` that is not the one loaded last: it is read into an empty directory only.
void warn_of_unread_people(const PeopleFile& file, const directory::Snapshot& office);

/// Who gets the mail to postmaster, where nobody is named for it.
void tell_of_postmaster(const Config& config, const directory::Snapshot& office);

/// Certificates, keys, people, passwords and addresses to listen on: what is wrong with the first that the gateway
/// could not start with. Changes nothing, and may be asked while a gateway runs.
[[nodiscard]] Result<> check_inputs(const Config& config);
} // namespace ringpost
