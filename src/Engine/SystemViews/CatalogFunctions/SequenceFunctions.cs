using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.SystemViews.CatalogFunctions;

/// <summary>nextval, currval, lastval, setval and what tells about sequences.</summary>
static class SequenceFunctions
{
    public static FunctionTable Table => new(
    [
        CatalogFunction.Of("nextval", PgTypes.Int8, [PgTypes.RegClass], (arguments, context) => Next(arguments[0].AsOid, context)) with { Volatility = Volatility.Volatile },
        CatalogFunction.Of("currval", PgTypes.Int8, [PgTypes.RegClass], (arguments, context)
            => Datum.Of(context.Session.Sequences.Current(Find(arguments[0].AsOid, context, Rights.Select | Rights.Usage)))) with { Volatility = Volatility.Volatile },
        CatalogFunction.Of("lastval", PgTypes.Int8, [], (_, context)
            => Datum.Of(context.Session.Sequences.Last(context.Session.NewNames().Snapshot))) with { Volatility = Volatility.Volatile },
        CatalogFunction.Of("setval", PgTypes.Int8, [PgTypes.RegClass, PgTypes.Int8], (arguments, context)
            => Set(arguments[0].AsOid, arguments[1].AsInt64, true, context)) with { Volatility = Volatility.Volatile },
        CatalogFunction.Of("setval", PgTypes.Int8, [PgTypes.RegClass, PgTypes.Int8, PgTypes.Bool], (arguments, context)
            => Set(arguments[0].AsOid, arguments[1].AsInt64, arguments[2].AsBool, context)) with { Volatility = Volatility.Volatile },
        CatalogFunction.Of("pg_sequence_last_value", PgTypes.Int8, [PgTypes.RegClass], (arguments, context)
            => context.Session.Sequences.Read(Find(arguments[0].AsOid, context, Rights.Select | Rights.Usage)) is { IsCalled: true } state ? Datum.Of(state.Last) : Datum.Null),
        CatalogFunction.Of("pg_sequence_parameters", PgTypes.Record, [PgTypes.Oid], (arguments, context)
            => Parameters(Find(arguments[0].AsOid, context, Rights.Usage | Rights.Select | Rights.Update))) with { OutputColumns = ParameterColumns },
        CatalogFunction.Lookup("pg_get_serial_sequence", PgTypes.Text, [PgTypes.Text, PgTypes.Text], (arguments, names)
            => CatalogFunction.Text(SerialSequence(arguments[0].AsString, arguments[1].AsString, names))),
    ]);

    static Datum Next(uint oid, EvaluationContext context)
    {
        var sequence = Find(oid, context, Rights.Usage | Rights.Update);
        if (context.Session.Block is { IsReadOnly: true } && sequence.Persistence != Persistence.Temporary)
            throw new PgError(SqlState.ReadOnlySqlTransaction, "cannot execute nextval() in a read-only transaction");
        return Datum.Of(context.Session.Sequences.Next(sequence));
    }

    static Datum Set(uint oid, long value, bool isCalled, EvaluationContext context)
    {
        var sequence = Find(oid, context, Rights.Update);
        if (context.Session.Block is { IsReadOnly: true } && sequence.Persistence != Persistence.Temporary)
            throw new PgError(SqlState.ReadOnlySqlTransaction, "cannot execute setval() in a read-only transaction");
        return Datum.Of(context.Session.Sequences.Set(sequence, value, isCalled));
    }

    static SequenceDefinition Find(uint oid, EvaluationContext context, Rights anyOf)
    {
        var names = context.Session.NewNames();
        var sequence = names.Snapshot.Find(oid) switch
        {
            SequenceDefinition found => found,
            SchemaObject other => throw CatalogErrors.WrongKind(other.Name, "a sequence"),
            _ => throw new PgError(SqlState.UndefinedTable, $"could not open relation with OID {oid}"),
        };
        if (!Privileges.HasAny(names.Snapshot, names.Role, sequence, anyOf))
            throw new PgError(SqlState.InsufficientPrivilege, $"permission denied for sequence {sequence.Name}");
        return sequence;
    }

    static readonly (string Name, PgType Type)[] ParameterColumns =
    [
        ("start_value", PgTypes.Int8), ("minimum_value", PgTypes.Int8), ("maximum_value", PgTypes.Int8), ("increment", PgTypes.Int8), ("cycle_option", PgTypes.Bool),
        ("cache_size", PgTypes.Int8), ("data_type", PgTypes.Oid),
    ];

    static readonly ImmutableArray<RecordField> ParameterFields = [.. ParameterColumns.Select(column => new RecordField(column.Name, column.Type))];

    static Datum Parameters(SequenceDefinition sequence) => Datum.Of(new PgRecord(ParameterFields,
    [
        Datum.Of(sequence.Start), Datum.Of(sequence.Minimum), Datum.Of(sequence.Maximum), Datum.Of(sequence.Increment), Datum.Of(sequence.Cycles), Datum.Of(sequence.Cache),
        CatalogFunction.Oid(sequence.Type.Oid),
    ]));

    static string? SerialSequence(string table, string columnName, NameResolver names)
    {
        var name = Statements.RelationNames.Parse(table);
        var relation = names.FindRelation(name) as Relation ?? throw CatalogErrors.UndefinedRelation(name);
        var column = relation.FindColumn(columnName) ?? throw CatalogErrors.UndefinedColumn(columnName, relation.Name);
        var sequence = names.Snapshot.SequencesOf(relation.Oid).FirstOrDefault(sequence => sequence.OwnedByColumn == column.Number);
        return sequence is null ? null : Identifier.Quote(names.SchemaName(sequence.Schema), sequence.Name);
    }
}
