// faces.js as an engine, on made-up drawings in the form that the package has.

#include <gtest/gtest.h>

#include "avatar/engines.h"
#include "avatar/facesjs.h"
#include "failure_of.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

fs::path data() { return testing::source_dir() / "tests/data/facesjs"; }

const FacesjsEngine& made_up() {
  static const FacesjsEngine engine = open_facesjs(data());
  return engine;
}

Semantics semantics_of(const FacesjsEngine& facesjs) {
  const std::string table = testing::read_file(testing::source_dir() / "configs/engines/facesjs/semantics.json");
  return Semantics::parse(facesjs_semantics(table, facesjs), facesjs.engine).value();
}

cv::Mat draw(const Avatar& avatar) {
  return render_svg(made_up().engine.svg(made_up().engine.check(avatar).value()), 600).value();
}

/// The bounding box of the pixels that are exactly of a colour.
cv::Rect extent(const cv::Mat& image, const cv::Vec4b& color) {
  cv::Mat mask;
  cv::inRange(image, color, color, mask);
  std::vector<cv::Point> points;
  for (int y = 0; y < mask.rows; ++y) {
    for (int x = 0; x < mask.cols; ++x) {
      if (mask.at<uchar>(y, x)) points.emplace_back(x, y);
    }
  }
  if (points.empty()) return {};
  int left = 1 << 20, top = 1 << 20, right = -1, bottom = -1;
  for (const cv::Point& p : points) {
    left = std::min(left, p.x), right = std::max(right, p.x), top = std::min(top, p.y), bottom = std::max(bottom, p.y);
  }
  return {left, top, right - left + 1, bottom - top + 1};
}

TEST(Facesjs, FolderAndModuleAreOneEngine) {
  EXPECT_EQ(open_facesjs(data() / "svgs").definition.text, made_up().definition.text);
  EXPECT_EQ(open_facesjs(data() / "package").definition.text, made_up().definition.text);
  EXPECT_EQ(open_facesjs(data() / "package/lib/svgs.js").definition.text, made_up().definition.text);
  EXPECT_TRUE(made_up().definition.warnings.empty());
}

TEST(Facesjs, EveryFeatureIsAComponent) {
  const auto& components = made_up().engine.components();
  EXPECT_EQ(components.size(), 17u) << "16 features and the stubble";
  EXPECT_EQ(components.at("hair").variants.front(), "short");
  EXPECT_FALSE(components.at("hair").optional);
  EXPECT_TRUE(components.at("glasses").optional);
  EXPECT_EQ(components.at("glasses").variants, (std::vector<std::string>{"glasses2Black"}));
  EXPECT_EQ(made_up().definition.variant("hair", "short-fade", true), "shortFadeFlip");
  EXPECT_EQ(made_up().definition.variant("hair", "none"), "");
  EXPECT_EQ(made_up().engine.sliders().size(), 8u);
}

TEST(Facesjs, FatnessScalesTheHead) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.colors["skin"] = "#ff0000";
  avatar.discrete["hair"] = "bald";
  const auto width_at = [&](double fatness) {
    avatar.continuous["fatness"] = fatness;
    const cv::Mat face = draw(avatar)(cv::Rect(0, 240, 400, 40));  // above the ears
    return extent(face, {255, 0, 0, 255}).width;
  };
  // The head is 280 wide; half of its stroke of 6 lies inside on each side, whatever the width.
  EXPECT_NEAR(width_at(1), 274 - 8, 6);
  EXPECT_NEAR(width_at(0.5), width_at(1) * 0.9, 3);
  EXPECT_NEAR(width_at(0), width_at(1) * 0.8, 3);
}

TEST(Facesjs, EarsStandAtTheHeadAndGrow) {
  Avatar avatar = made_up().engine.default_avatar();
  const std::string definition = made_up().definition.text;
  const auto matrix = [&](double size, double fatness) {
    avatar.continuous["ear_size"] = size;
    avatar.continuous["fatness"] = fatness;
    return made_up().engine.svg(made_up().engine.check(avatar).value());
  };
  EXPECT_NE(matrix(0.5, 0.5), matrix(1.5, 0.5));
  EXPECT_NE(matrix(1, 0), matrix(1, 1));
}

TEST(Facesjs, PartsAreCentredAtTheirPlaces) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.colors["hair"] = "#00ff00";
  avatar.discrete["hair"] = "bald";
  const cv::Mat image = draw(avatar);
  const cv::Rect left = extent(image(cv::Rect(0, 0, 200, 600)), {0, 255, 0, 255});
  const cv::Rect right = extent(image(cv::Rect(200, 0, 200, 600)), {0, 255, 0, 255});
  EXPECT_NEAR(left.x + left.width / 2.0, 140, 2);
  EXPECT_NEAR(left.y + left.height / 2.0, 270, 2);
  EXPECT_NEAR(right.x + right.width / 2.0, 60, 2) << "mirrored at 260";
}

TEST(Facesjs, PositiveAnglesRaiseTheOuterEnds) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.colors["hair"] = "#00ff00";
  avatar.discrete["hair"] = "bald";
  const auto lowest_outer = [&](double angle) {
    avatar.continuous["brow_tilt"] = angle;
    return extent(draw(avatar)(cv::Rect(100, 200, 20, 150)), {0, 255, 0, 255}).br().y;
  };
  EXPECT_LT(lowest_outer(20), lowest_outer(-15) - 5);
}

TEST(Facesjs, SizeKeepsTheStrokesThatAreAttributes) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.continuous["nose_size"] = 0.5;
  const std::string svg = made_up().engine.svg(made_up().engine.check(avatar).value());
  EXPECT_NE(svg.find("M12 3L4 50C4 62 44 62 44 50"), std::string::npos);
  EXPECT_NE(svg.find("stroke-width=\"12\"", svg.find("M12 3L4 50")), std::string::npos);
}

TEST(Facesjs, StubbleIsAShadeOfAnyDarkness) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.colors["skin"] = "#ffffff";
  avatar.discrete["hair"] = "bald";
  const auto chin = [&](std::optional<std::string> shown, double darkness) {
    avatar.discrete["stubble"] = shown;
    avatar.continuous["stubble"] = darkness;
    return draw(avatar).at<cv::Vec4b>(470, 240)[0];
  };
  EXPECT_EQ(chin(std::nullopt, 0.2), 255);
  EXPECT_EQ(chin("shade", 0), 255);
  EXPECT_NEAR(chin("shade", 0.1), 229.5, 1);
  EXPECT_NEAR(chin("shade", 0.2), 204, 1);
}

TEST(Facesjs, HatsHideHair) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.colors["hair"] = "#00ff00";
  avatar.colors["secondary"] = "#0000ff";
  avatar.discrete["accessories"] = "hat";
  avatar.discrete["hair"] = "afro";
  EXPECT_LT(extent(draw(avatar), {0, 255, 0, 255}).width, 310) << "the afro is drawn as short hair";
  avatar.discrete["hair"] = "longHair";
  EXPECT_LT(extent(draw(avatar), {0, 255, 0, 255}).height, 60) << "only the brows are left";
}

TEST(Facesjs, NativeGoesThereAndBack) {
  const Engine& engine = made_up().engine;
  Avatar avatar = engine.default_avatar();
  avatar.discrete["hair"] = "afroFlip";
  avatar.discrete["glasses"] = "glasses2Black";
  avatar.discrete["stubble"] = "shade";
  avatar.continuous = {{"fatness", 0.31},  {"body_size", 0.9}, {"ear_size", 0.75},       {"nose_size", 0.6},
                       {"eye_tilt", -3.5}, {"brow_tilt", 11},  {"smile_line_size", 1.5}, {"stubble", 0.13}};
  avatar.colors["skin"] = "#a07e56";
  avatar = engine.check(avatar).value();
  const auto face = made_up().native->write(avatar);
  EXPECT_EQ(face["fatness"], 0.31);
  EXPECT_EQ(face["teamColors"].size(), 3u);
  EXPECT_EQ(face["body"].dump(), R"({"id":"body","color":"#a07e56","size":0.9})");
  EXPECT_EQ(face["head"].dump(), R"-({"id":"head1","shave":"rgba(0,0,0,0.13)"})-");
  EXPECT_EQ(face["hair"].dump(), R"({"id":"afro","color":"#221d20","flip":true})");
  EXPECT_EQ(face["eye"].dump(), R"({"id":"eye1","angle":-3.5})");
  EXPECT_EQ(face["glasses"].dump(), R"({"id":"glasses2-black"})");
  EXPECT_EQ(face["hairBg"].dump(), R"({"id":"none"})");
  EXPECT_EQ(face["nose"].dump(), R"({"id":"nose1","flip":false,"size":0.6})");
  EXPECT_EQ(face.size(), 18u);
  EXPECT_EQ(to_json(engine.check(made_up().native->read(json(face)).value()).value()), to_json(avatar));
}

TEST(Facesjs, NativeTakesWhatOthersWrote) {
  const auto face = json::parse(
      R"-({"fatness": 1.7, "hair": {"id": "short", "color": "#ABC"}, "head": {"id": "head2", "shave": "rgba(0, 0, 0, 0)"},
                                    "lineOpacity": 1, "accessories": {"id": "none"}})-");
  const Avatar avatar = made_up().native->read(face).value();
  EXPECT_EQ(avatar.continuous.at("fatness"), 1) << "as far as our slider goes";
  EXPECT_EQ(avatar.colors.at("hair"), "#aabbcc");
  EXPECT_EQ(avatar.discrete.at("stubble"), std::nullopt);
  EXPECT_EQ(avatar.discrete.at("accessories"), std::nullopt);
}

TEST(Facesjs, NativeNamesWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {{"[]", "object"},
                                                       {R"({"hair": 1})", "hair"},
                                                       {R"({"hair": {"id": "mohawk"}})", "mohawk"},
                                                       {R"({"hair": {"id": "none"}})", "hair.id"},
                                                       {R"({"hair": {"id": "afro", "flip": 1}})", "hair.flip"},
                                                       {R"({"fatness": "x"})", "fatness"},
                                                       {R"({"eye": {"angle": []}})", "eye.angle"},
                                                       {R"({"body": {"color": "skin"}})", "body.color"},
                                                       {R"({"teamColors": ["#fff"]})", "teamColors"},
                                                       {R"({"head": {"shave": "dark"}})", "head.shave"}};
  for (const auto& [text, word] : cases) {
    const auto avatar = made_up().native->read(json::parse(text));
    ASSERT_FALSE(avatar.ok()) << text;
    EXPECT_EQ(avatar.error().code, ErrorCode::usage);
    EXPECT_NE(avatar.error().message.find(word), std::string::npos) << avatar.error().message;
  }
}

TEST(Facesjs, SemanticsOfTheIdsThatAreThere) {
  const Semantics semantics = semantics_of(made_up());
  Avatar avatar = made_up().engine.default_avatar();
  EXPECT_EQ(semantics.read(avatar).at("hair_length"), "short");
  EXPECT_EQ(semantics.read(avatar).at("facial_hair"), "none");
  avatar.discrete["stubble"] = "shade";
  EXPECT_EQ(semantics.read(avatar).at("facial_hair"), "stubble");
  avatar.discrete["facialHair"] = "beard1";
  EXPECT_EQ(semantics.read(avatar).at("facial_hair"), "beard");
  EXPECT_TRUE(semantics.excluded("hair", "afroFlip"));
  EXPECT_TRUE(semantics.excluded("stubble", "clear"));
  EXPECT_TRUE(semantics.excluded("mouth", "side"));
  EXPECT_FALSE(semantics.excluded("mouth", "smile"));
  EXPECT_FALSE(semantics.excluded("head", "head2")) << "says nothing, but may be chosen";
}

TEST(Facesjs, SettlesWhatGoesTogether) {
  Avatar avatar = made_up().engine.default_avatar();
  avatar.discrete["hair"] = "longHair";
  avatar.discrete["facialHair"] = "beard1";
  avatar.discrete["stubble"] = "shade";
  made_up().native->settle(avatar);
  EXPECT_EQ(avatar.discrete.at("hairBg"), "longHair");
  EXPECT_EQ(avatar.discrete.at("stubble"), std::nullopt);
  avatar.discrete["hair"] = "short";
  made_up().native->settle(avatar);
  EXPECT_EQ(avatar.discrete.at("hairBg"), std::nullopt);
}

TEST(Facesjs, LeavesOutBadDrawingsAndSaysSo) {
  FacesjsParts parts = read_facesjs_parts(data());
  parts.svgs["hair"]["evil"] = "<script>x</script>";
  parts.svgs["hair"]["broken"] = "<path";
  parts.svgs["eye"]["number"] = "<path d=\"M0 0\" transform=\"turn(3)\"/>";
  const FacesjsDefinition definition = define_facesjs(parts, "DIR");
  ASSERT_EQ(definition.warnings.size(), 3u);
  EXPECT_EQ(definition.text, made_up().definition.text);
}

TEST(Facesjs, FailsWithoutAHead) {
  FacesjsParts parts = read_facesjs_parts(data());
  parts.svgs.erase("head");
  const Error error = testing::failure_of([&] { define_facesjs(parts, "DIR"); });
  EXPECT_EQ(error.code, ErrorCode::engine_invalid);
  EXPECT_NE(error.message.find("head"), std::string::npos);
  parts = read_facesjs_parts(data());
  parts.svgs.erase("glasses");
  parts.svgs.erase("smileLine");
  const auto native = Engine::parse(define_facesjs(parts, "DIR").text, "facesjs");
  ASSERT_TRUE(native.ok()) << native.error().message;
  EXPECT_FALSE(native.value().components().contains("glasses"));
}

TEST(Facesjs, FailsWhereThereAreNoDrawings) {
  const testing::TemporaryFolder folder;
  EXPECT_EQ(testing::failure_of([&] { open_facesjs(folder.path()); }).code, ErrorCode::engine_invalid);
  EXPECT_NE(testing::failure_of([&] { open_facesjs(folder.path() / "nowhere"); }).message.find("nowhere"),
            std::string::npos);
}

TEST(Facesjs, IdsBecomeNames) {
  FacesjsParts parts = read_facesjs_parts(data());
  for (const char* id : {"Faux-Hawk", "faux hawk", "9", "--", "\xc3\xa9"})
    parts.svgs["hair"][id] = "<path d=\"M0 0L1 1\"/>";
  const FacesjsDefinition definition = define_facesjs(parts, "DIR");
  EXPECT_TRUE(Engine::parse(definition.text, "facesjs").ok());
  EXPECT_EQ(definition.variant("hair", "9"), "v9");
  EXPECT_NE(definition.variant("hair", "Faux-Hawk"), definition.variant("hair", "faux hawk"));
}

TEST(Facesjs, TheRealPackage) {
  const char* where = std::getenv("SWIFTAVATAR_FACESJS");
  if (!where) GTEST_SKIP() << "set SWIFTAVATAR_FACESJS to the folder of the npm package facesjs to test with it";
  const FacesjsEngine facesjs = open_facesjs(where);
  EXPECT_GE(facesjs.engine.components().at("hair").variants.size(), 60u);
  for (const std::string& warning : facesjs.definition.warnings) ADD_FAILURE() << warning;
  const Semantics semantics = semantics_of(facesjs);
  EXPECT_FALSE(semantics.components().at("hair").empty());
  for (const auto& [name, component] : facesjs.engine.components()) {
    for (const std::string& variant : component.variants) {
      Avatar avatar = facesjs.engine.default_avatar();
      avatar.discrete[name] = variant;
      EXPECT_TRUE(render_svg(facesjs.engine.svg(facesjs.engine.check(avatar).value()), 64).ok())
          << name << '/' << variant;
    }
  }
}

}  // namespace
}  // namespace swiftavatar
