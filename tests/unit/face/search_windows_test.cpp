#include "face/search_windows.h"

#include <gtest/gtest.h>

#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

constexpr float kSixth = 1 / 6.0f;  // of its window, which BlazeFace still sees

const std::vector<cv::Size> kPhotos = {{4000, 3000}, {3000, 4000}, {6000, 256}, {512, 512}, {200, 100}, {1, 1}};

TEST(SearchWindows, GoFromTheWholePhotoToTheSmallestFaceInSmallSteps) {
  for (const cv::Size& photo : kPhotos) {
    SCOPED_TRACE(photo);
    const std::vector<float> sides = window_sides(photo);
    ASSERT_GE(sides.size(), 2U);
    EXPECT_EQ(sides[0], static_cast<float>(std::max(photo.width, photo.height)));
    for (size_t i = 1; i < sides.size(); ++i) {
      EXPECT_LT(sides[i], sides[i - 1]);
      EXPECT_GT(sides[i], 0.49f * sides[i - 1]);
    }
    EXPECT_LE(kSixth * sides.back(), kSmallestFace * 1.001f);
  }
}

TEST(SearchWindows, EveryFaceLiesWholeInAWindowInWhichItIsSeen) {
  for (const cv::Size& photo : kPhotos) {
    const std::vector<float> sides = window_sides(photo);
    for (const float size : {40.0f, 57.0f, 90.0f, 150.0f, 333.0f, 800.0f}) {
      for (float y = 0; y + size <= static_cast<float>(photo.height); y += 67) {
        for (float x = 0; x + size <= static_cast<float>(photo.width); x += 71) {
          bool seen = false;
          for (const float side : sides) {
            if (size < 0.999f * kSixth * side) continue;
            for (const Square& tile :
                 side == sides[0] ? std::vector{Square{cv::Point2f(photo) / 2, side}} : tiles(photo, side)) {
              const cv::Point2f corner = tile.centre - cv::Point2f(side, side) / 2;
              seen |= corner.x <= x + 1 && corner.y <= y + 1 && x + size <= corner.x + side + 1 &&
                      y + size <= corner.y + side + 1;
            }
            if (seen) break;
          }
          ASSERT_TRUE(seen) << photo << ' ' << size << " at " << x << ", " << y;
        }
      }
    }
  }
}

}  // namespace
}  // namespace swiftavatar
