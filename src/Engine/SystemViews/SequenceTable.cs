using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews;

/// <summary>A sequence read as a table: one row with last_value, log_cnt and is_called.</summary>
internal static class SequenceTable
{
    public static SystemTable Of(SequenceDefinition sequence) => new()
    {
        Oid = sequence.Oid,
        Name = sequence.Name,
        Schema = sequence.Schema,
        Columns = [("last_value", PgTypes.Int8), ("log_cnt", PgTypes.Int8), ("is_called", PgTypes.Bool)],
        Rows = context =>
        {
            var (last, isCalled) = context.Session.Sequences.Read(sequence);
            return [[Datum.Of(last), Datum.Of(0L), Datum.Of(isCalled)]];
        },
    };
}
