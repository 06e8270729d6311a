#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "image/color_profile.h"
#include "image/pictures.h"
#include "image/probe.h"
#include "image/profiles.h"

#ifdef SWIFTAVATAR_HEIF
#include <libheif/heif.h>
#endif

namespace swiftavatar {
namespace {

using namespace testing;

TEST(HeifBrands, AnyBrandOfAPictureWillDo) {
  const auto file = [](const std::string& major, const std::string& others) {
    Bytes bytes = big(16 + others.size(), 4);
    append(bytes, bytes_of("ftyp" + major + std::string(4, '\0') + others));
    return bytes;
  };
  for (const auto& [major, others] : std::initializer_list<std::pair<std::string, std::string>>{
           {"heic", ""}, {"mif2", "mif1heic"}, {"mif2", ""}, {"avis", "avif"}, {"xxxx", "abcdmiaf"}}) {
    EXPECT_TRUE(is_heif(file(major, others))) << major << others;
    EXPECT_EQ(probe_image(file(major, others)).error().message.find("video"), std::string::npos);
  }
  EXPECT_FALSE(is_heif(file("isom", "mp42")));
  EXPECT_FALSE(is_heif(file("crx ", "crx isom")));
  EXPECT_FALSE(is_heif(bytes_of("ftyp")));
}

#ifndef SWIFTAVATAR_HEIF

TEST(Heif, IsRefusedByNameWhereItIsNotBuiltIn) {
  std::ifstream file(SWIFTAVATAR_SOURCE_DIR "/tests/fuzz/corpus/image/plain.avif", std::ios::binary);
  const auto image = decode_image(Bytes(std::istreambuf_iterator<char>(file), {}), "test");
  expect_refused(image, ErrorCode::unsupported_format);
  EXPECT_NE(image.error().message.find("HEIC"), std::string::npos);
}

#else

struct Options {
  heif_compression_format format = heif_compression_HEVC;
  heif_orientation orientation = heif_orientation_normal;
  Bytes profile;
  heif_color_primaries primaries = heif_color_primaries_unspecified;
};

/// A HEIC or AVIF file; empty where this libheif has no encoder.
Bytes encode_heif(const cv::Mat& image, const Options& options = {}) {
  if (heif_have_encoder_for_format(options.format) == 0) return {};
  const auto check = [](const heif_error& error) {
    if (error.code != heif_error_Ok) throw std::runtime_error(error.message);
  };
  const bool has_alpha = image.channels() == 4, grey = image.channels() == 1;
  heif_context* context = heif_context_alloc();
  heif_encoder* encoder = nullptr;
  check(heif_context_get_encoder_for_format(context, options.format, &encoder));
  check(heif_encoder_set_lossy_quality(encoder, 95));
  heif_image* picture = nullptr;
  const heif_channel channel = grey ? heif_channel_Y : heif_channel_interleaved;
  check(heif_image_create(image.cols, image.rows, grey ? heif_colorspace_monochrome : heif_colorspace_RGB,
                          grey        ? heif_chroma_monochrome
                          : has_alpha ? heif_chroma_interleaved_RGBA
                                      : heif_chroma_interleaved_RGB,
                          &picture));
  check(heif_image_add_plane(picture, channel, image.cols, image.rows, 8));
  if (options.primaries != heif_color_primaries_unspecified) {
    heif_color_profile_nclx* colours = heif_nclx_color_profile_alloc();
    colours->color_primaries = options.primaries;
    colours->transfer_characteristics = heif_transfer_characteristic_IEC_61966_2_1;
    colours->matrix_coefficients = heif_matrix_coefficients_ITU_R_BT_601_6;
    colours->full_range_flag = 1;
    check(heif_image_set_nclx_color_profile(picture, colours));
    heif_nclx_color_profile_free(colours);
  }
  if (!options.profile.empty()) {
    check(heif_image_set_raw_color_profile(picture, "prof", options.profile.data(), options.profile.size()));
  }
  int stride = 0;
  uint8_t* plane = heif_image_get_plane(picture, channel, &stride);
  for (int y = 0; y < image.rows; ++y) {
    std::copy(image.ptr(y), image.ptr(y) + image.cols * image.channels(), plane + y * stride);
  }
  heif_encoding_options* encoding = heif_encoding_options_alloc();
  encoding->image_orientation = options.orientation;
  check(heif_context_encode_image(context, picture, encoder, encoding, nullptr));
  heif_encoding_options_free(encoding);
  Bytes bytes;
  heif_writer writer = {};
  writer.writer_api_version = 1;
  writer.write = [](heif_context*, const void* data, size_t size, void* to) {
    static_cast<Bytes*>(to)->assign(static_cast<const uint8_t*>(data), static_cast<const uint8_t*>(data) + size);
    return heif_error{heif_error_Ok, heif_suberror_Unspecified, ""};
  };
  check(heif_context_write(context, &writer, &bytes));
  heif_image_release(picture);
  heif_encoder_release(encoder);
  heif_context_free(context);
  return bytes;
}

class Heif : public ::testing::TestWithParam<heif_compression_format> {
 protected:
  void SetUp() override {
    if (heif_have_encoder_for_format(GetParam()) == 0) GTEST_SKIP() << "this libheif cannot encode";
  }
  static cv::Mat scene() { return picture(96, 64); }
};

TEST_P(Heif, DecodesToTheSamePicture) {
  const Bytes bytes = encode_heif(scene(), {.format = GetParam()});
  const ImageInfo info = probe_image(bytes).value();
  EXPECT_EQ(info.format, ImageFormat::heif);
  EXPECT_EQ(info.width, 96);
  EXPECT_EQ(info.height, 64);
  expect_picture(bytes, scene(), 16);
}

TEST_P(Heif, IsTurnedUprightOnce) {
  const std::pair<heif_orientation, int> turns[] = {{heif_orientation_rotate_90_cw, 6},
                                                    {heif_orientation_rotate_180, 3}};
  for (const auto& [turn, orientation] : turns) {
    const Bytes bytes = encode_heif(stored_for(scene(), orientation), {.format = GetParam(), .orientation = turn});
    expect_picture(bytes, scene(), 16, std::to_string(orientation));
  }
}

TEST_P(Heif, CutAnywhereIsRefused) {
  constexpr size_t kBrandEnd = 12;  // before, it could be any ISO media file
  expect_every_cut_refused(encode_heif(scene(), {.format = GetParam()}), kBrandEnd);
}

TEST_P(Heif, TransparencyIsOverWhite) {
  cv::Mat rgba(64, 64, CV_8UC4, cv::Scalar(200, 0, 0, 0));
  rgba.colRange(0, 32).setTo(cv::Scalar(100, 100, 100, 255));
  const auto image = decode_image(encode_heif(rgba, {.format = GetParam()}), "test");
  ASSERT_TRUE(image.ok()) << image.error().message;
  for (int channel = 0; channel < 3; ++channel) {
    EXPECT_NEAR(image.value().rgb.at<cv::Vec3b>(32, 8)[channel], 100, 8);
    EXPECT_NEAR(image.value().rgb.at<cv::Vec3b>(32, 56)[channel], 255, 8);
  }
}

TEST_P(Heif, ProfilesAreApplied) {
  const Bytes bytes = encode_heif(scene(), {.format = GetParam(), .profile = swapped_profile()});
  expect_picture(bytes, swap_red_and_blue(scene()), 20);
}

TEST_P(Heif, PrimariesOfTheirOwnAreConverted) {
  const Bytes bytes = encode_heif(scene(), {.format = GetParam(), .primaries = heif_color_primaries_SMPTE_EG_432_1});
  const std::string nclx = "nclx";
  if (std::search(bytes.begin(), bytes.end(), nclx.begin(), nclx.end()) == bytes.end())
    GTEST_SKIP() << "this libheif does not write the colours";
  cv::Mat expected = scene();
  ASSERT_EQ(convert_to_srgb(expected, profile_of(CodedColours{12, 13}), false), ProfileUse::converted);
  const auto image = decode_image(bytes, "test");
  ASSERT_TRUE(image.ok()) << image.error().message;
  EXPECT_LT(cv::norm(image.value().rgb, expected, cv::NORM_L1), cv::norm(image.value().rgb, scene(), cv::NORM_L1) / 2);
}

TEST_P(Heif, GreyStaysGrey) {
  cv::Mat grey, rgb;
  cv::cvtColor(scene(), grey, cv::COLOR_RGB2GRAY);
  cv::cvtColor(grey, rgb, cv::COLOR_GRAY2RGB);
  expect_picture(encode_heif(grey, {.format = GetParam()}), rgb, 6);
}

TEST_P(Heif, LimitsRefuse) {
  const Bytes bytes = encode_heif(scene(), {.format = GetParam()});
  expect_refused(decode_image(bytes, "test", {.max_side = 95}), ErrorCode::too_large);
  expect_refused(decode_image(bytes, "test", {.max_pixels = 96 * 64 - 1}), ErrorCode::too_large);
}

INSTANTIATE_TEST_SUITE_P(Codecs, Heif, ::testing::Values(heif_compression_HEVC, heif_compression_AV1),
                         [](const auto& info) { return info.param == heif_compression_HEVC ? "Heic" : "Avif"; });

TEST(HeifBoxes, GarbageIsRefused) {
  const auto file = [](const std::string& rest) {
    return bytes_of(std::string("\0\0\0\x14"
                                "ftypheic\0\0\0\0mif1",
                                20) +
                    rest);
  };
  EXPECT_FALSE(decode_image(file(""), "test").ok()) << "nothing but the type";
  EXPECT_FALSE(decode_image(file(std::string("\0\0\0\x08meta", 8)), "test").ok()) << "no picture";
  expect_refused(decode_image(file(std::string("\0\0\0\x01mdat\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16)), "test"),
                 ErrorCode::truncated);
  expect_refused(decode_image(file(std::string("\0\0\0\x04mdat", 8)), "test"), ErrorCode::truncated);
}

#endif

}  // namespace
}  // namespace swiftavatar
