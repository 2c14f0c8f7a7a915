using PgVectorCompat.Storage;
using Xunit;

namespace PgVectorCompat.Simulation;

/// <summary>The index of a history's table, image by row, as a checkpoint writes it and a start finds it again.</summary>
sealed class HistoryIndex(Table table, Func<IEnumerable<(long Row, int Image)>> entries, Random random) : IIndexSnapshotSource
{
    public const uint Number = 3;

    public static IndexSnapshotKey KeyOf(uint table) => new(table, Number);

    public long Changes { get; set; }

    public bool IsWorthWriting(long? changes, bool closing) => changes is not { } missing || missing > random.Next(20);

    public void Write(Stream stream)
    {
        foreach (var (row, image) in entries())
        {
            if (!table.IsUnchangedSince(new(row), long.MaxValue)
                && !(table.TryReadCommitted(new(row), out var committed) && Tokens.Read(committed.Image) == image)) continue;
            stream.Write(BitConverter.GetBytes(row));
            stream.Write(BitConverter.GetBytes(image));
        }
    }

    /// <summary>The entries of a snapshot, brought up to date; of all rows when there is none.</summary>
    public static HashSet<(long Row, int Image)> Load(Store store, Table table, out bool isLoaded)
    {
        var found = new HashSet<(long, int)>();
        using var reader = store.IndexSnapshots.TryOpen(KeyOf(table.Id));
        isLoaded = reader is not null;
        if (reader is not null)
        {
            var bytes = new byte[12];
            while (reader.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) is var count and > 0)
            {
                Assert.Equal(bytes.Length, count);
                var row = BitConverter.ToInt64(bytes);
                var image = BitConverter.ToInt32(bytes, 8);
                if (table.IsUnchangedSince(new(row), reader.Csn) && table.TryReadCommitted(new(row), out var version) && Tokens.Read(version.Image) == image)
                    found.Add((row, image));
            }
        }
        table.VisitChanged(reader?.Csn ?? 0, version => found.Add((version.Row.Value, Tokens.Read(version.Image))));
        return found;
    }
}
