#include "avatar/hex_color.h"

#include <algorithm>
#include <cctype>

#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

// WCAG 2.1 relative luminance of a normalised colour, 0..1.
double luminance(const std::string& hex) {
  const auto channel = [&hex](size_t at) {
    return to_linear(static_cast<uint8_t>(std::stoi(hex.substr(at, 2), nullptr, 16)));
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

double contrast(const std::string& a, const std::string& b) {
  const double one = luminance(a), other = luminance(b);
  return (std::max(one, other) + 0.05) / (std::min(one, other) + 0.05);
}

}  // namespace

std::optional<std::string> normalize_hex(const std::string& hex) {
  const bool digits = hex.size() > 1 && hex[0] == '#' &&
                      std::all_of(hex.begin() + 1, hex.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  if (!digits) return std::nullopt;
  std::string color = "#";
  if (hex.size() == 4 || hex.size() == 5) {
    for (const char c : hex.substr(1)) color += {c, c};
  } else if (hex.size() == 7 || hex.size() == 9) {
    color = hex;
  } else {
    return std::nullopt;
  }
  for (char& c : color) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (color.size() == 9 && color.substr(7) == "ff") color.resize(7);
  return color;
}

cv::Vec3d hex_to_lab(const std::string& hex) { return to_lab(from_hex(hex.substr(0, 7)).value()); }

std::map<std::string, std::string> default_colors(const std::map<std::string, Palette>& palettes,
                                                  const std::vector<ArtColorRule>& rules) {
  std::map<std::string, std::string> colors;
  for (const auto& [name, palette] : palettes) colors[name] = palette.values.front();
  for (const ArtColorRule& rule : rules) {
    std::vector<std::string> candidates = palettes.at(rule.name).values;
    if (!rule.contrast_to.empty()) {
      const std::string& other = colors.at(rule.contrast_to);
      std::stable_sort(candidates.begin(), candidates.end(), [&other](const std::string& a, const std::string& b) {
        return contrast(a, other) > contrast(b, other);
      });
    }
    const auto allowed = std::find_if(candidates.begin(), candidates.end(), [&](const std::string& color) {
      return std::none_of(rule.not_equal_to.begin(), rule.not_equal_to.end(), [&](const std::string& other) {
        return colors.at(other).substr(0, 7) == color.substr(0, 7);
      });
    });
    colors[rule.name] = allowed == candidates.end() ? candidates.front() : *allowed;
  }
  return colors;
}

}  // namespace swiftavatar
