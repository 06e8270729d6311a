#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/probe.h"
#include "image/profiles.h"

namespace swiftavatar {
namespace {

using namespace testing;

TEST(Tiff, DecodesToTheSamePixelsInBothByteOrders) {
  expect_picture(encode(".tiff", picture()), picture(), 0);
  for (const bool big_endian : {false, true}) {
    expect_picture(write_tiff(tiff_parts(picture(), big_endian)), picture(), 0);
    expect_picture(write_tiff(tiff_parts(picture(), big_endian, 5)), picture(), 0, "strips");
  }
}

TEST(Tiff, CutAnywhereIsTruncated) {
  const cv::Mat small = picture(12, 9);
  expect_every_cut_refused(encode(".tiff", small));  // the directory comes last
  for (const Bytes& whole : {write_tiff(tiff_parts(small)), write_tiff(tiff_parts(small, true, 3))}) {
    expect_every_cut_refused(whole);
    for (size_t length = 4; length < whole.size(); ++length) {
      expect_refused(probe_image(cut(whole, length)), ErrorCode::truncated, std::to_string(length));
    }
  }
}

TEST(Tiff, StripsShorterThanTheirRowsAreRefused) {
  TiffParts parts = tiff_parts(picture());
  parts.entry(kStripCounts).values[0] /= 2;
  parts.strips[0].resize(parts.strips[0].size() / 2);
  EXPECT_FALSE(decode_image(write_tiff(parts), "test").ok());
}

TEST(Tiff, EveryOrientationIsSeenUpright) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      TiffParts parts = tiff_parts(stored_for(picture(), orientation), big_endian);
      parts.entry(kOrientation).values = {static_cast<uint32_t>(orientation)};
      expect_picture(write_tiff(parts), picture(), 0, std::to_string(orientation));
    }
  }
}

// The decoder turns by the tag as well, whatever its type: a picture must not be turned twice.
TEST(Tiff, OrientationsOfAnotherTypeAreSeenUprightToo) {
  for (const TiffType type : {tiff_byte, tiff_long}) {
    for (int orientation = 1; orientation <= 8; ++orientation) {
      for (const bool big_endian : {false, true}) {
        TiffParts parts = tiff_parts(stored_for(picture(), orientation), big_endian);
        parts.entry(kOrientation) = {kOrientation, type, {static_cast<uint32_t>(orientation)}};
        expect_picture(write_tiff(parts), picture(), 0, std::to_string(type) + ", " + std::to_string(orientation));
      }
    }
  }
}

TEST(Tiff, OrientationsThatMeanNothingGiveAWarning) {
  TiffParts parts = tiff_parts(picture());
  parts.entry(kOrientation).values = {9};
  expect_picture(write_tiff(parts), picture(), 0);
  EXPECT_EQ(decode_image(write_tiff(parts), "test").value().warnings.size(), 1U);
}

TEST(Tiff, SixteenBitsAreRounded) {
  expect_picture(encode(".tiff", cv::Mat(4, 4, CV_16UC1, cv::Scalar(200 * 257 + 100))),
                 cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(200)), 0);
}

TEST(Tiff, TheFirstOfSeveralPagesIsTakenWithAWarning) {
  TiffParts parts = tiff_parts(picture());
  parts.next_page = 8;  // a loop, which must not matter
  expect_picture(write_tiff(parts), picture(), 0);
  EXPECT_EQ(decode_image(write_tiff(parts), "test").value().warnings.size(), 1U);
}

TEST(Tiff, ProfilesAreApplied) {
  TiffParts parts = tiff_parts(picture());
  const Bytes profile = swapped_profile();
  parts.entry(kIccProfile) = {kIccProfile, tiff_undefined, {profile.begin(), profile.end()}};
  expect_picture(write_tiff(parts), swap_red_and_blue(picture()), 2);
  TiffParts grey = tiff_parts(cv::Mat(4, 4, CV_8UC1, cv::Scalar(128)));
  const Bytes grey_profile = linear_grey_profile();
  grey.entry(kIccProfile) = {kIccProfile, tiff_undefined, {grey_profile.begin(), grey_profile.end()}};
  expect_picture(write_tiff(grey), cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(188)), 1);
}

TEST(Tiff, RareKindsAreRefusedByName) {
  TiffParts cmyk = tiff_parts(cv::Mat(8, 8, CV_8UC4, cv::Scalar::all(100)));
  cmyk.entry(kPhotometric).values = {5};
  const auto printing = decode_image(write_tiff(cmyk), "test");
  expect_refused(printing, ErrorCode::unsupported_format, "CMYK");
  EXPECT_NE(printing.error().message.find("CMYK"), std::string::npos);
  expect_refused(decode_image(encode(".tiff", cv::Mat(8, 8, CV_32FC1, cv::Scalar(1))), "test"),
                 ErrorCode::unsupported_format, "floating point");
  TiffParts is_signed = tiff_parts(picture());
  is_signed.entry(kSampleFormat).values = {2, 2, 2};
  expect_refused(decode_image(write_tiff(is_signed), "test"), ErrorCode::unsupported_format, "signed");
  Bytes big_tiff = write_tiff(tiff_parts(picture()));
  big_tiff[2] = 43;
  expect_refused(decode_image(big_tiff, "test"), ErrorCode::unsupported_format, "BigTIFF");
}

TEST(Tiff, BrokenDirectoriesAreRefused) {
  const Bytes whole = write_tiff(tiff_parts(picture()));
  Bytes none = whole, many = whole, far = whole;
  patch(none, 8, little(0, 2));
  patch(many, 8, little(65535, 2));
  patch(far, 4, little(0xFFFFFFFF, 4));
  expect_refused(probe_image(none), ErrorCode::not_an_image, "no entry");
  expect_refused(probe_image(many), ErrorCode::not_an_image, "65535 entries");
  expect_refused(probe_image(far), ErrorCode::truncated, "a directory behind the end");
  for (const TiffTag tag : {kWidth, kHeight}) {
    for (const uint32_t value : {0U, 0x80000000U}) {
      TiffParts parts = tiff_parts(picture());
      parts.entry(tag).values = {value};
      expect_refused(probe_image(write_tiff(parts)), ErrorCode::not_an_image, std::to_string(value));
    }
  }
  TiffParts without = tiff_parts(picture());
  without.entry(kStripOffsets).values.clear();
  EXPECT_FALSE(decode_image(write_tiff(without), "test").ok());
}

// libtiff believes the first of two entries, of signed types too: its picture would be larger than the one we checked.
TEST(Tiff, ASecondSizeDoesNotHideTheFirst) {
  TiffParts parts = tiff_parts(cv::Mat(2000, 2000, CV_8UC1, cv::Scalar(7)));
  const std::vector<TiffEntry> honest = parts.entries;
  for (const TiffType type : {tiff_long, tiff_slong}) {
    parts.entries = honest;
    parts.entries.erase(parts.entries.begin(), parts.entries.begin() + 2);
    const std::vector<TiffEntry> sizes = {
        {kWidth, type, {2000}}, {kWidth, tiff_long, {10}}, {kHeight, type, {2000}}, {kHeight, tiff_long, {10}}};
    parts.entries.insert(parts.entries.begin(), sizes.begin(), sizes.end());
    const auto image = decode_image(write_tiff(parts), "test", {.max_side = 100});
    EXPECT_FALSE(image.ok()) << "type " << type << ": " << (image.ok() ? image.value().rgb.cols : 0);
  }
}

TEST(Tiff, FlippedDirectoryBytesNeverCrash) {
  const Bytes tiff = write_tiff(tiff_parts(picture(12, 9), false, 3));
  const size_t pixels = 12 * 9 * 3;
  for (size_t at = 0; at < tiff.size() - pixels; ++at) {
    for (const int flip : {0x01, 0x02, 0x80, 0xFF}) {
      Bytes damaged = tiff;
      damaged[at] ^= static_cast<uint8_t>(flip);
      const auto image = decode_image(damaged, "test", {.max_side = 4096, .max_pixels = 1'000'000});
      if (image.ok()) {
        EXPECT_LE(image.value().rgb.total(), 1'000'000U) << at;
      }
    }
  }
}

}  // namespace
}  // namespace swiftavatar
