#include "estimate/pipeline.h"

#include <gtest/gtest.h>

#include "estimate/helpers.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

using testing::failure_of;

/// A bundle that lists files and has none: what these functions need is in the manifest.
Bundle bundle_of(const std::vector<std::string>& roles, const std::map<std::string, int>& heads = {}) {
  const testing::TemporaryFolder folder;
  nlohmann::json manifest = {
      {"schema", "swiftavatar.bundle/1"}, {"name", "test"}, {"models", nlohmann::json::object()}};
  for (const std::string& role : roles) {
    std::string digest(64, '0');
    digest.replace(0, 2, std::to_string(10 + manifest["models"].size()));
    manifest["models"][role] = {{"file", "x.pt"}, {"sha256", digest}, {"licence", "CC0-1.0"}};
  }
  for (const auto& [role, count] : heads) manifest["models"][role]["heads"] = std::vector<int>(count);
  folder.write("manifest.json", manifest.dump());
  return Bundle::open(folder.path()).value();
}

std::vector<std::string> roles(const std::map<std::string, std::string>& files) {
  std::vector<std::string> names;
  for (const auto& [role, unused] : files) names.push_back(role);
  return names;
}

TEST(EstimatorRole, AnEnginesOwnEstimatorIsPreferred) {
  const Bundle bundle = bundle_of({"estimator:apple", "estimator:tiny", "estimator:tiny:green"});
  EXPECT_EQ(estimator_role(bundle, "tiny"), "estimator:tiny");
  EXPECT_EQ(estimator_role(bundle, "tiny:green"), "estimator:tiny:green");
  EXPECT_EQ(estimator_role(bundle, "tiny:blue"), "estimator:tiny") << "a style is served by its engine's estimator";
}

TEST(EstimatorRole, AnyEstimatorServesAnEngineThatHasNone) {
  EXPECT_EQ(estimator_role(bundle_of({"estimator:tiny"}), "mine"), "estimator:tiny");
}

TEST(EstimatorRole, OfSeveralOthersTheOneWithTheMostHeadsServes) {
  const std::vector<std::string> roles = {"estimator:apple", "estimator:pear", "estimator:plum"};
  EXPECT_EQ(estimator_role(bundle_of(roles, {{"estimator:apple", 3}, {"estimator:pear", 9}}), "mine"),
            "estimator:pear");
  EXPECT_EQ(estimator_role(bundle_of(roles), "mine"), "estimator:apple") << "the first of equals";
}

TEST(EstimatorRole, WithoutAnyTheBundleIsIncomplete) {
  EXPECT_EQ(failure_of([] { estimator_role(bundle_of({"parser"}), "mine"); }).code, ErrorCode::model_missing);
}

TEST(ModelFiles, OnlyModelsThatTakePartCount) {
  const Bundle bundle = bundle_of({"detector", "mesh", "iris", "parser", "estimator:tiny", "inverter", "real_generator",
                                   "perceptual", "avatar_generator:tiny", "avatar_generator:other"});
  PipelineOptions options;
  options.inversion.method = InversionMethod::none;
  const auto files = Pipeline::model_files(bundle, "tiny", options);
  EXPECT_EQ(roles(files), (std::vector<std::string>{"detector", "estimator:tiny", "iris", "mesh", "parser"}));
  EXPECT_EQ(files.at("parser").substr(0, 2), "13");
  options.inversion.method = InversionMethod::encoder;
  EXPECT_EQ(roles(Pipeline::model_files(bundle, "tiny", options)),
            (std::vector<std::string>{"avatar_generator:tiny", "detector", "estimator:tiny", "inverter", "iris", "mesh",
                                      "parser", "perceptual", "real_generator"}));
}

TEST(ModelFiles, AnIncompleteBundleIsFoundBeforeTheWorkStarts) {
  const Error error = failure_of([] {
    Pipeline::model_files(bundle_of({"detector", "mesh", "iris", "estimator:tiny"}), "tiny", {});
  });
  EXPECT_EQ(error.code, ErrorCode::model_missing);
  EXPECT_TRUE(testing::contains(error.message, "parser")) << error.message;
}

TEST(EstimatorRole, HeadsThatAreNoListCountAsNone) {
  Bundle bundle = bundle_of({"estimator:apple", "estimator:pear"}, {{"estimator:pear", 2}});
  EXPECT_EQ(estimator_role(bundle, "mine"), "estimator:pear");
}

FaceWork face_work(const std::shared_ptr<FaceWork::Photo>& photo, int index, std::optional<Error> error = {}) {
  FaceWork face{.photo = photo, .error = std::move(error)};
  face.outcome.facts.index = index;
  return face;
}

TEST(Outcome, FacesKeepTheirOrder) {
  const auto photo = std::make_shared<FaceWork::Photo>();
  std::vector<FaceWork> faces;
  for (int index = 1; index <= 3; ++index) faces.push_back(face_work(photo, index));
  const PhotoOutcome outcome = Pipeline::outcome({.input = {"a.jpg", "ee", 4, 3}}, std::move(faces));
  EXPECT_FALSE(outcome.error.has_value());
  EXPECT_EQ(outcome.input.path, "a.jpg");
  ASSERT_EQ(outcome.faces.size(), 3u);
  for (int index = 1; index <= 3; ++index) EXPECT_EQ(outcome.faces[static_cast<size_t>(index - 1)].facts.index, index);
}

TEST(Outcome, TheFirstFacesErrorIsThePhotos) {
  const auto photo = std::make_shared<FaceWork::Photo>();
  std::vector<FaceWork> faces;
  faces.push_back(face_work(photo, 1));
  faces.push_back(face_work(photo, 2, Error{ErrorCode::out_of_memory, "second"}));
  faces.push_back(face_work(photo, 3, Error{ErrorCode::non_finite, "third"}));
  const PhotoOutcome outcome = Pipeline::outcome({}, std::move(faces));
  ASSERT_TRUE(outcome.error.has_value());
  EXPECT_EQ(outcome.error->message, "second");
}

}  // namespace
}  // namespace swiftavatar
