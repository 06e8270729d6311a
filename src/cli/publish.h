#pragma once
// From outcomes to files: pictures first, the JSON last, for the JSON is the mark that a photo is done.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/file_system.h"
#include "cli/inputs.h"
#include "estimate/pipeline.h"
#include "estimate/result_json.h"

namespace swiftavatar::cli {

/// Writes the pictures of one face and lets go of them; the facts keep their names and hashes. Faces may be published
/// in any order, and their photo once they all are. `number`: 0, or the face's index where files are numbered. Throws
/// Failure as write_item_file: io_error where the photo's name or folder is at fault, output_unwritable or disk_full.
void publish_pictures(FaceOutcome& face, const OutputNames& names, int number, FileSystem& system = file_system());

/// Writes the files of a photo that are not there yet and removes those of an earlier run that no longer hold (an error
/// that is mended, an avatar that could not be made again). Returns the result objects: one for each face, or the
/// error's. A photo whose name or folder alone allows no files fails as io_error, and its error's file is left out if
/// need be. `all_faces`: files are numbered. Throws Failure output_unwritable or disk_full.
std::vector<nlohmann::ordered_json> publish(PhotoOutcome outcome, const RunFacts& run, const OutputNames& names,
                                            bool all_faces, FileSystem& system = file_system());

/// Removes what an earlier run wrote for a photo: its avatars (JSON and pictures), its error.
void withdraw_avatars(const OutputNames& names);
void withdraw_error(const OutputNames& names);

/// The result objects of a photo that an earlier run finished with the same input, models, engine and options and whose
/// pictures are all as they were written; nothing when it has to be done.
std::optional<std::vector<nlohmann::ordered_json>> finished(const std::string& input_sha256, const RunFacts& run,
                                                            const OutputNames& names, bool all_faces);

}  // namespace swiftavatar::cli
