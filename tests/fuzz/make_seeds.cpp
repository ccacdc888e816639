// Writes the committed seeds of fuzz_frame_decoder again: fuzz_make_seeds tests/fuzz/corpus/fuzz_frame_decoder. For after a change of the wire's layout.
#include <fstream>
#include <iostream>
#include <string>

#include "tests/unit/protocol/samples.hpp"

namespace {

namespace protocol = syncline::protocol;
using syncline::base::Bytes;

void write(const std::string& folder, const std::string& name, std::uint8_t decoder,
           const Bytes& bytes) {
  std::ofstream file(folder + "/" + name, std::ios::binary);
  file.put(static_cast<char>(decoder));
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_make_seeds <folder>\n";
    return 2;
  }
  const std::string folder = argv[1];
  int number = 0;
  for (const auto& message : protocol::samples::client_messages()) {
    write(folder, "client-" + std::to_string(number++), 0, protocol::encode(message));
  }
  for (const auto& message : protocol::samples::server_messages()) {
    write(folder, "server-" + std::to_string(number++), 1, protocol::encode(message));
  }
  write(folder, "segment", 2, protocol::encode_segment_body(protocol::samples::body()));
  write(folder, "query", 3, protocol::encode_query(protocol::samples::query()));
  write(folder, "aggregate", 3, protocol::encode_query(protocol::samples::aggregate_query()));
  write(folder, "mutation", 4, protocol::encode_mutation(protocol::samples::mutation(1)));
  write(folder, "poll-request", 5, protocol::encode(protocol::samples::poll_request()));
  write(folder, "poll-answer", 6, protocol::encode(protocol::samples::poll_answer()));
}
