#include <limits>
#include <tuple>

#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/probe.h"
#include "image/profiles.h"

namespace swiftavatar {
namespace {

using namespace testing;

struct BmpParts {
  int32_t width = 0, height = 0;
  int bits = 24, compression = 0;
  Bytes palette, pixels;
  Bytes more;  ///< behind the 40 bytes of the header and part of it
};

Bytes write_bmp(const BmpParts& parts) {
  const size_t header = 40 + parts.more.size(), at = 14 + header + parts.palette.size();
  Bytes bytes = bytes_of("BM");
  for (const auto& [value, width] :
       std::initializer_list<std::pair<uint64_t, int>>{{at + parts.pixels.size(), 4},
                                                       {0, 4},
                                                       {at, 4},
                                                       {header, 4},
                                                       {static_cast<uint32_t>(parts.width), 4},
                                                       {static_cast<uint32_t>(parts.height), 4},
                                                       {1, 2},
                                                       {parts.bits, 2},
                                                       {parts.compression, 4},
                                                       {0, 4},
                                                       {2835, 4},
                                                       {2835, 4},
                                                       {parts.palette.size() / 4, 4},
                                                       {0, 4}}) {
    append(bytes, little(value, width));
  }
  append(bytes, parts.more);
  append(bytes, parts.palette);
  append(bytes, parts.pixels);
  return bytes;
}

/// Two by two: red and green above blue and white.
cv::Mat four_colours() {
  cv::Mat rgb(2, 2, CV_8UC3, cv::Scalar::all(255));
  rgb.at<cv::Vec3b>(0, 0) = {255, 0, 0};
  rgb.at<cv::Vec3b>(0, 1) = {0, 255, 0};
  rgb.at<cv::Vec3b>(1, 0) = {0, 0, 255};
  return rgb;
}

const Bytes kUpperRow = {0, 0, 255, 0, 255, 0, 0, 0}, kLowerRow = {255, 0, 0, 255, 255, 255, 0, 0};

Bytes joined(const Bytes& first, const Bytes& second) {
  Bytes bytes = first;
  append(bytes, second);
  return bytes;
}

TEST(Bmp, DecodesToTheSamePixels) {
  expect_picture(encode(".bmp", picture()), picture(), 0);
  expect_picture(write_bmp({.width = 2, .height = 2, .pixels = joined(kLowerRow, kUpperRow)}), four_colours(), 0);
}

TEST(Bmp, ANegativeHeightHasTheTopRowFirst) {
  const Bytes bmp = write_bmp({.width = 2, .height = -2, .pixels = joined(kUpperRow, kLowerRow)});
  EXPECT_EQ(probe_image(bmp).value().height, 2);
  expect_picture(bmp, four_colours(), 0);
}

TEST(Bmp, TheOldHeaderIsReadToo) {
  Bytes bmp = bytes_of("BM");
  for (const auto& [value, width] : std::initializer_list<std::pair<uint64_t, int>>{
           {26 + 16, 4}, {0, 4}, {26, 4}, {12, 4}, {2, 2}, {2, 2}, {1, 2}, {24, 2}}) {
    append(bmp, little(value, width));
  }
  append(bmp, joined(kLowerRow, kUpperRow));
  expect_picture(bmp, four_colours(), 0);
}

TEST(Bmp, TheFourthByteIsNoAlpha) {
  const Bytes row = {0, 0, 255, 0, 0, 255, 0, 0};
  const Bytes bmp = write_bmp({.width = 2, .height = 1, .bits = 32, .pixels = row});
  expect_picture(bmp, four_colours().rowRange(0, 1), 0);
}

/// Red, green, blue and alpha masks as they lie behind the first 40 bytes.
Bytes masks(std::initializer_list<uint32_t> values, size_t length) {
  Bytes bytes;
  for (const uint32_t value : values) append(bytes, little(value, 4));
  bytes.resize(length);
  return bytes;
}

TEST(Bmp, MasksSayWhereTheColoursAre) {
  struct Kind {
    int bits;
    std::initializer_list<uint32_t> masks;
    Bytes red_green_row;
  };
  const Kind kinds[] = {{32, {0xFF0000, 0xFF00, 0xFF}, {0, 0, 255, 0, 0, 255, 0, 0}},
                        {32, {0xFF, 0xFF00, 0xFF0000}, {255, 0, 0, 0, 0, 255, 0, 0}},
                        {32, {0xFF000000, 0xFF0000, 0xFF00}, {9, 0, 0, 255, 9, 0, 255, 0}},
                        {32, {0x3FF00000, 0xFFC00, 0x3FF}, {0, 0, 0xF0, 0x3F, 0, 0xFC, 0x0F, 0}},
                        {16, {0xF800, 0x07E0, 0x001F}, {0x00, 0xF8, 0xE0, 0x07}},
                        {16, {0x7C00, 0x03E0, 0x001F}, {0x00, 0x7C, 0xE0, 0x03}},
                        {16, {0x0F00, 0x00F0, 0x000F}, {0x00, 0x0F, 0xF0, 0x00}}};
  for (const Kind& kind : kinds) {
    const BmpParts parts{.width = 2, .height = 1, .bits = kind.bits, .compression = 3, .pixels = kind.red_green_row};
    BmpParts behind = parts;  // as a palette, behind the header of 40 bytes
    behind.palette = masks(kind.masks, 12);
    expect_picture(write_bmp(behind), four_colours().rowRange(0, 1), 0, "header 40");
    for (const size_t header : {52, 56, 108, 124}) {
      BmpParts within = parts;
      within.more = masks(kind.masks, header - 40);
      expect_picture(write_bmp(within), four_colours().rowRange(0, 1), 0, "header " + std::to_string(header));
    }
  }
}

TEST(Bmp, AlphaCountsWhereItsMaskSaysSoAndAnyIsThere) {
  BmpParts parts{.width = 2, .height = 1, .bits = 32, .compression = 3};
  parts.more = masks({0xFF0000, 0xFF00, 0xFF, 0xFF000000}, 108 - 40);
  parts.pixels = {0, 0, 255, 255, 0, 255, 0, 0};
  cv::Mat expected = four_colours().rowRange(0, 1).clone();
  expected.at<cv::Vec3b>(0, 1) = {255, 255, 255};
  expect_picture(write_bmp(parts), expected, 0);
  parts.pixels[3] = 0;
  expect_picture(write_bmp(parts), four_colours().rowRange(0, 1), 0, "alpha is zero everywhere");
}

TEST(Bmp, ImpossibleMasksAreRefused) {
  BmpParts parts{.width = 2, .height = 1, .bits = 32, .compression = 3, .pixels = Bytes(8, 0)};
  parts.more = masks({0xFF00FF, 0xFF00, 0xFF}, 12);
  expect_refused(decode_image(write_bmp(parts), "test"), ErrorCode::not_an_image, "a gap");
}

TEST(Bmp, PalettesOfEveryDepth) {
  for (const auto& [bits, row] : std::initializer_list<std::pair<int, Bytes>>{
           {1, {0b01000000, 0, 0, 0}}, {4, {0x01, 0, 0, 0}}, {8, {0, 1, 0, 0}}}) {
    BmpParts parts{.width = 2, .height = 1, .bits = bits, .palette = {0, 0, 255, 0, 0, 255, 0, 0}, .pixels = row};
    expect_picture(write_bmp(parts), four_colours().rowRange(0, 1), 0, std::to_string(bits));
  }
}

TEST(Bmp, APaletteThatTheHeaderForgotIsRead) {
  BmpParts parts{.width = 2, .height = 1, .bits = 8, .palette = {0, 0, 255, 0, 0, 255, 0, 0}, .pixels = {0, 1, 0, 0}};
  Bytes bmp = write_bmp(parts);
  patch(bmp, 10, little(14 + 40, 4));
  expect_picture(bmp, four_colours().rowRange(0, 1), 0);
}

TEST(Bmp, RunsOfFourBitsWithEveryEscape) {
  BmpParts parts{.width = 4, .height = 3, .bits = 4, .compression = 2};
  parts.palette = {0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0};
  parts.pixels = {4, 0x12, 0,    0,                     // green and blue in turns, end of line
                  0, 3,    0x12, 0x10, 0, 0,            // three one by one, end of line
                  0, 2,    2,    0,    2, 0x11, 0, 1};  // two stepped over, two green, end
  cv::Mat expected(3, 4, CV_8UC3, cv::Scalar(255, 0, 0));
  const cv::Vec3b green(0, 255, 0), blue(0, 0, 255);
  for (const auto& [x, y, colour] : std::initializer_list<std::tuple<int, int, cv::Vec3b>>{{0, 2, green},
                                                                                           {1, 2, blue},
                                                                                           {2, 2, green},
                                                                                           {3, 2, blue},
                                                                                           {0, 1, green},
                                                                                           {1, 1, blue},
                                                                                           {2, 1, green},
                                                                                           {2, 0, green},
                                                                                           {3, 0, green}}) {
    expected.at<cv::Vec3b>(y, x) = colour;
  }
  expect_picture(write_bmp(parts), expected, 0);
  parts.pixels[0] = 5;
  expect_picture(write_bmp(parts), expected, 0, "what is beyond the row is dropped");
  parts.pixels = {4, 0x12, 0, 0, 4, 0x12, 0, 0, 4, 0x12, 0, 0, 4, 0x12, 0, 1};
  expect_refused(decode_image(write_bmp(parts), "test"), ErrorCode::not_an_image, "a run above the picture");
}

TEST(Bmp, EmbeddedProfilesAreApplied) {
  BmpParts parts{.width = 2, .height = 1, .bits = 24, .pixels = {0, 0, 255, 0, 255, 0, 0, 0}};
  const Bytes profile = swapped_profile();
  parts.more.resize(124 - 40);
  patch(parts.more, 56 - 40, bytes_of("DEBM"));
  patch(parts.more, 112 - 40, little(124 + parts.pixels.size(), 4));
  patch(parts.more, 116 - 40, little(profile.size(), 4));
  append(parts.pixels, profile);
  expect_picture(write_bmp(parts), swap_red_and_blue(four_colours().rowRange(0, 1)), 2);
}

TEST(Bmp, CutAnywhereIsTruncated) {
  const Bytes bmp = encode(".bmp", picture(12, 9));
  expect_every_cut_refused(bmp);
  for (size_t length = 2; length < bmp.size(); ++length) {
    expect_refused(probe_image(cut(bmp, length)), ErrorCode::truncated, std::to_string(length));
  }
}

TEST(Bmp, CutRunLengthsAreRefused) {
  BmpParts parts{.width = 4, .height = 2, .bits = 8, .compression = 1};
  parts.palette = {0, 0, 255, 0, 0, 255, 0, 0};
  parts.palette.resize(256 * 4);
  parts.pixels = {4, 1, 0, 0, 4, 0, 0, 1};  // four green, end of line, four red, end
  cv::Mat expected(2, 4, CV_8UC3, cv::Scalar(255, 0, 0));
  expected.row(1).setTo(cv::Scalar(0, 255, 0));
  const Bytes bmp = write_bmp(parts);
  expect_picture(bmp, expected, 0);
  // Without its last two bytes every pixel is there.
  for (size_t length = 0; length < bmp.size() - 2; ++length) {
    EXPECT_FALSE(decode_image(cut(bmp, length), "test").ok()) << length;
  }
}

TEST(Bmp, ImpossibleHeadersAreRefused) {
  const Bytes pixels(64, 0);
  for (const auto& [width, height] : std::initializer_list<std::pair<int32_t, int32_t>>{
           {0, 2}, {2, 0}, {-2, 2}, {2, std::numeric_limits<int32_t>::min()}}) {
    expect_refused(probe_image(write_bmp({.width = width, .height = height, .pixels = pixels})),
                   ErrorCode::not_an_image, std::to_string(width) + "x" + std::to_string(height));
  }
  expect_refused(probe_image(write_bmp({.width = 2, .height = 2, .bits = 23, .pixels = pixels})),
                 ErrorCode::not_an_image);
  expect_refused(probe_image(write_bmp({.width = 2, .height = 2, .compression = 4, .pixels = pixels})),
                 ErrorCode::unsupported_format, "a JPEG in a BMP");
  Bytes strange = write_bmp({.width = 2, .height = 2, .pixels = pixels});
  patch(strange, 14, little(13, 4));
  expect_refused(probe_image(strange), ErrorCode::not_an_image, "a header of 13 bytes");
}

TEST(Bmp, SizesBeyondTheFileAreRefused) {
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
  const Bytes huge = write_bmp({.width = kMost, .height = kMost, .bits = 32, .pixels = Bytes(64, 0)});
  expect_refused(probe_image(huge), ErrorCode::too_large);
  expect_refused(probe_image(huge, {.max_side = kMost, .max_pixels = int64_t{1} << 62, .max_ratio = 1e300}),
                 ErrorCode::truncated);
  Bytes far = write_bmp({.width = 2, .height = 2, .pixels = Bytes(64, 0)});
  patch(far, 10, little(0xFFFFFFFF, 4));
  expect_refused(probe_image(far), ErrorCode::truncated, "pixels behind the end");
}

TEST(Bmp, FlippedHeaderBytesNeverCrash) {
  const Bytes bmp = encode(".bmp", picture(12, 9));
  for (size_t at = 0; at < 54; ++at) {
    for (const int flip : {0x01, 0x80, 0xFF}) {
      Bytes damaged = bmp;
      damaged[at] ^= static_cast<uint8_t>(flip);
      const auto image = decode_image(damaged, "test", {.max_side = 4096, .max_pixels = 1'000'000});
      if (image.ok()) {
        EXPECT_EQ(image.value().rgb.type(), CV_8UC3) << at;
      }
    }
  }
}

}  // namespace
}  // namespace swiftavatar
