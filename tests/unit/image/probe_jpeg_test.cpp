#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/probe.h"
#include "image/profiles.h"

namespace swiftavatar {
namespace {

using namespace testing;

/// Bits, most significant first, with the zero byte that JPEG wants after 0xFF.
class Bits {
 public:
  void put(unsigned value, int count) {
    for (int i = count - 1; i >= 0; --i) {
      byte_ = byte_ << 1 | (value >> i & 1);
      if (++filled_ == 8) flush();
    }
  }
  Bytes finish() {
    while (filled_ != 0) put(1, 1);
    return bytes_;
  }

 private:
  void flush() {
    bytes_.push_back(static_cast<uint8_t>(byte_));
    if (byte_ == 0xFF) bytes_.push_back(0);
    byte_ = 0;
    filled_ = 0;
  }

  Bytes bytes_;
  unsigned byte_ = 0;
  int filled_ = 0;
};

Bytes segment(uint8_t marker, const Bytes& content) {
  Bytes bytes = {0xFF, marker};
  append(bytes, big(2 + content.size(), 2));
  append(bytes, content);
  return bytes;
}

/// 8x8 pixels of one colour with a component for each level: a kind of JPEG that OpenCV does not write.
Bytes flat_jpeg(const std::vector<int>& levels, uint8_t precision = 8, const std::vector<Bytes>& segments = {}) {
  const auto count = static_cast<uint8_t>(levels.size());
  Bytes bytes = {0xFF, 0xD8};
  for (const Bytes& each : segments) append(bytes, each);
  Bytes steps(65, 8);  // with 8, a DC step is a level
  steps[0] = 0;
  append(bytes, segment(0xDB, steps));
  Bytes frame = {precision, 0, 8, 0, 8, count}, scan = {count};
  for (uint8_t i = 1; i <= count; ++i) {
    append(frame, {i, 0x11, 0});
    append(scan, {i, 0x00});
  }
  append(scan, {0, 63, 0});
  append(bytes, segment(0xC0, frame));
  append(bytes, segment(0xC4, {0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}));
  append(bytes, segment(0xC4, {0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  append(bytes, segment(0xDA, scan));
  Bits bits;
  for (const int level : levels) {
    const int value = level - 128;
    int size = 0;
    while (std::abs(value) >> size != 0) ++size;
    bits.put(static_cast<unsigned>(size), 4);
    bits.put(static_cast<unsigned>(value < 0 ? value + (1 << size) - 1 : value), size);
    bits.put(0, 1);  // the end of the block
  }
  append(bytes, bits.finish());
  append(bytes, {0xFF, 0xD9});
  return bytes;
}

const Bytes kAdobe = segment(0xEE, {'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0});  // colours as they are

TEST(Jpeg, DecodesToTheSamePicture) {
  expect_picture(encode(".jpg", picture(), {cv::IMWRITE_JPEG_QUALITY, 100}), picture(), 12);
  expect_picture(encode(".jpg", picture(), {cv::IMWRITE_JPEG_PROGRESSIVE, 1}), picture(), 16);
}

TEST(Jpeg, GreyBecomesRgb) {
  const cv::Mat grey(16, 16, CV_8UC1, cv::Scalar(77));
  expect_picture(encode(".jpg", grey), cv::Mat(16, 16, CV_8UC3, cv::Scalar::all(77)), 1);
}

/// A cut that leaves all of the picture is the only one that is read.
void expect_only_the_end_may_miss(const Bytes& jpeg, size_t end) {
  const cv::Mat whole = decode_image(jpeg, "whole").value().rgb;
  for (size_t length = 3; length < jpeg.size(); ++length) {
    const auto image = decode_image(cut(jpeg, length), "cut");
    ASSERT_EQ(image.ok(), length >= jpeg.size() - end) << length << " of " << jpeg.size();
    if (!image.ok()) {
      expect_refused(image, ErrorCode::truncated, std::to_string(length));
    } else {
      EXPECT_EQ(cv::norm(image.value().rgb, whole, cv::NORM_INF), 0);
      ASSERT_EQ(image.value().warnings.size(), 1U);
      EXPECT_NE(image.value().warnings[0].find("end of the JPEG"), std::string::npos);
    }
  }
}

TEST(Jpeg, OnlyTheEndMarkerMayMiss) {
  for (const int progressive : {0, 1}) {
    for (const int restarts : {0, 2}) {
      Bytes jpeg = encode(".jpg", picture(),
                          {cv::IMWRITE_JPEG_PROGRESSIVE, progressive, cv::IMWRITE_JPEG_RST_INTERVAL, restarts});
      jpeg = jpeg_with(jpeg, 0xE1, kExifPrefix, exif_block(6));
      expect_only_the_end_may_miss(jpeg, 2);
    }
  }
  expect_only_the_end_may_miss(encode(".jpg", cv::Mat(16, 16, CV_8UC1, cv::Scalar(77))), 2);
}

TEST(Jpeg, DataThatMissBeforeTheEndGiveAWarning) {
  const Bytes jpeg = encode(".jpg", picture());
  Bytes shortened = cut(jpeg, jpeg.size() - 100);
  append(shortened, {0xFF, 0xD9});
  const auto image = decode_image(shortened, "test");
  ASSERT_TRUE(image.ok()) << image.error().message;
  ASSERT_EQ(image.value().warnings.size(), 1U);
  EXPECT_NE(image.value().warnings[0].find("damaged"), std::string::npos);
}

TEST(Jpeg, StrayBytesBetweenSegmentsAreSkipped) {
  const Bytes jpeg = encode(".jpg", picture());
  const auto second = static_cast<long>(4 + jpeg[4] * 256 + jpeg[5]);
  for (const Bytes& stray : {Bytes{0}, bytes_of("stray bytes"), Bytes{0xFF, 0x00, 1, 2}, Bytes(3000, 7)}) {
    Bytes bytes = jpeg;
    bytes.insert(bytes.begin() + second, stray.begin(), stray.end());
    expect_picture(bytes, decode_image(jpeg, "test").value().rgb, 0);
  }
}

TEST(Jpeg, EveryOrientationIsSeenUpright) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes plain = encode(".jpg", stored_for(picture(), orientation), {cv::IMWRITE_JPEG_QUALITY, 100});
    const Bytes jpeg = jpeg_with(plain, 0xE1, kExifPrefix, exif_block(orientation, orientation % 2 == 0));
    expect_picture(jpeg, picture(), 12, std::to_string(orientation));
    const ImageInfo info = probe_image(jpeg).value();
    EXPECT_EQ(info.orientation, orientation);
    EXPECT_EQ(info.width, orientation < 5 ? 48 : 32) << "as stored";
  }
}

TEST(Jpeg, OnlyTheFirstExifBlockCounts) {
  const Bytes second = jpeg_with(encode(".jpg", picture()), 0xE1, kExifPrefix, exif_block(6));
  EXPECT_EQ(probe_image(jpeg_with(second, 0xE1, kExifPrefix, exif_block(3))).value().orientation, 3);
}

TEST(Jpeg, ASecondExifBlockCountsWhereTheFirstIsEmpty) {
  const Bytes second = jpeg_with(encode(".jpg", picture()), 0xE1, kExifPrefix, exif_block(6));
  const auto image = decode_image(jpeg_with(second, 0xE1, kExifPrefix, {}), "test");
  EXPECT_EQ(image.value().info.orientation, 6);
  EXPECT_TRUE(image.value().warnings.empty());
}

TEST(Jpeg, XmpTellsTheOrientationToo) {
  const std::string prefix("http://ns.adobe.com/xap/1.0/\0", 29);
  const Bytes jpeg = jpeg_with(encode(".jpg", picture()), 0xE1, prefix, bytes_of("<x tiff:Orientation=\"6\"/>"));
  EXPECT_EQ(probe_image(jpeg).value().orientation, 6);
}

TEST(Jpeg, OtherApplicationSegmentsAreNoExif) {
  const Bytes jpeg = jpeg_with(encode(".jpg", picture()), 0xE1, "http://ns.adobe.com/xap/1.0/", exif_block(6));
  const auto image = decode_image(jpeg, "test");
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image.value().info.orientation, 1);
  EXPECT_TRUE(image.value().warnings.empty());
}

TEST(Jpeg, DamagedExifIsUprightWithAWarning) {
  const Bytes jpeg = jpeg_with(encode(".jpg", picture()), 0xE1, kExifPrefix, bytes_of("nonsense"));
  const auto image = decode_image(jpeg, "test");
  ASSERT_TRUE(image.ok());
  EXPECT_EQ(image.value().rgb.size(), picture().size());
  EXPECT_EQ(image.value().warnings.size(), 1U);
}

TEST(Jpeg, FillBytesAndTrailingBytesAreNoDamage) {
  Bytes jpeg = encode(".jpg", picture());
  jpeg.insert(jpeg.begin() + 2, {0xFF, 0xFF, 0xFF});
  append(jpeg, bytes_of("what a camera leaves behind"));
  expect_picture(jpeg, picture(), 16);
}

TEST(Jpeg, ProfilesAreAppliedInOneOrSeveralParts) {
  const Bytes profile = swapped_profile(), plain = encode(".jpg", picture(), {cv::IMWRITE_JPEG_QUALITY, 100});
  const std::string prefix("ICC_PROFILE\0", 12);
  const Bytes whole = jpeg_with(plain, 0xE2, prefix + std::string("\1\1", 2), profile);
  expect_picture(whole, swap_red_and_blue(picture()), 16);

  const Bytes head = cut(profile, 200), tail(profile.begin() + 200, profile.end());
  const Bytes parts = jpeg_with(jpeg_with(plain, 0xE2, prefix + "\2\2", tail), 0xE2, prefix + "\1\2", head);
  expect_picture(parts, swap_red_and_blue(picture()), 16);
  EXPECT_TRUE(decode_image(parts, "test").value().warnings.empty());
}

TEST(Jpeg, ProfilePartsOutOfOrderAreNotUsed) {
  const Bytes profile = swapped_profile();
  const std::string prefix("ICC_PROFILE\0", 12);
  const Bytes jpeg = jpeg_with(encode(".jpg", picture()), 0xE2, prefix + "\2\2", profile);
  expect_picture(jpeg, picture(), 16);
  EXPECT_EQ(decode_image(jpeg, "test").value().warnings.size(), 1U);
}

TEST(Jpeg, GreyProfilesApplyToGreyPhotos) {
  const Bytes plain = encode(".jpg", cv::Mat(16, 16, CV_8UC1, cv::Scalar(128)));
  const Bytes jpeg = jpeg_with(plain, 0xE2, std::string("ICC_PROFILE\0\1\1", 14), linear_grey_profile());
  expect_picture(jpeg, cv::Mat(16, 16, CV_8UC3, cv::Scalar::all(188)), 1);
  EXPECT_TRUE(decode_image(jpeg, "test").value().warnings.empty());
}

TEST(Jpeg, PrintingColoursBecomeRgbWithAWarning) {
  // Adobe stores printing colours inverted: 255 is no ink.
  const std::pair<std::vector<int>, cv::Scalar> inks[] = {{{255, 255, 255, 255}, {255, 255, 255}},
                                                          {{0, 255, 255, 255}, {0, 255, 255}},
                                                          {{255, 0, 255, 255}, {255, 0, 255}},
                                                          {{255, 255, 0, 255}, {255, 255, 0}},
                                                          {{255, 255, 255, 0}, {0, 0, 0}}};
  for (const auto& [levels, rgb] : inks) {
    const Bytes jpeg = flat_jpeg(levels, 8, {kAdobe});
    expect_picture(jpeg, cv::Mat(8, 8, CV_8UC3, rgb), 2);
    const auto warnings = decode_image(jpeg, "test").value().warnings;
    ASSERT_EQ(warnings.size(), 1U);
    EXPECT_NE(warnings[0].find("CMYK"), std::string::npos);
  }
}

TEST(Jpeg, RareKindsAreRefusedByName) {
  expect_picture(flat_jpeg({200}), cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(200)), 1);
  const auto two = decode_image(flat_jpeg({200, 100}), "test");
  expect_refused(two, ErrorCode::unsupported_format, "two components");
  const auto deep = decode_image(flat_jpeg({200}, 12), "test");
  expect_refused(deep, ErrorCode::unsupported_format, "12 bits");
  EXPECT_NE(deep.error().message.find("12 bits"), std::string::npos);
}

TEST(Jpeg, BrokenStructureIsRefused) {
  const Bytes start = {0xFF, 0xD8}, end = {0xFF, 0xD9};
  const auto file = [&](const Bytes& content) {
    Bytes bytes = start;
    append(bytes, content);
    append(bytes, end);
    return bytes;
  };
  const Bytes frame = segment(0xC0, {8, 0, 8, 0, 8, 1, 1, 0x11, 0});
  expect_refused(probe_image(file({})), ErrorCode::not_an_image, "nothing at all");
  expect_refused(probe_image(file(segment(0xDA, {1, 1, 0, 0, 63, 0}))), ErrorCode::not_an_image, "no header");
  expect_refused(probe_image(file(frame)), ErrorCode::truncated, "no picture data");
  expect_refused(probe_image(file({0xFF, 0xE0, 0, 1})), ErrorCode::not_an_image, "a length of 1");
  expect_refused(probe_image(file({0xFF, 0xE0, 0, 3, 0, 42, 42})), ErrorCode::not_an_image, "no marker");
  expect_refused(probe_image(file(segment(0xC0, {8, 0, 8, 0, 0, 1, 1, 0x11, 0}))), ErrorCode::not_an_image, "no width");
}

TEST(Jpeg, FlippedBytesNeverCrash) {
  const Bytes jpeg = jpeg_with(encode(".jpg", picture(16, 16)), 0xE1, kExifPrefix, exif_block(6));
  int refused = 0;
  for (size_t at = 0; at < jpeg.size(); ++at) {
    Bytes damaged = jpeg;
    damaged[at] ^= 0xFF;
    const auto image = decode_image(damaged, "test", {.max_side = 4096, .max_pixels = 1'000'000});
    if (image.ok()) {
      EXPECT_EQ(image.value().rgb.type(), CV_8UC3);
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace swiftavatar
