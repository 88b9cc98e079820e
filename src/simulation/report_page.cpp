// SPDX-License-Identifier: Apache-2.0
// The report as a page. All texts in it are ours and contain no character that HTML would take for its own; numbers
// are the only thing that differs.
#include "simulation/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace ringpost::simulation
{
namespace
{
constexpr Duration longest_shown = 30min;
constexpr int steps = 120; ///< of a curve
// The picture, in its own units.
constexpr double left = 60;
constexpr double right = 620; ///< beside it stand the names of the curves
constexpr double top = 20;
constexpr double bottom = 360;

/// Told apart without colours by their dashes. Colours: Okabe and Ito, "Color Universal Design".
struct Stroke
{
    std::string_view colour;
    std::string_view dashes;
};
constexpr std::array<Stroke, 6> strokes{{{"#0072b2", "none"},
                                         {"#d55e00", "8 4"},
                                         {"#009e73", "2 4"},
                                         {"#cc79a7", "12 3 2 3"},
                                         {"#e69f00", "5 2"},
                                         {"#333333", "1 3"}}};

constexpr std::string_view style = "body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; "
                                   "padding: 0 1rem; color: #1a1a1a; "
                                   "background: #ffffff; }\n"
                                   "table { border-collapse: collapse; }\n"
                                   "th, td { border: 1px solid #767676; padding: 0.2rem 0.6rem; text-align: right; }\n"
                                   "caption { text-align: left; padding-bottom: 0.5rem; }\n"
                                   ".best { font-weight: bold; background: #e6f2fa; }\n"
                                   ".wide { overflow-x: auto; }\n"
                                   "svg { width: 100%; height: auto; }\n"
                                   "svg text { font: 14px system-ui, sans-serif; fill: #1a1a1a; }\n";

/// A picture of dozens of curves says nothing: the best, its neighbours, and the ends.
std::vector<std::size_t> shown_in_picture(const Study& study)
{
    std::vector<std::size_t> shown;
    const std::size_t count = study.days.size();
    const std::size_t best = study.best.value_or(count - 1);
    for (std::size_t i = 0; i < count; ++i)
    {
        const bool near = i + 2 >= best && i <= best + 1;
        if (count <= strokes.size() || near || i == 0 || i + 1 == count)
        {
            shown.push_back(i);
        }
    }
    shown.resize(std::min(shown.size(), strokes.size()));
    return shown;
}

double share_within(const Day& day, Duration wait)
{
    const auto requests = static_cast<double>(std::max<std::size_t>(1, day.between.requests));
    return static_cast<double>(day.between.connected_within(wait)) / requests;
}

double across(double part)
{
    return left + part * (right - left);
}

double up(double share)
{
    return bottom - share * (bottom - top);
}

std::string grid()
{
    std::string text;
    for (int percent = 0; percent <= 100; percent += 20)
    {
        const double y = up(percent / 100.0);
        text += fmt::format("<line x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\" stroke=\"#cccccc\"/>\n"
                            "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5} %</text>\n",
                            left, right, y, left - 8, y + 5, percent);
    }
    for (int minutes = 0; minutes <= longest_shown / 1min; minutes += 5)
    {
        const double x = across(static_cast<double>(minutes) / static_cast<double>(longest_shown / 1min));
        text += fmt::format("<line x1=\"{0:.1f}\" y1=\"{1}\" x2=\"{0:.1f}\" y2=\"{2}\" stroke=\"#cccccc\"/>\n"
                            "<text x=\"{0:.1f}\" y=\"{3}\" text-anchor=\"middle\">{4}</text>\n",
                            x, top, bottom, bottom + 20, minutes);
    }
    return text + fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">minutes of waiting</text>\n",
                              (left + right) / 2, bottom + 42);
}

std::string curve(const Day& day, const Stroke& stroke)
{
    std::string points;
    for (int i = 0; i <= steps; ++i)
    {
        points += fmt::format("{:.1f},{:.1f} ", across(static_cast<double>(i) / steps),
                              up(share_within(day, longest_shown * i / steps)));
    }
    return fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" "
                       "stroke-dasharray=\"{}\"/>\n",
                       points, stroke.colour, stroke.dashes);
}

std::string legend(const Day& day, const Stroke& stroke, std::size_t row)
{
    const double y = top + 20 + 24 * static_cast<double>(row);
    return fmt::format("<line x1=\"{0}\" y1=\"{2:.1f}\" x2=\"{1}\" y2=\"{2:.1f}\" stroke=\"{3}\" stroke-width=\"2\" "
                       "stroke-dasharray=\"{4}\"/>\n<text x=\"{5}\" y=\"{6:.1f}\">{7}</text>\n",
                       right + 15, right + 55, y, stroke.colour, stroke.dashes, right + 62, y + 5, lines_of(day));
}

std::string in_words(const Study& study, const std::vector<std::size_t>& shown)
{
    std::string text = "For each number of lines, the share of the requests that were connected within a time.";
    for (const auto index : shown)
    {
        const Day& day = study.days.at(index);
        text += fmt::format(" {}: {:.1f} % within 1 minute, {:.1f} % within 10 minutes, {:.1f} % within 30 "
                            "minutes.",
                            lines_of(day), 100 * share_within(day, 1min), 100 * share_within(day, 10min),
                            100 * share_within(day, 30min));
    }
    return text;
}

std::string picture(const Study& study)
{
    const auto shown = shown_in_picture(study);
    std::string text = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 760 420\" role=\"img\" "
                                   "aria-labelledby=\"picture-title picture-text\">\n"
                                   "<title id=\"picture-title\">Waiting times</title>\n"
                                   "<desc id=\"picture-text\">{}</desc>\n{}",
                                   in_words(study, shown), grid());
    for (std::size_t i = 0; i < shown.size(); ++i)
    {
        text += curve(study.days.at(shown[i]), strokes.at(i)) + legend(study.days.at(shown[i]), strokes.at(i), i);
    }
    return text + "</svg>\n";
}

std::string table(const Study& study)
{
    std::string text =
        "<table>\n<caption>By number of lines, of the requests that need one. Waiting times are those of "
        "the requests that were connected.</caption>\n<thead>\n<tr>";
    for (const auto& cell : cells_of(study.days.front()))
    {
        text += fmt::format("<th scope=\"col\">{}</th>", cell.heading);
    }
    text += "</tr>\n</thead>\n<tbody>\n";
    for (std::size_t i = 0; i < study.days.size(); ++i)
    {
        std::string row;
        for (const auto& cell : cells_of(study.days[i]))
        {
            row += row.empty() ? fmt::format("<th scope=\"row\">{}</th>", cell.value)
                               : fmt::format("<td>{}</td>", cell.value);
        }
        text += fmt::format("<tr{}>{}</tr>\n", study.best == i ? " class=\"best\"" : "", row);
    }
    return text + "</tbody>\n</table>\n";
}
} // namespace

std::string page_of(const Study& study)
{
    return fmt::format(
        "<!DOCTYPE html>\n"
        "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n"
        "<head>\n"
        "<meta charset=\"utf-8\"/>\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
        "<title>How many lines between two offices</title>\n"
        "<style>\n{}</style>\n"
        "</head>\n"
        "<body>\n"
        "<main>\n"
        "<h1>How many lines between two offices</h1>\n"
        "<p>{}</p>\n"
        "<p><strong>{}</strong></p>\n"
        "<h2>Waiting times</h2>\n"
        "<figure>\n{}"
        "<figcaption>Share of the requests that need a line which were connected within so many minutes, "
        "for each number of lines.</figcaption>\n"
        "</figure>\n"
        "<h2>Figures</h2>\n"
        "<div class=\"wide\" role=\"region\" aria-label=\"Figures\" tabindex=\"0\">\n{}</div>\n"
        "<p>The same again: <code>{}</code></p>\n"
        "</main>\n"
        "</body>\n"
        "</html>\n",
        style, description_of(study), advice_of(study), picture(study), table(study),
        replay_line(study.days.at(study.best.value_or(study.days.size() - 1)).options));
}
} // namespace ringpost::simulation
