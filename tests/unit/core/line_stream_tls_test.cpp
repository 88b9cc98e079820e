// SPDX-License-Identifier: Apache-2.0
// LineStream with TLS: two streams at the ends of a loopback connection.
#include "core/line_stream.h"
#include "ringpost/self_signed.h"
#include "unit/temporary_directory.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <filesystem>
#include <memory>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <optional>

using namespace ringpost;
namespace asio = boost::asio;
using asio::ip::tcp;
using test::TemporaryDirectory;

namespace
{
constexpr Duration patience = 10s;

/// A server certificate for `localhost` and 127.0.0.1, and a client that believes it.
struct Certificates
{
    TemporaryDirectory directory;
    command::SelfSigned made;
    TlsConfig config;
    TlsServer server;
    TlsClient client;

    explicit Certificates(const std::vector<std::string>& names = {"localhost", "127.0.0.1"})
    {
        made = command::make_self_signed(directory.path() / "tls", names, 1).value();
        config.certificate = made.certificate.string();
        config.key = made.key.string();
        config.ca_file = config.certificate;
        server.load(config).value();
        client.load(config).value();
    }
};

/// Writes a fresh one and returns its path.
std::string rsa_key(const std::filesystem::path& path)
{
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    const std::unique_ptr<BIO, decltype(&BIO_free)> file(BIO_new_file(path.c_str(), "w"), BIO_free);
    REQUIRE(PEM_write_bio_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return path.string();
}

struct TlsPair
{
    /// `receive_buffer`: of the far side; 0: the system's.
    explicit TlsPair(int receive_buffer = 0) : sockets(connect(receive_buffer)) {}

    asio::io_context context;
    Certificates certificates;
    std::pair<tcp::socket, tcp::socket> sockets;
    LineStream near{std::move(sockets.first)};
    LineStream far{std::move(sockets.second)};
    std::size_t running = 0;

    std::pair<tcp::socket, tcp::socket> connect(int receive_buffer)
    {
        tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        tcp::socket client(context);
        client.open(tcp::v4());
        if (receive_buffer != 0)
        {
            client.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
        }
        client.connect(acceptor.local_endpoint());
        return {acceptor.accept(), std::move(client)};
    }

    template <class T>
    void begin(asio::awaitable<T> operation, std::optional<T>& result)
    {
        ++running;
        asio::co_spawn(context, std::move(operation), [this, &result](std::exception_ptr thrown, T value) {
            --running;
            if (!thrown)
            {
                result.emplace(std::move(value));
            }
        });
    }

    void finish()
    {
        context.restart();
        while (running > 0 && context.run_one() > 0)
        {
        }
    }

    template <class T>
    T run(asio::awaitable<T> operation)
    {
        std::optional<T> result;
        begin(std::move(operation), result);
        finish();
        REQUIRE(result.has_value());
        return std::move(*result);
    }

    /// What the server's and the client's handshake came to.
    std::pair<Result<>, Result<>> shake(const TlsPeer& peer = {"localhost", true, {}})
    {
        std::optional<Result<>> server;
        std::optional<Result<>> client;
        begin(near.start_tls(certificates.server, patience), server);
        begin(far.start_tls(certificates.client, peer, patience), client);
        finish();
        REQUIRE(server.has_value());
        REQUIRE(client.has_value());
        return {*server, *client};
    }

    void shaken()
    {
        const auto [server, client] = shake();
        REQUIRE(server.has_value());
        REQUIRE(client.has_value());
    }

    std::string line(LineStream& stream) { return run(stream.read_line(1000, patience)).value().text; }
};

struct SlowPair : TlsPair
{
    SlowPair() : TlsPair(4096) {}
};
} // namespace

TEST_CASE_METHOD(TlsPair, "Lines go both ways through TLS 1.3, and both sides know what protects them")
{
    REQUIRE_FALSE(near.tls().has_value());
    shaken();
    REQUIRE(near.tls()->version == "TLSv1.3");
    REQUIRE(near.tls()->cipher == far.tls()->cipher);
    REQUIRE(near.tls()->cipher.starts_with("TLS_"));
    REQUIRE_FALSE(near.tls()->verified);
    REQUIRE(far.tls()->verified);
    run(far.write("EHLO a\r\nQUIT\r\n", patience)).value();
    REQUIRE(line(near) == "EHLO a");
    REQUIRE(near.input_pending());
    REQUIRE(line(near) == "QUIT");
    REQUIRE_FALSE(near.input_pending());
    run(near.write("250 b\r\n", patience)).value();
    REQUIRE(line(far) == "250 b");
}

TEST_CASE_METHOD(TlsPair, "Megabytes go through TLS, and count as delivered when the peer has acknowledged them")
{
    shaken();
    const std::string octets = std::string(3'000'000, 'x') + "\r\n";
    const auto read_all = [](LineStream& stream, std::size_t wanted) -> asio::awaitable<std::size_t> {
        std::size_t count = 0;
        while (count < wanted)
        {
            const auto some = co_await stream.read_some(patience);
            if (some.has_error())
            {
                break;
            }
            count += some->size();
            stream.consume(some->size());
        }
        co_return count;
    };
    std::optional<Result<>> written;
    std::optional<std::size_t> read;
    begin(near.write(octets, patience), written);
    begin(read_all(far, octets.size()), read);
    finish();
    REQUIRE(written->has_value());
    REQUIRE(read == octets.size());
    REQUIRE(run(near.delivered(patience)).value());
}

TEST_CASE_METHOD(SlowPair, "What a peer that reads nothing was sent through TLS is not delivered")
{
    shaken();
    REQUIRE(near.set_send_buffer(8192).has_value());
    const std::string much(20 * 1024 * 1024, 'x');
    REQUIRE(run(near.write(much, 100ms)).error().code() == Errc::timeout);
    REQUIRE_FALSE(run(near.delivered(100ms)).value());
}

TEST_CASE_METHOD(TlsPair, "A read through TLS ends by time, by interrupt() and by close()")
{
    shaken();
    run(far.write("half", patience)).value();
    REQUIRE(run(near.read_line(100, 50ms)).error().code() == Errc::timeout);
    asio::post(context, [this] { near.interrupt(); });
    REQUIRE(run(near.read_line(100, patience)).error().code() == Errc::unavailable);
    run(far.write("whole\r\n", patience)).value();
    REQUIRE(line(near) == "whole");
    asio::post(context, [this] { near.close(); });
    REQUIRE(run(near.read_line(100, patience)).error().code() == Errc::closed);
    REQUIRE_FALSE(near.input_pending());
    REQUIRE(run(near.write("x", patience)).error().code() == Errc::closed);
}

TEST_CASE_METHOD(TlsPair, "finish() says farewell through TLS")
{
    shaken();
    const auto last = [](LineStream& stream) -> asio::awaitable<bool> {
        const auto written = co_await stream.write("221 bye\r\n", patience);
        co_await stream.finish(patience);
        co_return written.has_value();
    };
    std::optional<bool> ended;
    std::optional<Result<Line>> reply;
    begin(last(near), ended);
    begin(far.read_line(100, patience), reply);
    context.restart();
    while (!reply && context.run_one() > 0)
    {
    }
    REQUIRE(reply->value().text == "221 bye");
    std::optional<Result<Line>> end;
    begin(far.read_line(100, patience), end);
    context.restart();
    while (!end && context.run_one() > 0)
    {
    }
    REQUIRE(end->error().code() == Errc::closed);
    far.close();
    finish();
    REQUIRE(ended == true);
}

TEST_CASE_METHOD(TlsPair, "Octets that came in clear behind the command are forgotten by the server")
{
    run(far.write("STARTTLS\r\nRCPT TO:<victim>\r\n", patience)).value();
    REQUIRE(line(near) == "STARTTLS");
    REQUIRE(near.input_pending());
    shaken();
    REQUIRE_FALSE(near.input_pending());
    run(far.write("EHLO a\r\n", patience)).value();
    REQUIRE(line(near) == "EHLO a");
}

TEST_CASE_METHOD(TlsPair, "Octets that came in clear behind the reply are forgotten by the client")
{
    run(near.write("220 go\r\n250 you are logged in\r\n", patience)).value();
    REQUIRE(line(far) == "220 go");
    shaken();
    run(near.write("250 b\r\n", patience)).value();
    REQUIRE(line(far) == "250 b");
}

TEST_CASE_METHOD(TlsPair, "A certificate must be for the host that was asked for, unless nothing is to be proved")
{
    struct Row
    {
        TlsPeer peer;
        const char* complaint; ///< nullptr: believed
    };
    const auto row = GENERATE(values<Row>({
        {{"localhost", true, {}}, nullptr},
        {{"127.0.0.1", true, {}}, nullptr},
        {{"office-b.example", true, {}}, "its certificate is for localhost, not for office-b.example"},
        {{"127.0.0.2", true, {}}, "not for 127.0.0.2"},
        {{"office-b.example", false, {}}, nullptr},
        {{"office-b.example", true, "its own"}, nullptr},
        {{"localhost", true, std::string(64, 'a')}, "has the fingerprint"},
    }));
    CAPTURE(row.peer.host, row.peer.fingerprint);
    TlsPeer peer = row.peer;
    if (peer.fingerprint == "its own")
    {
        peer.fingerprint = certificates.made.fingerprint;
    }
    const auto [server, client] = shake(peer);
    REQUIRE(client.has_error() == (row.complaint != nullptr));
    if (row.complaint != nullptr)
    {
        REQUIRE(client.error().code() == Errc::refused);
        REQUIRE_THAT(client.error().text(), Catch::Contains(row.complaint));
        REQUIRE_FALSE(far.tls().has_value());
    }
    else
    {
        REQUIRE(far.tls()->verified == row.peer.verify);
    }
}

TEST_CASE_METHOD(TlsPair, "A certificate of an authority that nobody knows is not believed")
{
    const Certificates others({"localhost"});
    certificates.client.load(others.config).value();
    const auto [server, client] = shake();
    REQUIRE(client.error().code() == Errc::refused);
    REQUIRE_THAT(client.error().text(), Catch::Contains("tls.ca_file"));
}

TEST_CASE_METHOD(TlsPair, "A peer that does not speak TLS, or says nothing more, ends the handshake")
{
    SECTION("plain text")
    {
        run(far.write("EHLO a.example\r\nMAIL FROM:<>\r\n", patience)).value();
        REQUIRE(run(near.start_tls(certificates.server, patience)).error().code() == Errc::unsupported);
    }
    SECTION("half a record")
    {
        run(far.write(std::string("\x16\x03\x01\x02\x00\x01", 6), patience)).value();
        REQUIRE(run(near.start_tls(certificates.server, 50ms)).error().code() == Errc::timeout);
    }
    SECTION("the end")
    {
        far.close();
        REQUIRE(run(near.start_tls(certificates.server, patience)).error().code() == Errc::closed);
    }
    SECTION("plain text from a server")
    {
        run(far.write("220 2.0.0 ready\r\n", patience)).value();
        REQUIRE(run(near.start_tls(certificates.client, {"localhost", true, {}}, patience)).error().code() ==
                Errc::unsupported);
    }
    REQUIRE_FALSE(near.tls().has_value());
    near.close();
}

TEST_CASE_METHOD(TlsPair, "A new certificate counts for new connections, one that cannot be read for none")
{
    const Certificates others({"localhost"});
    certificates.server.load(others.config).value();
    TlsConfig broken = certificates.config;
    SECTION("a file that is not there")
    {
        broken.certificate += ".not";
        REQUIRE(certificates.server.load(broken).error().code() == Errc::io);
    }
    SECTION("a key of another certificate")
    {
        broken.key = others.config.key;
        const auto loaded = certificates.server.load(broken);
        REQUIRE(loaded.error().code() == Errc::malformed);
        REQUIRE(loaded.error().where() == broken.key);
    }
    SECTION("a key of another kind")
    {
        broken.key = rsa_key(certificates.directory / "rsa.pem");
        const auto loaded = certificates.server.load(broken);
        REQUIRE(loaded.error().code() == Errc::malformed);
        REQUIRE(loaded.error().where() == broken.key);
        REQUIRE_THAT(loaded.error().text(), Catch::Contains("that belongs to " + broken.certificate));
    }
    SECTION("a key where the certificate should be")
    {
        broken.certificate = broken.key;
        REQUIRE(certificates.server.load(broken).error().code() == Errc::malformed);
    }
    const auto [server, client] = shake({"localhost", true, others.made.fingerprint});
    REQUIRE(client.has_value());
    REQUIRE(certificates.server.validity().ends_soon); // it is valid for a day
}

TEST_CASE("A certificate for trials is written once, and its key for nobody else to read")
{
    const TemporaryDirectory directory;
    const auto made = command::make_self_signed(directory / "tls", {"mail.office.example", "::1"}, 30).value();
    const auto mode = std::filesystem::status(made.key).permissions();
    REQUIRE(mode == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    REQUIRE(made.fingerprint.size() == 64);
    REQUIRE(command::make_self_signed(directory / "tls", {"a.example"}, 30).error().code() == Errc::conflict);
    const auto name = GENERATE("", "a b", "x,DNS:evil.example", "a\nb", "*");
    REQUIRE(command::make_self_signed(directory / "other", {name}, 30).error().code() == Errc::malformed);
}
