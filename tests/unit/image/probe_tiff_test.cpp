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

TEST(Tiff, APageThatIsItsOwnSuccessorIsOnePage) {
  TiffParts parts = tiff_parts(picture());
  parts.next_page = 8;
  expect_picture(write_tiff(parts), picture(), 0);
  EXPECT_TRUE(decode_image(write_tiff(parts), "test").value().warnings.empty());
}

/// The second page of a file: all places in it are counted from the file's start.
Bytes with_second_page(TiffParts first, const TiffParts& second) {
  first.next_page = 0;
  const size_t start = write_tiff(first).size(), odd = start % 2;
  Bytes file = write_tiff(first);
  file.resize(start + odd);
  const Bytes page = write_tiff(second, file.size() - 8);
  file.insert(file.end(), page.begin() + 8, page.end());
  patch(file, 8 + 2 + 12 * first.entries.size(), little(start + odd, 4));
  return file;
}

TEST(Tiff, TheLargestPageIsTaken) {
  const cv::Mat small(16, 16, CV_8UC3, cv::Scalar(9, 9, 9));
  for (const bool thumbnail : {false, true}) {
    for (const bool small_first : {false, true}) {
      TiffParts large = tiff_parts(picture()), other = tiff_parts(small);
      if (thumbnail) other.entry(kSubfileKind) = {kSubfileKind, tiff_long, {1}};
      const Bytes file = small_first ? with_second_page(other, large) : with_second_page(large, other);
      expect_picture(file, picture(), 0);
      const auto warnings = decode_image(file, "test").value().warnings;
      EXPECT_EQ(warnings.size(), thumbnail ? 0U : 1U) << "thumbnails are not worth a word";
    }
  }
}

TEST(Tiff, APageOfFullResolutionCountsBeforeALargerThumbnail) {
  TiffParts reduced = tiff_parts(cv::Mat(100, 100, CV_8UC3, cv::Scalar(9, 9, 9)));
  reduced.entry(kSubfileKind) = {kSubfileKind, tiff_long, {1}};
  expect_picture(with_second_page(reduced, tiff_parts(picture())), picture(), 0);
}

TEST(Tiff, RawPhotosAreRefusedByName) {
  TiffParts thumbnail = tiff_parts(picture()), filters = tiff_parts(picture());
  filters.entry(kPhotometric).values = {32803};
  const auto raw = decode_image(with_second_page(thumbnail, filters), "test");
  expect_refused(raw, ErrorCode::unsupported_format, "colour filters on the second page");
  EXPECT_NE(raw.error().message.find("raw photo"), std::string::npos);
  TiffParts negative = tiff_parts(picture());
  negative.entry(50706) = {50706, tiff_byte, {1, 4, 0, 0}};
  expect_refused(decode_image(write_tiff(negative), "test"), ErrorCode::unsupported_format, "DNG");
}

/// A picture of one to four samples a pixel, each of `bits`, in one strip or a strip for each plane.
TiffParts packed_tiff(const cv::Mat& image, int bits, uint32_t photometric, bool planar = false) {
  TiffParts parts = tiff_parts(image);
  const int channels = image.channels();
  parts.entry(kBits).values.assign(static_cast<size_t>(channels), static_cast<uint32_t>(bits));
  parts.entry(kPhotometric).values = {photometric};
  if (planar) parts.entry(kPlanar).values = {2};
  parts.strips.assign(planar ? static_cast<size_t>(channels) : 1, {});
  for (size_t strip = 0; strip < parts.strips.size(); ++strip) {
    for (int y = 0; y < image.rows; ++y) {
      Bytes& bytes = parts.strips[strip];
      int filled = 0;
      for (int i = 0; i < image.cols * channels; ++i) {
        if (planar && static_cast<size_t>(i % channels) != strip) continue;
        const int level = image.ptr(y)[i];
        if (bits == 16) {
          append(bytes, little(static_cast<uint64_t>(level) * 257, 2));
        } else {
          if (filled % 8 == 0) bytes.push_back(0);
          const int value = (level * ((1 << bits) - 1) + 127) / 255;
          bytes.back() = static_cast<uint8_t>(bytes.back() | value << (8 - bits - filled % 8));
          filled += bits;
        }
      }
    }
  }
  parts.entry(kStripOffsets).values.assign(parts.strips.size(), 0);
  parts.entry(kStripCounts).values.clear();
  for (const Bytes& strip : parts.strips)
    parts.entry(kStripCounts).values.push_back(static_cast<uint32_t>(strip.size()));
  return parts;
}

TEST(Tiff, EveryDepthInOneOrSeveralPlanes) {
  for (const int bits : {1, 2, 4, 8, 16}) {
    const int step = 255 / ((1 << std::min(bits, 8)) - 1);
    cv::Mat stepped = picture(13, 7);  // rows that end within a byte
    for (int i = 0; i < stepped.rows * stepped.cols * 3; ++i)
      stepped.data[i] = static_cast<uint8_t>((stepped.data[i] + step / 2) / step * step);
    cv::Mat grey, grey_rgb, negative;
    cv::extractChannel(stepped, grey, 0);
    cv::cvtColor(grey, grey_rgb, cv::COLOR_GRAY2RGB);
    cv::bitwise_not(grey, negative);
    const std::string what = std::to_string(bits);
    expect_picture(write_tiff(packed_tiff(grey, bits, 1)), grey_rgb, 0, what + " grey");
    expect_picture(write_tiff(packed_tiff(negative, bits, 0)), grey_rgb, 0, what + " white is zero");
    expect_picture(write_tiff(packed_tiff(stepped, bits, 2)), stepped, 0, what + " RGB");
    expect_picture(write_tiff(packed_tiff(stepped, bits, 2, true)), stepped, 0, what + " planes");
  }
}

TEST(Tiff, AlphaIsAppliedOnceByItsKind) {
  const cv::Vec4b straight(200, 100, 0, 128), multiplied(100, 50, 0, 128);
  const cv::Vec3b over_white(227, 177, 127), colour(200, 100, 0);
  struct Kind {
    std::vector<uint32_t> extra;  ///< empty: no tag
    cv::Vec4b stored;
    cv::Vec3b seen;
  };
  const Kind kinds[] = {
      {{2}, straight, over_white}, {{1}, multiplied, over_white}, {{0}, straight, colour}, {{}, straight, over_white}};
  for (const Kind& kind : kinds) {
    for (const int bits : {8, 16}) {
      for (const bool planar : {false, true}) {
        TiffParts parts = packed_tiff(cv::Mat(3, 5, CV_8UC4, cv::Scalar(kind.stored)), bits, 2, planar);
        if (!kind.extra.empty()) parts.entry(kExtraSamples).values = kind.extra;
        expect_picture(write_tiff(parts), cv::Mat(3, 5, CV_8UC3, cv::Scalar(kind.seen)), 1,
                       std::to_string(kind.extra.empty() ? 9 : kind.extra[0]) + " " + std::to_string(bits));
      }
    }
  }
}

TEST(Tiff, GreyWithAlphaIsOverWhite) {
  cv::Mat both(3, 5, CV_8UC2, cv::Scalar(100, 0));
  both.col(0).setTo(cv::Scalar(100, 255));
  cv::Mat expected(3, 5, CV_8UC3, cv::Scalar::all(255));
  expected.col(0).setTo(cv::Scalar::all(100));
  for (const int bits : {8, 16}) {
    TiffParts parts = packed_tiff(both, bits, 1);
    parts.entry(kExtraSamples).values = {2};
    expect_picture(write_tiff(parts), expected, 0, std::to_string(bits));
  }
}

// Near black a step of b* is some levels of blue.
TEST(Tiff, LabHasTheWhiteAndTheGreysOfSrgb) {
  for (const auto& [lab, rgb] : std::initializer_list<std::pair<cv::Vec3b, cv::Vec3b>>{
           {{255, 0, 0}, {255, 255, 255}}, {{137, 0, 0}, {128, 128, 128}}, {{138, 81, 70}, {255, 0, 0}}}) {
    expect_picture(write_tiff(packed_tiff(cv::Mat(3, 5, CV_8UC3, cv::Scalar(lab)), 8, 8)),
                   cv::Mat(3, 5, CV_8UC3, cv::Scalar(rgb)), 6);
    const cv::Vec3b icc(lab[0], lab[1] ^ 128, lab[2] ^ 128);
    expect_picture(write_tiff(packed_tiff(cv::Mat(3, 5, CV_8UC3, cv::Scalar(icc)), 8, 9)),
                   cv::Mat(3, 5, CV_8UC3, cv::Scalar(rgb)), 6);
  }
}

TEST(Tiff, PalettesOfEveryDepth) {
  for (const int bits : {1, 2, 4, 8}) {
    const uint32_t count = 1U << bits;
    TiffParts parts = packed_tiff(cv::Mat(3, 5, CV_8UC1, cv::Scalar(255)), bits, 3);  // the last colour everywhere
    std::vector<uint32_t> map(3 * count, 0);
    map[count - 1] = 255 * 257, map[2 * count - 1] = 100 * 257, map[3 * count - 1] = 7 * 257;
    parts.entry(kColorMap).values = map;
    expect_picture(write_tiff(parts), cv::Mat(3, 5, CV_8UC3, cv::Scalar(255, 100, 7)), 0, std::to_string(bits));
  }
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
