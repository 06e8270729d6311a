// What an avatar's picture shows: choices, colours, drives, blends, anchors.

#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

using testing::pixel;
using testing::tiny;

cv::Mat draw(const Engine& engine, const Avatar& avatar, int size = 200) {
  return render_svg(engine.svg(engine.check(avatar).value()), size).value();
}

cv::Point2d anchor(const Engine& engine, int index, const std::map<std::string, double>& sliders) {
  Avatar avatar = engine.default_avatar();
  for (const auto& [name, value] : sliders) avatar.continuous[name] = value;
  return engine.anchors(avatar).at(index);
}

void expect_point(const cv::Point2d& point, double x, double y) {
  EXPECT_NEAR(point.x, x, 1e-9);
  EXPECT_NEAR(point.y, y, 1e-9);
}

TEST(Svg, DrawsChoicesAndColours) {
  const Engine engine = tiny();
  Avatar avatar = engine.default_avatar();
  avatar.discrete["hair"] = "long";
  avatar.colors["hair"] = "#d9b36c";
  avatar.colors["background"] = "#000000";
  const cv::Mat image = draw(engine, avatar);
  ASSERT_EQ(image.size(), cv::Size(200, 100));
  ASSERT_EQ(image.type(), CV_8UC4);
  EXPECT_EQ(pixel(image, 5, 50), cv::Vec4i(0, 0, 0, 255)) << "background";
  EXPECT_EQ(pixel(image, 55, 80), cv::Vec4i(0xd7, 0xbd, 0x96, 255)) << "head";
  EXPECT_EQ(pixel(image, 80, 35), cv::Vec4i(0x11, 0x11, 0x11, 255)) << "first eye";
  EXPECT_EQ(pixel(image, 160, 10), cv::Vec4i(0x11, 0x11, 0x11, 255)) << "alias, placed by x and y";
  EXPECT_EQ(pixel(image, 44, 95), cv::Vec4i(0xd9, 0xb3, 0x6c, 255)) << "tied to the hair";
  EXPECT_EQ(pixel(image, 38, 2), cv::Vec4i(0xd9, 0xb3, 0x6c, 255)) << "the component's own scale, 1.574";
  avatar.discrete["hair"] = std::nullopt;
  EXPECT_EQ(pixel(draw(engine, avatar), 44, 95), cv::Vec4i(0, 0, 0, 255)) << "absent with the hair";
}

TEST(Svg, WithoutBackgroundIsTransparentWithStraightAlpha) {
  const cv::Mat image = render_svg(
                            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 10 20\">"
                            "<rect width=\"10\" height=\"10\" fill=\"#ff8000\" fill-opacity=\"0.5\"/></svg>",
                            20)
                            .value();
  ASSERT_EQ(image.size(), cv::Size(10, 20));
  const cv::Vec4i half = pixel(image, 5, 5);
  EXPECT_NEAR(half[0], 255, 2);
  EXPECT_NEAR(half[1], 128, 2);
  EXPECT_EQ(half[2], 0);
  EXPECT_NEAR(half[3], 128, 1);
  EXPECT_EQ(pixel(image, 5, 15), cv::Vec4i(0, 0, 0, 0));
}

TEST(Svg, RefusesWhatCannotBeDrawn) {
  EXPECT_EQ(render_svg("no svg", 64).error().code, ErrorCode::render_failed);
  EXPECT_EQ(render_svg("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 0).error().code, ErrorCode::render_failed);
  EXPECT_EQ(render_svg("<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 100000).error().code, ErrorCode::render_failed);
}

TEST(Svg, LoadsNothingFromOutside) {
  const std::string file = (testing::source_dir() / "tests" / "data" / "engines" / "red.svg").string();
  ASSERT_TRUE(std::filesystem::exists(file));
  const std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"><image href=\"file://" + file +
                          "\" width=\"8\" height=\"8\"/></svg>";
  const auto image = render_svg(svg, 8);
  if (image.ok()) {
    EXPECT_EQ(pixel(image.value(), 4, 4), cv::Vec4i(0, 0, 0, 0));
  }
}

TEST(Svg, KeepsTheCredit) {
  const std::string svg = tiny().svg(tiny().default_avatar());
  EXPECT_NE(svg.find("<dc:creator>Tiny &amp; Co</dc:creator>"), std::string::npos);
  EXPECT_NE(svg.find("CC0 1.0"), std::string::npos);
}

TEST(Svg, DropsGroupsWhoseComponentsAreAbsent) {
  const Engine engine = tiny();
  Avatar avatar = engine.default_avatar();
  EXPECT_EQ(engine.svg(avatar).find("mix-blend-mode"), std::string::npos);
  avatar.discrete["hat"] = "cap";
  EXPECT_NE(engine.svg(avatar).find("mix-blend-mode"), std::string::npos);
}

TEST(Svg, IdsAreUniquePerInstance) {
  const std::string svg = tiny().svg(tiny().default_avatar());
  std::multiset<std::string> ids;
  const std::regex id(" id=\"([^\"]+)\""), reference("url\\(#([^)]+)\\)");
  for (std::sregex_iterator it(svg.begin(), svg.end(), id), end; it != end; ++it) ids.insert((*it)[1]);
  EXPECT_EQ(ids.size(), 3u);
  int references = 0;
  for (std::sregex_iterator it(svg.begin(), svg.end(), reference), end; it != end; ++it, ++references) {
    EXPECT_EQ(ids.count((*it)[1]), 1u) << (*it)[1];
  }
  EXPECT_EQ(references, 3);
}

TEST(Svg, SameAvatarSameBytes) {
  const Avatar avatar = tiny().default_avatar();
  EXPECT_EQ(tiny().svg(avatar), tiny().svg(avatar));
}

TEST(Drives, RestAtTheDefault) {
  const Engine engine = tiny();
  expect_point(anchor(engine, 133, {}), 90, 35);
  expect_point(anchor(engine, 362, {}), 110, 35);
  expect_point(anchor(engine, 234, {}), 50, 50);
}

TEST(Drives, TranslateIsLinearOnBothSidesAndMirrored) {
  const Engine engine = tiny();
  expect_point(anchor(engine, 133, {{"eye_spacing", 3}}), 78, 35);
  expect_point(anchor(engine, 362, {{"eye_spacing", 3}}), 122, 41);  // the second instance also moves down
  expect_point(anchor(engine, 133, {{"eye_spacing", 1}}), 86, 35);
  expect_point(anchor(engine, 133, {{"eye_spacing", -0.5}}), 92, 35);
  expect_point(anchor(engine, 362, {{"eye_spacing", -1}}), 106, 35);
}

TEST(Drives, RotateAndScaleAboutTheCentre) {
  const Engine engine = tiny();
  expect_point(anchor(engine, 133, {{"eye_tilt", 90}}), 80, 45);
  expect_point(anchor(engine, 362, {{"eye_tilt", 90}}), 120, 45);
  expect_point(anchor(engine, 133, {{"eye_size", 1}}), 100, 35);
  expect_point(anchor(engine, 133, {{"eye_size", 0}}), 85, 35);
}

TEST(Drives, ScalesMultiplyAndThenTurnAndMove) {
  const Engine engine = tiny();
  expect_point(anchor(engine, 133, {{"eye_size", 1}, {"eye_puff", 1}}), 140, 35);
  expect_point(anchor(engine, 133, {{"eye_size", 1}, {"eye_tilt", 90}, {"eye_spacing", 3}}), 80 - 12, 55);
}

TEST(Drives, MoveThePictureToo) {
  const Engine engine = tiny();
  Avatar avatar = engine.default_avatar();
  avatar.discrete["eye"] = "shut";
  EXPECT_EQ(pixel(draw(engine, avatar), 80, 40), cv::Vec4i(0xd7, 0xbd, 0x96, 255));
  avatar.continuous["eye_tilt"] = 90;  // the bar stands upright
  EXPECT_EQ(pixel(draw(engine, avatar), 80, 42), cv::Vec4i(0x11, 0x11, 0x11, 255));
  EXPECT_EQ(pixel(draw(engine, avatar), 74, 35), cv::Vec4i(0xd7, 0xbd, 0x96, 255));
}

TEST(Blend, MovesNumbersAndAnchors) {
  const Engine engine = tiny();
  Avatar avatar = engine.default_avatar();
  const cv::Vec4i skin(0xd7, 0xbd, 0x96, 255), white(255, 255, 255, 255);
  EXPECT_EQ(pixel(draw(engine, avatar), 42, 70), white);
  avatar.continuous["face_width"] = 1;
  EXPECT_EQ(pixel(draw(engine, avatar), 42, 70), skin);
  EXPECT_EQ(pixel(draw(engine, avatar), 38, 70), white);
  expect_point(engine.anchors(avatar).at(234), 40, 50);
  avatar.continuous["face_width"] = 0;
  EXPECT_EQ(pixel(draw(engine, avatar), 58, 60), white);
  EXPECT_EQ(pixel(draw(engine, avatar), 62, 60), skin);
  expect_point(engine.anchors(avatar).at(234), 60, 50);
}

TEST(Blend, LeavesOtherStructuresAlone) {
  const Engine engine = tiny();
  Avatar avatar = engine.default_avatar();
  avatar.discrete["head"] = "round";
  const std::string rest = engine.svg(avatar);
  avatar.continuous["face_width"] = 1;
  EXPECT_EQ(engine.svg(avatar), rest);
  expect_point(engine.anchors(avatar).at(234), 50, 50);
}

TEST(Anchors, FollowTheirComponent) {
  const Engine engine = tiny();
  Avatar avatar = engine.default_avatar();
  EXPECT_FALSE(engine.anchors(avatar).contains(200)) << "the mole is absent";
  avatar.discrete["mole"] = "dot";
  expect_point(engine.anchors(avatar).at(200), 57, 72);
}

}  // namespace
}  // namespace swiftavatar
