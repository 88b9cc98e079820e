// SPDX-License-Identifier: Apache-2.0
// RTP over a real socket, in virtual time.
#include "core/virtual_clock.h"
#include "pbx/asterisk/rtp_stream.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include <string>

using namespace ringpost;
using namespace ringpost::pbx::asterisk;
namespace asio = boost::asio;
using asio::ip::udp;

namespace
{
/// Packets of one sample, by which they are known.
class Line
{
public:
    Line()
    {
        Media::Sinks sinks;
        sinks.audio = [this](const auto& samples) { heard_ += std::to_string(samples.size()) + " "; };
        sinks.closed = [this](const std::string& why) { heard_ += why; };
        stream_ = RtpStream::open(context_.get_executor(), clock_, asio::ip::address_v4::loopback(), sinks).value();
        stream_->connect(peer_.local_endpoint());
    }

    /// As many samples as its number, so that what is heard tells which packets were.
    void put(std::uint16_t number)
    {
        RtpHeader header;
        header.sequence = number;
        header.source = 7;
        peer_.send_to(asio::buffer(rtp_packet(header, std::string(number, '\x7f'))), stream_->local());
        clock_.run_for(0s);
    }
    std::string heard() { return std::exchange(heard_, {}); }
    void run_for(Duration time) { clock_.run_for(time); }

private:
    asio::io_context context_;
    VirtualClock clock_{context_, Instant{}};
    udp::socket peer_{context_, udp::endpoint(asio::ip::address_v4::loopback(), 0)};
    std::string heard_;
    std::unique_ptr<RtpStream> stream_;
};
} // namespace

TEST_CASE("A packet that is missing is waited for 100 ms, and each for as long")
{
    Line line;
    line.put(1);
    CHECK(line.heard() == "1 ");
    line.put(3);
    line.run_for(60ms);
    line.put(5);
    line.put(2);
    CHECK(line.heard() == "2 3 ");
    line.run_for(60ms);
    CHECK(line.heard().empty()); // 4 is missing since 60 ms
    line.put(4);
    CHECK(line.heard() == "4 5 ");
    line.put(7);
    line.run_for(99ms);
    CHECK(line.heard().empty());
    line.run_for(1ms);
    CHECK(line.heard() == "7 ");
}
