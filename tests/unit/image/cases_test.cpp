// The pictures of tests/data/cases.

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "image/pictures.h"

namespace swiftavatar {
namespace {

using namespace testing;

Bytes read_case(const std::string& name) {
  std::ifstream file(std::string(SWIFTAVATAR_SOURCE_DIR "/tests/data/cases/") + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

cv::Mat reference(const std::string& name) {
  cv::Mat rgb = cv::imdecode(read_case(name), cv::IMREAD_COLOR);
  cv::cvtColor(rgb, rgb, cv::COLOR_BGR2RGB);
  return rgb;
}

struct Case {
  std::string file, reference = "reference.png";
  double most = 3;  ///< mean difference in levels
  size_t warnings = 0;
};

TEST(Cases, AreSeenAsGoodReadersShowThem) {
  const std::string grey = "reference-grey.png", over_white = "reference-over-white.png";
  const Case cases[] = {{"avif-grey-limited.avif", grey},
                        {"avif-premultiplied.avif", over_white},
                        {"bmp-16bit.bmp", "reference.png", 5},  // five bits a channel
                        {"bmp-masks.bmp", "reference.png", 0},
                        {"jpeg-orientation-byte.jpg"},
                        {"jpeg-orientation-long.jpg"},
                        {"jpeg-orientation-second-exif.jpg"},
                        {"jpeg-stray-bytes.jpg"},
                        {"jpeg-without-eoi.jpg", "reference.png", 3, 1},
                        {"png-gamma.png", "reference.png", 4},
                        {"png-raw-profile-orientation.png", "reference.png", 0},
                        {"tiff-associated-alpha16.tif", over_white},
                        {"tiff-extrasample-unspecified.tif", "reference.png", 0},
                        {"tiff-grey4bit.tif", grey, 6},  // four bits
                        {"tiff-planar16.tif", "reference.png", 0},
                        {"tiff-thumbnail-first.tif", "reference.png", 0},
                        {"tiff-unassociated-alpha.tif", over_white},
                        {"tiff-white-is-zero16.tif", grey, 0}};
  for (const Case& each : cases) {
#ifndef SWIFTAVATAR_HEIF
    if (each.file.ends_with(".avif")) continue;
#endif
    const auto image = decode_image(read_case(each.file), each.file);
    ASSERT_TRUE(image.ok()) << image.error().message;
    const cv::Mat wanted = reference(each.reference);
    ASSERT_EQ(image.value().rgb.size(), wanted.size()) << each.file;
    const double levels =
        cv::norm(image.value().rgb, wanted, cv::NORM_L1) / (3.0 * static_cast<double>(wanted.total()));
    EXPECT_LE(levels, each.most) << each.file;
    EXPECT_EQ(image.value().warnings.size(), each.warnings) << each.file;
  }
}

TEST(Cases, PicturesOfOtherFormatsAreNamed) {
  for (const auto& [file, name] : std::initializer_list<std::pair<std::string, std::string>>{
           {"drawing-with-prolog.svg", "SVG"}, {"plain.ppm", "PNM"}}) {
    const auto image = decode_image(read_case(file), file);
    expect_refused(image, ErrorCode::unsupported_format, file);
    EXPECT_NE(image.error().message.find(name), std::string::npos) << image.error().message;
  }
}

}  // namespace
}  // namespace swiftavatar
