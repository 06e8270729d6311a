// swiftavatar-draw: draws SVG for swiftavatar, so that a definition that crashes or stalls librsvg costs no more than
// one picture.

#include "draw/service.h"

int main(int argc, char** argv) { return swiftavatar::drawer_main(argc, argv, swiftavatar::rasterise); }
