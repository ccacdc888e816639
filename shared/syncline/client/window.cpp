#include "syncline/client/window.hpp"

#include <algorithm>

namespace syncline::client {

namespace {

using ivm::ViewEdit;
using Kind = ViewEdit::Kind;

class Translator {
 public:
  Translator(std::uint64_t size, const Window& window, std::vector<ViewEdit>& out)
      : size_(size), first_(window.first), count_(window.count), out_(out) {}

  void insert(std::uint64_t at) {
    const std::uint64_t shown = this->shown();
    ++size_;
    if (at >= end() || size_ <= first_) return;
    if (shown == count_) tell(Kind::remove, shown - 1);
    tell(Kind::insert, std::max(at, first_) - first_);
  }
  void remove(std::uint64_t at) {
    const std::uint64_t shown = this->shown();
    --size_;
    if (at >= end() || shown == 0) return;
    tell(Kind::remove, std::max(at, first_) - first_);
    // The row behind the window moves up.
    if (size_ >= end()) tell(Kind::insert, count_ - 1);
  }
  void replace(std::uint64_t at) {
    if (at >= first_ && at < end()) tell(Kind::replace, at - first_);
  }
  // A row goes from one place to another (counted without it): what lies beyond both stays where it is.
  void move(std::uint64_t from, std::uint64_t to) {
    if (from < first_ && to < first_) return;
    if (from >= end() && to >= end()) return;
    if (from < end() && to < end()) {
      tell(Kind::remove, std::max(from, first_) - first_);
      tell(Kind::insert, std::max(to, first_) - first_);
      return;
    }
    remove(from);
    insert(to);
  }

 private:
  [[nodiscard]] std::uint64_t end() const { return first_ + count_; }
  [[nodiscard]] std::uint64_t shown() const {
    return size_ <= first_ ? 0 : std::min(size_ - first_, count_);
  }
  void tell(Kind kind, std::uint64_t at) { out_.push_back({kind, static_cast<std::uint32_t>(at)}); }

  // 64 bits, also in WebAssembly: first + count may be above 2^32.
  std::uint64_t size_;
  const std::uint64_t first_;
  const std::uint64_t count_;
  std::vector<ViewEdit>& out_;
};

}  // namespace

std::uint32_t Window::shown(std::size_t size) const {
  if (size <= first) return 0;
  return static_cast<std::uint32_t>(std::min<std::size_t>(size - first, count));
}

void window_edits(const std::vector<ViewEdit>& edits, std::size_t size, const Window& window,
                  std::vector<ViewEdit>& out) {
  if (window.count == 0) return;
  Translator translator(size, window, out);
  for (std::size_t i = 0; i < edits.size(); ++i) {
    const ViewEdit& edit = edits[i];
    switch (edit.kind) {
      case Kind::insert: translator.insert(edit.position); break;
      case Kind::replace: translator.replace(edit.position); break;
      case Kind::remove:
        if (i + 1 < edits.size() && edits[i + 1].kind == Kind::insert) {
          translator.move(edit.position, edits[++i].position);
        } else {
          translator.remove(edit.position);
        }
        break;
    }
  }
}

}  // namespace syncline::client
