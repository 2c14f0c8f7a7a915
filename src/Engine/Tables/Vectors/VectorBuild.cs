using PgVectorCompat.Indexes;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Tables;

/// <summary>Makes the core of an index of the rows that a snapshot sees, and of what others have written or left besides.</summary>
static class VectorBuild
{
    /// <summary>Raises <see cref="OperationCanceledException"/>, and what the key's expression raises.</summary>
    public static void Run(VectorTree tree, VectorIndexOptions options, BuildSettings settings, Func<Snapshot> takeSnapshot)
        => tree.Replace(() =>
        {
            using var snapshot = takeSnapshot();
            var access = tree.Access;
            var core = VectorCores.Create(access.Definition.Method, options);
            try
            {
                core.Build(new StoredVectors(access, snapshot), settings);
                tree.CatchUp(core, snapshot.ReadCsn, settings.Cancellation);
                return core;
            }
            catch
            {
                core.Dispose();
                throw;
            }
        });
}
