#pragma once
// swiftavatar-draw's end of the conversation. A request's body is an SVG document. With the head {"size"} the answer is
// {"rows", "columns"} with rows x columns pixels of RGBA; with {"measure": an id, "width", "height"} it is {"box": [x,
// y, width, height]}. Either may be {"message"} instead, without a body.

#include <functional>
#include <string>

#include "draw/rasterise.h"

namespace swiftavatar {

using DrawFunction = std::function<Result<Picture>(const std::string& svg, int size)>;

/// The main function of a process that draws; see worker_main. With the further argument "text" it can draw text, in
/// the fonts that fonts.h loads; without, text is left out.
int drawer_main(int argc, char** argv, const DrawFunction& draw);

}  // namespace swiftavatar
