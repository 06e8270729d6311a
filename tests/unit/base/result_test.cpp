#include "swiftavatar/result.h"

#include <memory>
#include <set>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

struct Expected {
  ErrorCode code;
  std::string_view name;
  int status;
};

constexpr Expected kCodes[] = {
    {ErrorCode::not_an_image, "not_an_image", 1},
    {ErrorCode::truncated, "truncated", 1},
    {ErrorCode::too_large, "too_large", 1},
    {ErrorCode::unsupported_format, "unsupported_format", 1},
    {ErrorCode::no_face, "no_face", 1},
    {ErrorCode::several_faces, "several_faces", 1},
    {ErrorCode::non_finite, "non_finite", 1},
    {ErrorCode::out_of_memory, "out_of_memory", 1},
    {ErrorCode::io_error, "io_error", 1},
    {ErrorCode::crashed, "crashed", 1},
    {ErrorCode::timeout, "timeout", 1},
    {ErrorCode::render_failed, "render_failed", 1},
    {ErrorCode::usage, "usage", 2},
    {ErrorCode::model_missing, "model_missing", 3},
    {ErrorCode::model_corrupt, "model_corrupt", 3},
    {ErrorCode::engine_unknown, "engine_unknown", 3},
    {ErrorCode::engine_invalid, "engine_invalid", 3},
    {ErrorCode::no_device, "no_device", 4},
    {ErrorCode::device_failed, "device_failed", 4},
    {ErrorCode::output_unwritable, "output_unwritable", 5},
    {ErrorCode::disk_full, "disk_full", 5},
    {ErrorCode::internal, "internal", 70},
    {ErrorCode::interrupted, "interrupted", 130},
};

TEST(ErrorCode, EveryCodeHasItsNameAndExitStatus) {
  std::set<std::string_view> names;
  for (const Expected& expected : kCodes) {
    EXPECT_EQ(to_string(expected.code), expected.name);
    EXPECT_EQ(exit_status(expected.code), expected.status) << expected.name;
    names.insert(expected.name);
  }
  // The codes count from 0 to the last one, so that a new code without a line above fails here.
  EXPECT_EQ(names.size(), static_cast<size_t>(ErrorCode::interrupted) + 1);
}

TEST(Result, HoldsAValue) {
  Result<std::string> result(std::string("avatar"));
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.value(), "avatar");
  result.value() += "s";
  const auto& unchanging = result;
  EXPECT_EQ(unchanging.value(), "avatars");
}

TEST(Result, HoldsAnError) {
  const Result<int> result(Error{ErrorCode::no_face, "a.jpg: no face; give another photo."});
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::no_face);
  EXPECT_EQ(result.error().message, "a.jpg: no face; give another photo.");
}

TEST(Result, ValueOfAnErrorThrowsIt) {
  const Result<int> result(Error{ErrorCode::disk_full, "the disk is full."});
  try {
    result.value();
    FAIL() << "no exception";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, ErrorCode::disk_full);
    EXPECT_STREQ(failure.what(), "the disk is full.");
  }
}

TEST(Result, GivesAwayWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(Result, AnErrorIsNeverMistakenForAValueOfItsType) {
  const Result<std::string> result(Error{ErrorCode::usage, "text"});
  EXPECT_FALSE(result.ok());
  EXPECT_THROW(result.value(), Failure);
}

}  // namespace
}  // namespace swiftavatar
