using System.Collections.Immutable;
using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>The FunctionCall message: a function by its OID, with arguments in text or binary form.</summary>
internal sealed class FastPath(Session session, StatementRunner runner)
{
    /// <summary>
    /// Calls the function and sends its result. Raises 25P02 in a failed block, 42883 for an OID of no function, 0A000 for what is no plain
    /// function, 08P01 for other numbers of arguments or formats than the function has, and what the function raises.
    /// </summary>
    public void Call(uint oid, ReadOnlySpan<short> formats, BindValues values, short resultFormat)
    {
        runner.BeginInterruptible();
        runner.RequireNotFailed();
        runner.EnsureBlock();
        var function = Find(oid);
        var arguments = Arguments(function, formats, ref values);
        var call = new BoundCall(function, [.. function.Arguments.Select((type, i) => new BoundParameter(i + 1, type))], function.Result);
        var result = runner.Evaluate(call, arguments);
        if (resultFormat is not (0 or 1))
            throw ParameterText.UnknownFormat(resultFormat);
        session.Client.FunctionResult(function.Result, result, (WireFormat)resultFormat);
        runner.EndStatement();
        runner.EndImplicit();
    }

    Function Find(uint oid)
    {
        var function = BuiltinFunctions.Functions.FirstOrDefault(candidate => candidate.Oid == oid);
        if (function is null || !runner.Names().Snapshot.HasExtension(function.Extension))
            throw new PgError(SqlState.UndefinedFunction, $"function with OID {oid} does not exist");
        return function.Kind == FunctionKind.Function && !function.ReturnsSet
            ? function
            : throw new PgError(SqlState.FeatureNotSupported, $"cannot call function \"{function.Name}\" via fastpath interface");
    }

    Datum[] Arguments(Function function, ReadOnlySpan<short> formats, ref BindValues values)
    {
        if (values.Count != function.Arguments.Count)
            throw new PgError(SqlState.ProtocolViolation, $"function call message contains {values.Count} arguments but function requires {function.Arguments.Count}");
        if (formats.Length > 1 && formats.Length != values.Count)
            throw new PgError(SqlState.ProtocolViolation, $"function call message contains {formats.Length} argument formats but {values.Count} arguments");
        var arguments = new Datum[values.Count];
        for (var i = 0; i < arguments.Length; i++)
        {
            var format = formats.Length == 0 ? (short)0 : formats.Length == 1 ? formats[0] : formats[i];
            var isNull = !values.TryNext(out var bytes);
            arguments[i] = format switch
            {
                _ when isNull => Datum.Null,
                0 => Text(function.Arguments[i], bytes),
                1 => Binary(function.Arguments[i], bytes, i + 1),
                _ => throw ParameterText.UnknownFormat(format),
            };
        }
        return arguments;
    }

    Datum Text(PgType type, ReadOnlySpan<byte> bytes) => type.Codec.Parse(ParameterText.Utf8(bytes, runner.TypeSettings), -1, runner.TypeSettings);

    Datum Binary(PgType type, ReadOnlySpan<byte> bytes, int number)
    {
        if (runner.TypeSettings.ClientEncoding is not null && type.IsTextInBinary)
            bytes = ParameterText.Utf8(bytes, runner.TypeSettings);
        var reader = new Types.BinaryReader(bytes);
        var value = type.Codec.ReadBinary(ref reader, -1);
        return reader.Remaining == 0 ? value : throw PgError.InvalidBinary($"incorrect binary data format in function argument {number}");
    }
}
