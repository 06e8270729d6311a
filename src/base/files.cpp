#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <system_error>
#include <utility>

namespace swiftavatar {

namespace fs = std::filesystem;

namespace {

/// An open descriptor, closed at the end of its scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }

  int number() const { return number_; }
  bool ok() const { return number_ >= 0; }

 private:
  int number_;
};

std::string reason(int error) { return std::generic_category().message(error); }

Error read_error(const std::string& name, const std::string& why) {
  return {ErrorCode::io_error, name + ": cannot be read (" + why + "); check the path and its permissions."};
}

Error too_large(const std::string& name, size_t limit) {
  return {ErrorCode::too_large,
          name + ": larger than the limit of " + std::to_string(limit) + " bytes; give a smaller file."};
}

Error write_error(const fs::path& path, int error) {
  if (error == ENOSPC || error == EDQUOT) {
    return {ErrorCode::disk_full, path.string() + ": cannot be written, the disk is full (" + reason(error) +
                                      "); free some space or choose another folder with -o."};
  }
  return {ErrorCode::output_unwritable, path.string() + ": cannot be written (" + reason(error) +
                                            "); check the folder's permissions or choose another one with -o."};
}

/// 0, or errno.
int write_all(FileSystem& system, int descriptor, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = system.write(descriptor, bytes);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return 0;
}

fs::path parent_folder(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

constexpr std::string_view kTemporaryStart = ".swiftavatar-", kTemporaryEnd = ".tmp";

/// Creates a file of a new name in `folder`. It is locked as long as it is open, which tells it from what a dead
/// process left.
Descriptor make_temporary(FileSystem& system, const fs::path& folder, fs::path& name) {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  for (int attempt = 0; attempt < 100; ++attempt) {
    name = folder / (std::string(kTemporaryStart) + std::to_string(random()) + std::string(kTemporaryEnd));
    Descriptor file(system.create(name));
    if (!file.ok()) {
      if (errno == EEXIST) continue;
      return file;
    }
    // Between these calls another process may have taken it for a dead one's; file systems without locks are never
    // swept.
    struct stat status {};
    const bool swept = (::flock(file.number(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) ||
                       (::fstat(file.number(), &status) == 0 && status.st_nlink == 0);
    if (!swept) return file;
  }
  errno = EEXIST;
  return Descriptor(-1);
}

}  // namespace

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::vector<fs::path> entries_of(const fs::path& folder, size_t most) {
  std::vector<fs::path> entries;
  std::error_code error;  // the iterator's own ++ would throw
  for (fs::directory_iterator it(folder, error), end; !error && it != end && entries.size() < most; it.increment(error))
    entries.push_back(it->path());
  std::sort(entries.begin(), entries.end());
  return entries;
}

fs::path absolute_path(const fs::path& path) {
  std::error_code error;
  const fs::path absolute = fs::absolute(path, error);
  return (error ? path : absolute).lexically_normal();
}

Result<std::vector<uint8_t>> read_descriptor(int descriptor, const std::string& name, size_t limit) {
  struct stat status {};
  const bool regular = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  const size_t expected = regular ? static_cast<size_t>(status.st_size) : 0;
  if (expected > limit) return too_large(name, limit);

  constexpr size_t kChunk = 1 << 20;
  std::vector<uint8_t> bytes;
  size_t length = 0;
  while (true) {
    // One byte more than expected, so that the end is found by the read after the last byte.
    if (length == bytes.size()) bytes.resize(std::max(expected + 1, length + kChunk));
    const ssize_t got = ::read(descriptor, bytes.data() + length, bytes.size() - length);
    if (got < 0) {
      if (errno == EINTR) continue;
      return read_error(name, reason(errno));
    }
    if (got == 0) break;
    length += static_cast<size_t>(got);
    if (length > limit) return too_large(name, limit);
  }
  bytes.resize(length);
  return bytes;
}

Result<std::vector<uint8_t>> read_file(const fs::path& path, size_t limit) {
  // O_NONBLOCK: opening a pipe without a writer would wait for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.ok()) return read_error(path.string(), reason(errno));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return read_error(path.string(), reason(errno));
  if (!S_ISREG(status.st_mode)) {
    return read_error(path.string(), S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
  }
  return read_descriptor(file.number(), path.string(), limit);
}

std::optional<Error> write_file(const fs::path& path, std::span<const uint8_t> bytes, FileSystem& system) {
  const fs::path folder = parent_folder(path);
  fs::path temporary;
  const Descriptor file = make_temporary(system, folder, temporary);
  if (!file.ok()) return write_error(path, errno);

  int error = write_all(system, file.number(), bytes);
  // What close() might say later, fsync says now: the file is closed, and with that unlocked, once it has its name.
  if (error == 0 && system.sync(file.number()) != 0) error = errno;
  if (error == 0 && system.rename(temporary, path) != 0) error = errno;
  if (error != 0) {
    system.remove(temporary);
    return write_error(path, error);
  }
  // The rename itself survives a power cut only once the folder is on disk.
  if (system.sync_folder(folder) != 0) return write_error(path, errno);
  return std::nullopt;
}

std::optional<Error> write_file(const fs::path& path, std::string_view text, FileSystem& system) {
  return write_file(path, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()), system);
}

std::optional<Error> prepare_output_folder(const fs::path& folder, FileSystem& system) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return write_error(folder, error.value());
  if (!fs::is_directory(folder, error)) return write_error(folder, ENOTDIR);
  fs::path temporary;
  const Descriptor file = make_temporary(system, folder, temporary);
  if (!file.ok()) return write_error(folder, errno);
  system.remove(temporary);
  return std::nullopt;
}

void sweep_temporaries(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (!name.starts_with(kTemporaryStart) || !name.ends_with(kTemporaryEnd)) continue;
    const Descriptor file(::open(it->path().c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    struct stat status {};
    if (!file.ok() || ::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) ::unlink(it->path().c_str());
  }
}

}  // namespace swiftavatar
