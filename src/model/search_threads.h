#pragma once
// Internal to the model layer's late library.

namespace swiftavatar {

/// How many batches of small inputs run at once while one photo is searched for faces: see limit_threads.
int search_threads();

}  // namespace swiftavatar
