// SPDX-License-Identifier: Apache-2.0
#include "pbx/simulated/port_line.h"

#include <utility>

namespace ringpost::pbx::simulated
{
class PortLine::Port : public AudioPort
{
public:
    explicit Port(std::shared_ptr<PortLine> line) : line_(std::move(line)) {}
    ~Port() override
    {
        line_->outlet_.silence();
        const Call call = std::exchange(line_->call_, {});
        if (call.left)
        {
            call.left();
        }
    }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    void listen(Sinks sinks) override { line_->outlet_.listen(std::move(sinks)); }
    void send(std::span<const std::int16_t> samples) override
    {
        if (line_->call_.hear)
        {
            line_->call_.hear(samples);
        }
    }

private:
    std::shared_ptr<PortLine> line_;
};

std::unique_ptr<AudioPort> PortLine::make_port(std::shared_ptr<PortLine> line)
{
    return std::make_unique<Port>(std::move(line));
}

void PortLine::end()
{
    call_ = {};
    outlet_.close();
}
} // namespace ringpost::pbx::simulated
