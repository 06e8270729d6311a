#include "base/files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <system_error>

#include "base/descriptor.h"

namespace swiftavatar {

namespace fs = std::filesystem;

namespace {

std::string reason(int error) { return std::generic_category().message(error); }

/// The name in messages.
std::string spelled(const fs::path& path) { return path.empty() ? "\"\"" : path.string(); }

bool holds_nul(const fs::path& path) { return path.native().find('\0') != std::string::npos; }

Error read_error(const fs::path& path, const std::string& why) {
  return {ErrorCode::io_error, spelled(path) + ": cannot be read (" + why + "); check the path and its permissions."};
}

Error too_large(const std::string& name, size_t limit) {
  return {ErrorCode::too_large,
          name + ": larger than the limit of " + std::to_string(limit) + " bytes; give a smaller file."};
}

constexpr int kNotAFile = EEXIST;  // something that is neither a file nor a link nor a folder has the name

Error write_error(const fs::path& path, int error) {
  const auto unwritable = [&](const std::string& why, const std::string& advice) {
    return Error{ErrorCode::output_unwritable, spelled(path) + ": cannot be written (" + why + "); " + advice};
  };
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return {ErrorCode::disk_full, path.string() + ": cannot be written, the disk is full (" + reason(error) +
                                        "); free some space or choose another folder with -o."};
    case EFBIG: return unwritable("a limit on the size of files is reached", "raise the limit, see ulimit -f.");
    case ENAMETOOLONG: return unwritable("the name is too long", "give the input a shorter name or path.");
    case EISDIR: return unwritable("a folder has this name", "remove it or choose another folder with -o.");
    case kNotAFile:
      return unwritable("a pipe, a socket or a device has this name",
                        "it is not replaced; choose another name with -o.");
    default: return unwritable(reason(error), "check the folder's permissions or choose another one with -o.");
  }
}

/// Whether an error may come from the name or the place of one file, so that others can still be written.
bool may_concern_one_file(int error) {
  for (const int one :
       {ENAMETOOLONG, EISDIR, ENOTDIR, ENOTEMPTY, EEXIST, ENOENT, EINVAL, EILSEQ, ELOOP, EACCES, EPERM}) {
    if (error == one) return true;
  }
  return false;
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
    if (!file.is_open()) {
      if (errno == EEXIST) continue;
      return file;
    }
    // Between these calls another process may have taken it for a dead one's; file systems without locks are never
    // swept.
    struct stat status {};
    const bool swept = (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) ||
                       (::fstat(file.get(), &status) == 0 && status.st_nlink == 0);
    if (!swept) return file;
  }
  errno = EEXIST;
  return Descriptor(-1);
}

std::span<const uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

/// Makes a folder with its parents. Returns 0, or errno.
int make_folder(const fs::path& folder) {
  if (holds_nul(folder)) return EINVAL;
  std::error_code error;
  if (fs::is_directory(folder, error)) return 0;
  fs::create_directories(folder, error);
  if (error) return error.value();
  return fs::is_directory(folder, error) ? 0 : ENOTDIR;
}

/// What would not be replaced by a file of this name: 0, or errno.
int what_is_in_the_way(const fs::path& path) {
  if (holds_nul(path)) return EINVAL;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || S_ISREG(status.st_mode) || S_ISLNK(status.st_mode)) return 0;
  return S_ISDIR(status.st_mode) ? EISDIR : kNotAFile;
}

/// All of write_file but the folder's fsync. Returns 0, or errno.
int place_file(const fs::path& path, std::span<const uint8_t> bytes, FileSystem& system) {
  if (const int error = what_is_in_the_way(path)) return error;
  fs::path temporary;
  const Descriptor file = make_temporary(system, parent_folder(path), temporary);
  if (!file.is_open()) return errno;
  int error = write_all(system, file.get(), bytes);
  // What close() might say later, fsync says now: the file is closed, and with that unlocked, once it has its name.
  if (error == 0 && system.sync(file.get()) != 0) error = errno;
  if (error == 0 && system.rename(temporary, path) != 0) error = errno;
  if (error != 0) system.remove(temporary);
  return error;
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
  if (path.empty()) return read_error(path, "the name is empty");
  if (holds_nul(path)) return read_error(path, "the name has a NUL byte");
  // O_NONBLOCK: opening a pipe without a writer would wait for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return read_error(path, reason(errno));
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return read_error(path, reason(errno));
  if (!S_ISREG(status.st_mode)) {
    return read_error(path, S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
  }
  return read_descriptor(file.get(), path.string(), limit);
}

std::optional<Error> write_file(const fs::path& path, std::span<const uint8_t> bytes, FileSystem& system) {
  if (const int error = place_file(path, bytes, system)) return write_error(path, error);
  return sync_folder(parent_folder(path), system);
}

std::optional<Error> write_file(const fs::path& path, std::string_view text, FileSystem& system) {
  return write_file(path, bytes_of(text), system);
}

std::optional<Error> write_item_file(const fs::path& root, const fs::path& path, std::span<const uint8_t> bytes,
                                     FileSystem& system) {
  int error = make_folder(parent_folder(path));
  if (error == 0) error = place_file(path, bytes, system);
  if (error == 0) return std::nullopt;
  Error failure = write_error(path, error);
  if (may_concern_one_file(error) && !prepare_output_folder(root, system)) failure.code = ErrorCode::io_error;
  return failure;
}

std::optional<Error> write_item_file(const fs::path& root, const fs::path& path, std::string_view text,
                                     FileSystem& system) {
  return write_item_file(root, path, bytes_of(text), system);
}

std::optional<Error> sync_folder(const fs::path& folder, FileSystem& system) {
  if (system.sync_folder(folder.empty() ? "." : folder) != 0) return write_error(folder, errno);
  return std::nullopt;
}

std::optional<Error> prepare_output_folder(const fs::path& folder, FileSystem& system) {
  if (const int error = make_folder(folder)) return write_error(folder, error);
  fs::path temporary;
  const Descriptor file = make_temporary(system, folder, temporary);
  if (!file.is_open()) return write_error(folder, errno);
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
    if (!file.is_open() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) continue;
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(it->path().c_str());
  }
}

}  // namespace swiftavatar
