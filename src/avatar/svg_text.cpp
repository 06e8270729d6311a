#include "avatar/svg_text.h"

#include <charconv>
#include <cmath>

namespace swiftavatar {
namespace {

constexpr double kPi = 3.14159265358979323846;

bool is_separator(char c) { return c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number at `position`, if one starts there; moves `position` behind it.
std::optional<double> read_number(std::string_view text, size_t& position) {
  size_t start = position;
  if (start < text.size() && text[start] == '+') ++start;
  size_t first = start;
  if (first < text.size() && text[first] == '-' && start == position) ++first;
  const bool starts_number =
      first < text.size() &&
      (is_digit(text[first]) || (text[first] == '.' && first + 1 < text.size() && is_digit(text[first + 1])));
  if (!starts_number) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data() + start, text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  position = static_cast<size_t>(end - text.data());
  return value;
}

bool is_path_command(char c) { return std::string_view("MmLlHhVvCcSsQqTtAaZz").find(c) != std::string_view::npos; }

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&apos;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string format_number(double value) {
  // Fixed notation of the largest double needs 309 digits, the point and 6 decimals.
  char text[340];
  const auto [end, error] = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 6);
  if (error != std::errc()) return "0";
  std::string_view digits(text, static_cast<size_t>(end - text));
  while (digits.back() == '0') digits.remove_suffix(1);
  if (digits.back() == '.') digits.remove_suffix(1);
  return digits == "-0" ? "0" : std::string(digits);
}

SplitNumbers split_numbers(std::string_view value, bool is_path) {
  SplitNumbers split;
  std::string literal;
  char command = 0;  // the path command that the next number belongs to
  int argument = 0;  // and which of its arguments it is
  size_t i = 0;
  while (i < value.size()) {
    if (is_separator(value[i])) {
      ++i;
      continue;
    }
    const bool in_arc = is_path && (command == 'A' || command == 'a');
    if (in_arc && (argument % 7 == 3 || argument % 7 == 4) && (value[i] == '0' || value[i] == '1')) {
      literal += value[i++];  // arc flags are single digits that may touch what follows, as in "a1 1 0 01.5.5"
      ++argument;
      continue;
    }
    if (const auto number = read_number(value, i)) {
      split.literals.push_back(std::move(literal));
      literal.clear();
      split.numbers.push_back(*number);
      ++argument;
      continue;
    }
    if (is_path && is_path_command(value[i])) {
      command = value[i];
      argument = 0;
    }
    literal += value[i++];
  }
  split.literals.push_back(std::move(literal));
  return split;
}

std::string join_numbers(const SplitNumbers& split) {
  std::string joined;
  for (size_t i = 0; i < split.literals.size(); ++i) {
    // Two arc flags stand in one literal ("01"); a blank around literals keeps them apart from numbers.
    const std::string& literal = split.literals[i];
    const bool flags = literal.size() > 1 && is_digit(literal.front());
    if (i > 0 && (literal.empty() || is_digit(literal.front())) && i < split.numbers.size()) joined += ' ';
    if (flags) {
      joined += literal[0];
      joined += ' ';
      joined += literal.substr(1);
    } else {
      joined += literal;
    }
    if (!literal.empty() && is_digit(literal.back())) joined += ' ';
    if (i < split.numbers.size()) joined += format_number(split.numbers[i]);
  }
  return joined;
}

std::optional<cv::Matx33d> parse_transform(std::string_view text) {
  cv::Matx33d result = cv::Matx33d::eye();
  size_t i = 0;
  const auto skip = [&] {
    while (i < text.size() && is_separator(text[i])) ++i;
  };
  for (skip(); i < text.size(); skip()) {
    const size_t open = text.find('(', i);
    if (open == std::string_view::npos) return std::nullopt;
    std::string_view name = text.substr(i, open - i);
    while (!name.empty() && is_separator(name.back())) name.remove_suffix(1);
    std::vector<double> v;
    for (i = open + 1, skip(); i < text.size() && text[i] != ')'; skip()) {
      const auto number = read_number(text, i);
      if (!number || v.size() == 6) return std::nullopt;
      v.push_back(*number);
    }
    if (i == text.size()) return std::nullopt;
    ++i;
    const size_t n = v.size();
    cv::Matx33d step = cv::Matx33d::eye();
    if (name == "matrix" && n == 6) {
      step = {v[0], v[2], v[4], v[1], v[3], v[5], 0, 0, 1};
    } else if (name == "translate" && (n == 1 || n == 2)) {
      step = translation(v[0], n == 2 ? v[1] : 0);
    } else if (name == "scale" && (n == 1 || n == 2)) {
      step = scaling(v[0], n == 2 ? v[1] : v[0]);
    } else if (name == "rotate" && (n == 1 || n == 3)) {
      step = n == 3 ? about({v[1], v[2]}, rotation(v[0])) : rotation(v[0]);
    } else if (name == "skewX" && n == 1) {
      step(0, 1) = std::tan(v[0] * kPi / 180);
    } else if (name == "skewY" && n == 1) {
      step(1, 0) = std::tan(v[0] * kPi / 180);
    } else {
      return std::nullopt;
    }
    result = result * step;
  }
  return result;
}

std::string format_transform(const cv::Matx33d& m) {
  return "matrix(" + format_number(m(0, 0)) + ' ' + format_number(m(1, 0)) + ' ' + format_number(m(0, 1)) + ' ' +
         format_number(m(1, 1)) + ' ' + format_number(m(0, 2)) + ' ' + format_number(m(1, 2)) + ')';
}

cv::Matx33d translation(double x, double y) { return {1, 0, x, 0, 1, y, 0, 0, 1}; }
cv::Matx33d scaling(double x, double y) { return {x, 0, 0, 0, y, 0, 0, 0, 1}; }

cv::Matx33d rotation(double degrees) {
  const double c = std::cos(degrees * kPi / 180), s = std::sin(degrees * kPi / 180);
  return {c, -s, 0, s, c, 0, 0, 0, 1};
}

cv::Matx33d about(const cv::Point2d& centre, const cv::Matx33d& matrix) {
  return translation(centre.x, centre.y) * matrix * translation(-centre.x, -centre.y);
}

cv::Point2d transform_point(const cv::Matx33d& m, const cv::Point2d& p) {
  return {m(0, 0) * p.x + m(0, 1) * p.y + m(0, 2), m(1, 0) * p.x + m(1, 1) * p.y + m(1, 2)};
}

}  // namespace swiftavatar
