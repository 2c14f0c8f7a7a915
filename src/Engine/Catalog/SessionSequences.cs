using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>What one session knows of sequences: values fetched ahead (CACHE), and what currval and lastval return.</summary>
public sealed class SessionSequences(SequenceCounters counters, uint database)
{
    sealed class Fetched
    {
        public uint StateId;
        public long Next;
        public long Left;
        public long Current;
    }

    readonly Dictionary<uint, Fetched> _fetched = [];
    uint _lastSequence;
    bool _isUsed;

    /// <summary>nextval. Raises 2200H.</summary>
    public long Next(SequenceDefinition sequence)
    {
        _isUsed = true;
        var fetched = Find(sequence);
        if (fetched.Left == 0)
        {
            fetched.Next = counters.Next(database, sequence, out var last);
            fetched.Left = (long)(((Int128)last - fetched.Next) / sequence.Increment) + 1;
        }
        fetched.Current = fetched.Next;
        fetched.Left--;
        if (fetched.Left > 0)
            fetched.Next += sequence.Increment;
        _lastSequence = sequence.Oid;
        return fetched.Current;
    }

    /// <summary>currval. Raises 55000 before the session's first nextval.</summary>
    public long Current(SequenceDefinition sequence)
        => _fetched.TryGetValue(sequence.Oid, out var fetched) && fetched.StateId == sequence.StateId
            ? fetched.Current
            : throw new PgError(SqlState.ObjectNotInPrerequisiteState, $"currval of sequence \"{sequence.Name}\" is not yet defined in this session");

    /// <summary>lastval. Raises 55000 before the session's first nextval.</summary>
    public long Last(CatalogSnapshot snapshot)
        => _lastSequence != 0 && snapshot.Find<SequenceDefinition>(_lastSequence) is not null
            ? _fetched[_lastSequence].Current
            : throw new PgError(SqlState.ObjectNotInPrerequisiteState, "lastval is not yet defined in this session");

    /// <summary>setval. Raises 22003.</summary>
    public long Set(SequenceDefinition sequence, long value, bool isCalled)
    {
        if (value < sequence.Minimum || value > sequence.Maximum)
            throw PgError.OutOfRange($"setval: value {value} is out of bounds for sequence \"{sequence.Name}\" ({sequence.Minimum}..{sequence.Maximum})");
        _isUsed = true;
        counters.Set(database, sequence, new SequenceState(value, isCalled));
        if (isCalled)
            Find(sequence).Current = value;
        if (_fetched.TryGetValue(sequence.Oid, out var fetched))
            fetched.Left = 0;
        return value;
    }

    /// <summary>Whether values were taken or set since the last question: a client that hears of them must not see them again after a crash.</summary>
    public bool TakeUsed()
    {
        var isUsed = _isUsed;
        _isUsed = false;
        return isUsed;
    }

    public SequenceState Read(SequenceDefinition sequence) => counters.Read(database, sequence);

    /// <summary>DISCARD SEQUENCES.</summary>
    public void Discard()
    {
        _fetched.Clear();
        _lastSequence = 0;
    }

    Fetched Find(SequenceDefinition sequence)
    {
        if (!_fetched.TryGetValue(sequence.Oid, out var fetched) || fetched.StateId != sequence.StateId)
            _fetched[sequence.Oid] = fetched = new Fetched { StateId = sequence.StateId };
        return fetched;
    }
}
