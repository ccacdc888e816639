#include "tests/bench/support/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace syncline::bench {
namespace {

std::string text_of(const char* format, double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

std::string short_number(double value) {
  if (value >= 1e6) return text_of("%.2fM", value / 1e6);
  if (value >= 1e4) return text_of("%.1fk", value / 1e3);
  if (value >= 100) return text_of("%.0f", value);
  return text_of("%.3g", value);
}

const Line* baseline_of(const Line& line, const std::vector<Line>& lines,
                        const std::vector<std::string>& baselines) {
  for (const std::string& engine : baselines) {
    for (const Line& other : lines) {
      if (other.name == line.name && other.engine == engine) return &other;
    }
  }
  return nullptr;
}

std::string ratio(const Line& line, const Line* baseline) {
  if (baseline == nullptr) return "";
  if (baseline->ops_per_s > 0) return text_of("%.3g×", line.ops_per_s / baseline->ops_per_s);
  return text_of("%.3g× bytes", line.bytes / baseline->bytes);
}

// Columns as people see them: "µ" and "×" take two bytes and one place.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - width(row[i]), ' ');
      line += i < 2 ? row[i] + padding : padding + row[i];
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    std::printf("%s\n", line.c_str());
  }
}

}  // namespace

void Latencies::add(double us) {
  if (seen_++ % every_ != 0) return;
  kept_.push_back(us);
  if (kept_.size() < kKept) return;
  // Every second one goes, and of those to come only as many are taken.
  for (std::size_t i = 0; i < kept_.size() / 2; ++i) kept_[i] = kept_[2 * i];
  kept_.resize(kept_.size() / 2);
  every_ *= 2;
}

double Latencies::quantile(double part) const {
  if (kept_.empty()) return 0;
  std::vector<double> sorted = kept_;
  std::sort(sorted.begin(), sorted.end());
  const auto at = static_cast<std::size_t>(part * static_cast<double>(sorted.size()));
  return sorted[std::min(at, sorted.size() - 1)];
}

Line median(const std::vector<Line>& runs) {
  Line result = runs.front();
  for (double Line::*number : {&Line::p50_us, &Line::p99_us, &Line::ops_per_s, &Line::bytes}) {
    std::vector<double> sorted;
    for (const Line& run : runs) sorted.push_back(run.*number);
    std::sort(sorted.begin(), sorted.end());
    const std::size_t middle = sorted.size() / 2;
    result.*number =
        sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
  return result;
}

void print(const std::vector<Line>& lines, const std::vector<std::string>& baselines, bool json) {
  if (json) {
    for (const Line& line : lines) {
      std::printf(
          R"({"case":"%s","engine":"%s","p50_us":%.6g,"p99_us":%.6g,"ops_per_s":%.6g,"bytes":%.0f})"
          "\n",
          line.name.c_str(), line.engine.c_str(), line.p50_us, line.p99_us, line.ops_per_s,
          line.bytes);
    }
    return;
  }
  std::vector<std::vector<std::string>> rows{
      {"case", "engine", "p50 µs", "p99 µs", "ops/s", "bytes", "to baseline"}};
  for (const Line& line : lines) {
    rows.push_back({line.name, line.engine, short_number(line.p50_us), short_number(line.p99_us),
                    short_number(line.ops_per_s), short_number(line.bytes),
                    ratio(line, baseline_of(line, lines, baselines))});
  }
  print_table(rows);
}

void give_up(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  std::exit(1);
}

}  // namespace syncline::bench
