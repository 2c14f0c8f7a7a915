namespace PgVectorCompat.Types;

/// <summary>pgvector's limits.</summary>
public static class VectorLimits
{
    /// <summary>Most dimensions of a vector, halfvec or ruvector.</summary>
    public const int MaxDimensions = 16_000;

    /// <summary>Most dimensions of a sparsevec.</summary>
    public const int MaxSparseDimensions = 1_000_000_000;

    /// <summary>Most elements of a sparsevec that are not zero.</summary>
    public const int MaxNonZeros = 16_000;
}

/// <summary>pgvector's errors, word for word. <c>type</c> is the type's name (<c>vector</c>, <c>halfvec</c>, …).</summary>
public static class VectorErrors
{
    public static PgError Data(string message) => new(SqlState.DataException, message);
    public static PgError Limit(string message) => new(SqlState.ProgramLimitExceeded, message);

    public static PgError InvalidText(string type, ReadOnlySpan<byte> literal, string? detail = null)
        => new(SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{Utf8Text.Decode(literal)}\"") { Detail = detail };

    public static PgError OutOfRange(string type, string number) => PgError.OutOfRange($"\"{number}\" is out of range for type {type}");
    public static PgError OutOfRange(string type, float number) => OutOfRange(type, SingleText.ToString(number));
    public static PgError NotANumber(string type) => Data($"NaN not allowed in {type}");
    public static PgError Infinite(string type) => Data($"infinite value not allowed in {type}");
    public static PgError NoDimensions(string type) => Data($"{type} must have at least 1 dimension");
    public static PgError TooManyDimensions(string type, int max) => Limit($"{type} cannot have more than {max} dimensions");
    public static PgError TooManyNonZeros() => Limit($"sparsevec cannot have more than {VectorLimits.MaxNonZeros} non-zero elements");
    public static PgError Expected(int typmod, int dimensions) => Data($"expected {typmod} dimensions, not {dimensions}");
    public static PgError Different(string type, int left, int right) => Data($"different {type} dimensions {left} and {right}");
    public static PgError Overflow() => PgError.OutOfRange("value out of range: overflow");
    public static PgError Underflow() => PgError.OutOfRange("value out of range: underflow");

    /// <summary>Raises unless 1 ≤ <paramref name="dimensions"/> ≤ <paramref name="max"/>.</summary>
    public static void CheckDimensions(string type, int dimensions, int max)
    {
        if (dimensions < 1)
            throw NoDimensions(type);
        if (dimensions > max)
            throw TooManyDimensions(type, max);
    }

    /// <summary>Raises unless the column or cast takes any number of dimensions (-1) or this one.</summary>
    public static void CheckTypmod(int typmod, int dimensions)
    {
        if (typmod != -1 && typmod != dimensions)
            throw Expected(typmod, dimensions);
    }

    /// <summary>Raises when an element is NaN or infinite.</summary>
    public static void CheckElement(string type, float element)
    {
        if (float.IsNaN(element))
            throw NotANumber(type);
        if (float.IsInfinity(element))
            throw Infinite(type);
    }
}
