using System.Text;
using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;

namespace PgVectorCompat.Engine.Tables;

/// <summary>A vector index in snapshots of the store: a description of what it is over, then the core's own form.</summary>
internal sealed class VectorSnapshot(VectorTree tree) : IIndexSnapshotSource
{
    /// <summary>Entries that a start indexes anew in less time than reading a file takes.</summary>
    const long Few = 1_000;

    public long Changes => tree.Changes;

    // An entry that the snapshot lacks joins the tail at the start, and costs a search of the graph some time later.
    public bool IsWorthWriting(long? changes, bool closing)
        => tree.Core is not null && tree.Rows.RowCountEstimate is > Few and var count && (changes is not { } missing || missing > count / (closing ? 50 : 10));

    public void Write(Stream stream)
    {
        var description = Encoding.UTF8.GetBytes(Describe(tree.Access));
        stream.Write(BitConverter.GetBytes(description.Length));
        stream.Write(description);
        tree.Save(stream);
    }

    /// <summary>The core of a snapshot as it was written; null when the snapshot is of another definition or damaged.</summary>
    public static VectorIndex? TryLoad(Stream stream, VectorAccess access)
    {
        try
        {
            var length = new byte[sizeof(int)];
            stream.ReadExactly(length);
            var description = new byte[BitConverter.ToInt32(length)];
            stream.ReadExactly(description);
            return Encoding.UTF8.GetString(description) == Describe(access) ? VectorCores.Load(access.Definition.Method, stream) : null;
        }
        catch (Exception error) when (error is IndexDamagedException or IOException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>What decides the keys and their order. Not the options: those of the last build hold until REINDEX.</summary>
    static string Describe(VectorAccess access)
    {
        var (index, key) = (access.Definition, access.Definition.Keys[0]);
        return $"vectors 1; {index.Method}; {key.Column} {key.Expression} {access.Key.Type.Oid} {access.Dimensions} {access.OperatorClass.Name}; {index.Predicate}";
    }
}
