#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/probe.h"
#include "image/profiles.h"

namespace swiftavatar {
namespace {

using namespace testing;

TEST(Png, DecodesToTheSamePixels) {
  expect_picture(encode(".png", picture()), picture(), 0);
  expect_picture(write_png(png_parts(picture())), picture(), 0);
  PngParts parts = png_parts(picture());
  parts.pieces = 5;
  expect_picture(write_png(parts), picture(), 0);
}

TEST(Png, CutAnywhereIsTruncated) {
  PngParts parts = png_parts(picture(12, 9));
  parts.before_data = {png_chunk("eXIf", exif_block(6))};
  parts.pieces = 3;
  const Bytes png = write_png(parts);
  expect_every_cut_refused(png);
  for (size_t length = 3; length < png.size(); ++length) {
    expect_refused(probe_image(cut(png, length)), ErrorCode::truncated, std::to_string(length));
  }
}

TEST(Png, AnyFlippedBitIsRefused) {
  PngParts parts = png_parts(picture(12, 9));
  parts.pieces = 3;
  const Bytes png = write_png(parts);
  ASSERT_TRUE(decode_image(png, "test").ok());
  for (size_t at = 0; at < png.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes damaged = png;
      damaged[at] ^= static_cast<uint8_t>(1 << bit);
      EXPECT_FALSE(decode_image(damaged, "test").ok()) << "bit " << bit << " of byte " << at;
    }
  }
}

TEST(Png, AWrongChecksumIsCalledDamage) {
  Bytes png = encode(".png", picture());
  png[png.size() / 2] ^= 0x10;  // within the picture data
  const auto image = decode_image(png, "test");
  expect_refused(image, ErrorCode::not_an_image);
  EXPECT_NE(image.error().message.find("checksum"), std::string::npos) << image.error().message;
}

TEST(Png, DataThatEndsEarlyInItsChunkIsRefused) {
  PngParts parts = png_parts(picture());
  parts.rows.resize(parts.rows.size() / 2);
  expect_refused(decode_image(write_png(parts), "test"), ErrorCode::not_an_image, "half the rows");
}

TEST(Png, ABombIsRefusedUnseen) {
  PngParts parts{.width = 46340, .height = 46340, .rows = Bytes(20'000, 0)};
  const Bytes bomb = write_png(parts);
  ASSERT_LT(bomb.size(), 300U);
  expect_refused(decode_image(bomb, "test"), ErrorCode::too_large, "by its sides");
  expect_refused(decode_image(bomb, "test", {.max_side = 50'000}), ErrorCode::too_large, "by its pixels");
  const auto ratio = decode_image(bomb, "test", {.max_side = 50'000, .max_pixels = int64_t{1} << 40});
  expect_refused(ratio, ErrorCode::too_large, "by its pixels for each byte");
  EXPECT_NE(ratio.error().message.find("46340x46340"), std::string::npos) << ratio.error().message;
  parts.width = parts.height = 2500;
  expect_refused(decode_image(write_png(parts), "test"), ErrorCode::too_large, "a bomb within the other limits");
}

TEST(Png, EveryOrientationIsSeenUpright) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    PngParts parts = png_parts(stored_for(picture(), orientation));
    parts.before_data = {png_chunk("eXIf", exif_block(orientation, orientation % 2 == 0))};
    expect_picture(write_png(parts), picture(), 0, std::to_string(orientation));
  }
}

TEST(Png, ExifAfterThePictureCountsToo) {
  Bytes png = encode(".png", stored_for(picture(), 6));
  const Bytes end = png_chunk("IEND", {}), exif = png_chunk("eXIf", exif_block(6));
  png.insert(png.end() - static_cast<long>(end.size()), exif.begin(), exif.end());
  expect_picture(png, picture(), 0);
}

TEST(Png, BytesBehindTheEndAreNoDamage) {
  for (const std::string& more : {std::string("x"), std::string("more than a chunk's frame"), std::string(3, '\xFF')}) {
    Bytes png = encode(".png", picture());
    append(png, bytes_of(more));
    expect_picture(png, picture(), 0);
  }
}

TEST(Png, DamagedSideChunksDoNotCostThePicture) {
  PngParts parts = png_parts(picture());
  Bytes exif = png_chunk("eXIf", exif_block(6));
  exif.back() ^= 1;
  parts.before_data = {exif};
  expect_picture(write_png(parts), picture(), 0);
}

TEST(Png, TransparencyIsOverWhite) {
  cv::Mat rgba(1, 3, CV_8UC4);
  rgba.at<cv::Vec4b>(0, 0) = {255, 0, 0, 0};
  rgba.at<cv::Vec4b>(0, 1) = {255, 0, 10, 128};
  rgba.at<cv::Vec4b>(0, 2) = {1, 2, 3, 255};
  cv::Mat expected(1, 3, CV_8UC3);
  expected.at<cv::Vec3b>(0, 0) = {255, 255, 255};
  expected.at<cv::Vec3b>(0, 1) = {255, 127, 132};
  expected.at<cv::Vec3b>(0, 2) = {1, 2, 3};
  expect_picture(encode(".png", rgba), expected, 0);
}

TEST(Png, PalettesWithTransparencyAreOverWhite) {
  PngParts parts{.width = 3, .height = 1, .colour_type = 3, .rows = {0, 0, 1, 2}};
  parts.before_data = {png_chunk("PLTE", {255, 0, 0, 0, 255, 0, 0, 0, 255}), png_chunk("tRNS", {0, 255})};
  cv::Mat expected(1, 3, CV_8UC3);
  expected.at<cv::Vec3b>(0, 0) = {255, 255, 255};
  expected.at<cv::Vec3b>(0, 1) = {0, 255, 0};
  expected.at<cv::Vec3b>(0, 2) = {0, 0, 255};
  expect_picture(write_png(parts), expected, 0);
}

TEST(Png, SixteenBitsAreRounded) {
  PngParts parts{.width = 3, .height = 1, .depth = 16, .colour_type = 0, .rows = {0, 255, 255, 128, 128, 0, 200}};
  cv::Mat expected(1, 3, CV_8UC3);
  expected.at<cv::Vec3b>(0, 0) = {255, 255, 255};
  expected.at<cv::Vec3b>(0, 1) = {128, 128, 128};
  expected.at<cv::Vec3b>(0, 2) = {1, 1, 1};
  expect_picture(write_png(parts), expected, 0);
}

TEST(Png, GreyWithAlphaIsOverWhite) {
  PngParts parts{.width = 2, .height = 1, .colour_type = 4, .rows = {0, 100, 255, 100, 0}};
  cv::Mat expected(1, 2, CV_8UC3);
  expected.at<cv::Vec3b>(0, 0) = {100, 100, 100};
  expected.at<cv::Vec3b>(0, 1) = {255, 255, 255};
  expect_picture(write_png(parts), expected, 0);
}

TEST(Png, ProfilesAreApplied) {
  PngParts parts = png_parts(picture());
  parts.before_data = {icc_chunk(swapped_profile())};
  expect_picture(write_png(parts), swap_red_and_blue(picture()), 2);
  PngParts grey = png_parts(cv::Mat(4, 4, CV_8UC1, cv::Scalar(128)));
  grey.before_data = {icc_chunk(linear_grey_profile())};
  expect_picture(write_png(grey), cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(188)), 1);
}

TEST(Png, GammaIsCorrectedUnlessAProfileOrSrgbIsThere) {
  const auto flat = [](const std::vector<Bytes>& chunks) {
    PngParts parts = png_parts(cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(128)));
    parts.before_data = chunks;
    return decode_image(write_png(parts), "test").value().rgb.at<cv::Vec3b>(1, 1)[1];
  };
  const Bytes linear = png_chunk("gAMA", big(100000, 4)), usual = png_chunk("gAMA", big(45455, 4));
  EXPECT_NEAR(flat({linear}), 186, 3) << "128 of 255 in linear light";
  EXPECT_NEAR(flat({png_chunk("gAMA", big(70000, 4))}), 164, 3);
  EXPECT_EQ(flat({usual}), 128);
  EXPECT_EQ(flat({png_chunk("sRGB", {0}), linear}), 128);
  EXPECT_EQ(flat({icc_chunk(srgb_profile()), linear}), 128);
  EXPECT_EQ(flat({linear, png_chunk("cICP", {1, 13, 0, 1})}), 128);
  PngParts deep{.width = 1, .height = 1, .depth = 16, .colour_type = 0, .rows = {0, 128, 128}};
  expect_picture(write_png(deep), cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(128)), 0, "16 bits alone are not linear");
}

TEST(Png, PrimariesOfTheirOwnAreConverted) {
  PngParts parts = png_parts(cv::Mat(4, 4, CV_8UC3, cv::Scalar(200, 100, 100)));
  Bytes display_p3;
  for (const uint32_t xy : {31270U, 32900U, 68000U, 32000U, 26500U, 69000U, 15000U, 6000U})
    append(display_p3, big(xy, 4));
  const cv::Mat expected(4, 4, CV_8UC3, cv::Scalar(215, 93, 97));
  parts.before_data = {png_chunk("cHRM", display_p3)};
  expect_picture(write_png(parts), expected, 2, "cHRM");
  parts.before_data = {png_chunk("cICP", {12, 13, 0, 1})};
  expect_picture(write_png(parts), expected, 2, "cICP");
  parts.before_data = {png_chunk("cHRM", Bytes(32, 0))};
  expect_picture(write_png(parts), cv::Mat(4, 4, CV_8UC3, cv::Scalar(200, 100, 100)), 0, "primaries that mean nothing");
  parts.before_data = {png_chunk("cICP", {9, 16, 0, 1})};
  EXPECT_EQ(decode_image(write_png(parts), "test").value().warnings.size(), 1U) << "HDR";
}

TEST(Png, TextsTellTheOrientationToo) {
  const auto orientation = [](const Bytes& chunk) {
    PngParts parts = png_parts(picture());
    parts.before_data = {chunk};
    const auto image = decode_image(write_png(parts), "test");
    EXPECT_TRUE(image.value().warnings.empty());
    return image.value().info.orientation;
  };
  Bytes exif = bytes_of(kExifPrefix);
  append(exif, exif_block(6));
  std::string digits;
  for (size_t i = 0; i < exif.size(); ++i) {
    const char kHex[] = "0123456789abcdef";
    digits += {kHex[exif[i] >> 4], kHex[exif[i] & 15]};
    if (i % 36 == 35) digits += '\n';
  }
  const std::string text = "\nexif\n      " + std::to_string(exif.size()) + "\n" + digits + "\n";
  for (const std::string kind : {"exif", "APP1"}) {
    const std::string name = "Raw profile type " + kind + std::string(1, '\0');
    EXPECT_EQ(orientation(png_chunk("tEXt", bytes_of(name + text))), 6) << kind;
    Bytes packed = bytes_of(name + std::string(1, '\0'));
    append(packed, deflated(bytes_of(text)));
    EXPECT_EQ(orientation(png_chunk("zTXt", packed)), 6) << kind;
    EXPECT_EQ(orientation(png_chunk("tEXt", bytes_of(name + "\nexif\n"))), 1);
    EXPECT_EQ(orientation(png_chunk("tEXt", bytes_of(name))), 1);
  }
  const std::string xmp = "<x tiff:Orientation=\"8\"/>", name("XML:com.adobe.xmp\0", 18);
  EXPECT_EQ(orientation(png_chunk("iTXt", bytes_of(name + std::string("\0\0\0\0", 4) + xmp))), 8);
  Bytes packed = bytes_of(name + std::string("\1\0\0\0", 4));
  append(packed, deflated(bytes_of(xmp)));
  EXPECT_EQ(orientation(png_chunk("iTXt", packed)), 8);
  EXPECT_EQ(orientation(png_chunk("iTXt", bytes_of(name))), 1);
  EXPECT_EQ(orientation(png_chunk("tEXt", bytes_of("Comment"))), 1);
}

TEST(Png, ProfilesThatCannotBeUsedGiveAWarning) {
  const Bytes zip_bomb = png_chunk("iCCP", [] {
    Bytes data = bytes_of(std::string("test\0\0", 6));
    append(data, deflated(Bytes(kMaxProfileBytes + 1, 0)));
    return data;
  }());
  for (const Bytes& chunk :
       {icc_chunk(lab_profile()), icc_chunk(bytes_of("nonsense")), png_chunk("iCCP", bytes_of("no end")),
        png_chunk("iCCP", bytes_of(std::string("name\0\0not packed", 16))), zip_bomb}) {
    PngParts parts = png_parts(picture());
    parts.before_data = {chunk};
    expect_picture(write_png(parts), picture(), 0);
    EXPECT_EQ(decode_image(write_png(parts), "test").value().warnings.size(), 1U);
  }
}

TEST(Png, DecoderSeesNoProfileAndEverythingElse) {
  PngParts parts = png_parts(picture());
  const Bytes plain = write_png(parts);
  parts.before_data = {icc_chunk(swapped_profile())};
  EXPECT_EQ(without_png_profile(write_png(parts)), plain);
  EXPECT_EQ(without_png_profile(plain), plain);
}

TEST(Png, BrokenStructureIsRefused) {
  const Bytes png = write_png(png_parts(picture()));
  Bytes iphone = png;
  patch(iphone, 12, bytes_of("CgBI"));
  expect_refused(probe_image(iphone), ErrorCode::unsupported_format, "Apple's variant");
  Bytes headless = cut(png, 8);
  headless.insert(headless.end(), png.begin() + 33, png.end());
  expect_refused(probe_image(headless), ErrorCode::not_an_image, "no header");
  Bytes empty = cut(png, 33);
  append(empty, png_chunk("IEND", {}));
  expect_refused(probe_image(empty), ErrorCode::not_an_image, "no picture data");
  Bytes endless = png;
  patch(endless, 33, big(0xFFFFFFFF, 4));
  expect_refused(probe_image(endless), ErrorCode::not_an_image, "a chunk without end");
  for (const uint32_t width : {0U, 0x80000000U}) {
    PngParts parts = png_parts(picture());
    parts.width = width;
    expect_refused(probe_image(write_png(parts)), ErrorCode::not_an_image, "a width of " + std::to_string(width));
  }
}

}  // namespace
}  // namespace swiftavatar
