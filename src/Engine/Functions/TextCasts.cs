using PgVectorCompat.Types;
using static PgVectorCompat.Types.PgTypes;

namespace PgVectorCompat.Engine.Functions;

/// <summary>Casts among the string types, and from boolean to them. Others go through the text form without an entry here.</summary>
static class TextCasts
{
    const CastContext I = CastContext.Implicit, A = CastContext.Assignment;

    public static FunctionTable Table { get; } = new([], null,
    [
        Define.Relabel(Varchar, Text, I),
        Define.Relabel(Text, Varchar, I),
        Define.Relabel(Text, Bpchar, I),
        Define.Relabel(Varchar, Bpchar, I),
        Define.Cast(Bpchar, Text, I, "text", Unpad),
        Define.Cast(Bpchar, Varchar, I, "text", Unpad),
        Define.Cast(Name, Text, I, "text", static a => a),
        Define.Cast(Name, Varchar, A, "varchar", static a => a),
        Define.Cast(Name, Bpchar, A, "bpchar", static a => a),
        Define.Cast(Text, Name, I, "name", ToName),
        Define.Cast(Varchar, Name, I, "name", ToName),
        Define.Cast(Bpchar, Name, I, "name", static a => ToName(Unpad(a))),
        Define.Cast(PgTypes.Char, Text, I, "text", CharToText),
        Define.Cast(PgTypes.Char, Varchar, A, "text", CharToText),
        Define.Cast(PgTypes.Char, Bpchar, A, "text", CharToText),
        Define.Cast(Text, PgTypes.Char, A, "char", ToChar),
        Define.Cast(Varchar, PgTypes.Char, A, "char", ToChar),
        Define.Cast(Bpchar, PgTypes.Char, A, "char", ToChar),
        Define.Cast(Bool, Text, A, "text", BoolToText),
        Define.Cast(Bool, Varchar, A, "text", BoolToText),
        Define.Cast(Bool, Bpchar, A, "text", BoolToText),
        Define.Relabel(NodeTree, Text, I),
    ]);

    static Datum Unpad(Datum value) => Datum.Of(value.AsString.TrimEnd(' '));
    static Datum ToName(Datum value) => Datum.Of(Utf8Text.ClipToBytes(value.AsString, NameCodec.MaxBytes));
    static Datum CharToText(Datum value) => Datum.Of(PgTypes.Char.Codec.ToText(value, TypeSettings.Default));
    static Datum ToChar(Datum value) => PgTypes.Char.Codec.Parse(value.AsString, -1, TypeSettings.Default);
    static Datum BoolToText(Datum value) => Datum.Of(value.AsBool ? "true" : "false");

    /// <summary>The value cast to text, which for booleans is not the output form and for char(n) drops the padding.</summary>
    public static string ToText(Datum value, PgType type, TypeSettings settings)
        => type == Bool ? (value.AsBool ? "true" : "false")
            : type == Bpchar ? value.AsString.TrimEnd(' ')
            : value.Reference as string ?? type.Codec.ToText(value, settings);
}
