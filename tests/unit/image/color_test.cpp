#include <gtest/gtest.h>

#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

TEST(Hex, IsLowerCaseWithTwoDigitsEach) {
  EXPECT_EQ(to_hex({0, 10, 255}), "#000aff");
  EXPECT_EQ(to_hex({0xd9, 0xb3, 0x6c}), "#d9b36c");
}

TEST(Hex, ReadsEitherCase) {
  EXPECT_EQ(from_hex("#d9B36c").value(), cv::Vec3b(0xd9, 0xb3, 0x6c));
  EXPECT_EQ(from_hex("#000000").value(), cv::Vec3b(0, 0, 0));
}

TEST(Hex, EveryLevelComesBack) {
  for (int level = 0; level < 256; ++level) {
    const cv::Vec3b rgb(static_cast<uint8_t>(level), static_cast<uint8_t>(255 - level),
                        static_cast<uint8_t>(level ^ 85));
    EXPECT_EQ(from_hex(to_hex(rgb)).value(), rgb);
  }
}

TEST(Hex, RefusesEverythingElse) {
  for (const std::string text :
       {"", "#", "#fff", "d9b36c", "#d9b36", "#d9b36c0", "#d9b36g", "#-1-1-1", " #d9b36", "red"}) {
    const auto rgb = from_hex(text);
    ASSERT_FALSE(rgb.ok()) << text;
    EXPECT_EQ(rgb.error().code, ErrorCode::usage);
    EXPECT_NE(rgb.error().message.find("'" + text + "'"), std::string::npos);
  }
}

void expect_lab(const cv::Vec3b& rgb, const cv::Vec3d& lab, double tolerance) {
  const cv::Vec3d actual = to_lab(rgb);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(actual[i], lab[i], tolerance) << to_hex(rgb) << " " << i;
}

TEST(Lab, GreysHaveNoColour) {
  expect_lab({255, 255, 255}, {100, 0, 0}, 1e-9);
  expect_lab({0, 0, 0}, {0, 0, 0}, 1e-9);
  expect_lab({119, 119, 119}, {50.034, 0, 0}, 1e-3);
}

// The well-known values of the sRGB primaries under D65.
TEST(Lab, PrimariesAreWhereTheyAreKnownToBe) {
  expect_lab({255, 0, 0}, {53.24, 80.09, 67.20}, 0.05);
  expect_lab({0, 255, 0}, {87.73, -86.18, 83.18}, 0.05);
  expect_lab({0, 0, 255}, {32.30, 79.19, -107.86}, 0.05);
}

struct Pair {
  cv::Vec3d lab1, lab2;
  double difference;
};

// All of table 1 in Sharma, Wu, Dalal (2005), which tries every branch of the hue's arithmetic.
const Pair kSharma[] = {
    {{50, 2.6772, -79.7751}, {50, 0, -82.7485}, 2.0425},
    {{50, 3.1571, -77.2803}, {50, 0, -82.7485}, 2.8615},
    {{50, 2.8361, -74.0200}, {50, 0, -82.7485}, 3.4412},
    {{50, -1.3802, -84.2814}, {50, 0, -82.7485}, 1.0000},
    {{50, -1.1848, -84.8006}, {50, 0, -82.7485}, 1.0000},
    {{50, -0.9009, -85.5211}, {50, 0, -82.7485}, 1.0000},
    {{50, 0, 0}, {50, -1, 2}, 2.3669},
    {{50, -1, 2}, {50, 0, 0}, 2.3669},
    {{50, 2.4900, -0.0010}, {50, -2.4900, 0.0009}, 7.1792},
    {{50, 2.4900, -0.0010}, {50, -2.4900, 0.0010}, 7.1792},
    {{50, 2.4900, -0.0010}, {50, -2.4900, 0.0011}, 7.2195},
    {{50, 2.4900, -0.0010}, {50, -2.4900, 0.0012}, 7.2195},
    {{50, -0.0010, 2.4900}, {50, 0.0009, -2.4900}, 4.8045},
    {{50, -0.0010, 2.4900}, {50, 0.0010, -2.4900}, 4.8045},
    {{50, -0.0010, 2.4900}, {50, 0.0011, -2.4900}, 4.7461},
    {{50, 2.5, 0}, {50, 0, -2.5}, 4.3065},
    {{50, 2.5, 0}, {73, 25, -18}, 27.1492},
    {{50, 2.5, 0}, {61, -5, 29}, 22.8977},
    {{50, 2.5, 0}, {56, -27, -3}, 31.9030},
    {{50, 2.5, 0}, {58, 24, 15}, 19.4535},
    {{50, 2.5, 0}, {50, 3.1736, 0.5854}, 1.0000},
    {{50, 2.5, 0}, {50, 3.2972, 0}, 1.0000},
    {{50, 2.5, 0}, {50, 1.8634, 0.5757}, 1.0000},
    {{50, 2.5, 0}, {50, 3.2592, 0.3350}, 1.0000},
    {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
    {{63.0109, -31.0961, -5.8663}, {62.8187, -29.7946, -4.0864}, 1.2630},
    {{61.2901, 3.7196, -5.3901}, {61.4292, 2.2480, -4.9620}, 1.8731},
    {{35.0831, -44.1164, 3.7933}, {35.0232, -40.0716, 1.5901}, 1.8645},
    {{22.7233, 20.0904, -46.6940}, {23.0331, 14.9730, -42.5619}, 2.0373},
    {{36.4612, 47.8580, 18.3852}, {36.2715, 50.5065, 21.2231}, 1.4146},
    {{90.8027, -2.0831, 1.4410}, {91.1528, -1.6435, 0.0447}, 1.4441},
    {{90.9257, -0.5406, -0.9208}, {88.6381, -0.8985, -0.7239}, 1.5381},
    {{6.7747, -0.2908, -2.4247}, {5.8714, -0.0985, -2.2286}, 0.6377},
    {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082},
};

TEST(Ciede2000, AgreesWithThePublishedPairs) {
  for (const Pair& pair : kSharma) {
    EXPECT_NEAR(ciede2000(pair.lab1, pair.lab2), pair.difference, 5e-5) << pair.lab1 << pair.lab2;
  }
}

TEST(Ciede2000, IsSymmetricAndZeroForTheSameColour) {
  for (const Pair& pair : kSharma) {
    EXPECT_NEAR(ciede2000(pair.lab1, pair.lab2), ciede2000(pair.lab2, pair.lab1), 1e-9);
    EXPECT_EQ(ciede2000(pair.lab1, pair.lab1), 0);
  }
}

TEST(Ciede2000, OfRealColours) {
  EXPECT_NEAR(ciede2000(to_lab({0, 0, 0}), to_lab({255, 255, 255})), 100, 1e-6);
  EXPECT_LT(ciede2000(to_lab({200, 150, 120}), to_lab({201, 150, 120})), 1);
}

}  // namespace
}  // namespace swiftavatar
