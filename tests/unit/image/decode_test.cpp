#include <gtest/gtest.h>

#include "image/pictures.h"
#include "image/probe.h"

namespace swiftavatar {
namespace {

using namespace testing;

TEST(Decode, GivesRgbAndWhatTheHeaderSays) {
  const DecodedImage image = decode_image(encode(".png", picture()), "me.png").value();
  EXPECT_EQ(image.rgb.type(), CV_8UC3);
  EXPECT_EQ(image.rgb.at<cv::Vec3b>(0, 47), picture().at<cv::Vec3b>(0, 47));
  EXPECT_EQ(image.info.format, ImageFormat::png);
  EXPECT_EQ(image.info.width, 48);
  EXPECT_TRUE(image.warnings.empty());
}

TEST(Decode, ANameOfAnotherFormatGivesAWarning) {
  const Bytes png = encode(".png", picture());
  const auto warnings = decode_image(png, "holiday/ME.JPG").value().warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_NE(warnings[0].find(".jpg"), std::string::npos) << warnings[0];
  EXPECT_NE(warnings[0].find("PNG"), std::string::npos) << warnings[0];
  for (const std::string name : {"me.png", "me.PNG", "me", "me.photo", "me.jpg.png", "", "-"}) {
    EXPECT_TRUE(decode_image(png, name).value().warnings.empty()) << name;
  }
  EXPECT_TRUE(decode_image(encode(".jpg", picture()), "me.jpeg").value().warnings.empty());
}

TEST(Decode, ErrorsNameTheFile) {
  const Bytes png = encode(".png", picture());
  const auto cut_file = decode_image(cut(png, png.size() - 1), "me.png");
  expect_refused(cut_file, ErrorCode::truncated);
  EXPECT_EQ(cut_file.error().message.find("me.png: "), 0U) << cut_file.error().message;
}

TEST(Decode, LeavesTheBytesAsTheyAre) {
  TiffParts parts = tiff_parts(picture());
  parts.entry(kOrientation).values = {6};
  for (const Bytes& bytes : {write_tiff(parts), encode(".jpg", picture()), encode(".png", picture())}) {
    const Bytes before = bytes;
    ASSERT_TRUE(decode_image(bytes, "test").ok());
    EXPECT_EQ(bytes, before);
  }
}

TEST(Decode, SameBytesGiveTheSamePixels) {
  const Bytes jpeg = encode(".jpg", picture());
  EXPECT_EQ(cv::norm(decode_image(jpeg, "a").value().rgb, decode_image(jpeg, "b").value().rgb, cv::NORM_INF), 0);
}

TEST(EncodePng, ColoursComeBackInTheirOrder) {
  expect_picture(encode_png(picture()), picture(), 0);
  const cv::Mat stored = cv::imdecode(encode_png(picture()), cv::IMREAD_UNCHANGED);  // BGR
  EXPECT_EQ(cv::norm(stored, swap_red_and_blue(picture()), cv::NORM_INF), 0);
}

TEST(EncodePng, KeepsAlphaAndGrey) {
  cv::Mat rgba(3, 5, CV_8UC4, cv::Scalar(10, 20, 30, 40));
  const cv::Mat stored = cv::imdecode(encode_png(rgba), cv::IMREAD_UNCHANGED);
  ASSERT_EQ(stored.type(), CV_8UC4);
  EXPECT_EQ(stored.at<cv::Vec4b>(1, 1), cv::Vec4b(30, 20, 10, 40));
  const cv::Mat grey = cv::imdecode(encode_png(cv::Mat(3, 5, CV_8UC1, cv::Scalar(99))), cv::IMREAD_UNCHANGED);
  ASSERT_EQ(grey.type(), CV_8UC1);
  EXPECT_EQ(grey.at<uint8_t>(2, 4), 99);
}

TEST(EncodePng, LeavesTheCallersPixelsAsTheyAre) {
  const cv::Mat rgb = picture(), rgba(3, 5, CV_8UC4, cv::Scalar(10, 20, 30, 40));
  encode_png(rgb);
  encode_png(rgba);
  EXPECT_EQ(cv::norm(rgb, picture(), cv::NORM_INF), 0);
  EXPECT_EQ(rgba.at<cv::Vec4b>(0, 0), cv::Vec4b(10, 20, 30, 40));
}

TEST(EncodePng, TakesPartsOfAPicture) {
  const cv::Mat part = picture()(cv::Rect(7, 5, 11, 9));
  expect_picture(encode_png(part), part.clone(), 0);
}

TEST(EncodePng, RefusesOtherDepths) {
  EXPECT_THROW(encode_png(cv::Mat(3, 5, CV_16UC3, cv::Scalar::all(0))), Failure);
  EXPECT_THROW(encode_png(cv::Mat(3, 5, CV_32FC1, cv::Scalar::all(0))), Failure);
}

}  // namespace
}  // namespace swiftavatar
