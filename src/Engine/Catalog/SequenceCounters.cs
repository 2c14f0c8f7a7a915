using System.Buffers.Binary;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>Where a sequence stands.</summary>
/// <param name="Last">last_value.</param>
/// <param name="IsCalled">Whether nextval has given out <paramref name="Last"/>.</param>
public readonly record struct SequenceState(long Last, bool IsCalled);

/// <summary>
/// The counters of all sequences. They are outside transactions: nothing rolls them back. In memory each is exact; on disk it is ahead
/// by up to 32 values, as in PostgreSQL, so that most calls write nothing and a crash skips a few numbers.
/// </summary>
public sealed class SequenceCounters(Store store)
{
    // PostgreSQL's SEQ_LOG_VALS.
    const int LoggedAhead = 32;
    const int StateBytes = 9;

    sealed class Counter
    {
        public SequenceState State;
        public int FetchesUntilLogged;
    }

    readonly Dictionary<(uint Database, uint Oid), Counter> _counters = [];
    readonly Lock _lock = new();

    /// <summary>Gives out <see cref="SequenceDefinition.Cache"/> values at once and returns the first. Raises 2200H at the end of a sequence without CYCLE.</summary>
    /// <param name="last">The last value given out.</param>
    public long Next(uint database, SequenceDefinition sequence, out long last)
    {
        lock (_lock)
        {
            var counter = Find(database, sequence);
            var first = Advance(sequence, counter.State);
            last = first;
            for (var given = 1L; given < sequence.Cache && CanAdvance(sequence, last); given++)
                last += sequence.Increment;
            counter.State = new SequenceState(last, true);
            if (--counter.FetchesUntilLogged <= 0)
            {
                // On a full disk this raises an error, and the next call tries again.
                Log(database, sequence.StateId, Ahead(sequence, last));
                counter.FetchesUntilLogged = LoggedAhead;
            }
            return first;
        }
    }

    public SequenceState Read(uint database, SequenceDefinition sequence)
    {
        lock (_lock)
            return Find(database, sequence).State;
    }

    /// <summary>setval, RESTART, and the beginning of a new sequence.</summary>
    public void Set(uint database, SequenceDefinition sequence, SequenceState state)
    {
        lock (_lock)
        {
            var counter = Find(database, sequence);
            counter.State = state;
            counter.FetchesUntilLogged = 0;
            Log(database, sequence.StateId, state);
        }
    }

    /// <summary>Brings the disk to where memory is, so that a clean stop skips no values.</summary>
    public void Settle()
    {
        lock (_lock)
            foreach (var ((database, id), counter) in _counters)
                if (counter.FetchesUntilLogged > 0)
                {
                    counter.FetchesUntilLogged = 0;
                    Log(database, id, counter.State);
                }
    }

    Counter Find(uint database, SequenceDefinition sequence)
    {
        if (_counters.TryGetValue((database, sequence.StateId), out var counter))
            return counter;
        counter = new Counter
        {
            State = store.TryGetSequence(database, sequence.StateId, out var stored)
                ? new SequenceState(BinaryPrimitives.ReadInt64LittleEndian(stored.Span), stored.Span[8] != 0)
                : new SequenceState(sequence.Start, false),
        };
        _counters.Add((database, sequence.StateId), counter);
        return counter;
    }

    void Log(uint database, uint id, SequenceState state)
    {
        Span<byte> bytes = stackalloc byte[StateBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, state.Last);
        bytes[8] = state.IsCalled ? (byte)1 : (byte)0;
        store.SetSequence(database, id, bytes);
    }

    static long Advance(SequenceDefinition sequence, SequenceState state)
    {
        if (!state.IsCalled)
            return state.Last;
        if (CanAdvance(sequence, state.Last))
            return state.Last + sequence.Increment;
        if (sequence.Cycles)
            return sequence.Increment > 0 ? sequence.Minimum : sequence.Maximum;
        throw new PgError(SqlState.SequenceGeneratorLimitExceeded, sequence.Increment > 0
            ? $"nextval: reached maximum value of sequence \"{sequence.Name}\" ({sequence.Maximum})"
            : $"nextval: reached minimum value of sequence \"{sequence.Name}\" ({sequence.Minimum})");
    }

    // Differences in 128 bits: a step may be as large as the whole range.
    static bool CanAdvance(SequenceDefinition sequence, long last)
        => (Int128)last + sequence.Increment is var next && next >= sequence.Minimum && next <= sequence.Maximum;

    static SequenceState Ahead(SequenceDefinition sequence, long last)
    {
        var ahead = last + (Int128)sequence.Increment * sequence.Cache * LoggedAhead;
        return new SequenceState((long)Int128.Clamp(ahead, sequence.Minimum, sequence.Maximum), true);
    }
}
