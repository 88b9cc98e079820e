// SPDX-License-Identifier: Apache-2.0
// What the values of configuration keys may be: the rules that the rows of config_keys.cpp are made of.
// Private to core.
#pragma once

#include "core/config_keys.h"

namespace ringpost
{
/// `64KiB`, `50MiB`, `2GiB` in octets. Errc::malformed otherwise.
[[nodiscard]] Result<std::size_t> parse_size(std::string_view text);

namespace config_values
{
[[nodiscard]] ValueRule counts(std::int64_t least, std::int64_t most);
[[nodiscard]] ValueRule sizes(std::size_t least, std::size_t most);
[[nodiscard]] ValueRule durations(Duration least, Duration most);
[[nodiscard]] ValueRule yes_or_no();
[[nodiscard]] ValueRule one_of(std::vector<std::string_view> words);
[[nodiscard]] ValueRule text(bool (*accepts)(std::string_view), std::string_view form);
[[nodiscard]] ValueRule list(bool (*accepts)(std::string_view), std::string_view form);
[[nodiscard]] bool domain(std::string_view value);
[[nodiscard]] bool local_part(std::string_view value);
[[nodiscard]] bool path(std::string_view value);
[[nodiscard]] bool present_path(std::string_view value);
[[nodiscard]] bool some_digits(std::string_view value);
[[nodiscard]] bool country_code(std::string_view value);
[[nodiscard]] bool digits(std::string_view value);
[[nodiscard]] bool station_id_or_none(std::string_view value);
[[nodiscard]] bool endpoint(std::string_view value);
[[nodiscard]] bool endpoint_or_none(std::string_view value);
[[nodiscard]] bool local_endpoint(std::string_view value);
[[nodiscard]] bool dns_server(std::string_view value);
[[nodiscard]] bool network(std::string_view value);
[[nodiscard]] bool trunk_route(std::string_view value);
[[nodiscard]] bool http_url(std::string_view value);
[[nodiscard]] bool public_url_or_none(std::string_view value);
[[nodiscard]] bool header_word(std::string_view value);
[[nodiscard]] bool ip_address_or_none(std::string_view value);
[[nodiscard]] bool asterisk_word(std::string_view value);
[[nodiscard]] bool asterisk_endpoint(std::string_view value);
[[nodiscard]] bool asterisk_trunk(std::string_view value);
[[nodiscard]] bool media(std::string_view value);
[[nodiscard]] bool softphone(std::string_view value);
} // namespace config_values
} // namespace ringpost
