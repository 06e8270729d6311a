#include "image/exif.h"

#include <gtest/gtest.h>

#include "image/pictures.h"

namespace swiftavatar {
namespace {

using namespace testing;

Probe read(const Bytes& exif) {
  Probe probe;
  read_exif_orientation(exif, probe);
  return probe;
}

TEST(Exif, ReadsTheOrientationInBothByteOrdersWithAndWithoutPrefix) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      Bytes prefixed = bytes_of(kExifPrefix);
      append(prefixed, exif_block(orientation, big_endian));
      for (const Bytes& exif : {exif_block(orientation, big_endian), prefixed}) {
        const Probe probe = read(exif);
        EXPECT_EQ(probe.info.orientation, orientation);
        EXPECT_TRUE(probe.warnings.empty());
      }
    }
  }
}

TEST(Exif, FindsTheOrientationBehindOtherEntriesAndFarAway) {
  Bytes exif = bytes_of("MM");
  for (const Bytes& part : {big(42, 2), big(27, 4), Bytes(19, 0xEE), big(2, 2),                // an odd place
                            big(0x010F, 2), big(2, 2), big(4, 4), bytes_of("me!"), big(0, 1),  // the maker
                            big(0x0112, 2), big(3, 2), big(1, 4), big(6, 2), big(0, 2), big(0, 4)}) {
    append(exif, part);
  }
  EXPECT_EQ(read(exif).info.orientation, 6);
}

TEST(Exif, ValuesThatMeanNothingAreUpright) {
  for (const int orientation : {0, 9, 255, 65535}) {
    const Probe probe = read(exif_block(orientation));
    EXPECT_EQ(probe.info.orientation, 1);
    ASSERT_EQ(probe.warnings.size(), 1U);
    EXPECT_NE(probe.warnings[0].find(std::to_string(orientation)), std::string::npos);
  }
}

TEST(Exif, WithoutOrientationIsUprightWithoutWarning) {
  Bytes exif = exif_block(6);
  patch(exif, 10, big(0x010E, 2));
  EXPECT_EQ(read(exif).info.orientation, 1);
  EXPECT_TRUE(read(exif).warnings.empty());
}

TEST(Exif, GarbageIsUprightWithAWarning) {
  Bytes far = exif_block(6), many = exif_block(6);
  patch(far, 4, big(0xFFFFFFFF, 4));
  patch(many, 8, big(65535, 2));
  patch(many, 10, big(0x010E, 2));
  for (const Bytes& exif :
       {Bytes{}, bytes_of(kExifPrefix), bytes_of("no Exif block at all"), Bytes(64, 0), far, many}) {
    const Probe probe = read(exif);
    EXPECT_EQ(probe.info.orientation, 1) << exif.size();
    EXPECT_EQ(probe.warnings.size(), 1U) << exif.size();
  }
}

TEST(Exif, CutAnywhereIsUprightOrRight) {
  const Bytes whole = exif_block(8);
  constexpr size_t kValueEnd = 20;
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(read(cut(whole, length)).info.orientation, length < kValueEnd ? 1 : 8) << length;
  }
}

}  // namespace
}  // namespace swiftavatar
