// SPDX-License-Identifier: Apache-2.0
// The exchange drivers, an explicit list.
#pragma once

#include "core/config.h"
#include "pbx/baresip/telephones.h"
#include "pbx/exchange.h"
#include "pbx/simulated/switchboard.h"
#include "pbx/telephones.h"

#include <functional>
#include <memory>
#include <string>

namespace ringpost::pbx
{
struct ExchangeParts
{
    std::unique_ptr<Exchange> exchange;
    std::unique_ptr<BaresipTelephones> softphones; ///< of a test bed; null: none
    Telephones* telephones = nullptr;              ///< the softphones, or those of the exchange where it has its own
    std::uint16_t trunk_port = 0;                  ///< of the simulated exchange; 0: none
};

/// The first line of `exchange.asterisk_password_file`, which is never logged; empty where that names none. Errc::io.
[[nodiscard]] Result<std::string> asterisk_password(const Config& config);

/// `as_dialled`: an external number as it is dialled and shown in this country, for exchanges with real trunks.
/// `machines`: at extensions of the simulated exchange.
/// Errc::io: a password file that cannot be read. Errc::unsupported: a driver that this program does not have.
[[nodiscard]] Result<ExchangeParts> open_exchange(boost::asio::any_io_executor executor, Clock& clock,
                                                  const Config& config, simulated::Numbering numbering,
                                                  std::function<std::string(const std::string& e164)> as_dialled = {},
                                                  simulated::Machines machines = {});
} // namespace ringpost::pbx
