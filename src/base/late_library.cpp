#include "base/late_library.h"

#include <dlfcn.h>

#include "swiftavatar/result.h"

namespace swiftavatar {

namespace {

// DEEPBIND: the library keeps to what it was linked with. LibTorch brings a BLAS of its own, and would otherwise take
// the functions of the same names that OpenCV's reference BLAS has put into the program: some networks take 20 times as
// long.
#ifdef SWIFTAVATAR_SANITIZED  // the sanitizers refuse it
constexpr int kFlags = RTLD_LAZY | RTLD_LOCAL;
#else
constexpr int kFlags = RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND;
#endif

/// The loader tells its reasons in English words alone.
bool lacks_memory(const std::string& reason) {
  for (const char* words : {"failed to map segment", "annot allocate memory", "cannot create shared object descriptor",
                            "cannot allocate"}) {
    if (reason.find(words) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

LateLibrary::LateLibrary(const std::string& file, const std::string& purpose)
    : file_(file), handle_(dlopen(file.c_str(), kFlags)) {
  if (handle_) return;
  const char* const words = dlerror();
  const std::string reason = words ? words : "no reason given";
  const std::string what = file + ", which " + purpose + ", cannot be loaded (" + reason + "); ";
  if (lacks_memory(reason)) {
    throw Failure(ErrorCode::out_of_memory, what + "give the program more memory, see ulimit -v.");
  }
  throw Failure(ErrorCode::internal, what + "install the program again, all of it.");
}

Error LateLibrary::fault(const char* name) const {
  return {ErrorCode::internal, std::string(name) + " of " + file_ + " failed; please report it with what -v says."};
}

void* LateLibrary::symbol(const char* name) const {
  if (void* const found = dlsym(handle_, name)) return found;
  throw Failure(ErrorCode::internal, file_ + " is not of this version of the program (" + name +
                                         " is missing in it); install "
                                         "the program again, all of it.");
}

}  // namespace swiftavatar
