using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>One output column of a query.</summary>
/// <param name="IsJunk">Needed for ORDER BY or DISTINCT ON only; not given to the client.</param>
public sealed record BoundTarget(BoundExpression Expression, string Name, bool IsJunk = false, uint TableOid = 0, short AttributeNumber = 0);

/// <summary>A query level: SELECT, VALUES, or a set operation, with what ORDER BY and LIMIT add. Also the data-modifying statements of WITH.</summary>
public abstract record BoundQuery
{
    /// <summary>What the query returns, junk columns last.</summary>
    public required ImmutableArray<BoundTarget> Targets { get; init; }

    /// <summary>WITH queries of this level, in order; a reference names one by its id.</summary>
    public ImmutableArray<BoundCte> Ctes { get; init; } = [];

    public IEnumerable<BoundTarget> VisibleTargets => Targets.Where(target => !target.IsJunk);
}

/// <summary>SELECT. Also plain VALUES lists, as a <see cref="BoundValues"/> in FROM.</summary>
public sealed record BoundSelect : BoundQuery
{
    /// <summary>Null for a SELECT without FROM: one empty row.</summary>
    public BoundFrom? From { get; init; }

    public BoundExpression? Where { get; init; }

    /// <summary>Whether rows are grouped (GROUP BY, or aggregates without it).</summary>
    public bool IsGrouped { get; init; }

    /// <summary>All grouping expressions, each once.</summary>
    public ImmutableArray<BoundExpression> GroupBy { get; init; } = [];

    /// <summary>Grouping sets as positions in <see cref="GroupBy"/>; one set with all of them for a plain GROUP BY.</summary>
    public ImmutableArray<ImmutableArray<int>> GroupingSets { get; init; } = [];

    public BoundExpression? Having { get; init; }
    public ImmutableArray<BoundWindow> Windows { get; init; } = [];

    /// <summary>DISTINCT over all visible targets.</summary>
    public bool IsDistinct { get; init; }

    /// <summary>DISTINCT ON keys, which are the first sort keys where there are any.</summary>
    public ImmutableArray<BoundExpression> DistinctOn { get; init; } = [];

    public ImmutableArray<BoundSortKey> OrderBy { get; init; } = [];
    public BoundExpression? Limit { get; init; }
    public bool WithTies { get; init; }
    public BoundExpression? Offset { get; init; }
    public ImmutableArray<BoundRowLock> RowLocks { get; init; } = [];
}

/// <summary>UNION, INTERSECT or EXCEPT. Both sides already have the targets' types. ORDER BY keys are columns of relation <see cref="ResultRelation"/>.</summary>
public sealed record BoundSetOperation : BoundQuery
{
    public required SetOperationKind Kind { get; init; }
    public required bool All { get; init; }
    public required BoundQuery Left { get; init; }
    public required BoundQuery Right { get; init; }

    /// <summary>Relation id under which this level's targets and sort keys see the operation's columns.</summary>
    public required int ResultRelation { get; init; }

    public ImmutableArray<BoundSortKey> OrderBy { get; init; } = [];
    public BoundExpression? Limit { get; init; }
    public bool WithTies { get; init; }
    public BoundExpression? Offset { get; init; }
}

public enum SetOperationKind { Union, Intersect, Except }

/// <summary>A WITH query.</summary>
/// <param name="Id">Names it in <see cref="BoundCteRef"/>; unique in the statement.</param>
/// <param name="RecursiveTerm">The part after UNION [ALL] of a recursive query; it refers to the working table by the same id.</param>
/// <param name="IsMaterialized">As written; null lets the planner choose (inline when used once and free of side effects).</param>
public sealed record BoundCte(int Id, string Name, BoundQuery Query, BoundQuery? RecursiveTerm, bool RecursiveUnionAll, bool? IsMaterialized, int ReferenceCount);

/// <summary>PARTITION BY, ORDER BY and frame of one window.</summary>
public sealed record BoundWindow(ImmutableArray<BoundExpression> PartitionBy, ImmutableArray<BoundSortKey> OrderBy, BoundFrame Frame);

public enum FrameMode { Range, Rows, Groups }
public enum FrameBound { UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing }
public enum FrameExclusion { None, CurrentRow, Group, Ties }

/// <summary>A window frame; offsets are set for PRECEDING and FOLLOWING with a value.</summary>
/// <param name="StartInRange">For RANGE with an offset: computes the bound from the sort key (slot 0) and the offset (slot 1), else null.</param>
public sealed record BoundFrame(
    FrameMode Mode, FrameBound Start, BoundExpression? StartOffset, FrameBound End, BoundExpression? EndOffset, FrameExclusion Exclusion = FrameExclusion.None,
    Function? RangeAdd = null, Function? RangeSubtract = null)
{
    public static readonly BoundFrame Default = new(FrameMode.Range, FrameBound.UnboundedPreceding, null, FrameBound.CurrentRow, null);
}

/// <summary>FOR UPDATE and kin on one relation.</summary>
public sealed record BoundRowLock(int Relation, Storage.RowLockMode Mode, LockWait Wait);

public enum LockWait { Block, NoWait, SkipLocked }

/// <summary>Something in FROM.</summary>
public abstract record BoundFrom;

/// <summary>A source with columns of its own, under a relation id.</summary>
/// <param name="Alias">Name it goes by in the query and in EXPLAIN.</param>
public abstract record BoundRelation(int Id, string Alias) : BoundFrom
{
    /// <summary>Output columns, by position.</summary>
    public required ImmutableArray<RelationColumn> Columns { get; init; }

    /// <summary>Whether it may refer to relations to its left.</summary>
    public bool IsLateral { get; init; }
}

/// <summary>A column as the rest of the query sees it. <paramref name="Number"/> is the attribute number in its table, 0 when it has none.</summary>
public sealed record RelationColumn(string Name, PgType Type, int Typmod = -1, uint TableOid = 0, short Number = 0);

/// <summary>A table or materialized view. Columns are the live ones, in order.</summary>
public sealed record BoundTable(int Id, string Alias, Relation Table) : BoundRelation(Id, Alias)
{
    /// <summary>For TABLESAMPLE: percentage and, when given, the seed.</summary>
    public (string Method, BoundExpression Percentage, BoundExpression? Seed)? Sample { get; init; }
}

/// <summary>A system catalog or information_schema table: rows made from the live catalog.</summary>
public sealed record BoundSystemTable(int Id, string Alias, SystemViews.SystemTable Table) : BoundRelation(Id, Alias);

/// <summary>A subquery or view in FROM.</summary>
public sealed record BoundDerived(int Id, string Alias, BoundQuery Query) : BoundRelation(Id, Alias);

/// <summary>A reference to a WITH query (or, inside its recursive term, to the working table).</summary>
public sealed record BoundCteRef(int Id, string Alias, int CteId, bool IsWorkingTable) : BoundRelation(Id, Alias);

/// <summary>VALUES rows, already coerced to common types.</summary>
public sealed record BoundValues(int Id, string Alias, ImmutableArray<ImmutableArray<BoundExpression>> Rows) : BoundRelation(Id, Alias);

/// <summary>Functions in FROM; several for ROWS FROM. A function that returns no set gives one row.</summary>
public sealed record BoundFunctionScan(int Id, string Alias, ImmutableArray<BoundExpression> Calls, bool WithOrdinality) : BoundRelation(Id, Alias)
{
    /// <summary>How many output columns each call gives.</summary>
    public required ImmutableArray<int> ColumnCounts { get; init; }
}

public enum JoinKind { Inner, Left, Right, Full, Semi, Anti }

/// <summary>A join; USING and NATURAL are already conditions. Merged USING columns of a FULL join are COALESCE expressions in the scope.</summary>
public sealed record BoundJoin(JoinKind Kind, BoundFrom Left, BoundFrom Right, BoundExpression? Condition) : BoundFrom;

/// <summary>INSERT, UPDATE, DELETE as the binder leaves them. Targets are the RETURNING list over relation <see cref="Target"/>.</summary>
public abstract record BoundModification : BoundQuery
{
    public required BoundTable Target { get; init; }

    /// <summary>WITH CHECK OPTION of views: what a row must obey after the change, with the view that says so.</summary>
    public ImmutableArray<(string View, BoundExpression Condition)> Checks { get; init; } = [];
}

/// <summary>INSERT: the source gives one value for each column of the table (live ones, in order), defaults filled in.</summary>
public sealed record BoundInsert : BoundModification
{
    public required BoundQuery Source { get; init; }
    public BoundOnConflict? OnConflict { get; init; }
}

/// <summary>ON CONFLICT.</summary>
/// <param name="Indexes">OIDs of the unique indexes that arbitrate; empty means any.</param>
/// <param name="Set">For DO UPDATE: assignments over the target and over the proposed row as relation <paramref name="ExcludedRelation"/>; null for DO NOTHING.</param>
public sealed record BoundOnConflict(ImmutableArray<uint> Indexes, ImmutableArray<BoundAssignment>? Set, BoundExpression? Where, int ExcludedRelation);

/// <summary>One SET: column position (from 0, among live columns) and value of the column's type.</summary>
public sealed record BoundAssignment(int Column, BoundExpression Value);

/// <summary>UPDATE … FROM: rows of the target joined with the other sources.</summary>
public sealed record BoundUpdate : BoundModification
{
    public required ImmutableArray<BoundAssignment> Set { get; init; }
    public BoundFrom? From { get; init; }
    public BoundExpression? Where { get; init; }
}

/// <summary>DELETE … USING.</summary>
public sealed record BoundDelete : BoundModification
{
    public BoundFrom? Using { get; init; }
    public BoundExpression? Where { get; init; }
}
