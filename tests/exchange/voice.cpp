// SPDX-License-Identifier: Apache-2.0
#include "exchange/voice.h"

#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numbers>

namespace ringpost::pbx::conformance
{
namespace
{
constexpr double rate = 8000;
constexpr std::size_t block = 800;
/// The sender is so far ahead, as real time does not pass evenly.
constexpr Duration lead = 120ms;

bool is_tone(int hz, std::span<const std::int16_t> samples)
{
    double energy = 0;
    double cosine = 0;
    double sine = 0;
    for (std::size_t n = 0; n < samples.size(); ++n)
    {
        const double angle = 2 * std::numbers::pi * hz * static_cast<double>(n) / rate;
        const double sample = samples[n];
        energy += sample * sample;
        cosine += sample * std::cos(angle);
        sine += sample * std::sin(angle);
    }
    const auto count = static_cast<double>(samples.size());
    const double of_tone = 2 * (cosine * cosine + sine * sine) / count;
    return energy / count > 1000 && of_tone > 0.5 * energy;
}

unsigned octet(const std::string& octets, std::size_t place)
{
    return static_cast<unsigned char>(octets.at(place));
}
} // namespace

double seconds_of(int hz, std::span<const std::int16_t> samples)
{
    double seconds = 0;
    for (; samples.size() >= block; samples = samples.subspan(block))
    {
        seconds += is_tone(hz, samples.first(block)) ? block / rate : 0;
    }
    return seconds;
}

std::vector<std::int16_t> read_wav(const std::filesystem::path& file)
{
    std::ifstream stream(file, std::ios::binary);
    const std::string octets((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    const auto data = octets.find("data");
    std::vector<std::int16_t> samples;
    for (std::size_t at = data == std::string::npos ? octets.size() : data + 8; at + 1 < octets.size(); at += 2)
    {
        samples.push_back(static_cast<std::int16_t>(octet(octets, at) | octet(octets, at + 1) << 8U));
    }
    return samples;
}

Voice::Voice(std::unique_ptr<AudioPort> port) : port_(std::move(port))
{
    AudioPort::Sinks sinks;
    sinks.audio = [this](std::span<const std::int16_t> samples) {
        heard.insert(heard.end(), samples.begin(), samples.end());
    };
    sinks.digit = [this](char digit) { digits += digit; };
    sinks.closed = [this] { ++closed; };
    port_->listen(std::move(sinks));
}

void Voice::send(int hz)
{
    std::array<std::int16_t, AudioPort::frame_samples> frame{};
    for (std::int16_t& sample : frame)
    {
        const double angle = 2 * std::numbers::pi * hz * static_cast<double>(sent_++) / rate;
        sample = static_cast<std::int16_t>(8000 * std::sin(angle));
    }
    port_->send(frame);
}

void speak(Rig& rig, const std::vector<std::pair<Voice*, int>>& voices, Duration time)
{
    const Duration frame = AudioPort::frame_time;
    for (Duration sent{0}; sent < time; sent += frame)
    {
        for (const auto& [voice, hz] : voices)
        {
            voice->send(hz);
        }
        if (sent >= lead)
        {
            rig.run_for(frame);
        }
    }
    rig.run_for(lead + 2 * frame);
}
} // namespace ringpost::pbx::conformance
