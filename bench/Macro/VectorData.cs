using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PgVectorCompat.Macro;

/// <summary>Vectors to load: read from a file or generated, and their forms on the wire.</summary>
public sealed class VectorData(int dimensions, float[] values)
{
    public int Dimensions => dimensions;
    public int Count => values.Length / dimensions;

    public ReadOnlySpan<float> this[int row] => values.AsSpan(row * dimensions, dimensions);

    /// <summary>Rows of float16, little-endian, without a header.</summary>
    public static VectorData ReadHalves(string path, int dimensions)
    {
        var bytes = File.ReadAllBytes(path);
        var values = new float[bytes.Length / 2];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)BitConverter.ToHalf(bytes, i * 2);
        return new VectorData(dimensions, values);
    }

    /// <summary>
    /// The generator: 100 centres with coordinates uniform in [-1, 1); row i lies around centre i mod 100, each coordinate moved by the
    /// sum of two uniform numbers in [-0.25, 0.25); then scaled to length 1, as embeddings are. <see cref="Random"/> with the given
    /// seed, which .NET keeps stable.
    /// </summary>
    public static VectorData Generate(int count, int dimensions, int seed)
    {
        const int centreCount = 100;
        var random = new Random(seed);
        var centres = new float[centreCount * dimensions];
        for (var i = 0; i < centres.Length; i++)
            centres[i] = random.NextSingle() * 2 - 1;

        var values = new float[count * dimensions];
        for (var row = 0; row < count; row++)
        {
            var vector = values.AsSpan(row * dimensions, dimensions);
            var squares = 0f;
            for (var i = 0; i < dimensions; i++)
            {
                vector[i] = centres[row % centreCount * dimensions + i] + (random.NextSingle() + random.NextSingle() - 1) / 4;
                squares += vector[i] * vector[i];
            }
            foreach (ref var x in vector)
                x /= MathF.Sqrt(squares);
        }
        return new VectorData(dimensions, values);
    }

    /// <summary>pgvector's binary form: count and zero in two bytes each, then the numbers.</summary>
    public static byte[] Binary(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[4 + vector.Length * 4];
        BinaryPrimitives.WriteInt16BigEndian(bytes, (short)vector.Length);
        for (var i = 0; i < vector.Length; i++)
            BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(4 + i * 4), vector[i]);
        return bytes;
    }

    public static string Text(ReadOnlySpan<float> vector)
    {
        var text = new StringBuilder("[");
        foreach (var x in vector)
            text.Append(text.Length > 1 ? "," : "").Append(x.ToString(CultureInfo.InvariantCulture));
        return text.Append(']').ToString();
    }

    /// <summary>COPY BINARY of (id int, embedding vector) for these rows.</summary>
    public byte[] CopyBinary()
    {
        var stream = new MemoryStream();
        stream.Write("PGCOPY\n"u8);
        stream.Write([0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for (var row = 0; row < Count; row++)
        {
            stream.Write([0, 2, 0, 0, 0, 4]);
            stream.Write(Messages.Int32(row));
            stream.Write(Messages.Int32(4 + dimensions * 4));
            stream.Write(Binary(this[row]));
        }
        stream.Write([0xff, 0xff]);
        return stream.ToArray();
    }

    /// <summary>COPY in text of the same.</summary>
    public byte[] CopyText()
    {
        var stream = new MemoryStream();
        for (var row = 0; row < Count; row++)
            stream.Write(Encoding.ASCII.GetBytes($"{row}\t{Text(this[row])}\n"));
        return stream.ToArray();
    }
}
