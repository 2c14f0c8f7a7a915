using System.Buffers.Binary;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>
/// Hands out OIDs, each once in the life of a cluster: they name objects in every database, and tables in the store. What was handed
/// out to a transaction that rolled back, or not at all before a crash, is skipped.
/// </summary>
public sealed class OidAllocator
{
    // Written ahead, so that most objects cost no write of their own.
    const uint Batch = 256;
    const uint SharedDatabase = 0;
    const uint SequenceId = 1;

    readonly Lock _lock = new();
    readonly Store _store;
    uint _next;
    uint _reservedTo;

    public OidAllocator(Store store)
    {
        _store = store;
        _next = _reservedTo = store.TryGetSequence(SharedDatabase, SequenceId, out var state)
            ? BinaryPrimitives.ReadUInt32LittleEndian(state.Span)
            : WellKnownOids.FirstUserObject;
    }

    public uint Next()
    {
        lock (_lock)
        {
            if (_next == _reservedTo)
            {
                if (_reservedTo > uint.MaxValue - Batch)
                    throw new PgError(SqlState.ProgramLimitExceeded, "object identifiers are used up");
                _reservedTo += Batch;
                Span<byte> state = stackalloc byte[4];
                BinaryPrimitives.WriteUInt32LittleEndian(state, _reservedTo);
                _store.SetSequence(SharedDatabase, SequenceId, state);
            }
            return _next++;
        }
    }
}
