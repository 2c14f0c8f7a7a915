// Builds and searches an hnswlib graph in process: what our engine without the wire is measured against.
//
//   g++ -O3 -march=native -std=c++17 -I HNSWLIB bench/Native/hnswlib_bench.cpp -o hnswlib_bench
//   ./hnswlib_bench BASE.f32 QUERIES.f32 DIMENSIONS [l2|ip]
//
// Files: rows of little-endian float32 without a header (our bench writes them). Prints build seconds, and for each ef recall@10 by distance
// and queries per second of one thread's processor time, best of three passes.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <memory>
#include <queue>
#include <string>
#include <vector>
#include "hnswlib/hnswlib.h"

static std::vector<float> read_all(const char* path)
{
    std::ifstream file(path, std::ios::binary | std::ios::ate);
    std::vector<float> values(file.tellg() / sizeof(float));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
    return values;
}

static double cpu_seconds()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + now.tv_nsec * 1e-9;
}

int main(int argc, char** argv)
{
    if (argc < 4) return std::fprintf(stderr, "BASE QUERIES DIMENSIONS [l2|ip]\n"), 2;
    const auto base = read_all(argv[1]), queries = read_all(argv[2]);
    const size_t dim = std::atoi(argv[3]), rows = base.size() / dim, count = std::min<size_t>(queries.size() / dim, 500), k = 10;
    const bool ip = argc > 4 && !std::strcmp(argv[4], "ip");
    std::unique_ptr<hnswlib::SpaceInterface<float>> space;
    if (ip) space.reset(new hnswlib::InnerProductSpace(dim)); else space.reset(new hnswlib::L2Space(dim));
    const auto distance = space->get_dist_func();

    std::vector<float> farthest(count);
    for (size_t q = 0; q < count; q++) {
        std::priority_queue<float> nearest;
        for (size_t row = 0; row < rows; row++) {
            const float d = distance(&base[row * dim], &queries[q * dim], space->get_dist_func_param());
            if (nearest.size() < k) nearest.push(d);
            else if (d < nearest.top()) { nearest.pop(); nearest.push(d); }
        }
        farthest[q] = nearest.top();
    }

    hnswlib::HierarchicalNSW<float> graph(space.get(), rows, 16, 64, 100);
    const double started = cpu_seconds();
    for (size_t row = 0; row < rows; row++) graph.addPoint(&base[row * dim], row);
    std::printf("build %.1f s, one thread\n", cpu_seconds() - started);

    for (size_t ef : {10, 20, 30, 40, 64, 100, 150, 200, 300, 400, 600, 800, 1200}) {
        graph.setEf(ef);
        size_t right = 0;
        double best = 1e30;
        for (int pass = 0; pass < 3; pass++) {
            right = 0;
            const double begun = cpu_seconds();
            for (size_t q = 0; q < count; q++) {
                auto found = graph.searchKnn(&queries[q * dim], k);
                for (; !found.empty(); found.pop()) right += found.top().first <= farthest[q] * 1.00001f + 1e-12f;
            }
            best = std::min(best, cpu_seconds() - begun);
        }
        std::printf("ef %5zu  recall %.4f  %9.0f queries/s\n", ef, double(right) / (count * k), count / best);
    }
}
