#include "base/staged_run.h"

#include <atomic>
#include <chrono>
#include <numeric>
#include <set>
#include <stdexcept>

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

struct Item {
  int number = 0;
  std::vector<int> stages;  ///< how many each of its parts went through
};

struct Part {
  int item = 0, place = 0;
  bool alone = false;  ///< does not go on after `before`
  int stages = 0;
  std::shared_ptr<int> crop;  ///< what is in memory between `before` and `after`
};

/// Records what happens to items 0 .. count - 1; `parts(number)` tells how many parts an item has.
struct Recorder {
  explicit Recorder(
      int count, std::function<int(int)> parts = [](int) { return 1; })
      : count(count), parts(std::move(parts)) {}

  Stages<Item, Part> stages() {
    return {.next = [this]() -> std::optional<Item> {
              if (started == count) return std::nullopt;
              items_in_hand = std::max(items_in_hand, ++started - static_cast<int>(done.size()));
              return Item{started - 1, {}};
            },
            .open =
                [this](Item& item) {
                  const int now = ++waiting_items;
                  most_waiting_items = std::max(most_waiting_items.load(), now);
                  std::this_thread::sleep_for(std::chrono::microseconds(item.number % 5 * 300));  // later ones overtake
                  std::vector<Part> found;
                  for (int place = 0; place < parts(item.number); ++place) {
                    found.push_back({item.number, place, (item.number + place) % 7 == 3});
                  }
                  if (found.empty()) --waiting_items;
                  return found;
                },
            .before =
                [this](Part& part) {
                  if (part.place + 1 == parts(part.item)) --waiting_items;
                  const int now = ++crops;
                  most_crops = std::max(most_crops.load(), now);
                  part.crop = std::make_shared<int>(part.place);
                  ++part.stages;
                  if (part.alone) --crops;
                  return !part.alone;
                },
            .together =
                [this](const std::vector<Part*>& batch) {
                  ++batches_now;
                  if (batches_now > 1) overlapped = true;
                  const std::lock_guard lock(mutex);
                  batch_sizes.push_back(batch.size());
                  for (Part* part : batch) ++part->stages;
                  std::this_thread::sleep_for(std::chrono::microseconds(200));
                  --batches_now;
                },
            .after =
                [this](Part& part) {
                  if (part.item == fails_at) throw std::runtime_error("no room");
                  --crops;
                  ++part.stages;
                },
            .close =
                [](Item& item, std::vector<Part> through) {
                  for (const Part& part : through) {
                    EXPECT_EQ(part.item, item.number);
                    EXPECT_EQ(part.place, static_cast<int>(item.stages.size())) << "in their order";
                    EXPECT_EQ(part.stages, part.alone ? 1 : 3) << item.number;
                    item.stages.push_back(part.stages);
                  }
                },
            .done =
                [this](Item& item) {
                  EXPECT_EQ(item.stages.size(), static_cast<size_t>(parts(item.number)));
                  done.push_back(item.number);
                }};
  }

  int count, started = 0, items_in_hand = 0, fails_at = -1;
  std::function<int(int)> parts;
  std::mutex mutex;
  std::atomic<int> batches_now = 0, crops = 0, most_crops = 0;
  std::atomic<int> waiting_items = 0, most_waiting_items = 0;  ///< from `open` until their last part is in `before`
  std::atomic<bool> overlapped = false;
  std::vector<size_t> batch_sizes;
  std::vector<int> done;
};

using Staged = StagedRun<Item, Part>;

std::vector<int> first(int count) {
  std::vector<int> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(StagedRun, EveryItemIsDoneOnceAndInOrderWithAnyLimits) {
  const auto many = [](int number) { return number % 4 == 1 ? 0 : number % 10 == 2 ? 25 : 1 + number % 3; };
  for (const size_t threads : {1, 2, 5}) {
    for (const size_t batch : {1, 4}) {
      Recorder recorder(60, many);
      Staged({.threads = threads, .batch = batch}, recorder.stages()).run();
      EXPECT_EQ(recorder.done, first(60)) << threads << " threads, batches of " << batch;
      EXPECT_LE(recorder.items_in_hand, static_cast<int>(2 * threads + 2 * batch));
      EXPECT_LE(recorder.most_crops, static_cast<int>(2 * threads + 2 * batch));
      EXPECT_LE(recorder.most_waiting_items, static_cast<int>(threads)) << "items that wait keep their pixels";
      for (const size_t size : recorder.batch_sizes) EXPECT_LE(size, batch);
    }
  }
}

TEST(StagedRun, OneThreadAndNoBatchesIsOnePartAfterTheOther) {
  Recorder recorder(5, [](int) { return 40; });
  Staged({}, recorder.stages()).run();
  EXPECT_EQ(recorder.items_in_hand, 1);
  EXPECT_EQ(recorder.most_crops, 1);
  for (const size_t size : recorder.batch_sizes) EXPECT_EQ(size, 1u);
}

TEST(StagedRun, BatchesAreFullUntilTheLast) {
  Recorder recorder(26);  // 22 go on
  Staged({.threads = 3, .batch = 5}, recorder.stages()).run();
  EXPECT_EQ(std::accumulate(recorder.batch_sizes.begin(), recorder.batch_sizes.end(), size_t{0}), 22u);
  EXPECT_LE(recorder.batch_sizes.size(), 6u);
}

TEST(StagedRun, PartsOfOneItemGoInFullBatchesToo) {
  Recorder recorder(1, [](int) { return 100; });  // 86 go on
  Staged({.threads = 2, .batch = 8}, recorder.stages()).run();
  EXPECT_EQ(std::accumulate(recorder.batch_sizes.begin(), recorder.batch_sizes.end(), size_t{0}), 86u);
  EXPECT_LE(recorder.batch_sizes.size(), 13u);
  EXPECT_LE(recorder.most_crops, 20);
}

TEST(StagedRun, PartsOfSeveralItemsShareBatches) {
  Recorder recorder(8, [](int) { return 3; });
  Staged({.threads = 1, .batch = 6}, recorder.stages()).run();
  ASSERT_FALSE(recorder.batch_sizes.empty());
  EXPECT_EQ(recorder.batch_sizes.front(), 6u);
}

TEST(StagedRun, BatchesCanBeKeptFromOverlapping) {
  Recorder recorder(40);
  Staged({.threads = 4, .batch = 2, .one_batch_at_a_time = true}, recorder.stages()).run();
  EXPECT_FALSE(recorder.overlapped);
  EXPECT_EQ(recorder.done, first(40));
}

TEST(StagedRun, NothingToDoEnds) {
  Recorder recorder(0);
  Staged({.threads = 3, .batch = 8}, recorder.stages()).run();
  EXPECT_TRUE(recorder.done.empty());
}

TEST(StagedRun, ItemsWithoutPartsAreDone) {
  Recorder recorder(30, [](int) { return 0; });
  Staged({.threads = 3, .batch = 8}, recorder.stages()).run();
  EXPECT_EQ(recorder.done, first(30));
  EXPECT_TRUE(recorder.batch_sizes.empty());
}

TEST(StagedRun, AnExceptionEndsTheRunAndIsThrown) {
  for (const size_t threads : {1, 4}) {
    for (const int parts : {1, 3}) {
      Recorder recorder(200, [parts](int) { return parts; });
      recorder.fails_at = 20;
      Staged run({.threads = threads, .batch = 2}, recorder.stages());
      EXPECT_THROW(run.run(), std::runtime_error);
      EXPECT_LT(recorder.started, 60) << "no further item starts";
      const std::set<int> done(recorder.done.begin(), recorder.done.end());
      for (int number = 0; number < 8; ++number) EXPECT_TRUE(done.contains(number)) << number;
      EXPECT_FALSE(done.contains(20));
      EXPECT_TRUE(std::is_sorted(recorder.done.begin(), recorder.done.end()));
    }
  }
}

TEST(StagedRun, AnExceptionOfAnyStageIsThrown) {
  const auto fault = [] { throw std::runtime_error("fault"); };
  for (int stage = 0; stage < 7; ++stage) {
    Recorder recorder(20);
    Stages<Item, Part> stages = recorder.stages();
    if (stage == 0) stages.next = [&]() -> std::optional<Item> { throw std::runtime_error("fault"); };
    if (stage == 1) stages.open = [&](Item&) -> std::vector<Part> { throw std::runtime_error("fault"); };
    if (stage == 2) stages.before = [&](Part&) -> bool { throw std::runtime_error("fault"); };
    if (stage == 3) stages.together = [&](const std::vector<Part*>&) { fault(); };
    if (stage == 4) stages.after = [&](Part&) { fault(); };
    if (stage == 5) stages.close = [&](Item&, std::vector<Part>) { fault(); };
    if (stage == 6) stages.done = [&](Item&) { fault(); };
    Staged run({.threads = 3, .batch = 2}, std::move(stages));
    EXPECT_THROW(run.run(), std::runtime_error) << stage;
  }
}

}  // namespace
}  // namespace swiftavatar
