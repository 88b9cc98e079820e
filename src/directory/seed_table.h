// SPDX-License-Identifier: Apache-2.0
// One table of a seed file, read key by key. The first problem is kept and told at the end, so that reading a row is a
// list of its keys.
#pragma once

#include "core/result.h"
#include "core/toml_file.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace ringpost::directory
{
class SeedTable
{
public:
    /// `name` is `user[2]`; `table` outlives this.
    SeedTable(const toml::table& table, std::string name, std::string file);

    /// A key that is there and has another type, or that is missing and required, is a problem.
    [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise = "");
    [[nodiscard]] std::string required_text(std::string_view key);
    [[nodiscard]] std::vector<std::string> texts(std::string_view key);
    [[nodiscard]] bool boolean(std::string_view key, bool otherwise);
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t otherwise);
    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }

    void problem(std::string_view key, const std::string& text);
    /// A Failure of normalise(): its `where` is the key.
    void problem(const Failure& failure) { problem(failure.where(), failure.text()); }
    [[nodiscard]] bool good() const { return !problem_; }
    /// The first problem, or a key that nobody asked for.
    [[nodiscard]] Result<> finish();

private:
    const toml::node* find(std::string_view key);

    const toml::table& table_;
    std::string name_;
    std::string file_;
    std::set<std::string, std::less<>> known_;
    std::optional<Failure> problem_;
};

/// `file:line`, and a key's name fit to be shown.
[[nodiscard]] std::string place(const std::string& file, const toml::source_region& source);
[[nodiscard]] std::string shown(std::string_view name);
} // namespace ringpost::directory
