#pragma once
// Where exceptions end: whatever our own code or a library throws becomes an Error with the right code.

#include <optional>
#include <string>
#include <utility>

#include "swiftavatar/result.h"

namespace swiftavatar {

/// The Error of the exception that is being handled; call it in a `catch` alone. A Failure has its own. Of any other
/// exception the words become the cause, and the code is out_of_memory where memory ran out (the machine's or a GPU's),
/// device_failed where a GPU or its driver failed in another way, io_error where the file system refused something, and
/// else `otherwise`.
Error error_in_flight(Error otherwise);

/// The error of a GPU that failed, device_failed.
Error device_fault(std::string cause);

/// The exception in flight as an item's error; throws a Failure where it is none.
Error error_of_item(const std::string& item);

/// Does `work`; whatever it throws leaves as a Failure, as error_in_flight reads it.
template <class Work>
decltype(auto) at_boundary(const Error& otherwise, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    throw Failure(error_in_flight(otherwise));
  }
}

/// The error that `step` of an item's way ends with, if any; its message names the item. Throws Failure with the errors
/// that every further item would meet too: those that are no item's.
template <class Step>
std::optional<Error> item_error(const std::string& item, Step&& step) {
  try {
    std::forward<Step>(step)();
    return std::nullopt;
  } catch (...) {
    return error_of_item(item);
  }
}

}  // namespace swiftavatar
