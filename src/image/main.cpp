// swiftavatar-decode: decodes untrusted photos for swiftavatar, so that one that crashes a codec costs no more than
// itself.

#include "image/decode.h"
#include "image/decoder_service.h"

int main(int argc, char** argv) { return swiftavatar::decoder_main(argc, argv, swiftavatar::decode_unnamed); }
