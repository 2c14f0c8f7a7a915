using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>The options of CREATE and ALTER SEQUENCE and of identity columns, with PostgreSQL's defaults and checks.</summary>
public static class SequenceOptions
{
    /// <summary>A sequence with these options.</summary>
    /// <param name="template">New: a definition with type and names set. Changed: the sequence as it is.</param>
    /// <param name="restart">Where RESTART puts it; null when not asked for.</param>
    public static SequenceDefinition Apply(
        StatementContext context, SequenceDefinition template, ImmutableArray<SequenceOption> options, bool isNew, PgType? identityType, out long? restart)
    {
        var seen = new HashSet<SequenceOptionKind>();
        foreach (var option in options)
            if (!seen.Add(option.Kind))
                throw new PgError(SqlState.SyntaxError, "conflicting or redundant options") { Position = option.Position };
        SequenceOption? Find(SequenceOptionKind kind) => options.FirstOrDefault(option => option.Kind == kind);

        var sequence = template;
        var typeChanged = false;
        if (Find(SequenceOptionKind.As) is { Type: { } typeName } asOption)
        {
            if (identityType is not null)
                throw new PgError(SqlState.SyntaxError, "identity column type must be smallint, integer, or bigint") { Position = asOption.Position };
            var type = context.Names.ResolveType(typeName).Type;
            if (type != PgTypes.Int2 && type != PgTypes.Int4 && type != PgTypes.Int8)
                throw new PgError(SqlState.InvalidParameterValue, "sequence type must be smallint, integer, or bigint");
            typeChanged = type != sequence.Type;
            sequence = sequence with { Type = type };
        }
        if (Find(SequenceOptionKind.Increment) is { Value: { } increment })
            sequence = sequence with { Increment = ToInt64(increment) };
        if (sequence.Increment == 0)
            throw new PgError(SqlState.InvalidParameterValue, "INCREMENT must not be zero");
        if (Find(SequenceOptionKind.Cycle) is { } cycle)
            sequence = sequence with { Cycles = cycle.Flag };

        var ascending = sequence.Increment > 0;
        var (typeMinimum, typeMaximum) = Range(sequence.Type);
        var (oldMinimum, oldMaximum) = Range(template.Type);
        sequence = sequence with
        {
            Maximum = Find(SequenceOptionKind.MaxValue) switch
            {
                { Value: { } value } => ToInt64(value),
                { } => ascending ? typeMaximum : -1,
                null when isNew || (typeChanged && ascending && sequence.Maximum == oldMaximum) => ascending ? typeMaximum : -1,
                null => sequence.Maximum,
            },
            Minimum = Find(SequenceOptionKind.MinValue) switch
            {
                { Value: { } value } => ToInt64(value),
                { } => ascending ? 1 : typeMinimum,
                null when isNew || (typeChanged && !ascending && sequence.Minimum == oldMinimum) => ascending ? 1 : typeMinimum,
                null => sequence.Minimum,
            },
        };
        if (sequence.Maximum < typeMinimum || sequence.Maximum > typeMaximum)
            throw new PgError(SqlState.InvalidParameterValue, $"MAXVALUE ({sequence.Maximum}) is out of range for sequence data type {sequence.Type}");
        if (sequence.Minimum < typeMinimum || sequence.Minimum > typeMaximum)
            throw new PgError(SqlState.InvalidParameterValue, $"MINVALUE ({sequence.Minimum}) is out of range for sequence data type {sequence.Type}");
        if (sequence.Minimum >= sequence.Maximum)
            throw new PgError(SqlState.InvalidParameterValue, $"MINVALUE ({sequence.Minimum}) must be less than MAXVALUE ({sequence.Maximum})");

        if (Find(SequenceOptionKind.Start) is { Value: { } start })
            sequence = sequence with { Start = ToInt64(start) };
        else if (isNew)
            sequence = sequence with { Start = ascending ? sequence.Minimum : sequence.Maximum };
        if (sequence.Start < sequence.Minimum)
            throw new PgError(SqlState.InvalidParameterValue, $"START value ({sequence.Start}) cannot be less than MINVALUE ({sequence.Minimum})");
        if (sequence.Start > sequence.Maximum)
            throw new PgError(SqlState.InvalidParameterValue, $"START value ({sequence.Start}) cannot be greater than MAXVALUE ({sequence.Maximum})");

        restart = Find(SequenceOptionKind.Restart) switch
        {
            { Value: { } value } => ToInt64(value),
            { } => sequence.Start,
            null => null,
        };
        if (restart < sequence.Minimum)
            throw new PgError(SqlState.InvalidParameterValue, $"RESTART value ({restart}) cannot be less than MINVALUE ({sequence.Minimum})");
        if (restart > sequence.Maximum)
            throw new PgError(SqlState.InvalidParameterValue, $"RESTART value ({restart}) cannot be greater than MAXVALUE ({sequence.Maximum})");
        if (Find(SequenceOptionKind.Cache) is { Value: { } cache })
        {
            if (cache <= 0)
                throw new PgError(SqlState.InvalidParameterValue, $"CACHE ({cache}) must be greater than zero");
            sequence = sequence with { Cache = ToInt64(cache) };
        }
        return sequence;
    }

    static (long Minimum, long Maximum) Range(PgType type)
        => type == PgTypes.Int2 ? (short.MinValue, short.MaxValue) : type == PgTypes.Int4 ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);

    static long ToInt64(decimal value)
        => value is >= long.MinValue and <= long.MaxValue && decimal.Truncate(value) == value
            ? (long)value
            : throw new PgError(SqlState.NumericValueOutOfRange, $"value \"{value}\" is out of range for type bigint");
}
