namespace PgVectorCompat.Types;

/// <summary>
/// An error for the client, with the fields of PostgreSQL's ErrorResponse. Messages are PostgreSQL's own, word for word,
/// because drivers, ORMs and tests match them.
/// </summary>
/// <remarks>Thrown anywhere a statement can fail; caught once, where the statement ends.</remarks>
public sealed class PgError(string sqlState, string message) : Exception(message)
{
    /// <summary>Five characters, a constant of <see cref="Types.SqlState"/>.</summary>
    public string SqlState { get; } = sqlState;

    /// <summary><c>ERROR</c>, <c>FATAL</c> (ends the connection) or <c>PANIC</c>.</summary>
    public string Severity { get; init; } = "ERROR";

    public string? Detail { get; init; }
    public string? Hint { get; init; }

    /// <summary>Character in the statement, from 1; 0 when the error points nowhere.</summary>
    public int Position { get; init; }

    /// <summary>Call stack of the error as PostgreSQL words it (<c>COPY t, line 1, column a: "x"</c>).</summary>
    public string? Where { get; init; }

    public string? Schema { get; init; }
    public string? Table { get; init; }
    public string? Column { get; init; }
    public string? DataType { get; init; }
    public string? Constraint { get; init; }

    /// <summary>Name of PostgreSQL's function that raises this error; some drivers react to it (<c>RevalidateCachedQuery</c>).</summary>
    public string? Routine { get; init; }

    /// <summary>The same error, pointing at <paramref name="position"/> unless it already points somewhere.</summary>
    public PgError At(int position) => Position != 0 || position <= 0 ? this : Copy(position, Where);

    /// <summary>The same error with the CONTEXT line <paramref name="where"/> added below its own.</summary>
    public PgError Within(string where) => Copy(Position, Where is null ? where : Where + "\n" + where);

    PgError Copy(int position, string? where) => new(SqlState, Message)
    {
        Severity = Severity,
        Detail = Detail,
        Hint = Hint,
        Position = position,
        Where = where,
        Schema = Schema,
        Table = Table,
        Column = Column,
        DataType = DataType,
        Constraint = Constraint,
        Routine = Routine,
    };

    /// <summary>0A000: something PostgreSQL has and this server has not. <paramref name="feature"/> names it.</summary>
    public static PgError Unsupported(string feature, int position = 0)
        => new(Types.SqlState.FeatureNotSupported, $"{feature} is not supported") { Position = position };

    /// <summary>42601.</summary>
    public static PgError Syntax(string message, int position = 0)
        => new(Types.SqlState.SyntaxError, message) { Position = position };

    /// <summary>22P02: text that the input function of <paramref name="type"/> cannot read.</summary>
    public static PgError InvalidText(string type, string text)
        => new(Types.SqlState.InvalidTextRepresentation, $"invalid input syntax for type {type}: \"{text}\"");

    /// <summary>22003.</summary>
    public static PgError OutOfRange(string message) => new(Types.SqlState.NumericValueOutOfRange, message);

    /// <summary>22P03.</summary>
    public static PgError InvalidBinary(string message) => new(Types.SqlState.InvalidBinaryRepresentation, message);

    public override string ToString() => $"{Severity}: {SqlState}: {Message}";
}
