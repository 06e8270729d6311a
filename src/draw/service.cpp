#include "draw/service.h"

#include <malloc.h>

#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/worker_service.h"
#include "draw/fonts.h"

namespace swiftavatar {

namespace {

constexpr int kKeptMemory = 64 << 20;

void prepare(bool text) {
  // The next picture takes the memory of the last one, without the kernel's clearing it anew.
  mallopt(M_TRIM_THRESHOLD, kKeptMemory);
  mallopt(M_MMAP_THRESHOLD, kKeptMemory);
  setenv("RAYON_NUM_THREADS", "1", 1);  // of librsvg's filters: several avatars are drawn at the same time instead
  if (text) load_fonts();
  // What librsvg reads when it first draws. No filter: it would start a thread, which Landlock would not hold.
  const auto drawn =
      rasterise("<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'><rect width='4' height='4'/></svg>", 8);
  if (!drawn.ok()) throw Failure(drawn.error());
}

void draw_one(const DrawFunction& draw, const std::string& svg, int size, const Reply& reply) {
  const auto drawn = draw(svg, size);
  if (!drawn.ok()) return reply({{"message", drawn.error().message}}, {});
  const Picture& picture = drawn.value();
  reply({{"rows", picture.rows}, {"columns", picture.columns}}, picture.rgba);
}

void measure_one(const std::string& svg, const nlohmann::json& head, const Reply& reply) {
  const auto measured = measure(svg, head.at("measure").get<std::string>(), head.at("width").get<double>(),
                                head.at("height").get<double>());
  if (!measured.ok()) return reply({{"message", measured.error().message}}, {});
  const Box& box = measured.value();
  reply({{"box", {box.x, box.y, box.width, box.height}}}, {});
}

void answer(const DrawFunction& draw, const nlohmann::json& head, const std::string& svg, const Reply& reply) {
  try {
    if (head.contains("measure")) return measure_one(svg, head, reply);
    draw_one(draw, svg, head.at("size").get<int>(), reply);
  } catch (const std::bad_alloc&) {
    reply({{"message", "the avatar's picture needs more memory than drawing may take; draw it smaller"}}, {});
  }
}

}  // namespace

int drawer_main(int argc, char** argv, const DrawFunction& draw) {
  const bool text = argc > 2 && std::string_view(argv[2]) == "text";
  return worker_main(argc, argv,
                     {"swiftavatar-draw", "draws avatars", [text] { prepare(text); },
                      [&draw](const nlohmann::json& head, std::vector<uint8_t> body, const Reply& reply) {
                        answer(draw, head, {body.begin(), body.end()}, reply);
                      }});
}

}  // namespace swiftavatar
