using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Execution.Evaluators;

/// <summary>Through text: the source's output function, then the target's input function.</summary>
sealed class IoCastEvaluator(Evaluator operand, PgType from, PgType to, int typmod) : Evaluator
{
    readonly bool _fromText = from.Category is TypeCategory.String or TypeCategory.Unknown && from.Codec is TextCodec;
    readonly bool _toText = to.Codec is TextCodec { TakesAnyText: true };

    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (value.IsNull)
            return value;
        var text = _fromText ? value.AsString : from.Codec.ToText(value, state.Settings);
        return _toText ? Datum.Of(text) : to.Codec.Parse(text, typmod, state.Settings);
    }
}

/// <summary>Makes a value fit its type's modifier.</summary>
sealed class TypmodCastEvaluator(Evaluator operand, PgType type, int typmod, bool isExplicit) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        return value.IsNull ? value : type.Modifier!.Apply(type, value, typmod, isExplicit);
    }
}

/// <summary>Base type to domain: the value stays, its rules are checked.</summary>
sealed class DomainCastEvaluator(Evaluator operand, PgType domain, int slot, bool notNull, (string Name, Evaluator Condition)[] checks) : Evaluator
{
    public override Datum Evaluate(ReadOnlySpan<Datum> row, ExecutionState state)
    {
        var value = operand.Evaluate(row, state);
        if (notNull && value.IsNull)
            throw new PgError(SqlState.NotNullViolation, $"domain {domain.DisplayName} does not allow null values") { Schema = Schema(state), DataType = domain.Name };
        state.Slots[slot] = value;
        foreach (var (name, condition) in checks)
        {
            var holds = condition.Evaluate(row, state);
            if (!holds.IsNull && !holds.AsBool)
            {
                throw new PgError(SqlState.CheckViolation, $"value for domain {domain.DisplayName} violates check constraint \"{name}\"")
                {
                    Schema = Schema(state),
                    DataType = domain.Name,
                    Constraint = name,
                };
            }
        }
        return value;
    }

    string? Schema(ExecutionState state)
        => state.Session?.Block?.Catalog.Snapshot is { } catalog ? catalog.SchemaName(catalog.SchemaOfType(domain)) : null;
}
