// A bundle's manifest.

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fuzz.h"
#include "swiftavatar/model.h"

using namespace swiftavatar;

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::filesystem::path folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "fuzz-manifest-XXXXXX").string();
    fuzz::require(mkdtemp(name.data()) != nullptr, "there is a folder for temporary files");
    static const struct Sweep {
      std::string name;
      ~Sweep() { std::filesystem::remove_all(name); }
    } sweep{name};
    return std::filesystem::path(name);
  }();
  std::ofstream(folder / "manifest.json", std::ios::binary)
      .write(reinterpret_cast<const char*>(data), static_cast<long>(size));
  const auto bundle = Bundle::open(folder);
  if (!bundle.ok()) {
    fuzz::require_error(bundle.error(), 3);
    return 0;
  }
  for (const auto& [role, entry] : bundle.value().entries()) {
    fuzz::require(entry.path.parent_path() == folder, "models lie in the bundle's folder");
    const auto bytes = Bundle::read_verified(entry);
    fuzz::require(!bytes.ok() || entry.path.filename() == "manifest.json", "a file that is not there is not read");
  }
  return 0;
}
