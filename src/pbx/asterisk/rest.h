// SPDX-License-Identifier: Apache-2.0
// The requests of the Asterisk REST Interface that the driver uses, one method each; nothing is kept between them.
// Failures name request and status: Errc::not_found (404), Errc::conflict (409), Errc::refused (401, 403),
// Errc::malformed (other 4xx, and replies that are not as expected), Errc::unavailable (5xx, not reached),
// Errc::timeout.
#pragma once

#include "core/http_client.h"
#include "pbx/asterisk/ari_event.h"
#include "pbx/asterisk/media.h"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ringpost::pbx::asterisk
{
struct Account
{
    std::string url; ///< `http://127.0.0.1:8088/ari`
    std::string user;
    std::string password; ///< never logged
    Duration request_time = 5s;
};

struct Endpoint
{
    std::string name; ///< `PJSIP/2000`
    std::string state;
};

struct Originate
{
    std::string id;
    std::string endpoint;
    std::string application;
    std::string caller_id;
    std::string originator; ///< id of the channel for whose sake it is dialled; empty: none
    int seconds = 30;
    bool t38 = false; ///< it may go on as T.38, which Asterisk makes of the sound (res_fax)
};

/// Octets outside RFC 3986 unreserved become %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// A channel whose audio comes from us.
struct ExternalMedia
{
    std::string connection; ///< by WebSocket: the id to connect to
    std::string address;    ///< by RTP: where Asterisk listens
    std::string port;
};

class Rest
{
public:
    using Query = std::vector<std::pair<std::string, std::string>>;

    explicit Rest(Account account);
    [[nodiscard]] const Account& account() const { return account_; }
    /// What is under way, and what is asked for from now on, fails with Errc::unavailable.
    void close();

    /// A leg that comes into the application when it is answered. The HTTP status, whatever it is: what it means for a
    /// leg says causes.h.
    boost::asio::awaitable<Result<int>> originate(Originate wanted);
    /// A leg that comes into the application at once, and is rung by dial() when it is there. Status as of originate().
    boost::asio::awaitable<Result<int>> make_leg(Originate wanted);
    boost::asio::awaitable<Result<>> dial(std::string channel, int seconds);
    /// False: there is no such channel. Of any state and in any hands.
    boost::asio::awaitable<Result<bool>> hang_up(std::string channel);
    boost::asio::awaitable<Result<>> ring(std::string channel, bool on);
    boost::asio::awaitable<Result<>> set_variable(std::string channel, std::string name, std::string value);
    boost::asio::awaitable<Result<std::string>> variable(std::string channel, std::string name);
    boost::asio::awaitable<Result<>> continue_in(std::string channel, std::string context, std::string extension);
    boost::asio::awaitable<Result<>> play(std::string channel, std::string media, std::string playback);
    boost::asio::awaitable<Result<std::optional<Channel>>> channel(std::string id);
    boost::asio::awaitable<Result<std::vector<Channel>>> channels();
    /// A channel that is not dialled.
    boost::asio::awaitable<Result<>> create(std::string id, std::string endpoint, std::string application);

    /// Sound that we come for by WebSocket, or that goes by RTP to `host` (`address:port`), if it is not empty. FAXes
    /// are to be linear: what Asterisk's T.38 gateway says would have to be translated to µ-law, and its translator
    /// drops it as out of order after sound with sequence numbers of the lower half (22.10: ast_translate).
    boost::asio::awaitable<Result<ExternalMedia>> external_media(std::string id, std::string application,
                                                                 SoundFormat format, std::string host);

    boost::asio::awaitable<Result<>> make_bridge(std::string id);
    boost::asio::awaitable<Result<>> join(std::string bridge, std::vector<std::string> channels);
    /// The ids of its channels; nullopt: there is no such bridge.
    boost::asio::awaitable<Result<std::optional<std::vector<std::string>>>> bridge(std::string id);
    boost::asio::awaitable<Result<>> end_bridge(std::string id);
    /// The ids of all bridges.
    boost::asio::awaitable<Result<std::vector<std::string>>> bridges();

    /// `INVALID` for a device that does not exist.
    boost::asio::awaitable<Result<std::string>> device_state(std::string device);
    boost::asio::awaitable<Result<std::vector<Endpoint>>> endpoints(std::string technology);
    boost::asio::awaitable<Result<Endpoint>> endpoint(std::string name);
    /// Only events of these types are sent to the application.
    boost::asio::awaitable<Result<>> filter(std::string application, std::vector<std::string> types);
    /// The application hears of these from now on, `deviceState:PJSIP/2000`; of what it hears already as well. Lasts
    /// beyond its WebSocket.
    boost::asio::awaitable<Result<>> subscribe(std::string application, std::vector<std::string> sources);
    /// The ids of its channels.
    boost::asio::awaitable<Result<std::vector<std::string>>> application(std::string name);
    /// `22.10.1`
    boost::asio::awaitable<Result<std::string>> version();
    boost::asio::awaitable<Result<>> sound(std::string name);
    /// `chan_websocket.so` is loaded and running.
    boost::asio::awaitable<Result<bool>> module_runs(std::string name);
    /// Errc::not_found: it is not installed; Errc::conflict: not loaded.
    boost::asio::awaitable<Result<>> module(std::string name);
    /// An attribute of an endpoint of chan_pjsip, as it is configured; empty: it has none of that name.
    boost::asio::awaitable<Result<std::string>> pjsip_attribute(std::string endpoint, std::string attribute);

private:
    boost::asio::awaitable<Result<HttpReply>> perform(std::string method, std::string path, Query query,
                                                      std::string body = {});
    /// As perform(), with statuses beyond 299 as failures and the body read.
    boost::asio::awaitable<Result<nlohmann::json>> ask(std::string method, std::string path, Query query = {},
                                                       std::string body = {});
    boost::asio::awaitable<Result<>> tell(std::string method, std::string path, Query query = {},
                                          std::string body = {});

    Account account_;
    std::unique_ptr<HttpClient> client_;
};
} // namespace ringpost::pbx::asterisk
