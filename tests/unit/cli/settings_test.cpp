#include "cli/settings.h"

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar::cli {
namespace {

TEST(FacePolicy, EveryNameHasItsPolicy) {
  EXPECT_EQ(face_policy("largest"), FacePolicy::largest);
  EXPECT_EQ(face_policy("all"), FacePolicy::all);
  EXPECT_EQ(face_policy("center"), FacePolicy::center);
  EXPECT_EQ(face_policy("error"), FacePolicy::error);
}

/// Whether a command line with these options is accepted.
bool accepts(bool none, const std::string& arguments) {
  CLI::App app;
  InversionChoice inversion;
  std::string face = "largest";
  add_inversion_options(app, inversion, none);
  add_face_option(app, face);
  try {
    app.parse(arguments, /*program_name_included=*/false);
    return true;
  } catch (const CLI::ParseError&) {
    return false;
  }
}

TEST(InversionOptions, OnlyWhoNeedsNoCodesMayLeaveTheInversionOut) {
  EXPECT_TRUE(accepts(/*none=*/true, "--inversion none"));
  EXPECT_FALSE(accepts(/*none=*/false, "--inversion none"));
  EXPECT_TRUE(accepts(/*none=*/false, "--inversion encoder --steps 1"));
  EXPECT_FALSE(accepts(/*none=*/true, "--inversion magic"));
}

TEST(InversionOptions, StepsAreAtLeastOne) {
  EXPECT_FALSE(accepts(true, "--steps 0"));
  EXPECT_FALSE(accepts(true, "--steps -5"));
  EXPECT_FALSE(accepts(true, "--steps many"));
}

TEST(InversionOptions, EachRecipeHasItsOwnNumberOfSteps) {
  EXPECT_EQ(InversionChoice{}.options().steps, 30);
  EXPECT_EQ((InversionChoice{.recipe = "official"}.options().steps), 400);
  EXPECT_EQ((InversionChoice{.recipe = "official", .steps = 7}.options().steps), 7);
}

TEST(Parallel, AllThreadsTogetherAreAsManyAsTheJobs) {
  const Device cpu, gpu{.name = "cuda:0"};
  const StagedLimits one = Parallel{.jobs = 1}.limits(cpu, 9), few = Parallel{.jobs = 8}.limits(cpu, 3);
  EXPECT_EQ(one.threads, 1U);
  EXPECT_EQ(one.batch, 1U);
  EXPECT_EQ(few.threads, 3U) << "no more than photos";
  EXPECT_EQ((Parallel{.jobs = 8}.limits(cpu, 1, /*all_faces=*/true).threads), 8U) << "a photo has many faces";
  EXPECT_EQ(Parallel{}.limits(cpu, 0).threads, 1U);
  EXPECT_TRUE(Parallel{}.limits(gpu, 100).one_batch_at_a_time);
  EXPECT_EQ(Parallel{}.limits(gpu, 100).batch, 16U);
  EXPECT_EQ((Parallel{.batch = 3}.limits(gpu, 100).batch), 3U);
}

TEST(FaceOption, KnowsFourPolicies) {
  for (const char* face : {"largest", "all", "center", "error"})
    EXPECT_TRUE(accepts(true, std::string("--face ") + face));
  EXPECT_FALSE(accepts(true, "--face smallest"));
}

TEST(OpenDevice, ADeviceThatThereCannotBeIsRefused) {
  CommonOptions options;
  options.device = "cpu";
  EXPECT_EQ(open_device(options).name, "cpu");
  options.device = "tpu";
  EXPECT_EQ(swiftavatar::testing::failure_of([&] { open_device(options); }).code, ErrorCode::usage);
}

}  // namespace
}  // namespace swiftavatar::cli
