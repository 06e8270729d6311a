#pragma once
// One result type for the whole library: a value, or an error code with one sentence for a person.

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace swiftavatar {

/// Everything that can go wrong, by the name that stands in results (`to_string`).
enum class ErrorCode {
  // Item errors: one photo failed, the run goes on (exit status 1).
  not_an_image,
  truncated,
  too_large,
  unsupported_format,
  no_face,
  several_faces,
  non_finite,
  out_of_memory,
  io_error,
  crashed,
  timeout,
  render_failed,
  // Run errors: nothing can be done (exit status by `exit_status`).
  usage,
  model_missing,
  model_corrupt,
  engine_unknown,
  engine_invalid,
  no_device,
  device_failed,
  output_unwritable,
  disk_full,
  internal,
  interrupted,
};

/// The code's name in JSON, e.g. "not_an_image".
std::string_view to_string(ErrorCode code);

/// The process exit status for a run that ends with `code`: 1 for item codes, 2 usage, 3 model or engine,
/// 4 device, 5 output, 70 internal, 130 interrupted.
int exit_status(ErrorCode code);

/// Whether the error is one photo's, so that the run goes on with the next.
inline bool is_item_error(ErrorCode code) { return exit_status(code) == 1; }

/// An error: its code, one sentence that names the file, what is wrong and what to do, and the cause: what the library
/// said in whose work it arose. The cause is for whoever looks into the fault (`-v` shows it); it is empty where the
/// sentence says all there is.
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;
  std::string cause;
};

/// `Error` as an exception; thrown by `Result::value()`, caught at the top of a verb or of an item.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.message), error_(std::move(error)) {}
  Failure(ErrorCode code, std::string message) : Failure(Error{code, std::move(message)}) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

/// A value of type T or an Error. Callers choose: test with `ok()` and read `error()`, or call `value()`,
/// which throws Failure.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::move(value)) {}
  Result(Error error) : content_(std::move(error)) {}

  bool ok() const { return content_.index() == 0; }
  const Error& error() const { return std::get<1>(content_); }
  T& value() & {
    check();
    return std::get<0>(content_);
  }
  const T& value() const& {
    check();
    return std::get<0>(content_);
  }
  T value() && {
    check();
    return std::move(std::get<0>(content_));
  }

 private:
  void check() const {
    if (!ok()) throw Failure(error());
  }
  std::variant<T, Error> content_;
};

}  // namespace swiftavatar
