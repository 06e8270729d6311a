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
  std::string method = "optimize", face = "largest";
  int steps = 20;
  add_inversion_options(app, method, steps, none);
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
