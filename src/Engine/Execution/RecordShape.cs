using System.Collections.Immutable;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution;

/// <summary>Types and names of the fields of the records that one expression makes.</summary>
sealed class RecordShape(ImmutableArray<PgType> types, ImmutableArray<string> names)
{
    public ImmutableArray<PgType> Types => types;
    public ImmutableArray<string> Names => names;
    public Datum Make(Datum[] values) => Datum.Of(new PgRecord(types, values, names));
}
