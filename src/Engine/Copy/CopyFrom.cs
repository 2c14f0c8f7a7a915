using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Statements;
using PgVectorCompat.Engine.Tables;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>
/// COPY FROM. Rows are parsed out of one buffer as their bytes arrive and written one by one, so memory does not depend on the amount of
/// data; one array of values serves all rows.
/// </summary>
internal static class CopyFrom
{
    /// <summary>Copies all rows; their number.</summary>
    public static long Run(Sql.CopyStatement statement, CopyOptions options, UtilityCall call)
    {
        var target = CopyTarget.Bind(statement, options, call);
        var block = call.Block;
        using var snapshot = block.TakeSnapshot();
        using var state = new ExecutionState(call.Session, block.Transaction, snapshot, [], target.Slots, call.Session.Interrupts.Token);
        block.ChangedTables.Add(target.Table.Rows.Id);
        using var input = CopyEnds.OpenSource(statement, options, target.Columns.Length, call);

        var count = Load(target, Rows(input.Buffer, target, options, state), state);
        block.EndStatement();
        return count;
    }

    static CopyRows Rows(CopyBuffer buffer, CopyTarget target, CopyOptions options, ExecutionState state)
    {
        switch (options.Format)
        {
            case CopyFormat.Binary:
                var rows = new BinaryRows(buffer);
                rows.ReadHeader();
                return new FieldRows(rows, target, state);
            case CopyFormat.Csv:
                return new LineRows(new CsvLines(buffer, options), target, options, state);
            default:
                return new LineRows(new TextLines(buffer, options), target, options, state);
        }
    }

    static long Load(CopyTarget target, CopyRows rows, ExecutionState state)
    {
        var writer = new TableWriter(target.Table, state);
        var values = new Datum[target.Table.Width];
        long count = 0;
        try
        {
            while (rows.MoveNext())
            {
                state.ThrowIfCancelled();
                Array.Clear(values);
                rows.Read(values);
                foreach (var (position, value) in target.Others)
                    values[position] = value.Evaluate(values, state);
                if (target.Where is not null && !target.Where.IsTrue(values, state)) continue;
                writer.Check(values);
                rows.Written();
                writer.Insert(values);
                count++;
            }
        }
        catch (PgError error)
        {
            throw error.Within($"COPY {target.Table.Relation.Name}, {rows.Place}");
        }
        return count;
    }
}
