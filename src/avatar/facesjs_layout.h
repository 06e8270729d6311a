#pragma once
// How faces.js puts a face together: what it draws in which order and where, its colours, and what its hats hide.

#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <opencv2/core.hpp>

namespace swiftavatar::facesjs {

inline constexpr double kWidth = 400, kHeight = 600;  // canvas
inline constexpr double kCentre = kWidth / 2;
inline constexpr double kBox = 200;      // side of the components that are placed by their centre
inline constexpr double kFatness = 0.5;  // the slider's default; the parts are drawn for it
inline constexpr double kEarShift = 31;  // by how much ears move in from fatness 1 to 0

inline double fat_scale(double fatness) { return 0.8 + 0.2 * fatness; }

struct Feature {
  std::string name;
  bool optional = false;
  bool fat = false;             // follows fatness horizontally
  bool sized = false;           // body size
  bool flips = false;           // FaceConfig has a flip
  std::vector<cv::Point2d> at;  // where its centre lies, the second mirrored; empty: drawn in canvas coordinates
  std::string first;            // the id that stands first, where there is one
};

/// In the order in which they are drawn.
const std::vector<Feature>& features();

/// A point of the face mesh on a feature's drawing, about where it lies on any of them.
struct Anchor {
  std::string feature;
  int instance = 0;
  std::string index;    // of the mesh
  double x = 0, y = 0;  // head: x from the middle in half widths, y from the top in heights; others: from the middle in
                        // half widths and half heights
};
const std::vector<Anchor>& anchors();

/// A hair style that is drawn as another one below a hat; styles that are not listed are hidden.
struct BelowHat {
  std::string hair, instead;
};
const std::vector<BelowHat>& below_hats();
const std::vector<std::string>& hats();

/// The block `colors` of the definition.
nlohmann::ordered_json colors();

}  // namespace swiftavatar::facesjs
