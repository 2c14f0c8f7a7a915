using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using PgVectorCompat.Vectors.Clustering;
using PgVectorCompat.Vectors.Codes;

namespace PgVectorCompat.Micro;

/// <summary>Kernels of codes of few bits, of rotations and of centres, against plain code and TensorPrimitives where it has the like.</summary>
public unsafe class CodeBenchmarks
{
    /// <summary>Centres that a point is compared with.</summary>
    const int Centers = 320;

    const int Memory = 1 << 16;

    readonly byte* _block = Allocate(), _tables = Allocate(), _plane = Allocate();
    readonly sbyte* _query = (sbyte*)Allocate();
    readonly float* _rotated = (float*)Allocate();
    readonly int* _sums = (int*)Allocate();
    readonly float[] _scores = new float[Centers];
    float[] _vector = [], _centers = [];
    int[] _numbers = [], _queryNumbers = [];
    Rotation _rotation = new(1, 1);
    CenterPanels _panels = CenterPanels.ForL2([0f], 1, 1);

    [Params(256, 768, 1536)]
    public int Dimensions { get; set; }

    static byte* Allocate() => (byte*)NativeMemory.AlignedAlloc(Memory, 64);

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        random.NextBytes(new Span<byte>(_block, Memory));
        random.NextBytes(new Span<byte>(_tables, Memory));
        random.NextBytes(new Span<byte>(_plane, Memory));
        new Span<sbyte>(_query, Memory).Clear();
        for (var i = 0; i < Dimensions; i++)
            _query[i] = (sbyte)random.Next(-127, 128);
        _vector = Numbers(random, Dimensions);
        _centers = Numbers(random, Centers * Dimensions);
        (_numbers, _queryNumbers) = (new int[Dimensions], new int[Dimensions]);
        for (var i = 0; i < Dimensions; i++)
            (_numbers[i], _queryNumbers[i]) = (PlaneDot.Get(_plane, Dimensions, 4, i), _query[i]);
        _rotation = new(Dimensions, 1);
        _panels = CenterPanels.ForL2(_centers, Centers, Dimensions);
    }

    /// <summary>Sums of 32 one-bit codes.</summary>
    [Benchmark] public double FastScan512() => Sum(512);
    [Benchmark] public double FastScan256() => Sum(256);
    [Benchmark] public double FastScan128() => Sum(128);
    [Benchmark] public double FastScanPlain() => Sum(0);

    [Benchmark] public double FourBits() => PlaneDot.One(_plane, _query, Dimensions, 4);
    [Benchmark] public double FourBits128() => PlaneDot.One(_plane, _query, Dimensions, 4, widest: 128);
    [Benchmark] public double TwoBits() => PlaneDot.One(_plane, _query, Dimensions, 2);
    [Benchmark] public double OneBit() => PlaneDot.One(_plane, _query, Dimensions, 1);

    [Benchmark]
    public double FourBitsPlain()
    {
        var sum = 0;
        for (var i = 0; i < Dimensions; i++)
            sum += PlaneDot.Get(_plane, Dimensions, 4, i) * _query[i];
        return sum;
    }

    /// <summary>The numbers of four bits, each in four bytes.</summary>
    [Benchmark] public double TensorDotOfIntegers() => TensorPrimitives.Dot<int>(_numbers, _queryNumbers);

    [Benchmark]
    public double Rotate()
    {
        _rotation.Apply(_vector, _rotated);
        return _rotated[3];
    }

    /// <summary>A point with all centres.</summary>
    [Benchmark]
    public double Panels()
    {
        _panels.Scores(_vector, _scores);
        return _scores[9];
    }

    [Benchmark]
    public double TensorDistances()
    {
        for (var i = 0; i < Centers; i++)
            _scores[i] = TensorPrimitives.Distance<float>(_vector, _centers.AsSpan(i * Dimensions, Dimensions));
        return _scores[9];
    }

    double Sum(int widest)
    {
        FastScan.Sum(_block, _tables, Dimensions / 4, _sums, widest);
        return _sums[7];
    }

    static float[] Numbers(Random random, int count)
    {
        var numbers = new float[count];
        foreach (ref var number in numbers.AsSpan())
            number = random.NextSingle() - 0.5f;
        return numbers;
    }
}
