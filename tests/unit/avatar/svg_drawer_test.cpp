#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "avatar/engines.h"
#include "avatar/shipped.h"
#include "base/program_files.h"
#include "draw/rasterise.h"
#include "escape.h"
#include "failure_of.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using namespace std::chrono_literals;
using namespace testing;

std::string svg(const std::string& body, const std::string& attributes = "width='20' height='10'") {
  return "<svg xmlns='http://www.w3.org/2000/svg' " + attributes + ">" + body + "</svg>";
}
const std::string kHouse = svg("<rect x='2' y='3' width='9' height='4' fill='#a0b0c0' opacity='0.5'/>");

SvgDrawer fake(size_t memory = size_t{4} << 30) {
  return SvgDrawer({.memory = memory, .program = program_folder() / "fake_drawer"});
}

void expect_failed(const Result<cv::Mat>& drawn, const std::string& reason) {
  ASSERT_FALSE(drawn.ok());
  EXPECT_EQ(drawn.error().code, ErrorCode::render_failed);
  EXPECT_NE(drawn.error().message.find(reason), std::string::npos) << drawn.error().message;
}

void expect_same(const cv::Mat& drawn, const Picture& here) {
  ASSERT_EQ(drawn.size(), cv::Size(here.columns, here.rows));
  ASSERT_EQ(drawn.type(), CV_8UC4);
  EXPECT_TRUE(std::equal(here.rgba.begin(), here.rgba.end(), drawn.data));
}

TEST(SvgDrawer, GivesWhatDrawingHereGives) {
  const SvgDrawer drawer;
  const std::string blur =
      svg("<filter id='f'><feGaussianBlur stdDeviation='1'/></filter>"
          "<rect width='9' height='9' fill='red' filter='url(#f)'/>");
  for (const std::string& document : {kHouse, blur, svg("", "viewBox='0 0 1 5'")}) {
    for (const int size : {1, 64, 301})
      expect_same(drawer.draw(document, size).value(), rasterise(document, size).value());
  }
  for (const char* name : {"tiktok", "alter"}) {
    const Engine engine = Engine::open(source_dir() / "configs/engines" / name / "definition.json", name).value();
    const Avatar avatar = engine.default_avatar();
    const Picture here = rasterise(engine.svg(avatar), 200).value();
    expect_same(drawer.draw(engine.svg(avatar), 200).value(), here);
    expect_same(draw_avatar(engine, avatar, 200).value(), here);
  }
}

TEST(SvgDrawer, ErrorsOfLibrsvgAreSaid) {
  expect_failed(SvgDrawer().draw("no svg", 64), "the avatar's SVG cannot be drawn: ");
  expect_failed(SvgDrawer().draw(kHouse, 8193), "1 to 8192 pixels");
}

/// This process can open fonts, the other one could not any more. Without a font, letters are boxes.
TEST(SvgDrawer, TextIsDrawnInFontsThatWereLoadedBefore) {
  const SvgDrawer drawer;
  for (const char* style : {"font-family='serif'", "font-family='sans-serif'", "font-family='monospace' font-size='31'",
                            "font-family='sans-serif' font-weight='bold'"}) {
    const std::string text = svg("<text y='30' " + std::string(style) + ">Wi</text>", "width='60' height='40'");
    expect_same(drawer.draw(text, 60).value(), rasterise(text, 60).value());
  }
  const std::string unknown = svg("<text y='30' font-family='No Such Font'>Wi</text>", "width='60' height='40'");
  EXPECT_TRUE(drawer.draw(unknown, 60).ok());
}

TEST(SvgDrawer, MeasuresShapes) {
  EXPECT_EQ(SvgDrawer().measure(svg("<g id='a'><rect x='2' y='3' width='9' height='4'/></g>"), "a", {20, 10}).value(),
            cv::Rect2d(2, 3, 9, 4));
  EXPECT_EQ(SvgDrawer().measure(kHouse, "missing", {20, 10}).error().code, ErrorCode::render_failed);
}

TEST(SvgDrawer, ACrashCostsOnePicture) {
  const SvgDrawer drawer = fake();
  for (const auto& [word, reason] :
       {std::pair{"crash", "signal 11"}, {"huge", "made the program crash that draws it"}}) {
    expect_failed(drawer.draw(svg("", word), 32), reason);
    EXPECT_TRUE(drawer.draw(kHouse, 32).ok()) << "after " << word;
  }
}

TEST(SvgDrawer, WhatStallsIsGivenUp) {
  const SvgDrawer drawer = fake();
  expect_failed(drawer.draw(svg("", "stall"), 32, 300ms), "the avatar was not drawn within 0.3 s");
  EXPECT_TRUE(drawer.draw(kHouse, 32).ok());
}

/// Of a few thousand bytes: each dash is a shape.
TEST(SvgDrawer, DashesWithoutEndAreGivenUp) {
  std::string path = "M0 0";
  for (int i = 0; i < 2000; ++i) path += i % 2 ? "H9" : "H0";
  const std::string dashes =
      svg("<path stroke='red' stroke-dasharray='0.002' d='" + path + "'/>", "width='10' height='10'");
  expect_failed(SvgDrawer().draw(dashes, 512, 500ms), "was not drawn within 0.5 s");
}

TEST(SvgDrawer, MemoryIsBounded) {
  const SvgDrawer hungry = fake(size_t{256} << 20);
  ASSERT_FALSE(hungry.draw(svg("", "hungry"), 32).ok());
  EXPECT_TRUE(hungry.draw(kHouse, 32).ok());
  std::string layers;
  for (int i = 0; i < 50; ++i) layers += "<g opacity='0.9'>";
  layers += "<rect width='9' height='9'/>";
  for (int i = 0; i < 50; ++i) layers += "</g>";
  const SvgDrawer real({.memory = size_t{256} << 20});
  ASSERT_FALSE(real.draw(svg(layers), 4000).ok());
  EXPECT_TRUE(real.draw(kHouse, 32).ok());
}

TEST(SvgDrawer, NothingInTheProcessGetsOut) {
  const TemporaryFolder folder;
  expect_no_escape(folder.path(), [] {
    const SvgDrawer drawer = fake();
    EXPECT_EQ(drawer.sandbox().substr(0, 7), "seccomp") << drawer.sandbox();
    return drawer.draw(svg("", "escape"), 32).error().message;
  });
}

TEST(SvgDrawer, SeveralThreadsDrawAtOnce) {
  const SvgDrawer drawer;
  const Picture here = rasterise(kHouse, 50).value();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) expect_same(drawer.draw(kHouse, 50).value(), here);
    });
  }
}

TEST(SvgDrawer, WhatIsMissingEndsTheRun) {
  const SvgDrawer drawer({.program = "/nonexistent/swiftavatar-draw"});
  const Error gone = failure_of([&] { (void)drawer.draw(kHouse, 8); });
  EXPECT_EQ(gone.code, ErrorCode::internal);
  EXPECT_NE(gone.message.find("/nonexistent/swiftavatar-draw, which draws avatars"), std::string::npos) << gone.message;
}

TEST(Shipped, IsWhatComesWithTheProgramToTheByte) {
  const std::string text = read_file(source_dir() / "configs/engines/tiktok/definition.json");
  EXPECT_TRUE(Engine::parse(text, "tiktok").value().is_shipped());
  EXPECT_TRUE(Engine::parse(text, "other").value().is_shipped());
  EXPECT_FALSE(Engine::parse(text + "\n", "tiktok").value().is_shipped());
}

}  // namespace
}  // namespace swiftavatar
