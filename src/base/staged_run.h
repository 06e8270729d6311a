#pragma once
// Items through three stages on a few threads: each item alone, several together, each alone again; then they are done,
// in the order in which they came.

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace swiftavatar {

struct StagedLimits {
  size_t threads = 1;  ///< 1: everything happens on the caller's thread, one item after the other
  size_t batch = 1;    ///< largest number of items in a call of `together`
  bool one_batch_at_a_time = false;
};

/// What is done to an item. `next` and `done` are called by one thread at a time, the others by several at once. An
/// item carries its own errors; an exception of any stage ends the run: no further item starts, and `run` throws it
/// once the items in hand are put down. Items that got through `after` by then are still `done`.
template <class Item>
struct Stages {
  std::function<std::optional<Item>()> next;  ///< the next item, or nothing: no more will start
  std::function<void(Item&)> before;
  std::function<bool(const Item&)> wants_together;  ///< false: the item goes from `before` to `after`
  std::function<void(const std::vector<Item*>&)> together;
  std::function<void(Item&)> after;
  std::function<void(Item&)> done;
};

/// Every thread takes the work that is furthest along, so that items leave as fast as they come and few are in memory:
/// at most two for each thread and two batches, waiting for their turn to be done included.
template <class Item>
class StagedRun {
 public:
  StagedRun(StagedLimits limits, Stages<Item> stages)
      : limits_(limits),
        stages_(std::move(stages)),
        most_(limits.threads == 1 && limits.batch == 1 ? 1 : 2 * limits.threads + 2 * limits.batch) {}

  void run() {
    std::vector<std::jthread> helpers;
    for (size_t i = 1; i < limits_.threads; ++i) helpers.emplace_back([this] { work(); });
    work();
    helpers.clear();                   // joins
    for (const auto& slot : slots_) {  // only after an exception are there any: what is whole is still done
      if (slot->state == State::finished && !deaf_) call_done(*slot);
    }
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  enum class State { before, waits_together, together, waits_after, after, finished };
  struct Slot {
    Item item;
    State state = State::before;
  };

  void work() {
    std::unique_lock lock(mutex_);
    while (!failure_) {
      if (Slot* slot = first_in(State::waits_after)) {
        slot->state = State::after;
        if (unlocked(lock, [&] { stages_.after(slot->item); })) finish(*slot);
      } else if (std::vector<Slot*> batch = take_batch(); !batch.empty()) {
        std::vector<Item*> items;
        for (Slot* member : batch) items.push_back(&member->item);
        unlocked(lock, [&] { stages_.together(items); });
        for (Slot* member : batch) member->state = State::waits_after;
        changed_.notify_all();
      } else if (may_start()) {
        start(lock);
      } else if (ended_ && slots_.empty()) {
        break;
      } else {
        changed_.wait(lock);
      }
    }
    changed_.notify_all();
  }

  void start(std::unique_lock<std::mutex>& lock) {
    std::optional<Item> item;
    try {
      item = stages_.next();
    } catch (...) {
      fail();
    }
    if (!item) {
      ended_ = true;
      changed_.notify_all();
      return;
    }
    Slot& slot = *slots_.emplace_back(std::make_unique<Slot>(Slot{std::move(*item)}));
    unlocked(lock, [&] { stages_.before(slot.item); });
    slot.state = stages_.wants_together(slot.item) ? State::waits_together : State::waits_after;
    changed_.notify_all();
  }

  bool may_start() const { return !ended_ && slots_.size() < most_; }

  /// A full batch, or what there is once nothing more can join it.
  std::vector<Slot*> take_batch() {
    std::vector<Slot*> batch;
    if (limits_.one_batch_at_a_time && first_in(State::together)) return batch;
    for (const auto& slot : slots_) {
      if (slot->state == State::waits_together && batch.size() < limits_.batch) batch.push_back(slot.get());
    }
    if (batch.size() < limits_.batch && (may_start() || first_in(State::before))) return {};
    for (Slot* member : batch) member->state = State::together;
    return batch;
  }

  Slot* first_in(State state) const {
    const auto found =
        std::find_if(slots_.begin(), slots_.end(), [state](const auto& slot) { return slot->state == state; });
    return found == slots_.end() ? nullptr : found->get();
  }

  void finish(Slot& slot) {
    slot.state = State::finished;
    while (!failure_ && !slots_.empty() && slots_.front()->state == State::finished) {
      call_done(*slots_.front());
      slots_.pop_front();
    }
    changed_.notify_all();
  }

  void call_done(Slot& slot) {
    try {
      stages_.done(slot.item);
    } catch (...) {
      deaf_ = true;
      fail();
    }
  }

  /// Whether the action came to its end.
  template <class Action>
  bool unlocked(std::unique_lock<std::mutex>& lock, const Action& action) {
    lock.unlock();
    try {
      action();
      lock.lock();
      return true;
    } catch (...) {
      lock.lock();
      fail();
      return false;
    }
  }

  /// The exception in flight ends the run.
  void fail() {
    if (!failure_) failure_ = std::current_exception();
    changed_.notify_all();
  }

  const StagedLimits limits_;
  const Stages<Item> stages_;
  const size_t most_;  // items in hand
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Slot>> slots_;  // in the order in which they came
  bool ended_ = false;                       // `next` has no more
  bool deaf_ = false;                        // `done` has thrown
  std::exception_ptr failure_;
};

}  // namespace swiftavatar
