#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/probe.h"
#include "image/profiles.h"

namespace swiftavatar {
namespace {

using namespace testing;

constexpr int kLossless = 101;  // OpenCV's quality beyond 100

Bytes webp(const cv::Mat& image, int quality = kLossless) {
  return encode(".webp", image, {cv::IMWRITE_WEBP_QUALITY, quality});
}

Bytes webp_with_exif(const cv::Mat& image, const Bytes& exif) {
  return webp_file(
      {webp_canvas(kWebpExif, image.cols, image.rows), webp_content(webp(image)), webp_chunk("EXIF", exif)});
}

TEST(Webp, DecodesToTheSamePicture) {
  expect_picture(webp(picture()), picture(), 0);
  expect_picture(webp(picture(), 100), picture(), 16);
}

TEST(Webp, CutAnywhereIsTruncated) {
  for (const Bytes& whole :
       {webp(picture(12, 9)), webp(picture(12, 9), 80), webp_with_exif(picture(12, 9), exif_block(6))}) {
    expect_every_cut_refused(whole);
    for (size_t length = 12; length < whole.size(); ++length) {
      expect_refused(probe_image(cut(whole, length)), ErrorCode::truncated, std::to_string(length));
    }
  }
}

TEST(Webp, ContentThatEndsBeforeTheLengthInItIsRefused) {
  Bytes whole = webp(picture(), 80);
  Bytes data = cut(webp_content(whole), webp_content(whole).size() / 2);
  patch(data, 4, little(data.size() - 8, 4));
  data.resize(data.size() + data.size() % 2);
  EXPECT_FALSE(decode_image(webp_file({data}), "test").ok());
}

TEST(Webp, EveryOrientationIsSeenUpright) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const cv::Mat stored = stored_for(picture(), orientation);
    Bytes prefixed = bytes_of(kExifPrefix);
    append(prefixed, exif_block(orientation));
    for (const Bytes& exif : {exif_block(orientation, false), prefixed}) {
      expect_picture(webp_with_exif(stored, exif), picture(), 0, std::to_string(orientation));
    }
  }
}

TEST(Webp, TransparencyIsOverWhite) {
  cv::Mat rgba(8, 8, CV_8UC4, cv::Scalar(200, 0, 0, 0));
  rgba.colRange(0, 4).setTo(cv::Scalar(10, 20, 30, 255));
  cv::Mat expected(8, 8, CV_8UC3, cv::Scalar::all(255));
  expected.colRange(0, 4).setTo(cv::Scalar(10, 20, 30));
  expect_picture(webp(rgba), expected, 0);
}

TEST(Webp, ProfilesAreApplied) {
  const Bytes file = webp_file(
      {webp_canvas(kWebpProfile, 48, 32), webp_chunk("ICCP", swapped_profile()), webp_content(webp(picture()))});
  expect_picture(file, swap_red_and_blue(picture()), 2);
}

TEST(Webp, AnimationsAreRefusedByName) {
  const Bytes file = webp_file(
      {webp_canvas(kWebpAnimated, 48, 32), webp_chunk("ANIM", Bytes(6, 0)), webp_chunk("ANMF", Bytes(40, 0))});
  const auto image = decode_image(file, "test");
  expect_refused(image, ErrorCode::unsupported_format);
  EXPECT_NE(image.error().message.find("animated"), std::string::npos);
}

TEST(Webp, ACanvasOfAnotherSizeThanThePictureIsRefused) {
  for (const cv::Size size : {cv::Size(8, 8), cv::Size(4000, 1000)}) {
    const Bytes file = webp_file({webp_canvas(0, size.width, size.height), webp_content(webp(picture()))});
    EXPECT_FALSE(decode_image(file, "test").ok()) << size;
  }
}

TEST(Webp, TrailingBytesAreNoDamage) {
  Bytes file = webp(picture());
  append(file, bytes_of("behind the end"));
  expect_picture(file, picture(), 0);
}

TEST(Webp, BrokenStructureIsRefused) {
  expect_refused(probe_image(webp_file({})), ErrorCode::not_an_image, "no chunk");
  expect_refused(probe_image(webp_file({webp_canvas(0, 8, 8)})), ErrorCode::not_an_image, "no picture");
  expect_refused(probe_image(webp_file({webp_chunk("VP8 ", Bytes(20, 0))})), ErrorCode::not_an_image, "no start code");
  expect_refused(probe_image(webp_file({webp_chunk("VP8L", Bytes(20, 0))})), ErrorCode::not_an_image, "no signature");
  Bytes endless = webp(picture());
  patch(endless, 16, little(0xFFFFFFFF, 4));
  expect_refused(probe_image(endless), ErrorCode::truncated, "a chunk beyond the end");
}

TEST(Webp, FlippedBytesNeverCrash) {
  const Bytes file = webp_with_exif(picture(12, 9), exif_block(6));
  for (size_t at = 0; at < file.size(); ++at) {
    Bytes damaged = file;
    damaged[at] ^= 0xFF;
    const auto image = decode_image(damaged, "test", {.max_side = 4096, .max_pixels = 1'000'000});
    if (image.ok()) {
      EXPECT_EQ(image.value().rgb.total(), 12U * 9U) << at;
    }
  }
}

}  // namespace
}  // namespace swiftavatar
