// SPDX-License-Identifier: Apache-2.0
// Verbs about people and neighbours: `directory.load`.
#pragma once

#include "control/verbs.h"
#include "directory/people_load.h"

namespace ringpost::control
{
/// Everything refers to what must outlive `verbs`.
void register_directory_verbs(Verbs& verbs, store::Database& database, directory::Directory& directory,
                              const directory::SeedOptions& options);
} // namespace ringpost::control
