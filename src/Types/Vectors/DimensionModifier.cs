using System.Globalization;

namespace PgVectorCompat.Types;

/// <summary>The dimensions in <c>vector(3)</c> and kin; the typmod is the number itself.</summary>
public sealed class DimensionModifier(int max, Func<Datum, int> dimensionsOf) : TypeModifier
{
    public override int Parse(PgType type, IReadOnlyList<string> arguments)
    {
        var numbers = arguments.Select(argument => (int)IntegerCodec.Int4.Parse(argument)).ToArray();
        if (numbers is not [var dimensions])
            throw new PgError(SqlState.InvalidParameterValue, "invalid type modifier");
        if (dimensions < 1)
            throw new PgError(SqlState.InvalidParameterValue, $"dimensions for type {type.Name} must be at least 1");
        if (dimensions > max)
            throw new PgError(SqlState.InvalidParameterValue, $"dimensions for type {type.Name} cannot exceed {max}");
        return dimensions;
    }

    public override string Format(PgType type, int typmod) => string.Create(CultureInfo.InvariantCulture, $"{type.DisplayName}({typmod})");

    public override Datum Apply(PgType type, Datum value, int typmod, bool isExplicit)
    {
        VectorErrors.CheckTypmod(typmod, dimensionsOf(value));
        return value;
    }
}
