namespace PgVectorCompat.Types;

/// <summary>What kind of catalog object a reg* type names.</summary>
public enum RegKind { Class, Type, Function, FunctionWithArguments, Operator, OperatorWithArguments, Role, Namespace, Collation, TextSearchConfiguration, TextSearchDictionary }

/// <summary>Names of catalog objects as one session sees them: the reg* types' window on the catalog.</summary>
public interface IRegNames
{
    /// <summary>OID of the object that <paramref name="text"/> names (quoting and schema as in SQL). Raises 42P01, 42704, 42883 and kin when there is none.</summary>
    uint Resolve(RegKind kind, string text);

    /// <summary>The name as SQL text, with its schema where the search path needs it; null when no such object exists.</summary>
    string? NameOf(RegKind kind, uint oid);
}

/// <summary>regclass, regtype and kin: an OID that is read and written as the object's name.</summary>
public sealed class RegCodec(RegKind kind, string displayName) : TypeCodec
{
    readonly OidCodec _oid = new("oid");

    public override int StoredLength => 4;

    public override Datum Parse(string text, int typmod, TypeSettings settings)
    {
        if (text == "-")
            return Datum.Of(0L);
        if (text.Length > 0 && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
            return _oid.Parse(text, -1, settings);
        return settings.Names is { } names
            ? Datum.Of((long)names.Resolve(kind, text))
            : throw new PgError(SqlState.FeatureNotSupported, $"{displayName} values must be OIDs here");
    }

    public override void Write(Datum value, ByteWriter output, TypeSettings settings)
    {
        if (value.AsOid == 0)
            output.WriteByte((byte)'-');
        else if (settings.Names?.NameOf(kind, value.AsOid) is { } name)
            output.WriteText(name);
        else
            output.WriteFormatted(value.AsOid);
    }

    public override Datum ReadBinary(ref BinaryReader input, int typmod) => _oid.ReadBinary(ref input, typmod);
    public override void WriteBinary(Datum value, ByteWriter output) => _oid.WriteBinary(value, output);
    public override int Compare(Datum left, Datum right) => _oid.Compare(left, right);
    public override int Hash(Datum value) => _oid.Hash(value);
    public override void WriteSortKey(Datum value, ByteWriter output) => _oid.WriteSortKey(value, output);
    public override void WriteStored(Datum value, ByteWriter output) => _oid.WriteStored(value, output);
    public override Datum ReadStored(ReadOnlySpan<byte> stored) => _oid.ReadStored(stored);
}
