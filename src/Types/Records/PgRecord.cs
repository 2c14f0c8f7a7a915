using System.Collections.Immutable;

namespace PgVectorCompat.Types;

/// <summary>One column of a record.</summary>
public sealed record RecordField(string Name, PgType Type, int Typmod = -1);

/// <summary>A row value with the names and types of its columns.</summary>
public sealed class PgRecord(ImmutableArray<RecordField> fields, Datum[] values)
{
    public ImmutableArray<RecordField> Fields { get; } = fields;

    /// <summary>One for each field.</summary>
    public Datum[] Values { get; } = values;
}
