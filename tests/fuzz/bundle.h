#pragma once
// A manifest's bytes as a bundle, for the targets that read manifests.

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fuzz.h"
#include "swiftavatar/model.h"

namespace swiftavatar::fuzz {

/// A folder for the target's files, in memory where the system has such a place; gone when the program ends.
inline const std::filesystem::path& folder() {
  static const struct Sweep {
    std::filesystem::path path;
    Sweep() {
      const std::filesystem::path memory = "/dev/shm";
      std::error_code error;
      const bool there = std::filesystem::is_directory(memory, error);
      std::string name =
          ((there ? memory : std::filesystem::temp_directory_path()) / "swiftavatar-fuzz-XXXXXX").string();
      require(mkdtemp(name.data()) != nullptr, "there is a folder for temporary files");
      path = name;
    }
    ~Sweep() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
  } sweep;
  return sweep.path;
}

/// The bundle that has these bytes as its manifest, or an error that blames them.
inline Result<Bundle> open_bundle(const uint8_t* data, size_t size) {
  std::ofstream(folder() / "manifest.json", std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<long>(size));
  auto bundle = Bundle::open(folder());
  if (!bundle.ok()) require_error(bundle.error(), 3);
  return bundle;
}

}  // namespace swiftavatar::fuzz
