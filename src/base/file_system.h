#pragma once
// The system calls that write files, in one place: a test derives from FileSystem and lets any of them fail.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace swiftavatar {

/// As the system calls of these names: what fails returns -1 and sets errno.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// Opens a new file for writing, with the permissions that the umask leaves; fails where the name exists.
  virtual int create(const std::filesystem::path& path);
  virtual ssize_t write(int descriptor, std::span<const uint8_t> bytes);
  virtual int sync(int descriptor);
  virtual int rename(const std::filesystem::path& from, const std::filesystem::path& to);
  virtual int remove(const std::filesystem::path& path);
  /// Brings a folder's names to disk. File systems that cannot do this are taken to need no such call.
  virtual int sync_folder(const std::filesystem::path& folder);
};

/// The real one.
FileSystem& file_system();

}  // namespace swiftavatar
