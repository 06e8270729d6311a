#include "face/search_windows.h"

#include <algorithm>
#include <cmath>

#include "swiftavatar/face.h"

namespace swiftavatar {

namespace {

constexpr float kSecond = 0.6f;          // share of the photo: people beside and behind the one it is of
constexpr float kLargestStep = 2;        // from one size of windows to the next
constexpr float kLeastShare = 1 / 6.0f;  // BlazeFace overlooks faces under a sixth of its window

std::vector<float> window_sides(float whole) {
  std::vector<float> sides = {whole, kSecond * whole};
  const float ratio = sides.back() * kLeastShare / kSmallestFace;
  const int steps = static_cast<int>(std::ceil(std::log(ratio) / std::log(kLargestStep)));
  for (int i = 1; i <= steps; ++i) {
    sides.push_back(kSecond * whole * std::pow(ratio, -static_cast<float>(i) / static_cast<float>(steps)));
  }
  return sides;
}

/// Middles of intervals of one length that cover a whole and overlap by at least so much.
std::vector<float> middles(float whole, float length, float overlap) {
  if (whole <= length) return {whole / 2};
  const int count = 1 + static_cast<int>(std::ceil((whole - length) / (length - overlap)));
  std::vector<float> middles;
  middles.reserve(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) {
    middles.push_back(length / 2 + (whole - length) * static_cast<float>(i) / static_cast<float>(count - 1));
  }
  return middles;
}

}  // namespace

std::vector<std::vector<Square>> search_windows(const cv::Size& photo, float angle) {
  const float width = static_cast<float>(photo.width), height = static_cast<float>(photo.height);
  const std::vector<float> sides = window_sides(std::max(width, height));
  std::vector<std::vector<Square>> windows = {{{{width / 2, height / 2}, sides[0], angle}}};
  for (size_t i = 1; i < sides.size(); ++i) {
    // A face on a border that is too small for the coarser windows lies whole in one of these.
    const float overlap = kLeastShare * sides[i - 1];
    std::vector<Square>& tiles = windows.emplace_back();
    for (const float y : middles(height, sides[i], overlap)) {
      for (const float x : middles(width, sides[i], overlap)) tiles.push_back({{x, y}, sides[i], angle});
    }
  }
  return windows;
}

}  // namespace swiftavatar
