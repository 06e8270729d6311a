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
  options.inversion.method = "none";
  const auto files = Pipeline::model_files(bundle, "tiny", options);
  EXPECT_EQ(roles(files), (std::vector<std::string>{"detector", "estimator:tiny", "iris", "mesh", "parser"}));
  EXPECT_EQ(files.at("parser").substr(0, 2), "13");
  options.inversion.method = "encoder";
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

}  // namespace
}  // namespace swiftavatar
