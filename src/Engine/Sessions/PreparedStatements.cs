using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>A session's prepared statements: SQL's and the protocol's in one name space.</summary>
public sealed class PreparedStatements
{
    readonly Dictionary<string, PreparedStatement> _byName = [];

    public IEnumerable<PreparedStatement> Named => _byName.Values.Where(statement => statement.Name.Length > 0);

    /// <summary>Raises 26000.</summary>
    public PreparedStatement Get(string name)
        => _byName.TryGetValue(name, out var statement) ? statement
            : throw new PgError(SqlState.InvalidSqlStatementName, name.Length == 0 ? "unnamed prepared statement does not exist" : $"prepared statement \"{name}\" does not exist")
            { Routine = "FetchPreparedStatement" };

    /// <summary>Raises 42P05 for a name that is taken, unless it is the unnamed one's.</summary>
    public void RequireFree(string name)
    {
        if (name.Length > 0 && _byName.ContainsKey(name))
            throw new PgError(SqlState.DuplicatePreparedStatement, $"prepared statement \"{name}\" already exists");
    }

    public void Add(PreparedStatement statement) => _byName[statement.Name] = statement;
    public bool Remove(string name) => _byName.Remove(name);
    public void Clear() => _byName.Clear();
}

/// <summary>A session's portals: the protocol's and SQL's cursors in one name space.</summary>
public sealed class Portals
{
    readonly Dictionary<string, Portal> _byName = [];

    /// <summary>Number of portals made so far: a point for <see cref="CloseSince"/>.</summary>
    public long Made { get; private set; }

    public IEnumerable<Portal> All => _byName.Values;
    public IEnumerable<Portal> Cursors => _byName.Values.Where(portal => portal.Name.Length > 0);

    /// <summary>Raises 34000.</summary>
    public Portal Get(string name)
        => Find(name) ?? throw new PgError(SqlState.InvalidCursorName, $"portal \"{name}\" does not exist");

    public Portal? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Adds a portal. Raises 42P03 for a name that is taken; the unnamed one is replaced.</summary>
    public void Add(Portal portal)
    {
        if (portal.Name.Length == 0)
            Close("");
        else if (_byName.ContainsKey(portal.Name))
            throw new PgError(SqlState.DuplicateCursor, $"cursor \"{portal.Name}\" already exists");
        portal.Number = ++Made;
        _byName.Add(portal.Name, portal);
    }

    public bool Close(string name)
    {
        if (!_byName.Remove(name, out var portal)) return false;
        portal.Dispose();
        return true;
    }

    /// <summary>End of a transaction: all portals go but cursors WITH HOLD that were filled before.</summary>
    public void CloseAtEnd(bool committed)
    {
        if (_byName.Count == 0) return;
        foreach (var portal in _byName.Values.ToList())
            if (!portal.IsHoldable || (!committed && !portal.IsMaterialized))
                Close(portal.Name);
    }

    /// <summary>ROLLBACK TO: what was opened since the savepoint, when <see cref="Made"/> was <paramref name="made"/>, goes.</summary>
    public void CloseSince(long made)
    {
        foreach (var portal in _byName.Values.ToList())
            if (portal.Number > made && (portal.IsOpen || portal.IsCursor || portal.HasFailed))
                Close(portal.Name);
    }

    /// <summary>An error: what was made since <see cref="Made"/> was <paramref name="made"/> cannot go on, but for what outlives transactions.</summary>
    public void FailSince(long made)
    {
        foreach (var portal in _byName.Values)
            if (portal.Number > made && !portal.IsMaterialized)
                portal.Fail();
    }

    public void CloseAll()
    {
        foreach (var name in _byName.Keys.ToList())
            Close(name);
    }
}
