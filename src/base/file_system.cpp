#include "base/file_system.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace swiftavatar {

namespace fs = std::filesystem;

int FileSystem::create(const fs::path& path) {
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                0666);  // locks over NFS need reading too
}

ssize_t FileSystem::write(int descriptor, std::span<const uint8_t> bytes) {
  return ::write(descriptor, bytes.data(), bytes.size());
}

int FileSystem::sync(int descriptor) { return ::fsync(descriptor); }

int FileSystem::rename(const fs::path& from, const fs::path& to) { return ::rename(from.c_str(), to.c_str()); }

int FileSystem::remove(const fs::path& path) { return ::unlink(path.c_str()); }

int FileSystem::sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return 0;  // a folder that may be written but not read
  const int result = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (result != 0 && (error == EINVAL || error == ENOTSUP || error == ENOSYS || error == EBADF || error == EROFS))
    return 0;
  errno = error;
  return result;
}

FileSystem& file_system() {
  static FileSystem system;
  return system;
}

}  // namespace swiftavatar
