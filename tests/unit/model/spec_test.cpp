#include "model/spec.h"

#include <gtest/gtest.h>

#include "failure_of.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using nlohmann::json;
using testing::failure_of;

ModelEntry entry(const std::string& spec) { return {"estimator:tiny", "bundles/x/e.pt", "", "", json::parse(spec)}; }

/// The message of the model_corrupt that reading `spec` ends with.
template <class Read>
std::string refusal(const Read& read, const std::string& spec) {
  SCOPED_TRACE(spec);
  const Error error = failure_of([&] { read(entry(spec)); });
  EXPECT_EQ(error.code, ErrorCode::model_corrupt);
  EXPECT_TRUE(error.message.starts_with("bundles/x/manifest.json: models.estimator:tiny")) << error.message;
  return error.message;
}

void expect_part(const std::string& message, const std::string& part) {
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

Bundle bundle_of(json manifest) {
  const testing::TemporaryFolder folder;
  manifest["schema"] = "swiftavatar.bundle/1";
  if (!manifest.contains("models")) manifest["models"] = json::object();
  for (auto& [role, model] : manifest["models"].items()) {
    model["file"] = "x.pt";
    model["sha256"] = std::string(64, '0');
  }
  folder.write("manifest.json", manifest.dump());
  return Bundle::open(folder.path()).value();
}

TEST(HeadSpecs, ReadWhatTheManifestSays) {
  const auto heads = head_specs(entry(R"({"heads": [
    {"kind": "attribute", "name": "mouth", "options": ["closed", "teeth"], "offset": 0, "temperature": 2,
     "bias": [0.5, -1]},
    {"kind": "discrete", "name": "hair", "options": ["a"], "offset": 2},
    {"kind": "slider", "name": "jaw", "offset": 3},
    {"kind": "measure", "name": "eye_size", "offset": 4, "mean": 0.2, "std": 0.01}]})"));
  ASSERT_EQ(heads.size(), 4u);
  EXPECT_EQ(heads[0].options, (std::vector<std::string>{"closed", "teeth"}));
  EXPECT_EQ(heads[0].bias, (std::vector<float>{0.5f, -1}));
  EXPECT_EQ(heads[0].temperature, 2);
  EXPECT_EQ(heads[0].width(), 2);
  EXPECT_EQ(heads[1].bias, std::vector<float>{0});
  EXPECT_EQ(heads[2].offset, 3);
  EXPECT_EQ(heads[2].width(), 1);
  EXPECT_EQ(heads[3].mean, 0.2);
  EXPECT_EQ(heads[3].std, 0.01);
}

TEST(HeadSpecs, MalformedOnesAreRefusedAtTheirPlace) {
  const auto head = [](const std::string& fields) { return "{\"heads\": [" + fields + "]}"; };
  const struct {
    std::string spec, part;
  } cases[] = {
      {"{}", "has no \"heads\""},
      {R"({"heads": 3})", "heads is not a list"},
      {R"({"heads": []})", "heads is empty"},
      {R"({"heads": {"kind": "slider"}})", "heads is not a list"},
      {head("7"), "heads[0] has no \"kind\""},
      {head(R"({"kind": 3, "name": "x", "offset": 0})"), "heads[0].kind is not a text"},
      {head(R"({"kind": "slider", "name": ["x"], "offset": 0})"), "heads[0].name is not a text"},
      {head(R"({"kind": "slider", "name": "x"})"), "heads[0] has no \"offset\""},
      {head(R"({"kind": "slider", "name": "x", "offset": -1})"), "heads[0].offset is not a whole number"},
      {head(R"({"kind": "slider", "name": "x", "offset": 1.5})"), "heads[0].offset is not a whole number"},
      {head(R"({"kind": "slider", "name": "x", "offset": "1"})"), "heads[0].offset is not a whole number"},
      {head(R"({"kind": "slider", "name": "x", "offset": 9223372036854775807})"), "heads[0].offset"},
      {head(R"({"kind": "slider", "name": "x", "offset": 18446744073709551615})"), "heads[0].offset"},
      {head(R"({"kind": "oracle", "name": "x", "offset": 0})"), "unknown kind \"oracle\""},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0})"), "has no \"options\""},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": []})"), "has no options"},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": [1]})"), "options[0] is not a text"},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": ["a"], "bias": [1, 2]})"), "one bias"},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": ["a"], "bias": ["1"]})"), "bias[0]"},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": ["a"], "bias": [1e300]})"), "bias[0]"},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": ["a"], "temperature": 0})"), "temperature"},
      {head(R"({"kind": "attribute", "name": "x", "offset": 0, "options": ["a"], "temperature": null})"),
       "temperature"},
      {head(R"({"kind": "measure", "name": "x", "offset": 0, "mean": "0"})"), "heads[0].mean is not a number"},
      {head(R"({"kind": "measure", "name": "x", "offset": 0, "std": [1]})"), "heads[0].std is not a number"},
  };
  for (const auto& [spec, part] : cases) expect_part(refusal(head_specs, spec), part);
}

TEST(HeadCount, IsNoneWhereTheListCannotBeRead) {
  EXPECT_EQ(head_count(entry(R"({"heads": [1, 2]})")), 2u);
  for (const char* spec : {"{}", R"({"heads": {"a": 1}})", R"({"heads": "many"})", R"({"heads": null})"}) {
    EXPECT_EQ(head_count(entry(spec)), 0u) << spec;
  }
}

TEST(InputSpecs, ReadSidesOfPictures) {
  const auto inputs = input_specs(entry(R"({"inputs": [{"name": "image", "shape": ["N", 3, 64, 64]},
    {"name": "parts", "shape": ["N", 13, 32, 32]}, {"name": "points", "shape": ["N", 478, 2]}]})"));
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].size, 64);
  EXPECT_EQ(inputs[1].size, 32);
  EXPECT_EQ(inputs[2].name, "points");
}

TEST(InputSpecs, MalformedOnesAreRefusedAtTheirPlace) {
  const auto input = [](const std::string& fields) { return "{\"inputs\": [" + fields + "]}"; };
  const struct {
    std::string spec, part;
  } cases[] = {
      {"{}", "has no \"inputs\""},
      {R"({"inputs": []})", "inputs is empty"},
      {input(R"({"name": 3, "shape": [1, 3, 8, 8]})"), "inputs[0].name is not a text"},
      {input(R"({"name": "sound", "shape": [1, 3, 8, 8]})"), "none of image, parts and points"},
      {input(R"({"name": "image", "shape": []})"), "inputs[0].shape is not a list"},
      {input(R"({"name": "image", "shape": 8})"), "inputs[0].shape is not a list"},
      {input(R"({"name": "image", "shape": [1, 3, 8, "S"]})"), "inputs[0].shape[3] is not a whole number"},
      {input(R"({"name": "image", "shape": [1, 3, 8, 0]})"), "inputs[0].shape[3]"},
      {input(R"({"name": "image", "shape": [1, 3, 8, 1e9]})"), "inputs[0].shape[3]"},
  };
  for (const auto& [spec, part] : cases) expect_part(refusal(input_specs, spec), part);
}

TEST(PictureSide, IsTheLastOfTheFirstShape) {
  EXPECT_EQ(picture_side(entry(R"({"outputs": [{"shape": ["N", 3, 128, 128]}]})"), "outputs"), 128);
  const auto side = [](const ModelEntry& entry) { return picture_side(entry, "inputs"); };
  for (const char* spec : {"{}", R"({"inputs": []})", R"({"inputs": {}})", R"({"inputs": [{"shape": []}]})",
                           R"({"inputs": [{"shape": [1, 3, 8, 8192]}]})", R"({"inputs": [{"shape": [-1]}]})",
                           R"({"inputs": [{"shape": "8"}]})", R"({"inputs": [8]})"}) {
    expect_part(refusal(side, spec), "inputs");
  }
}

TEST(FrameSpec, TheModelsCropGoesBeforeTheBundles) {
  const json models = {{"parser", {{"crop", 1.3}}},
                       {"real_generator", {{"outputs", {{{"shape", {"N", 3, 512, 512}}}}}}}};
  const Bundle bundle = bundle_of({{"crop", 1.1}, {"models", models}});
  EXPECT_EQ(frame_spec(bundle, "parser", 256).crop, 1.3);
  EXPECT_EQ(frame_spec(bundle, "parser", 256).size, 256);
  EXPECT_EQ(frame_spec(bundle, "real_generator", 256).crop, 1.1);
  EXPECT_EQ(frame_spec(bundle, "real_generator", 256).size, 512);
}

TEST(FrameSpec, ACropThatIsNoneIsRefused) {
  for (const json& crop : {json("1.2"), json(0), json(-1), json(11), json(nullptr), json::array({1})}) {
    for (const bool own : {true, false}) {
      const json model = own ? json{{"crop", crop}} : json::object();
      const Bundle bundle = bundle_of({{"crop", own ? json(1.1) : crop}, {"models", {{"parser", model}}}});
      const Error error = failure_of([&] { frame_spec(bundle, "parser", 256); });
      EXPECT_EQ(error.code, ErrorCode::model_corrupt);
      expect_part(error.message, "crop is not a number from 0.1 to 10");
    }
  }
}

TEST(KnownParts, AreThe13ByTheirNames) {
  json parts = json::array();
  for (const char* name : {"background", "skin", "eye", "brow", "mouth", "nose", "ear", "hair", "neck", "cloth",
                           "glasses", "hat", "earring"}) {
    parts.push_back({{"name", name}});
  }
  EXPECT_NO_THROW(require_known_parts(bundle_of({{"parts", parts}})));
  std::vector<json> wrong = {json(), json::object(), json("skin"), json::array({1, 2}), parts, parts, parts, parts};
  wrong[4][3]["name"] = 3;
  wrong[5][3]["name"] = "moustache";
  wrong[6].erase(12);
  wrong[7][0] = json::object();
  for (const json& others : wrong) {
    const Error error = failure_of([&] { require_known_parts(bundle_of({{"parts", others}})); });
    EXPECT_EQ(error.code, ErrorCode::model_corrupt) << others;
    expect_part(error.message, "manifest.json");
  }
}

}  // namespace
}  // namespace swiftavatar
