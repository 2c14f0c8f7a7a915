using System.Collections.Immutable;

namespace PgVectorCompat.Storage;

/// <summary>Everything a checkpoint says, with references to the chunk images in its own and older files.</summary>
sealed class Manifest
{
    internal sealed record TableEntry(
        uint Id,
        TableShape Shape,
        long NextRow,
        IReadOnlyList<ChunkLocation> Chunks,
        int SegmentCount,
        IReadOnlyList<SegmentEntry> Segments,
        IReadOnlyList<int> NextSlots);

    internal readonly record struct SegmentEntry(int Number, long Tail, long LiveBytes);

    public long Csn { get; set; }
    public long NextTransaction { get; set; }
    public List<TableEntry> Tables { get; } = [];
    public List<KeyValuePair<CatalogKey, byte[]>> Catalog { get; } = [];
    public List<KeyValuePair<CatalogKey, byte[]>> Sequences { get; } = [];
    public List<KeyValuePair<IndexSnapshotKey, IndexSnapshotLocation>> Indexes { get; } = [];

    public void Write(ByteBuffer buffer)
    {
        buffer.WriteInt64(Csn);
        buffer.WriteInt64(NextTransaction);
        buffer.WriteInt32(Tables.Count);
        foreach (var table in Tables) WriteTable(table, buffer);
        WriteRecords(Catalog, buffer);
        WriteRecords(Sequences, buffer);
        buffer.WriteInt32(Indexes.Count);
        foreach (var (key, location) in Indexes)
        {
            buffer.WriteUInt32(key.Table);
            buffer.WriteUInt32(key.Index);
            buffer.WriteInt64(location.Checkpoint);
            buffer.WriteInt64(location.Csn);
        }
    }

    static void WriteTable(TableEntry table, ByteBuffer buffer)
    {
        buffer.WriteUInt32(table.Id);
        buffer.WriteInt32(table.Shape.VectorBytes.Length);
        foreach (var bytes in table.Shape.VectorBytes) buffer.WriteInt32(bytes);
        foreach (var slot in table.NextSlots) buffer.WriteInt32(slot);
        buffer.WriteInt64(table.NextRow);
        buffer.WriteInt32(table.Chunks.Count);
        foreach (var chunk in table.Chunks)
        {
            buffer.WriteInt64(chunk.File);
            buffer.WriteInt64(chunk.Offset);
            buffer.WriteInt32(chunk.Length);
        }
        buffer.WriteInt32(table.SegmentCount);
        buffer.WriteInt32(table.Segments.Count);
        foreach (var segment in table.Segments)
        {
            buffer.WriteInt32(segment.Number);
            buffer.WriteInt64(segment.Tail);
            buffer.WriteInt64(segment.LiveBytes);
        }
    }

    static void WriteRecords(List<KeyValuePair<CatalogKey, byte[]>> records, ByteBuffer buffer)
    {
        buffer.WriteInt32(records.Count);
        foreach (var (key, bytes) in records)
        {
            buffer.WriteUInt32(key.Database);
            buffer.WriteUInt32(key.Object);
            buffer.WriteInt32(bytes.Length);
            buffer.WriteBytes(bytes);
        }
    }

    /// <param name="bytes">The manifest.</param>
    /// <param name="version">Version of the file it is in: 1 had no index snapshots.</param>
    public static Manifest Read(ReadOnlySpan<byte> bytes, int version)
    {
        var reader = new ByteSpanReader(bytes);
        var manifest = new Manifest { Csn = reader.ReadInt64(), NextTransaction = reader.ReadInt64() };
        for (var count = reader.ReadInt32(); count > 0; count--) manifest.Tables.Add(ReadTable(ref reader));
        ReadRecords(ref reader, manifest.Catalog);
        ReadRecords(ref reader, manifest.Sequences);
        if (version == 1) return manifest;
        for (var count = reader.ReadInt32(); count > 0; count--)
            manifest.Indexes.Add(new(new(reader.ReadUInt32(), reader.ReadUInt32()), new(reader.ReadInt64(), reader.ReadInt64())));
        return manifest;
    }

    static TableEntry ReadTable(ref ByteSpanReader reader)
    {
        var id = reader.ReadUInt32();
        var lengths = new int[reader.ReadInt32()];
        for (var i = 0; i < lengths.Length; i++) lengths[i] = reader.ReadInt32();
        var nextSlots = new int[lengths.Length];
        for (var i = 0; i < nextSlots.Length; i++) nextSlots[i] = reader.ReadInt32();
        var nextRow = reader.ReadInt64();
        var chunks = new ChunkLocation[reader.ReadInt32()];
        for (var i = 0; i < chunks.Length; i++) chunks[i] = new(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt32());
        var segmentCount = reader.ReadInt32();
        var segments = new SegmentEntry[reader.ReadInt32()];
        for (var i = 0; i < segments.Length; i++) segments[i] = new(reader.ReadInt32(), reader.ReadInt64(), reader.ReadInt64());
        return new(id, new([.. lengths]), nextRow, chunks, segmentCount, segments, nextSlots);
    }

    static void ReadRecords(ref ByteSpanReader reader, List<KeyValuePair<CatalogKey, byte[]>> records)
    {
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            var key = new CatalogKey(reader.ReadUInt32(), reader.ReadUInt32());
            records.Add(new(key, reader.ReadBytes(reader.ReadInt32()).ToArray()));
        }
    }
}
