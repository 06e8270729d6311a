#include "face/search_windows.h"

#include <algorithm>
#include <cmath>

#include "swiftavatar/face.h"

namespace swiftavatar {

namespace {

constexpr float kSecond = 0.6f;      // share of the photo: people beside and behind the one it is of
constexpr float kLeastOfWindow = 6;  // BlazeFace overlooks faces under a sixth of its window
constexpr float kOverlap = 0.33f;    // of neighbours, so that a face on a border lies whole in some window
constexpr float kLargestStep = 2;    // a face too large for that overlap is small enough for the next coarser windows

}  // namespace

std::vector<float> window_sides(const cv::Size& photo) {
  const float whole = static_cast<float>(std::max(photo.width, photo.height));
  std::vector<float> sides = {whole, kSecond * whole};
  const float ratio = sides.back() / (kLeastOfWindow * kSmallestFace);
  const int steps = static_cast<int>(std::ceil(std::log(ratio) / std::log(kLargestStep)));
  for (int i = 1; i <= steps; ++i) {
    sides.push_back(kSecond * whole * std::pow(ratio, -static_cast<float>(i) / static_cast<float>(steps)));
  }
  return sides;
}

std::vector<Square> tiles(const cv::Size& photo, float side, float angle) {
  const auto centres = [side](float length) {
    if (length <= side) return std::vector{length / 2};
    const int count = 1 + static_cast<int>(std::ceil((length - side) / (side * (1 - kOverlap))));
    std::vector<float> middles;
    for (int i = 0; i < count; ++i) {
      middles.push_back(side / 2 + (length - side) * static_cast<float>(i) / static_cast<float>(count - 1));
    }
    return middles;
  };
  std::vector<Square> squares;
  for (const float y : centres(static_cast<float>(photo.height))) {
    for (const float x : centres(static_cast<float>(photo.width))) squares.push_back({{x, y}, side, angle});
  }
  return squares;
}

}  // namespace swiftavatar
