using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>A constraint's check of one change, left for later.</summary>
/// <param name="Table">The table that was changed.</param>
public sealed record DeferredCheck(Constraint Constraint, uint Table, Action Run);

/// <summary>
/// Which constraints of a transaction wait for its commit, as SET CONSTRAINTS has it, and the checks that wait. Immutable: a savepoint keeps
/// it as it was.
/// </summary>
sealed record DeferredChecks
{
    public static readonly DeferredChecks None = new();

    /// <summary>What SET CONSTRAINTS said of single constraints since it last spoke of ALL, by OID; and of ALL.</summary>
    ImmutableDictionary<uint, bool> ByConstraint { get; init; } = ImmutableDictionary<uint, bool>.Empty;
    bool? All { get; init; }

    public ImmutableList<DeferredCheck> Waiting { get; init; } = [];

    public bool IsDeferred(Constraint constraint)
        => constraint.IsDeferrable && (ByConstraint.TryGetValue(constraint.Oid, out var deferred) ? deferred : All ?? constraint.InitiallyDeferred);

    public DeferredChecks SetAll(bool deferred) => this with { ByConstraint = ByConstraint.Clear(), All = deferred };

    public DeferredChecks Set(IEnumerable<Constraint> constraints, bool deferred)
        => this with { ByConstraint = ByConstraint.SetItems(constraints.Select(constraint => KeyValuePair.Create(constraint.Oid, deferred))) };

    /// <summary>The checks of constraints that wait no longer, and the state without them.</summary>
    public (List<DeferredCheck> Due, DeferredChecks Others) TakeDue()
    {
        var due = Waiting.Where(check => !IsDeferred(check.Constraint)).ToList();
        return (due, due.Count == 0 ? this : this with { Waiting = Waiting.RemoveAll(check => !IsDeferred(check.Constraint)) });
    }

    /// <summary>The deferrable constraints that a name in SET CONSTRAINTS means: those of the first schema on the path that has the name. Raises 42704, 42809, 3F000.</summary>
    public static IEnumerable<Constraint> Find(NameResolver names, Sql.QualifiedName name, bool deferred)
    {
        IEnumerable<uint> schemas = name.Schema is { } schema ? [names.RequireSchema(schema)] : names.Path.Lookup;
        foreach (var candidate in schemas)
        {
            var found = names.Snapshot.All<Relation>().Where(relation => relation.Schema == candidate)
                .SelectMany(relation => relation.Constraints).Where(constraint => constraint.Name == name.Name).ToList();
            if (found.Count == 0)
                continue;
            if (deferred && found.Exists(constraint => !constraint.IsDeferrable))
                throw new PgError(SqlState.WrongObjectType, $"constraint \"{name.Name}\" is not deferrable");
            return found.Where(constraint => constraint.IsDeferrable);
        }
        throw new PgError(SqlState.UndefinedObject, $"constraint \"{name.Name}\" does not exist");
    }
}
