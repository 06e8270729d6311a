#include "base/boundary.h"

#include <exception>
#include <filesystem>
#include <initializer_list>
#include <new>
#include <string_view>

namespace swiftavatar {
namespace {

constexpr size_t kLongestCause = 4000;  // bytes; LibTorch adds whole stacks

bool says(std::string_view text, std::initializer_list<const char*> phrases) {
  for (const char* phrase : phrases) {
    if (text.find(phrase) != text.npos) return true;
  }
  return false;
}

/// oneDNN's words where it finds no memory for a kernel's code. "... a primitive descriptor" is another matter: an
/// operation that it does not know.
bool says_no_kernel(std::string_view text) {
  constexpr std::string_view kWords = "could not create a primitive";
  const size_t place = text.find(kWords);
  return place != text.npos && !text.substr(place + kWords.size()).starts_with(" descriptor");
}

/// LibTorch's interpreter passes on the words of an exception alone, not its type; so does everything that lies beyond
/// this layer. The phrases are those of LibTorch, of OpenCV, of the system, and of NVIDIA's libraries.
bool says_no_memory(std::string_view text) {
  return says_no_kernel(text) ||
         says(text, {"out of memory", "not enough memory", "can't allocate memory", "annot allocate memory",
                     "Insufficient memory", "STATUS_ALLOC_FAILED", "ALLOCATION_FAILED"});
}

bool says_device_fault(std::string_view text) {
  return says(text, {"CUDA error", "CUDA driver", "CUDA kernel errors", "NVIDIA driver", "cuDNN error", "CUDNN_STATUS_",
                     "CUBLAS_STATUS_", "CUFFT_", "CUSOLVER_STATUS_", "CUSPARSE_STATUS_", "NVRTC_ERROR", "nvrtc: error",
                     "device-side assert"});
}

constexpr char kNoMemory[] = "Not enough memory; try a smaller photo, fewer --jobs or a smaller --batch-size.";
}  // namespace

Error device_fault(std::string cause) {
  return {ErrorCode::device_failed,
          "The GPU or its driver failed; look at nvidia-smi and the system's log, then run the same command again to "
          "do the rest, or take --device cpu.",
          std::move(cause)};
}

Error error_in_flight(Error otherwise) {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const std::bad_alloc& error) {
    return {ErrorCode::out_of_memory, kNoMemory, error.what()};
  } catch (const std::filesystem::filesystem_error& error) {
    return {ErrorCode::io_error,
            error.path1().string() + ": cannot be used (" + error.code().message() +
                "); check the path and its permissions.",
            error.what()};
  } catch (const std::exception& error) {
    const std::string words = error.what();
    otherwise.cause = words.substr(0, kLongestCause);
    if (says_no_memory(words)) return {ErrorCode::out_of_memory, kNoMemory, otherwise.cause};
    if (says_device_fault(words)) return device_fault(otherwise.cause);
  } catch (...) {
    otherwise.cause = "an exception of no known type";
  }
  return otherwise;
}

Error error_of_item(const std::string& item) {
  Error error = error_in_flight(
      {ErrorCode::crashed, "an operation on this photo failed; please report it with the photo and what -v says."});
  if (!is_item_error(error.code)) throw Failure(std::move(error));
  // Libraries and models do not know which item they look at.
  if (error.message.find(item) == std::string::npos) error.message = item + ": " + error.message;
  return error;
}

}  // namespace swiftavatar
