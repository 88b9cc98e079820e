// SPDX-License-Identifier: Apache-2.0
// From a port of the gateway to files of a FAX machine, over the simulated exchange and its trunks, in virtual time.
#include "exchange/simulated_rig.h"
#include "fax.h"
#include "media/fax_machines.h"
#include "media/fax_session.h"

#include <fstream>
#include <iterator>

using namespace ringpost;
using namespace ringpost::media;
using namespace ringpost::media::test;
using pbx::conformance::sample_office;
using pbx::conformance::SimulatedRig;
using pbx::simulated::MemoryTrunk;

namespace
{
const std::string machine = "+814422222100";

/// Office A has the gateway, office B the FAX machine 2100.
class TwoExchanges
{
public:
    TwoExchanges() : trunk_(rig.context().get_executor(), [this](auto link) { accept(std::move(link)); })
    {
        rig.simulated().trunks().add_route("+81442222", trunk_.take_near());
    }

    FaxResult send(std::int64_t attempt, const std::vector<Bitmap>& pages, Duration hang_up_after = 10min)
    {
        rig.answered_first(attempt, machine, "");
        std::optional<FaxResult> answer;
        boost::asio::co_spawn(
            rig.context(), send_fax(rig.clock(), rig.connect_port(attempt).value(), document_of(pages), 0, {}, 10min),
            [&answer](const std::exception_ptr& error, FaxResult result) {
                REQUIRE_FALSE(error);
                answer = std::move(result);
            });
        for (Duration time{}; !answer && time < 5min; time += 100ms)
        {
            rig.run_for(100ms);
            if (time >= hang_up_after)
            {
                static_cast<void>(far_->hang_up("2100"));
            }
        }
        static_cast<void>(rig.clear_call(attempt));
        rig.run_for(200ms);
        REQUIRE(answer.has_value());
        return *answer;
    }

    [[nodiscard]] std::string file(const std::string& name) const
    {
        std::ifstream stream(faxes() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }
    [[nodiscard]] std::set<std::string> files() const
    {
        std::set<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(faxes()))
        {
            names.insert(entry.path().filename());
        }
        return names;
    }
    [[nodiscard]] std::filesystem::path faxes() const { return rig.recordings() / "faxes"; }
    pbx::SimulatedExchange& far() { return *far_; }

    SimulatedRig rig;

private:
    void accept(std::unique_ptr<pbx::simulated::TrunkLink> link)
    {
        machines_.emplace(FaxMachines::open(rig.context().get_executor(), board_, faxes(), 10min).value());
        pbx::SimulatedExchange::Options options;
        options.office = sample_office("office-b", "+81442222");
        options.office.machines = {{"2100"},
                                   [this](const std::string& extension, std::unique_ptr<pbx::AudioPort> port) {
                                       machines_->answer(extension, std::move(port));
                                   }};
        far_ = pbx::SimulatedExchange::open(rig.context().get_executor(), rig.clock(), std::move(options)).value();
        far_->trunks().accept(std::move(link));
    }

    VoiceBoard board_{rig.context().get_executor(), rig.clock(), VoiceBoard::Threads::control};
    std::optional<FaxMachines> machines_;
    std::unique_ptr<pbx::SimulatedExchange> far_;
    MemoryTrunk trunk_;
};
} // namespace

TEST_CASE("A FAX machine at an extension keeps each document in a file, over a trunk too")
{
    TwoExchanges offices;
    const auto pages = some_pages(2);
    const auto first = offices.send(1, pages);
    INFO(first.text);
    CHECK(first.cause == Cause::none);
    CHECK(first.pages_sent == 2);
    CHECK(first.remote_id == "2100");
    CHECK(first.bit_rate == 14400);
    CHECK(offices.files() == std::set<std::string>{"2100-1.tif"});
    CHECK(bitmaps_of(offices.file("2100-1.tif")) == pages);
    CHECK(offices.far().snapshot_device({"2100"}) == pbx::DeviceState::idle);
    CHECK(offices.send(2, {pages[1]}).cause == Cause::none);
    CHECK(offices.files() == std::set<std::string>{"2100-1.tif", "2100-2.tif"});
    CHECK(bitmaps_of(offices.file("2100-2.tif")) == std::vector<Bitmap>{pages[1]});
}

TEST_CASE("A FAX machine keeps the pages that came before the call broke")
{
    TwoExchanges offices;
    const auto pages = some_pages(3);
    const auto result = offices.send(1, pages, 16s);
    CHECK(result.cause == Cause::congestion);
    REQUIRE(result.pages_sent > 0);
    REQUIRE(result.pages_sent < 3);
    CHECK(offices.files() == std::set<std::string>{"2100-1.tif"});
    const auto kept = bitmaps_of(offices.file("2100-1.tif"));
    REQUIRE(kept.size() >= result.pages_sent);
    CHECK(std::vector<Bitmap>(kept.begin(), kept.begin() + 1) == std::vector<Bitmap>{pages[0]});
}

TEST_CASE("A FAX machine that a person calls keeps nothing, and hangs up after a while")
{
    TwoExchanges offices;
    REQUIRE(offices.far().call("2000", "2100").has_value());
    offices.rig.run_for(20s);
    CHECK(offices.far().snapshot_device({"2100"}) == pbx::DeviceState::talking);
    offices.rig.run_for(2min);
    CHECK(offices.far().snapshot_device({"2000"}) == pbx::DeviceState::idle);
    CHECK(offices.files().empty());
}

TEST_CASE("A directory that cannot be made is told")
{
    boost::asio::io_context context;
    VirtualClock clock(context, Instant{});
    VoiceBoard board(context.get_executor(), clock, VoiceBoard::Threads::control);
    const auto opened = FaxMachines::open(context.get_executor(), board, "/proc/none/faxes", 1min);
    REQUIRE(opened.has_error());
    CHECK(opened.error().code() == Errc::io);
}
