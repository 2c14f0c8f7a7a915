using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using PgVectorCompat.Types;

namespace PgVectorCompat.Micro;

/// <summary>Vector literals and binary forms, both directions.</summary>
public class LiteralBenchmarks
{
    readonly ByteWriter _output = new(1 << 20);
    byte[] _single = [], _double = [], _binary = [];
    Datum _vector, _sparse;

    [Params(3, 768)]
    public int Dimensions { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        double[] numbers = [.. Enumerable.Range(0, Dimensions).Select(_ => random.NextDouble() * 0.2 - 0.1)];
        _single = Encoding.ASCII.GetBytes("[" + string.Join(',', numbers.Select(x => ((float)x).ToString("R", CultureInfo.InvariantCulture))) + "]");
        _double = Encoding.ASCII.GetBytes("[" + string.Join(", ", numbers.Select(x => x.ToString("R", CultureInfo.InvariantCulture))) + "]");
        _vector = Parse(_single);
        PgTypes.Vector.Codec.WriteBinary(_vector, _output);
        _binary = _output.Written.ToArray();
        _sparse = Datum.Of(new SparseVector(Dimensions, [.. Enumerable.Range(0, Dimensions)], _vector.As<float[]>()));
    }

    /// <summary>Numbers with the digits of a float32, as our output and pgvector's have them.</summary>
    [Benchmark] public double ParseSingles() => Parse(_single).As<float[]>()[0];

    /// <summary>Numbers with the 17 digits of a float64, as Python and JSON have them.</summary>
    [Benchmark] public double ParseDoubles() => Parse(_double).As<float[]>()[0];

    [Benchmark]
    public double WriteText()
    {
        _output.Clear();
        PgTypes.Vector.Codec.Write(_vector, _output, TypeSettings.Default);
        return _output.Length;
    }

    [Benchmark]
    public double WriteSparseText()
    {
        _output.Clear();
        PgTypes.SparseVec.Codec.Write(_sparse, _output, TypeSettings.Default);
        return _output.Length;
    }

    [Benchmark]
    public double ReadBinary()
    {
        var reader = new PgVectorCompat.Types.BinaryReader(_binary);
        return PgTypes.Vector.Codec.ReadBinary(ref reader, Dimensions).As<float[]>()[0];
    }

    [Benchmark]
    public double WriteBinary()
    {
        _output.Clear();
        PgTypes.Vector.Codec.WriteBinary(_vector, _output);
        return _output.Length;
    }

    static Datum Parse(byte[] literal) => PgTypes.Vector.Codec.Parse(literal, -1, TypeSettings.Default);
}
