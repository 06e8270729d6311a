#include "estimate/result_json.h"

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

RunFacts run() {
  RunFacts facts;
  facts.version = "1.2.3";
  facts.device = "cpu";
  facts.bundle = "default";
  facts.files = {{"parser", "aa"}, {"detector", "bb"}};
  facts.engine = "tiny";
  facts.engine_sha256 = "cc";
  facts.options = {{"engine", "tiny"}, {"digest", "dd"}};
  return facts;
}

InputFacts input() { return {"photos/a.jpg", "ee", 640, 480}; }

FaceFacts face() {
  FaceFacts facts;
  facts.index = 2;
  facts.count = 3;
  facts.face.box = {10.123f, 20.456f, 30.789f, 40};
  facts.face.score = 0.98765f;
  facts.face.yaw = -3.14159;
  facts.face.mesh.assign(kMeshPoints, {1.006f, 2});
  facts.estimate.avatar = testing::tiny().default_avatar();
  facts.estimate.discrete = {{"hair", 0.123456}};
  facts.estimate.continuous = {{"eye_size", 0.5}};
  facts.estimate.colors = {{"skin", 1}};
  facts.attributes = {{"skin_tone", "10"}, {"glasses", "none"}};
  facts.measures = {{"eye_size", 0.2345678}};
  facts.previews = {{"avatar", {"a.avatar.png", "ff"}}};
  facts.timing_ms = {{"decode", 1.26}, {"align", 0.04}};
  facts.warnings = {"One.", "Two."};
  return facts;
}

std::vector<std::string> keys(const ordered_json& json) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : json.items()) names.push_back(name);
  return names;
}

TEST(ResultJson, KeysStandInTheOrderInWhichPeopleReadThem) {
  const ordered_json json = result_json(run(), input(), face());
  EXPECT_EQ(keys(json), (std::vector<std::string>{"schema", "status", "tool", "models", "options", "input", "face",
                                                  "engine", "avatar", "confidence", "attributes", "measures", "native",
                                                  "inversion", "previews", "timing_ms", "warnings"}));
  EXPECT_EQ(keys(json["input"]), (std::vector<std::string>{"path", "sha256", "width", "height"}));
  EXPECT_EQ(keys(json["timing_ms"]), (std::vector<std::string>{"decode", "align"})) << "stages stand as they ran";
}

TEST(ResultJson, SaysWhatMadeIt) {
  const ordered_json json = result_json(run(), input(), face());
  EXPECT_EQ(json["schema"], "swiftavatar.result/1");
  EXPECT_EQ(json["status"], "ok");
  EXPECT_EQ(json["tool"].dump(), R"({"version":"1.2.3","device":"cpu"})");
  FaceFacts on_gpu = face();
  on_gpu.gpu = GpuFacts{.fused = 7, .tf32 = false};
  EXPECT_EQ(result_json(run(), input(), on_gpu)["tool"].dump(),
            R"({"version":"1.2.3","device":"cpu","fused":7,"tf32":false})");
  EXPECT_EQ(json["models"].dump(), R"({"bundle":"default","files":{"detector":"bb","parser":"aa"}})");
  EXPECT_EQ(json["engine"].dump(), R"({"name":"tiny","sha256":"cc"})");
  EXPECT_EQ(json["options"].dump(), R"({"engine":"tiny","digest":"dd"})");
  EXPECT_EQ(json["input"].dump(), R"({"path":"photos/a.jpg","sha256":"ee","width":640,"height":480})");
}

TEST(ResultJson, NumbersAreRounded) {
  const ordered_json json = result_json(run(), input(), face());
  EXPECT_EQ(json["face"].dump(), R"({"index":2,"count":3,"score":0.9876,"box":[10.12,20.46,30.79,40.0],)"
                                 R"("landmarks":[[1.01,2.0],[1.01,2.0],[1.01,2.0],[1.01,2.0],[1.01,2.0]],"yaw":-3.1})");
  EXPECT_EQ(json["confidence"].dump(),
            R"({"discrete":{"hair":0.1235},"continuous":{"eye_size":0.5},"colors":{"skin":1.0}})");
  EXPECT_EQ(json["measures"].dump(), R"({"eye_size":0.23457})");
  EXPECT_EQ(json["timing_ms"].dump(), R"({"decode":1.3,"align":0.0})");
}

TEST(ResultJson, TheAvatarCanBeReadBack) {
  const ordered_json json = result_json(run(), input(), face());
  const Avatar avatar = avatar_from_json(nlohmann::json::parse(json["avatar"].dump())).value();
  const Avatar wanted = testing::tiny().default_avatar();
  EXPECT_EQ(avatar.discrete, wanted.discrete);
  EXPECT_EQ(avatar.continuous, wanted.continuous);
  EXPECT_EQ(avatar.colors, wanted.colors);
}

TEST(ResultJson, EveryAttributeIsThereAndUnknownOnesAreNull) {
  const ordered_json attributes = result_json(run(), input(), face())["attributes"];
  for (const auto& [name, unused] : attribute_values()) EXPECT_TRUE(attributes.contains(name)) << name;
  EXPECT_EQ(attributes["glasses"], "none");
  EXPECT_TRUE(attributes["skin_tone"].is_number_integer());
  EXPECT_EQ(attributes["skin_tone"], 10);
  EXPECT_TRUE(attributes["mouth"].is_null());
}

TEST(ResultJson, InversionPreviewsAndWarningsAreListed) {
  FaceFacts facts = face();
  EXPECT_EQ(result_json(run(), input(), facts)["inversion"].dump(), R"({"method":"none","steps":0,"loss":null})");
  facts.inversion = Inversion{{}, {}, InversionMethod::optimize, 20, 0.0123456};
  const ordered_json json = result_json(run(), input(), facts);
  EXPECT_EQ(json["inversion"].dump(), R"({"method":"optimize","steps":20,"loss":0.01235})");
  EXPECT_EQ(json["previews"].dump(), R"({"avatar":{"path":"a.avatar.png","sha256":"ff"}})");
  EXPECT_EQ(json["warnings"].dump(), R"(["One.","Two."])");
}

TEST(ResultJson, EmptyGroupsAreEmptyAndNotNull) {
  FaceFacts facts;
  facts.face.mesh.resize(kMeshPoints);
  const ordered_json json = result_json(run(), input(), facts);
  for (const char* group : {"measures", "previews", "timing_ms"}) EXPECT_EQ(json[group].dump(), "{}") << group;
  EXPECT_EQ(json["warnings"].dump(), "[]");
}

TEST(ErrorJson, SaysWhichPhotoFailedAndWhy) {
  const ordered_json json = error_json(run(), input(), {ErrorCode::no_face, "a.jpg: no face was found."});
  EXPECT_EQ(keys(json), (std::vector<std::string>{"schema", "status", "tool", "models", "options", "input", "error"}));
  EXPECT_EQ(json["status"], "no_face");
  EXPECT_EQ(json["error"].dump(), R"({"code":"no_face","message":"a.jpg: no face was found."})");
}

TEST(ErrorJson, APhotoThatCouldNotBeReadHasNoHashAndNoSize) {
  const ordered_json json = error_json(run(), {"gone.jpg", std::nullopt, 0, 0}, {ErrorCode::io_error, "gone"});
  EXPECT_EQ(json["input"].dump(), R"({"path":"gone.jpg","sha256":null,"width":null,"height":null})");
}

TEST(PathBytes, PathsThatAreNoUtf8CanBeFoundAgain) {
  const struct {
    const char *path, *text, *bytes;
  } cases[] = {
      {"\xff", "\uFFFD", "/w=="},
      {"\xff\xfe", "\uFFFD\uFFFD", "//4="},
      {"\xff\xfe\xfd", "\uFFFD\uFFFD\uFFFD", "//79"},
      {"caf\xe9.jpg", "caf\uFFFD.jpg", "Y2Fm6S5qcGc="},
  };
  for (const auto& [path, text, bytes] : cases) {
    const ordered_json json = error_json(run(), {path, std::nullopt, 0, 0}, {ErrorCode::io_error, "gone"});
    EXPECT_EQ(keys(json["input"]), (std::vector<std::string>{"path", "path_bytes", "sha256", "width", "height"}));
    EXPECT_EQ(json["input"]["path"], text);
    EXPECT_EQ(json["input"]["path_bytes"], bytes);
    EXPECT_NO_THROW((void)json.dump());
  }
}

TEST(PathBytes, Utf8PathsNeedNone) {
  const ordered_json json = error_json(run(), {"caf\u00e9.jpg", std::nullopt, 0, 0}, {ErrorCode::io_error, "gone"});
  EXPECT_EQ(json["input"]["path"], "caf\u00e9.jpg");
  EXPECT_FALSE(json["input"].contains("path_bytes"));
}

TEST(OptionsDigest, IsTheSameInAnyOrderOfTheKeys) {
  const ordered_json forth = {{"engine", "tiny"}, {"nested", {{"a", 1}, {"b", 2}}}};
  const ordered_json back = {{"nested", {{"b", 2}, {"a", 1}}}, {"engine", "tiny"}};
  EXPECT_NE(forth.dump(), back.dump());
  EXPECT_EQ(options_digest(forth), options_digest(back));
  EXPECT_EQ(options_digest(forth).size(), 64u);
  // Fixed: a digest that changed would make every earlier result count as not done.
  EXPECT_EQ(options_digest({{"steps", 20}, {"engine", "tiny"}}),
            "14b79875346ad5d517a5d412dbc436950634e41b11348995f08dd9882c7f9752");
}

TEST(OptionsDigest, ChangesWithEveryOption) {
  const ordered_json options = {{"engine", "tiny"}, {"steps", 20}};
  EXPECT_NE(options_digest(options), options_digest({{"engine", "tiny"}, {"steps", 21}}));
  EXPECT_NE(options_digest(options), options_digest({{"engine", "tiny"}}));
}

TEST(OptionsDigest, AnEngineMayLieInAFolderWhoseNameIsNoUtf8) {
  EXPECT_EQ(options_digest({{"engine", "caf\xe9/definition.json"}}).size(), 64u);
}

TEST(AttributesFromJson, GivesBackWhatResultJsonWrote) {
  const ordered_json json = result_json(run(), input(), face());
  EXPECT_EQ(attributes_from_json(nlohmann::json::parse(json.dump())), face().attributes);
}

TEST(AttributesFromJson, WhatIsNoResultHasNoAttributes) {
  for (const char* text : {"{}", "[]", "3", R"({"attributes": null})", R"({"attributes": []})"}) {
    EXPECT_TRUE(attributes_from_json(nlohmann::json::parse(text)).empty()) << text;
  }
  EXPECT_EQ(attributes_from_json(nlohmann::json::parse(R"({"attributes": {"mouth": true, "fringe": "yes"}})")),
            (Attributes{{"fringe", "yes"}}));
}

}  // namespace
}  // namespace swiftavatar
