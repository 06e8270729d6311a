#pragma once
// Whole files in and out: bounded reads, and writes that leave either the old file or the complete new one.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"
#include "swiftavatar/result.h"

namespace swiftavatar {

/// Whether the path, links followed, leads to a regular file or to a folder. What cannot be looked at is neither.
bool is_file(const std::filesystem::path& path);
bool is_folder(const std::filesystem::path& path);

/// What a folder holds, sorted, at most `most` entries; nothing of a folder that cannot be read.
std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder, size_t most = SIZE_MAX);

/// The path from the root on, without dots; as it is where the current folder is gone.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// A regular file's bytes. Errors: io_error (missing, unreadable, a folder, a pipe or a device), too_large (more than
/// `limit` bytes; nothing is read then).
/// A regular file's bytes. Errors: io_error (missing, unreadable, a folder, a pipe or a device, an empty name or one
/// with a NUL byte), too_large (more than `limit` bytes; nothing is read then).
Result<std::vector<uint8_t>> read_file(const std::filesystem::path& path, size_t limit);

/// What a descriptor gives until its end, e.g. standard input. `name` is used in messages. Errors as read_file.
Result<std::vector<uint8_t>> read_descriptor(int descriptor, const std::string& name, size_t limit);

/// Writes a file by way of a temporary one in the same folder (".swiftavatar-*.tmp"), fsync and rename; the folder must
/// exist. A symbolic link at `path` is replaced, not followed; a folder, a pipe, a socket or a device there is an
/// error. On failure `path` is untouched and the temporary removed; only when the folder's own fsync fails is the new
/// file there already, and whole. Returns the error, if any: output_unwritable or disk_full.
[[nodiscard]] std::optional<Error> write_file(const std::filesystem::path& path, std::span<const uint8_t> bytes,
                                              FileSystem& system = file_system());
[[nodiscard]] std::optional<Error> write_file(const std::filesystem::path& path, std::string_view text,
                                              FileSystem& system = file_system());

/// Writes one of the files of an item (such as a photo) below the folder `root`, and the folder it lies in where that
/// is missing. As write_file, but the folder's names are not brought to disk: call sync_folder when the item's files
/// are there. Returns the error, if any: io_error where `root` still takes files, so that name or place of this file
/// are at fault (too long, a folder has it, its folder may not be written); else output_unwritable or disk_full.
[[nodiscard]] std::optional<Error> write_item_file(const std::filesystem::path& root, const std::filesystem::path& path,
                                                   std::span<const uint8_t> bytes, FileSystem& system = file_system());
[[nodiscard]] std::optional<Error> write_item_file(const std::filesystem::path& root, const std::filesystem::path& path,
                                                   std::string_view text, FileSystem& system = file_system());

/// Brings the names in a folder to disk, so that renames survive a power cut. Returns the error, if any:
/// output_unwritable or disk_full.
[[nodiscard]] std::optional<Error> sync_folder(const std::filesystem::path& folder, FileSystem& system = file_system());

/// Makes an output folder with its parents and tries whether files can be made in it.
/// Returns the error, if any: output_unwritable or disk_full.
[[nodiscard]] std::optional<Error> prepare_output_folder(const std::filesystem::path& folder,
                                                         FileSystem& system = file_system());

/// Removes temporary files in `folder` whose writers are dead; those of living ones are locked. Where the file system
/// has no locks, nothing is removed.
void sweep_temporaries(const std::filesystem::path& folder);

}  // namespace swiftavatar
