// SPDX-License-Identifier: Apache-2.0
#include "ringpost/new_key.h"

#include "ringpost/new_file.h"
#include "store/vault.h"

#include <fstream>
#include <sstream>

namespace ringpost::command
{
Result<> add_key(const std::filesystem::path& file)
{
    std::string text = store::Vault::new_key() + "\n";
    std::error_code error;
    if (std::filesystem::exists(file, error))
    {
        if (const auto loaded = store::Vault::load(file, true); loaded.has_error())
        {
            return loaded.error();
        }
        std::ostringstream before;
        before << std::ifstream(file).rdbuf();
        text += before.str();
    }
    std::filesystem::path fresh = file;
    fresh += ".new";
    auto written = write_new_file(fresh, text, 0600);
    if (written.has_error() && written.error().code() == Errc::conflict)
    {
        return fail(Errc::conflict, fresh.string(),
                    "is left by another new-key that was cut off, or is still at work: "
                    "where none is, delete it and try again");
    }
    if (written.has_error())
    {
        return written;
    }
    std::filesystem::rename(fresh, file, error);
    if (error)
    {
        const std::string why = error.message();
        std::filesystem::remove(fresh, error);
        return fail(Errc::io, file.string(), why);
    }
    return sync_folder_of(file);
}
} // namespace ringpost::command
