// SPDX-License-Identifier: Apache-2.0
#include "pbx/asterisk/port.h"

namespace ringpost::pbx::asterisk
{
namespace
{
class PortEnd : public AudioPort
{
public:
    PortEnd(std::shared_ptr<Port> port, std::function<void()> left) : port_(std::move(port)), left_(std::move(left)) {}
    ~PortEnd() override
    {
        port_->outlet.silence();
        left_();
    }
    PortEnd(const PortEnd&) = delete;
    PortEnd& operator=(const PortEnd&) = delete;

    void listen(Sinks sinks) override { port_->outlet.listen(std::move(sinks)); }
    void send(std::span<const std::int16_t> samples) override
    {
        if (port_->media)
        {
            port_->media->send(samples);
        }
    }

private:
    std::shared_ptr<Port> port_;
    std::function<void()> left_;
};
} // namespace

void Port::end()
{
    over_ = true;
    media.reset();
    outlet.close();
    progress.push(Progress::over);
}

std::unique_ptr<AudioPort> Port::make_end(std::shared_ptr<Port> port, std::function<void()> left)
{
    return std::make_unique<PortEnd>(std::move(port), std::move(left));
}
} // namespace ringpost::pbx::asterisk
