using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using PgVectorCompat.Types;

namespace PgVectorCompat.Micro;

/// <summary>Vector literals and binary forms, both directions.</summary>
public class LiteralBenchmarks
{
    /// <summary>Vectors taken in turn: branch predictors learn a single one by heart.</summary>
    const int Count = 64;

    readonly ByteWriter _output = new(1 << 20);
    readonly byte[][] _singles = new byte[Count][], _doubles = new byte[Count][], _binaries = new byte[Count][];
    readonly Datum[] _vectors = new Datum[Count], _sparse = new Datum[Count];
    int _next;

    [Params(3, 768)]
    public int Dimensions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            double[] numbers = [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextDouble() * 0.2 - 0.1)];
            _singles[i] = Encoding.ASCII.GetBytes($"[{string.Join(',', numbers.Select(x => ((float)x).ToString("R", CultureInfo.InvariantCulture)))}]");
            _doubles[i] = Encoding.ASCII.GetBytes($"[{string.Join(", ", numbers.Select(x => x.ToString("R", CultureInfo.InvariantCulture)))}]");
            _vectors[i] = Parse(_singles[i]);
            _sparse[i] = Datum.Of(new SparseVector(Dimensions, [.. Enumerable.Range(0, Dimensions)], _vectors[i].As<float[]>()));
            _output.Clear();
            PgTypes.Vector.Codec.WriteBinary(_vectors[i], _output);
            _binaries[i] = _output.Written.ToArray();
        }
    }

    T Next<T>(T[] items) => items[_next++ % Count];

    /// <summary>Numbers with the digits of a float32, as our output and pgvector's have them.</summary>
    [Benchmark] public double ParseSingles() => Parse(Next(_singles)).As<float[]>()[0];

    /// <summary>Numbers with the 17 digits of a float64, as Python and JSON have them.</summary>
    [Benchmark] public double ParseDoubles() => Parse(Next(_doubles)).As<float[]>()[0];

    [Benchmark]
    public double WriteText()
    {
        _output.Clear();
        PgTypes.Vector.Codec.Write(Next(_vectors), _output, TypeSettings.Default);
        return _output.Length;
    }

    [Benchmark]
    public double WriteSparseText()
    {
        _output.Clear();
        PgTypes.SparseVec.Codec.Write(Next(_sparse), _output, TypeSettings.Default);
        return _output.Length;
    }

    [Benchmark]
    public double ReadBinary()
    {
        var reader = new PgVectorCompat.Types.BinaryReader(Next(_binaries));
        return PgTypes.Vector.Codec.ReadBinary(ref reader, Dimensions).As<float[]>()[0];
    }

    [Benchmark]
    public double WriteBinary()
    {
        _output.Clear();
        PgTypes.Vector.Codec.WriteBinary(Next(_vectors), _output);
        return _output.Length;
    }

    static Datum Parse(byte[] literal) => PgTypes.Vector.Codec.Parse(literal, -1, TypeSettings.Default);
}
