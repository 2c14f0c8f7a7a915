using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Storage;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// Removes objects together with what depends on them, or refuses: PostgreSQL's performMultipleDeletions. Dependents are found depth
/// first, those made later before those made earlier; they are removed in that order and reported in the reverse one.
/// </summary>
public sealed class Dropper
{
    sealed record Found(DropTarget Target, DropTarget? Because)
    {
        public bool IsSilent { get; set; }
    }

    // PostgreSQL's MAX_REPORTED_DEPS.
    const int MaxReported = 100;

    readonly StatementContext _context;
    readonly List<Found> _found = [];
    readonly Dictionary<DropTarget, Found> _byTarget = [];
    readonly ILookup<uint, Dependency> _dependents;

    Dropper(StatementContext context)
    {
        _context = context;
        _dependents = Dependencies.All(context.Snapshot).ToLookup(dependency => dependency.On.Oid);
    }

    /// <summary>Drops the targets. Raises 2BP01 when others depend on them and <paramref name="behavior"/> is RESTRICT.</summary>
    public static void Drop(StatementContext context, IReadOnlyList<DropTarget> targets, DropBehavior behavior)
    {
        var locked = new HashSet<uint>();
        Dropper dropper;
        do
        {
            // While a lock was waited for, more may have come to depend on the targets.
            dropper = new Dropper(context);
            foreach (var target in targets)
                dropper.Collect(target, null, DependencyKind.Internal);
        }
        while (dropper.LockObjects(locked));
        dropper.Report(targets, behavior);
        foreach (var found in dropper._found)
            dropper.Remove(found.Target);
    }

    void Collect(DropTarget target, DropTarget? because, DependencyKind kind)
    {
        if (_byTarget.TryGetValue(target, out var known))
        {
            known.IsSilent |= kind != DependencyKind.Normal;
            return;
        }
        // A column whose table goes needs no mention of its own.
        if (target is TableColumn column && _byTarget.ContainsKey(new WholeObject(column.Relation)))
            return;
        var found = new Found(target, because) { IsSilent = kind != DependencyKind.Normal };
        _byTarget.Add(target, found);
        // And one that was found before its table is gone with it.
        if (target is WholeObject { Object: Relation relation })
            foreach (var part in relation.LiveColumns)
                if (_byTarget.TryGetValue(new TableColumn(relation, part.Number), out var covered))
                    covered.IsSilent = true;
        foreach (var dependency in _dependents[target.Address.Oid]
            .Where(dependency => target.Address.Column == 0 || dependency.On.Column == target.Address.Column)
            .OrderByDescending(dependency => SortKey(dependency.Dependent)))
            Collect(dependency.Dependent, target, dependency.Kind);
        _found.Add(found);
    }


    static (uint, short) SortKey(DropTarget target) => target switch
    {
        ColumnDefault value => (value.Relation.Oid, value.Number),
        _ => (target.Address.Oid, target.Address.Column),
    };

    /// <summary>Locks what goes or loses something; true when that was new, so that the search must be repeated.</summary>
    bool LockObjects(HashSet<uint> locked)
    {
        var isNew = false;
        foreach (var found in _found)
        {
            CatalogObject? loser = found.Target switch
            {
                WholeObject whole => whole.Object,
                TableColumn column => column.Relation,
                TableConstraint constraint => constraint.Relation,
                ColumnDefault value => value.Relation,
                DomainConstraint constraint => constraint.Domain,
                _ => null,
            };
            foreach (var other in ReferencedBy(found.Target))
            {
                if (!locked.Add(other))
                    continue;
                _context.Lock(CatalogLocks.Relation(_context.Database, other), LockMode.AccessExclusive);
                isNew = true;
            }
            if (loser is null || !locked.Add(loser.Oid))
                continue;
            // Before the index its table, as queries take them.
            if (loser is IndexDefinition index)
                _context.Lock(CatalogLocks.Relation(_context.Database, index.Table), LockMode.AccessExclusive);
            _context.Lock(CatalogLocks.Of(_context.Database, loser), LockMode.AccessExclusive);
            isNew = true;
        }
        return isNew;
    }

    /// <summary>The other tables of foreign keys that go: their deletes and updates check them.</summary>
    static IEnumerable<uint> ReferencedBy(DropTarget target) => target switch
    {
        TableConstraint { Constraint: { Kind: ConstraintKind.ForeignKey } key } => [key.ReferencedTable],
        WholeObject { Object: Relation relation } => relation.Constraints.Where(constraint => constraint.Kind == ConstraintKind.ForeignKey).Select(key => key.ReferencedTable),
        _ => [],
    };

    void Report(IReadOnlyList<DropTarget> targets, DropBehavior behavior)
    {
        var names = new ObjectNames(_context.Names);
        var reported = _found.Where(found => !found.IsSilent && !targets.Contains(found.Target)).Reverse().ToList();
        if (reported.Count == 0)
            return;
        var lines = reported.Take(MaxReported).Select(found => behavior == DropBehavior.Cascade
            ? $"drop cascades to {names.Describe(found.Target)}"
            : $"{names.Describe(found.Target)} depends on {names.Describe(found.Because!)}").ToList();
        if (reported.Count > MaxReported)
            lines.Add($"and {reported.Count - MaxReported} other object{(reported.Count == MaxReported + 1 ? "" : "s")} (see server log for list)");
        var detail = string.Join('\n', lines);
        if (behavior == DropBehavior.Cascade)
        {
            if (reported.Count == 1)
                _context.Notice(lines[0]);
            else
                _context.Notice($"drop cascades to {reported.Count} other objects", detail);
            return;
        }
        throw new PgError(SqlState.DependentObjectsStillExist, targets.Count == 1
            ? $"cannot drop {names.Describe(targets[0])} because other objects depend on it"
            : "cannot drop desired object(s) because other objects depend on them")
        {
            Detail = detail,
            Hint = "Use DROP ... CASCADE to drop the dependent objects too.",
        };
    }

    void Remove(DropTarget target)
    {
        var catalog = _context.Catalog;
        switch (target)
        {
            case WholeObject { Object: Relation relation }:
                _context.Session.Block!.RequireNoWaitingChecks(relation, "DROP TABLE");
                if (relation.HasRows)
                    _context.Tables.Drop(relation);
                catalog.Delete(relation);
                break;
            case WholeObject { Object: IndexDefinition index }:
                _context.Tables.DropIndex(index);
                catalog.Delete(index);
                break;
            case WholeObject whole:
                catalog.Delete(whole.Object);
                break;
            case TableColumn { Relation: var of, Number: var number }:
                Change(of, relation => relation.WithColumn(number, DroppedColumn));
                break;
            case TableConstraint { Relation: var of, Constraint: var constraint }:
                Change(of, relation => relation with { Constraints = relation.Constraints.RemoveAll(other => other.Oid == constraint.Oid) });
                break;
            case ColumnDefault { Relation: var of, Number: var number }:
                Change(of, relation => relation.WithColumn(number, column => column with { Default = null, DefaultReferences = [] }));
                break;
            case DomainConstraint { Domain: var of, Constraint: var constraint }:
                if (_context.Snapshot.Find<TypeDefinition>(of.Oid) is { } domain)
                    catalog.Put(domain with { Checks = domain.Checks.RemoveAll(other => other.Oid == constraint.Oid) });
                break;
        }
    }

    void Change(Relation target, Func<Relation, Relation> change)
    {
        if (_context.Snapshot.Find<Relation>(target.Oid) is { } relation)
            _context.Catalog.Put(change(relation));
    }

    static Column DroppedColumn(Column column) => column with
    {
        Name = $"........pg.dropped.{column.Number}........",
        Type = StorageType(column.Type),
        IsDropped = true,
        NotNull = false,
        Default = null,
        DefaultReferences = [],
        IsGenerated = false,
        Identity = Identity.None,
        Comment = null,
    };

    /// <summary>A built-in type whose stored values take the same room: rows keep the values of a dropped column whose own type may be gone.</summary>
    static PgType StorageType(PgType type)
    {
        if (PgTypes.Find(type.Oid) is not null)
            return type;
        return type.Kind switch
        {
            TypeKind.Domain => StorageType(type.BaseType!),
            TypeKind.Enum => PgTypes.Int4,
            _ => PgTypes.Bytea,
        };
    }
}
