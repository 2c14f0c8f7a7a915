using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>COPY TO: runs a query and writes its rows; a table stands for the query of its columns.</summary>
internal static class CopyTo
{
    /// <summary>Copies all rows; their number.</summary>
    public static long Run(Sql.CopyStatement statement, CopyOptions options, UtilityCall call)
    {
        var prepared = new PreparedStatement("", "", statement.Query ?? TableQuery(statement, options, call), []);
        call.Runner.Analyze(prepared);
        if (prepared.Plan is null)
            throw PgError.Unsupported("COPY (SELECT INTO)");
        if (prepared.Columns is not { } columns)
            throw new PgError(SqlState.FeatureNotSupported, "COPY query must have a RETURNING clause");
        var writer = Writer(options, columns, call.Session.TypeSettings);

        using var portal = new Portal("", prepared, [], []);
        call.Runner.Open(portal);
        using var output = CopyEnds.OpenSink(statement, options, columns.Count, call);
        var bytes = new ByteWriter();
        if (writer.Header(bytes) && options.Format != CopyFormat.Binary)
            Send();
        long count = 0;
        while (portal.MoveNext())
        {
            portal.State.ThrowIfCancelled();
            writer.Row(portal.Current, bytes);
            Send();
            count++;
        }
        if (writer.Trailer(bytes))
            Send();
        portal.Dispose();
        call.Block.EndStatement();
        output.Finish();
        return count;

        void Send()
        {
            output.Write(bytes.Written);
            bytes.Clear();
        }
    }

    static CopyWriter Writer(CopyOptions options, IReadOnlyList<ResultColumn> columns, TypeSettings settings) => options.Format switch
    {
        CopyFormat.Binary => new BinaryWriter(columns),
        CopyFormat.Csv => new CsvWriter(columns, options, settings),
        _ => new TextWriter(columns, options, settings),
    };

    static Sql.QueryStatement TableQuery(Sql.CopyStatement statement, CopyOptions options, UtilityCall call)
    {
        var name = statement.Table!;
        string[] columns;
        switch (call.Runner.Names().FindRelation(name))
        {
            case Relation { Kind: RelationKind.Table } table:
                var given = CopyColumns.Positions(statement.Columns, table);
                CopyColumns.RequireGiven(options.ForceQuote, "FORCE_QUOTE", given, table);
                var live = table.LiveColumns.ToList();
                columns = [.. given.Select(position => live[position].Name)];
                break;
            case SystemViews.SystemTable system:
                columns = statement.Columns.IsEmpty ? [.. system.Columns.Select(column => column.Name)] : [.. statement.Columns];
                break;
            case Relation { Kind: RelationKind.View } view:
                throw WrongKind($"cannot copy from view \"{view.Name}\"", isQueryable: true);
            case Relation { Kind: RelationKind.MaterializedView } view:
                throw WrongKind($"cannot copy from materialized view \"{view.Name}\"", isQueryable: true);
            case SequenceDefinition sequence:
                throw WrongKind($"cannot copy from sequence \"{sequence.Name}\"", isQueryable: false);
            case CatalogObject other:
                throw WrongKind($"cannot copy from non-table relation \"{other.Name}\"", isQueryable: false);
            default:
                throw CatalogErrors.UndefinedRelation(name with { Position = 0 });
        }
        var source = Identifier.Quote(name.Schema, name.Name);
        return new(Sql.SqlParser.ParseQuery($"SELECT {string.Join(", ", columns.Select(Identifier.Quote))} FROM {source}"), statement.Position);
    }

    static PgError WrongKind(string message, bool isQueryable)
        => new(SqlState.WrongObjectType, message) { Hint = isQueryable ? "Try the COPY (SELECT ...) TO variant." : null };
}
