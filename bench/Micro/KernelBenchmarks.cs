using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using PgVectorCompat.Vectors;

namespace PgVectorCompat.Micro;

/// <summary>One distance between two vectors in cache; TensorPrimitives, where it has the distance, for comparison.</summary>
public class KernelBenchmarks
{
    float[] _a = [], _b = [];
    Half[] _halfA = [], _halfB = [];
    byte[] _bitsA = [], _bitsB = [];

    [Params(3, 256, 768, 1536)]
    public int Dimensions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _a = [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f)];
        _b = [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f)];
        _halfA = [.. _a.Select(x => (Half)x)];
        _halfB = [.. _b.Select(x => (Half)x)];
        _bitsA = new byte[Dimensions];
        _bitsB = new byte[Dimensions];
        random.NextBytes(_bitsA);
        random.NextBytes(_bitsB);
    }

    [Benchmark] public double SquaredL2() => Float32Kernels.SquaredL2(_a, _b);
    [Benchmark] public double Dot() => Float32Kernels.Dot(_a, _b);
    [Benchmark] public double Cosine() => Float32Kernels.CosineDistance(_a, _b);
    [Benchmark] public double L1() => Float32Kernels.L1(_a, _b);
    [Benchmark] public double TensorDistance() => TensorPrimitives.Distance<float>(_a, _b);
    [Benchmark] public double TensorDot() => TensorPrimitives.Dot<float>(_a, _b);
    [Benchmark] public double TensorCosine() => TensorPrimitives.CosineSimilarity<float>(_a, _b);
    [Benchmark] public double HalfSquaredL2() => Float16Kernels.SquaredL2(_halfA, _halfB);
    [Benchmark] public double HalfCosine() => Float16Kernels.CosineDistance(_halfA, _halfB);

    /// <summary>As many bytes as there are dimensions.</summary>
    [Benchmark] public double HammingOfBytes() => BitKernels.Hamming(_bitsA, _bitsB);
    [Benchmark] public double JaccardOfBytes() => BitKernels.Jaccard(_bitsA, _bitsB);
}
