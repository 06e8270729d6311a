#pragma once
// Hex colours as definitions and avatars write them.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "avatar/art.h"

namespace swiftavatar {

/// "#rgb", "#rgba", "#rrggbb" or "#rrggbbaa" as lower-case "#rrggbb", or "#rrggbbaa" where it has alpha below 1.
std::optional<std::string> normalize_hex(const std::string& hex);

/// CIE L*a*b* (D65) of a normalised colour; alpha does not count.
cv::Vec3d hex_to_lab(const std::string& hex);

/// The first colour of each palette that keeps its rules: for contrastTo the colour of most contrast (WCAG 2.1), for
/// notEqualTo the first one that is none of the others'.
std::map<std::string, std::string> default_colors(const std::map<std::string, Palette>& palettes,
                                                  const std::vector<ArtColorRule>& rules);

}  // namespace swiftavatar
