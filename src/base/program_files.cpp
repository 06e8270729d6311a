#include "base/program_files.h"

#include <unistd.h>

#include "swiftavatar/result.h"

namespace swiftavatar {

namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

fs::path helper_program(const std::string& name, const std::string& purpose) {
  const fs::path beside = program_folder() / name,
                 installed = program_folder().parent_path() / "libexec/swiftavatar" / name;
  for (const fs::path& path : {beside, installed}) {
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  throw Failure(ErrorCode::internal, name + ", which " + purpose + ", is neither " + beside.string() + " nor " +
                                         installed.string() + "; install the program again, all of it.");
}

}  // namespace swiftavatar
