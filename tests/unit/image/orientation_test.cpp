#include "image/orientation.h"

#include <gtest/gtest.h>

#include "image/pictures.h"

namespace swiftavatar {
namespace {

using namespace testing;

struct Read {
  int value = 0;
  std::vector<std::string> warnings;
};

Read result(const Orientation& orientation) {
  Read read;
  read.value = orientation.value(read.warnings);
  return read;
}

Read read(const Bytes& exif) {
  Orientation orientation;
  orientation.read_exif(exif);
  return result(orientation);
}

Read read_xmp(const std::string& xmp) {
  Orientation orientation;
  orientation.read_xmp(xmp);
  return result(orientation);
}

TEST(Orientation, ReadsTheOrientationInBothByteOrdersWithAndWithoutPrefix) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      Bytes prefixed = bytes_of(kExifPrefix);
      append(prefixed, exif_block(orientation, big_endian));
      for (const Bytes& exif : {exif_block(orientation, big_endian), prefixed}) {
        const Read found = read(exif);
        EXPECT_EQ(found.value, orientation);
        EXPECT_TRUE(found.warnings.empty());
      }
    }
  }
}

TEST(Orientation, FindsTheOrientationBehindOtherEntriesAndFarAway) {
  Bytes exif = bytes_of("MM");
  for (const Bytes& part : {big(42, 2), big(27, 4), Bytes(19, 0xEE), big(2, 2),                // an odd place
                            big(0x010F, 2), big(2, 2), big(4, 4), bytes_of("me!"), big(0, 1),  // the maker
                            big(0x0112, 2), big(3, 2), big(1, 4), big(6, 2), big(0, 2), big(0, 4)}) {
    append(exif, part);
  }
  EXPECT_EQ(read(exif).value, 6);
}

TEST(Orientation, ValuesThatMeanNothingAreUpright) {
  for (const int orientation : {0, 9, 255, 65535}) {
    const Read found = read(exif_block(orientation));
    EXPECT_EQ(found.value, 1);
    ASSERT_EQ(found.warnings.size(), 1U);
    EXPECT_NE(found.warnings[0].find(std::to_string(orientation)), std::string::npos);
  }
}

TEST(Orientation, WithoutOrientationIsUprightWithoutWarning) {
  Bytes exif = exif_block(6);
  patch(exif, 10, big(0x010E, 2));
  EXPECT_EQ(read(exif).value, 1);
  EXPECT_TRUE(read(exif).warnings.empty());
}

TEST(Orientation, GarbageIsUprightWithAWarning) {
  Bytes far = exif_block(6), many = exif_block(6);
  patch(far, 4, big(0xFFFFFFFF, 4));
  patch(many, 8, big(65535, 2));
  patch(many, 10, big(0x010E, 2));
  for (const Bytes& exif :
       {Bytes{}, bytes_of(kExifPrefix), bytes_of("no Exif block at all"), Bytes(64, 0), far, many}) {
    const Read found = read(exif);
    EXPECT_EQ(found.value, 1) << exif.size();
    EXPECT_EQ(found.warnings.size(), 1U) << exif.size();
  }
}

TEST(Orientation, IsReadFromEveryIntegerType) {
  const std::pair<uint16_t, int> types[] = {{1, 1}, {3, 2}, {4, 4}, {6, 1}, {8, 2}, {9, 4}};
  for (const auto& [type, width] : types) {
    for (const bool big_endian : {false, true}) {
      Bytes exif = exif_block(1, big_endian);
      patch(exif, 12, number(type, 2, big_endian));
      patch(exif, 18, {0, 0, 0, 0});
      patch(exif, 18, number(6, width, big_endian));
      EXPECT_EQ(read(exif).value, 6) << type;
      EXPECT_TRUE(read(exif).warnings.empty()) << type;
    }
  }
  Bytes text = exif_block(6);
  patch(text, 12, big(2, 2));
  EXPECT_EQ(read(text).value, 1);
  EXPECT_EQ(read(text).warnings.size(), 1U);
}

TEST(Orientation, TheFirstExifThatTellsCounts) {
  Orientation orientation;
  orientation.read_exif({});
  orientation.read_exif(exif_block(6));
  orientation.read_exif(exif_block(3));
  EXPECT_EQ(result(orientation).value, 6);
  EXPECT_TRUE(result(orientation).warnings.empty());
}

TEST(Orientation, XmpTellsAsAttributeAndAsElement) {
  EXPECT_EQ(read_xmp("<rdf:Description tiff:Orientation=\"6\" x=\"3\">").value, 6);
  EXPECT_EQ(read_xmp("<rdf:Description tiff:Orientation='8'/>").value, 8);
  EXPECT_EQ(read_xmp("<tiff:Orientation>3</tiff:Orientation>").value, 3);
  EXPECT_EQ(read_xmp("<tiff:Orientation> 5\n</tiff:Orientation>").value, 5);
}

TEST(Orientation, XmpThatMeansNothingIsUpright) {
  for (const std::string xmp :
       {"", "tiff:Orientation", "tiff:Orientation=\"", "tiff:Orientation=\"6", "tiff:Orientation=\"16\"",
        "tiff:Orientation=\"0\"", "tiff:Orientation=\"9\"", "<x:Orientation>6</x:Orientation>"}) {
    EXPECT_EQ(read_xmp(xmp).value, 1) << xmp;
    EXPECT_TRUE(read_xmp(xmp).warnings.empty()) << xmp;
  }
}

TEST(Orientation, ExifCountsBeforeXmp) {
  for (const bool exif_first : {false, true}) {
    Orientation orientation;
    if (exif_first) orientation.read_exif(exif_block(6));
    orientation.read_xmp("tiff:Orientation=\"3\"");
    if (!exif_first) orientation.read_exif(exif_block(6));
    EXPECT_EQ(result(orientation).value, 6);
  }
}

TEST(Orientation, CutAnywhereIsUprightOrRight) {
  const Bytes whole = exif_block(8);
  constexpr size_t kValueEnd = 20;
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(read(cut(whole, length)).value, length < kValueEnd ? 1 : 8) << length;
  }
}

}  // namespace
}  // namespace swiftavatar
