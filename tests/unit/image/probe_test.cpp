#include "image/probe.h"

#include <gtest/gtest.h>

#include "image/pictures.h"

namespace swiftavatar {
namespace {

using namespace testing;

TEST(Probe, TellsFormatAndStoredSize) {
  const std::pair<std::string, ImageFormat> formats[] = {{".jpg", ImageFormat::jpeg},
                                                         {".png", ImageFormat::png},
                                                         {".webp", ImageFormat::webp},
                                                         {".bmp", ImageFormat::bmp},
                                                         {".tiff", ImageFormat::tiff}};
  for (const auto& [suffix, format] : formats) {
    const auto info = probe_image(encode(suffix, picture(48, 32)));
    ASSERT_TRUE(info.ok()) << suffix << ": " << info.error().message;
    EXPECT_EQ(info.value().format, format) << suffix;
    EXPECT_EQ(info.value().width, 48) << suffix;
    EXPECT_EQ(info.value().height, 32) << suffix;
    EXPECT_EQ(info.value().orientation, 1) << suffix;
  }
}

TEST(Probe, WhatIsNoPictureIsSaidSo) {
  expect_refused(probe_image({}), ErrorCode::not_an_image, "an empty file");
  for (const std::string text :
       {"Dear diary, this is a text and not a picture.\n", "x", "BMW builds cars, and this is a text.\n",
        "{\"json\": true}", "\xFF\xD8", "II", "The people WEBP of a text\n", "A shorteWEBP"}) {
    expect_refused(probe_image(bytes_of(text)), ErrorCode::not_an_image, text);
  }
  expect_refused(probe_image(Bytes(1000, 0)), ErrorCode::not_an_image, "zeros");
}

TEST(Probe, CutWithinTheMagicBytesIsTruncated) {
  expect_refused(probe_image(bytes_of("\x89PN")), ErrorCode::truncated);
  expect_refused(probe_image(bytes_of("\x89PNG\r\n\x1A\n")), ErrorCode::truncated);
  expect_refused(probe_image(bytes_of("\xFF\xD8\xFF")), ErrorCode::truncated);
  expect_refused(probe_image(bytes_of({"II*\0", 4})), ErrorCode::truncated);
}

TEST(Probe, ForeignFormatsAreNamed) {
  const std::pair<std::string, std::string> foreign[] = {
      {"GIF87a", "GIF"},
      {"GIF89a", "GIF"},
      {"8BPS", "Photoshop"},
      {"\xFF\x0A", "JPEG XL"},
      {std::string("\0\0\0\x0CJXL \r\n\x87\n", 12), "JPEG XL"},
      {std::string("\0\0\0\x0CjP  \r\n\x87\n", 12), "JPEG 2000"},
      {"%PDF-1.7", "PDF"},
      {"<svg xmlns=", "SVG"},
      {"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<!-- a drawing -->\n<svg xmlns=", "SVG"},
      {"<!DOCTYPE svg>\n<svg>", "SVG"},
      {"P6\n4 4\n255\n", "PNM"},
      {"P3 4 4 255 ", "PNM"},
      {std::string("\0\0\2\0\0\0\0\0\0\0\0\0\4\0\4\0\x18\0", 18), "TGA"},
      {std::string("\x0A\5\1\x08\0\0\0\0\3\0\3\0", 12), "PCX"},
      {"FUJIFILMCCD-RAW 0201", "raw photo"},
      {std::string("IIU\0\x18\0\0\0", 8), "raw photo"},
      {"IIRO", "raw photo"},
      {std::string("\0\0\0\x18"
                   "ftypcrx ",
                   12),
       "raw photo"},
      {"gimp xcf file", "GIMP"},
      {"DDS |", "DDS"},
      {"\x1A\x45\xDF\xA3", "video"},
      {"v/1\x01", "OpenEXR"},
      {"#?RADIANCE\n", "Radiance"},
      {"qoif", "QOI"},
      {std::string("\0\0\1\0", 4), "icon"},
      {std::string("\0\0\0\x20"
                   "ftypisom",
                   12),
       "video"},
  };
  for (const auto& [start, name] : foreign) {
    Bytes bytes = bytes_of(start);
    bytes.resize(200);
    const auto info = probe_image(bytes);
    expect_refused(info, ErrorCode::unsupported_format, name);
    EXPECT_NE(info.error().message.find(name), std::string::npos) << info.error().message;
  }
}

TEST(Probe, EachLimitIsTheLargestTaken) {
  const Bytes png = encode(".png", picture(48, 32));
  EXPECT_TRUE(probe_image(png, {.max_bytes = png.size(), .max_side = 48, .max_pixels = 48 * 32}).ok());
  expect_refused(probe_image(png, {.max_bytes = png.size() - 1}), ErrorCode::too_large, "bytes");
  expect_refused(probe_image(png, {.max_side = 47}), ErrorCode::too_large, "width");
  expect_refused(probe_image(encode(".png", picture(32, 48)), {.max_side = 47}), ErrorCode::too_large, "height");
  expect_refused(probe_image(png, {.max_pixels = 48 * 32 - 1}), ErrorCode::too_large, "pixels");
}

TEST(Probe, LimitsHoldForEveryFormat) {
  for (const std::string suffix : {".jpg", ".png", ".webp", ".bmp", ".tiff"}) {
    const Bytes bytes = encode(suffix, picture());
    expect_refused(decode_image(bytes, "test", {.max_side = 40}), ErrorCode::too_large, suffix);
    expect_refused(decode_image(bytes, "test", {.max_pixels = 1000}), ErrorCode::too_large, suffix);
    expect_refused(decode_image(bytes, "test", {.max_bytes = 50}), ErrorCode::too_large, suffix);
  }
}

TEST(Probe, FarMorePixelsThanTheFileCanHoldAreRefused) {
  const Bytes flat =
      encode(".png", cv::Mat(2001, 2000, CV_8UC3, cv::Scalar::all(200)), {cv::IMWRITE_PNG_COMPRESSION, 9});
  const double ratio = 3.0 * 2001 * 2000 / static_cast<double>(flat.size());
  EXPECT_TRUE(probe_image(flat, {.max_ratio = ratio * 1.01}).ok());
  expect_refused(probe_image(flat, {.max_ratio = ratio * 0.99}), ErrorCode::too_large);
  EXPECT_TRUE(probe_image(encode(".png", picture()), {.max_ratio = 0.001}).ok())
      << "small pictures may compress at will";
}

TEST(Probe, TooLargeIsSaidOfDamagedFilesToo) {
  const Bytes png = encode(".png", picture());
  expect_refused(probe_image(cut(png, 40), {.max_side = 40}), ErrorCode::too_large);
}

TEST(Probe, MessagesFollowTheName) {
  const auto image = decode_image(bytes_of("a text"), "me.jpg");
  expect_refused(image, ErrorCode::not_an_image);
  EXPECT_EQ(image.error().message.find("me.jpg: is not a picture"), 0U) << image.error().message;
}

}  // namespace
}  // namespace swiftavatar
