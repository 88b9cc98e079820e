// SPDX-License-Identifier: Apache-2.0
// People files (TOML, samples/people.toml), and the first people of an empty directory: tables [[user]],
// [[conversion]],
// [[cti]], [[destination]], [[peer]] and [[permission]]. Secrets are in clear there and hashed on the way in.
#pragma once

#include "core/embedded_text.h"
#include "core/result.h"
#include "directory/phone_number.h"
#include "directory/secret.h"
#include "directory/snapshot.h"
#include "store/database.h"
#include "store/directory_rows.h"

#include <span>
#include <string>
#include <string_view>

namespace ringpost::directory
{
struct SeedOptions
{
    NumberPlan plan;
    HashCost cost;
};

/// A people file, of at most 16 MiB. Errc::io, Errc::too_large.
[[nodiscard]] Result<std::string> people_text(const std::string& path);

/// Reads the whole text. Errc::malformed: `where` is file and line, the text names table, number (from 1) and key:
/// `people.toml:14`, `user[2].extension: must be …`. Unknown tables and keys are errors. Secrets and PINs of the rows
/// are in clear: hash_secrets() comes next.
[[nodiscard]] Result<store::DirectoryData> parse_people(std::string_view toml, const std::string& file,
                                                        const NumberPlan& plan);

/// Puts hashes in the place of secrets and PINs; who has one in `known` that still belongs to them keeps it. Blocks for
/// milliseconds for each. Errc::unavailable: not enough memory.
[[nodiscard]] Result<> hash_secrets(store::DirectoryData& people, const store::DirectoryData& known,
                                    const HashCost& cost);

/// Both, and what is_loaded() looks at.
[[nodiscard]] Result<store::DirectoryData> read_people(std::string_view toml, const std::string& file,
                                                       const store::DirectoryData& known, const SeedOptions& options);

/// Whether `toml` is the text that was loaded last. Blocks as long as one hash.
[[nodiscard]] bool is_loaded(const Snapshot& office, std::string_view toml);

/// Writes the people into an empty directory, all or nothing; false: it was not empty and nothing was done. Blocks
/// (a password hash for each person): for start-up.
[[nodiscard]] Result<bool> seed_if_empty(store::Database& database, std::string_view toml, const std::string& file,
                                         const SeedOptions& options);

/// samples/people.toml, compiled in.
[[nodiscard]] std::span<const EmbeddedText> sample_people();
} // namespace ringpost::directory
