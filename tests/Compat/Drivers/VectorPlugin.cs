// Npgsql's plug-in interface may change between its versions, and says so by this warning.
#pragma warning disable NPG9001

using System.Buffers;
using System.Buffers.Binary;
using Npgsql;
using Npgsql.Internal;
using Npgsql.Internal.Postgres;

namespace PgVectorCompat.Compat.Drivers;

/// <summary>A value of type vector.</summary>
public sealed record Vector(params float[] Elements);

/// <summary>A value of type halfvec.</summary>
public sealed record HalfVector(params Half[] Elements);

/// <summary>A value of type sparsevec; indices count from 0, as on the wire.</summary>
public sealed record SparseVector(int Dimensions, int[] Indices, float[] Values);

/// <summary>
/// Teaches Npgsql the vector types in binary, found by their names, as the Pgvector package does.
/// That package's version which the build can restore (0.1.3) is made for an Npgsql that no longer exists, so this stands in for it.
/// </summary>
static class VectorPlugin
{
    public static NpgsqlDataSourceBuilder UseVectors(this NpgsqlDataSourceBuilder builder)
    {
        builder.AddTypeInfoResolverFactory(new Factory());
        return builder;
    }

    sealed class Factory : PgTypeInfoResolverFactory
    {
        public override IPgTypeInfoResolver CreateResolver() => new Resolver(arrays: false);

        public override IPgTypeInfoResolver CreateArrayResolver() => new Resolver(arrays: true);
    }

    sealed class Resolver : IPgTypeInfoResolver
    {
        readonly TypeInfoMappingCollection _mappings = new();

        public Resolver(bool arrays)
        {
            _mappings.AddType<Vector>("vector", static (options, mapping, _) => mapping.CreateInfo(options, new VectorConverter()), isDefault: true);
            _mappings.AddType<HalfVector>("halfvec", static (options, mapping, _) => mapping.CreateInfo(options, new HalfVectorConverter()), isDefault: true);
            _mappings.AddType<SparseVector>("sparsevec", static (options, mapping, _) => mapping.CreateInfo(options, new SparseVectorConverter()), isDefault: true);
            if (!arrays) return;
            _mappings.AddArrayType<Vector>("vector");
            _mappings.AddArrayType<HalfVector>("halfvec");
            _mappings.AddArrayType<SparseVector>("sparsevec");
        }

        public PgTypeInfo? GetTypeInfo(Type? type, DataTypeName? dataTypeName, PgSerializerOptions options)
            => _mappings.Find(type, dataTypeName, options);
    }

    /// <summary>Moves whole values; their inner layout is left to <see cref="Decode"/> and <see cref="Encode"/>.</summary>
    abstract class WholeConverter<T> : PgStreamingConverter<T>
    {
        protected abstract T Decode(ReadOnlySpan<byte> bytes);

        protected abstract byte[] Encode(T value);

        public override T Read(PgReader reader) => Decode(reader.ReadBytes(reader.CurrentRemaining).ToArray());

        public override async ValueTask<T> ReadAsync(PgReader reader, CancellationToken cancellationToken = default)
            => Decode((await reader.ReadBytesAsync(reader.CurrentRemaining, cancellationToken)).ToArray());

        public override Size GetSize(SizeContext context, T value, ref object? writeState) => Encode(value).Length;

        public override void Write(PgWriter writer, T value) => writer.WriteBytes(Encode(value));

        public override ValueTask WriteAsync(PgWriter writer, T value, CancellationToken cancellationToken = default)
            => writer.WriteBytesAsync(Encode(value), cancellationToken);
    }

    sealed class VectorConverter : WholeConverter<Vector>
    {
        protected override Vector Decode(ReadOnlySpan<byte> bytes)
        {
            var elements = new float[BinaryPrimitives.ReadInt16BigEndian(bytes)];
            for (var i = 0; i < elements.Length; i++) elements[i] = BinaryPrimitives.ReadSingleBigEndian(bytes[(4 + 4 * i)..]);
            return new Vector(elements);
        }

        protected override byte[] Encode(Vector value)
        {
            var bytes = new byte[4 + 4 * value.Elements.Length];
            BinaryPrimitives.WriteInt16BigEndian(bytes, (short)value.Elements.Length);
            for (var i = 0; i < value.Elements.Length; i++) BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(4 + 4 * i), value.Elements[i]);
            return bytes;
        }
    }

    sealed class HalfVectorConverter : WholeConverter<HalfVector>
    {
        protected override HalfVector Decode(ReadOnlySpan<byte> bytes)
        {
            var elements = new Half[BinaryPrimitives.ReadInt16BigEndian(bytes)];
            for (var i = 0; i < elements.Length; i++) elements[i] = BinaryPrimitives.ReadHalfBigEndian(bytes[(4 + 2 * i)..]);
            return new HalfVector(elements);
        }

        protected override byte[] Encode(HalfVector value)
        {
            var bytes = new byte[4 + 2 * value.Elements.Length];
            BinaryPrimitives.WriteInt16BigEndian(bytes, (short)value.Elements.Length);
            for (var i = 0; i < value.Elements.Length; i++) BinaryPrimitives.WriteHalfBigEndian(bytes.AsSpan(4 + 2 * i), value.Elements[i]);
            return bytes;
        }
    }

    sealed class SparseVectorConverter : WholeConverter<SparseVector>
    {
        const int HeadBytes = 12;

        protected override SparseVector Decode(ReadOnlySpan<byte> bytes)
        {
            var indices = new int[BinaryPrimitives.ReadInt32BigEndian(bytes[4..])];
            var values = new float[indices.Length];
            for (var i = 0; i < indices.Length; i++)
            {
                indices[i] = BinaryPrimitives.ReadInt32BigEndian(bytes[(HeadBytes + 4 * i)..]);
                values[i] = BinaryPrimitives.ReadSingleBigEndian(bytes[(HeadBytes + 4 * (indices.Length + i))..]);
            }
            return new SparseVector(BinaryPrimitives.ReadInt32BigEndian(bytes), indices, values);
        }

        protected override byte[] Encode(SparseVector value)
        {
            var count = value.Indices.Length;
            var bytes = new byte[HeadBytes + 8 * count];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value.Dimensions);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4), count);
            for (var i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(HeadBytes + 4 * i), value.Indices[i]);
                BinaryPrimitives.WriteSingleBigEndian(bytes.AsSpan(HeadBytes + 4 * (count + i)), value.Values[i]);
            }
            return bytes;
        }
    }
}
