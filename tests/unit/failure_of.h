#pragma once
// What a call throws, as a value that a test can look at.

#include <gtest/gtest.h>

#include "swiftavatar/result.h"

namespace swiftavatar::testing {

/// The error that `action` throws; fails the test where it throws none.
template <class Action>
Error failure_of(const Action& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.error();
  }
  ADD_FAILURE() << "no Failure was thrown";
  return {ErrorCode::internal, ""};
}

}  // namespace swiftavatar::testing
