// Real definitions: the example of the documentation, the engines that ship, and the styles of the dicebear-styles
// package.

#include <random>

#include <gtest/gtest.h>
#include <opencv2/core.hpp>

#include "avatar/engine_store.h"
#include "avatar/engines.h"
#include "avatar/facesjs.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;

// Where PyPI's dicebear-styles lies in the project's Python environment; empty where it is not installed.
fs::path dicebear_styles() {
  std::error_code ignored;
  for (const auto& python : fs::directory_iterator(testing::source_dir() / ".deps/venv/lib", ignored)) {
    const fs::path styles = python.path() / "site-packages/dicebear_styles";
    if (fs::is_directory(styles, ignored)) return styles;
  }
  return {};
}

Avatar random_avatar(const Engine& engine, std::mt19937& random) {
  Avatar avatar = engine.default_avatar();
  const auto below = [&random](size_t count) { return random() % count; };
  for (const auto& [name, component] : engine.components()) {
    const bool absent = component.optional && below(3) == 0;
    avatar.discrete[name] = absent ? std::nullopt : std::optional(component.variants[below(component.variants.size())]);
  }
  for (const auto& [name, palette] : engine.palettes())
    avatar.colors[name] = palette.values[below(palette.values.size())];
  for (const auto& [name, slider] : engine.sliders()) {
    avatar.continuous[name] = slider.min + (slider.max - slider.min) * static_cast<double>(below(101)) / 100;
  }
  return engine.check(avatar).value();
}

// Not one colour only.
bool shows_something(const cv::Mat& image) {
  for (int y = 0; y < image.rows; ++y) {
    for (int x = 0; x < image.cols; ++x) {
      if (image.at<cv::Vec4b>(y, x) != image.at<cv::Vec4b>(0, 0)) return true;
    }
  }
  return false;
}

void expect_drawable(const Engine& engine, int avatars) {
  std::mt19937 random(11);
  for (int i = 0; i < avatars; ++i) {
    const Avatar avatar = i == 0 ? engine.default_avatar() : random_avatar(engine, random);
    const auto image = render_svg(engine.svg(avatar), 96);
    ASSERT_TRUE(image.ok()) << engine.name() << ": " << image.error().message;
    EXPECT_TRUE(shows_something(image.value())) << engine.name() << " " << to_json(avatar).dump();
  }
}

// The right half of a web page that has one or two drawings inline.
cv::Mat right_half(const Engine& engine, const std::string& left, const std::string& right) {
  const auto place = [](std::string svg, double x) {
    return svg.empty() ? svg : svg.replace(0, 4, "<svg x=\"" + std::to_string(x) + '"');
  };
  const std::string page = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                           std::to_string(2 * engine.width()) + ' ' + std::to_string(engine.height()) + "\">" +
                           place(left, 0) + place(right, engine.width()) + "</svg>";
  const cv::Mat image = render_svg(page, 240).value();
  return image.colRange(image.cols / 2, image.cols).clone();
}

void expect_inlined_as_alone(const Engine& engine, int pairs) {
  std::mt19937 random(3);
  for (int i = 0; i < pairs; ++i) {
    const std::string left = engine.svg(random_avatar(engine, random)),
                      right = engine.svg(random_avatar(engine, random));
    const cv::Mat alone = right_half(engine, "", right), beside = right_half(engine, left, right);
    EXPECT_EQ(cv::norm(alone, beside, cv::NORM_INF), 0) << engine.name() << " pair " << i;
  }
}

TEST(ShippedEngines, TwoDrawingsFitInOnePage) {
  for (const char* name : {"tiktok", "alter"}) {
    expect_inlined_as_alone(
        Engine::open(testing::source_dir() / "configs/engines" / name / "definition.json", name).value(), 8);
  }
  expect_inlined_as_alone(open_facesjs(testing::source_dir() / "tests/data/facesjs").engine, 8);
}

TEST(DicebearStyles, TwoDrawingsFitInOnePage) {
  const fs::path folder = dicebear_styles();
  if (folder.empty()) GTEST_SKIP() << "dicebear-styles is not installed in .deps/venv";
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() == ".json")
      expect_inlined_as_alone(Engine::open(file.path(), file.path().stem()).value(), 2);
  }
}

TEST(Documentation, ExampleEngineDraws) {
  const std::string text = testing::read_file(testing::source_dir() / "docs" / "engine-definition.md");
  const size_t start = text.find("```json\n"), end = text.find("\n```", start);
  ASSERT_NE(end, std::string::npos);
  const auto engine = Engine::parse(text.substr(start + 8, end - start - 8), "example");
  ASSERT_TRUE(engine.ok()) << engine.error().message;
  expect_drawable(engine.value(), 8);
  EXPECT_EQ(engine.value().anchors(engine.value().default_avatar()).size(), 4u);
}

TEST(ShippedEngines, ParseDrawAndHaveMatchingSemantics) {
  const std::vector<fs::path> data = {testing::source_dir()};
  for (const std::string& name : list_engines(data)) {
    const EngineFiles files = find_engine(name, data).value();
    const auto engine = Engine::open(files.definition, name);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    const bool is_style = name.starts_with(kDicebearPrefix);
    if (!is_style) expect_drawable(engine.value(), 12);
    if (is_style && !files.semantics) continue;
    ASSERT_TRUE(files.semantics) << name << " has no semantics.json";
    const auto semantics = Semantics::open(*files.semantics, engine.value());
    EXPECT_TRUE(semantics.ok()) << (semantics.ok() ? "" : semantics.error().message);
  }
}

TEST(DicebearStyles, EveryFaceStyleDraws) {
  const fs::path folder = dicebear_styles();
  if (folder.empty()) GTEST_SKIP() << "dicebear-styles is not installed in .deps/venv";
  for (const char* style : {"adventurer",
                            "adventurer-neutral",
                            "avataaars",
                            "avataaars-neutral",
                            "big-ears",
                            "big-ears-neutral",
                            "big-smile",
                            "cameo",
                            "croodles",
                            "croodles-neutral",
                            "dylan",
                            "lorelei",
                            "lorelei-neutral",
                            "micah",
                            "miniavs",
                            "notionists",
                            "notionists-neutral",
                            "open-peeps",
                            "personas",
                            "pixel-art",
                            "pixel-art-neutral",
                            "toon-head",
                            "voxel-art"}) {
    const auto engine = Engine::open(folder / (std::string(style) + ".json"), style);
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    expect_drawable(engine.value(), 4);
  }
}

TEST(DicebearStyles, EveryStyleIsAnEngine) {
  const fs::path folder = dicebear_styles();
  if (folder.empty()) GTEST_SKIP() << "dicebear-styles is not installed in .deps/venv";
  int count = 0;
  for (const auto& file : fs::directory_iterator(folder)) {
    if (file.path().extension() != ".json") continue;
    const auto engine = Engine::open(file.path(), file.path().stem());
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    ASSERT_TRUE(render_svg(engine.value().svg(engine.value().default_avatar()), 64).ok()) << file.path();
    ++count;
  }
  EXPECT_GE(count, 50);
}

}  // namespace
}  // namespace swiftavatar
