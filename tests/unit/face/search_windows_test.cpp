#include "face/search_windows.h"

#include <gtest/gtest.h>

#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

constexpr float kLeastShare = 1 / 6.0f;  // of its window, which BlazeFace still sees

const std::vector<cv::Size> kPhotos = {{4000, 3000}, {3000, 4000}, {6000, 256}, {512, 512}, {200, 100}, {1, 1}};

TEST(SearchWindows, GoFromTheWholePhotoToTheSmallestFaceInSmallSteps) {
  for (const cv::Size& photo : kPhotos) {
    SCOPED_TRACE(photo);
    const auto windows = search_windows(photo, 0.5f);
    ASSERT_GE(windows.size(), 2U);
    ASSERT_EQ(windows[0].size(), 1U);
    EXPECT_EQ(windows[0][0].side, static_cast<float>(std::max(photo.width, photo.height)));
    EXPECT_EQ(windows[0][0].centre, cv::Point2f(photo) / 2);
    for (size_t i = 1; i < windows.size(); ++i) {
      for (const Square& window : windows[i]) {
        EXPECT_EQ(window.side, windows[i][0].side);
        EXPECT_EQ(window.angle, 0.5f);
      }
      EXPECT_LT(windows[i][0].side, windows[i - 1][0].side);
      EXPECT_GT(windows[i][0].side, 0.49f * windows[i - 1][0].side);
    }
    EXPECT_LE(kLeastShare * windows.back()[0].side, kSmallestFace * 1.001f);
  }
}

TEST(SearchWindows, EveryFaceLiesWholeInAWindowInWhichItIsSeen) {
  for (const cv::Size& photo : kPhotos) {
    const auto windows = search_windows(photo);
    for (const float size : {40.0f, 57.0f, 90.0f, 150.0f, 333.0f, 800.0f}) {
      for (float y = 0; y + size <= static_cast<float>(photo.height); y += 67) {
        for (float x = 0; x + size <= static_cast<float>(photo.width); x += 71) {
          const bool seen = std::any_of(windows.begin(), windows.end(), [&](const std::vector<Square>& tiles) {
            if (size < 0.999f * kLeastShare * tiles[0].side) return false;
            return std::any_of(tiles.begin(), tiles.end(), [&](const Square& tile) {
              const cv::Point2f corner = tile.centre - cv::Point2f(tile.side, tile.side) / 2;
              return corner.x <= x + 1 && corner.y <= y + 1 && x + size <= corner.x + tile.side + 1 &&
                     y + size <= corner.y + tile.side + 1;
            });
          });
          ASSERT_TRUE(seen) << photo << ' ' << size << " at " << x << ", " << y;
        }
      }
    }
  }
}

TEST(SearchWindows, AreNotMoreThanNeeded) {
  size_t count = 0;
  for (const auto& tiles : search_windows({4000, 3000})) count += tiles.size();
  EXPECT_LT(count, 750U);
  EXPECT_EQ(search_windows({512, 512})[1].size(), 4U);
}

}  // namespace
}  // namespace swiftavatar
