using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Binding;

/// <summary>
/// SEARCH and CYCLE of a recursive query, written out with columns of their own, as the SQL standard explains them:
/// <code>
/// SEARCH DEPTH FIRST BY a SET o     o is ARRAY[ROW(a)] at the start, then the row's o before it || ROW(a)
/// SEARCH BREADTH FIRST BY a SET o   o is ROW(0, a) at the start, then ROW(1 + the first field of the o before it, a)
/// CYCLE a SET m USING p             p is ARRAY[ROW(a)], then p || ROW(a); m tells whether ROW(a) is in p already, and such rows go no further
/// </code>
/// </summary>
static class SearchAndCycle
{
    const string StartAlias = "*TLOCRN*";
    const string StepAlias = "*TROCRN*";

    /// <summary>The first field, a bigint, of a row without a type. No query can write this name.</summary>
    public const string Depth = "";

    /// <summary>The WITH query without the clauses. Raises 42601, 42701, 42703, 0A000.</summary>
    /// <param name="columns">Names of the query's columns before the clauses add theirs.</param>
    public static Sql.CommonTableExpression WriteOut(Sql.CommonTableExpression table, Sql.SetOperationQuery union, ImmutableArray<string> columns)
    {
        Check(table, columns);
        if (union.Left is not Sql.SelectQuery && union.Left is not Sql.ValuesQuery)
            throw new PgError(SqlState.FeatureNotSupported, "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT");
        if (union.Right is not Sql.SelectQuery step)
            throw new PgError(SqlState.FeatureNotSupported, "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT");
        var working = step.From.Select(item => AliasOf(item, table.Name)).FirstOrDefault(alias => alias is not null)
            ?? throw new PgError(SqlState.FeatureNotSupported, "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"" + table.Name + "\" must be at the top level of its right-hand SELECT") { Position = table.Position };

        var added = new List<Added>();
        if (table.Search is { } search)
        {
            var by = Row(search.Columns);
            added.Add(search.IsBreadthFirst
                ? new(search.SequenceColumn, Row([new Sql.BigintConstant(0, 0), .. search.Columns.Select(Column)]),
                    Row([Operator("+", new Sql.FieldSelection(Column(search.SequenceColumn), Depth, 0), new Sql.IntegerConstant(1, 0)), .. search.Columns.Select(Column)]))
                : new(search.SequenceColumn, Array(by), Operator("||", Column(search.SequenceColumn), by)));
        }
        if (table.Cycle is { } cycle)
        {
            var key = Row(cycle.Columns);
            var mark = cycle.MarkValue ?? new Sql.BooleanConstant(true, 0);
            var noMark = cycle.MarkDefault ?? new Sql.BooleanConstant(false, 0);
            var isSeen = new Sql.QuantifiedArray(key, new(null, "=", 0), Sql.Quantifier.Any, Column(cycle.PathColumn), 0);
            added.Add(new(cycle.MarkColumn, noMark, new Sql.CaseExpression(null, [new(isSeen, mark, 0)], noMark, 0)));
            added.Add(new(cycle.PathColumn, Array(key), Operator("||", Column(cycle.PathColumn), key)));
            var goesOn = Operator("<>", new Sql.ColumnReference([working, cycle.MarkColumn], 0), mark);
            step = step with { Where = step.Where is null ? goesOn : new Sql.AndExpression([step.Where, goesOn], 0) };
        }

        // The step's rows bring along what the row before them had.
        step = step with { Targets = [.. step.Targets, .. added.Select(column => new Sql.SelectTarget(new Sql.ColumnReference([working, column.Name], 0), null, 0))] };
        return table with
        {
            Search = null,
            Cycle = null,
            Columns = [.. columns, .. added.Select(column => column.Name)],
            Body = new Sql.QueryStatement(union with
            {
                Left = Around(union.Left, StartAlias, columns, columns, added.Select(column => column.Start)),
                Right = Around(step, StepAlias, columns, [.. columns, .. added.Select(column => column.Name)], added.Select(column => column.Step)),
            }, table.Body.Position),
        };
    }

    /// <summary>A column that a clause adds: its value in the first rows, and in further ones over those of the row before.</summary>
    readonly record struct Added(string Name, Sql.Expression Start, Sql.Expression Step);

    static Sql.SelectQuery Around(Sql.Query query, string alias, ImmutableArray<string> columns, ImmutableArray<string> inner, IEnumerable<Sql.Expression> added)
        => new([.. columns.Select(Column).Concat(added).Select(value => new Sql.SelectTarget(value, null, 0))],
            [new Sql.SubqueryReference(query, false, 0) { Alias = new(alias, inner, 0) }], query.Position);

    static string? AliasOf(Sql.FromItem item, string table) => item switch
    {
        Sql.TableReference { Name.Schema: null } e when e.Name.Name == table => e.Alias?.Name ?? table,
        Sql.JoinReference e => AliasOf(e.Left, table) ?? AliasOf(e.Right, table),
        _ => null,
    };

    static void Check(Sql.CommonTableExpression table, ImmutableArray<string> columns)
    {
        if (table.Search is { } search)
        {
            RequireColumns(search.Columns, "search", search.Position);
            RequireNew(search.SequenceColumn, "search sequence", search.Position);
        }
        if (table.Cycle is { } cycle)
        {
            RequireColumns(cycle.Columns, "cycle", cycle.Position);
            RequireNew(cycle.MarkColumn, "cycle mark", cycle.Position);
            RequireNew(cycle.PathColumn, "cycle path", cycle.Position);
            if (cycle.MarkColumn == cycle.PathColumn)
                throw new PgError(SqlState.SyntaxError, "cycle mark column name and cycle path column name are the same") { Position = cycle.Position };
            if (table.Search?.SequenceColumn is { } sequence && (sequence == cycle.MarkColumn || sequence == cycle.PathColumn))
                throw new PgError(SqlState.SyntaxError, $"search sequence column name and cycle {(sequence == cycle.MarkColumn ? "mark" : "path")} column name are the same") { Position = table.Search.Position };
        }

        void RequireColumns(ImmutableArray<string> named, string clause, int position)
        {
            for (var i = 0; i < named.Length; i++)
            {
                if (!columns.Contains(named[i]))
                    throw new PgError(SqlState.SyntaxError, $"{clause} column \"{named[i]}\" not in WITH query column list") { Position = position };
                if (named.IndexOf(named[i]) < i)
                    throw new PgError(SqlState.DuplicateColumn, $"{clause} column \"{named[i]}\" specified more than once") { Position = position };
            }
        }

        void RequireNew(string name, string what, int position)
        {
            if (columns.Contains(name))
                throw new PgError(SqlState.SyntaxError, $"{what} column name \"{name}\" already used in WITH query column list") { Position = position };
        }
    }

    static Sql.Expression Column(string name) => new Sql.ColumnReference([name], 0);
    static Sql.RowConstructor Row(IEnumerable<string> columns) => Row([.. columns.Select(Column)]);
    static Sql.RowConstructor Row(ImmutableArray<Sql.Expression> fields) => new(fields, true, 0);
    static Sql.ArrayConstructor Array(Sql.Expression element) => new([element], 0);
    static Sql.BinaryOperator Operator(string name, Sql.Expression left, Sql.Expression right) => new(new(null, name, 0), left, right, 0);
}
