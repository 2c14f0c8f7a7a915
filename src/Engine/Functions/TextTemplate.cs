using System.Text;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Functions;

/// <summary>format(): <c>%[position$][flags][width]type</c> with types s, I, L and %.</summary>
static class TextTemplate
{
    /// <summary>The first argument with the others filled in. Raises 22023, 22004, 22P02.</summary>
    public static string Format(ReadOnlySpan<Datum> arguments, CallSite site, EvaluationContext context)
    {
        var template = arguments[0].AsString;
        var result = new StringBuilder();
        var next = 1;
        for (var i = 0; i < template.Length; i++)
        {
            if (template[i] != '%')
            {
                result.Append(template[i]);
                continue;
            }
            if (++i >= template.Length)
                throw Unterminated();
            if (template[i] == '%')
            {
                result.Append('%');
                continue;
            }
            var argument = ReadNumber(template, ref i) is { } number && i < template.Length && template[i] == '$' ? number : -1;
            if (argument == 0)
                throw new PgError(SqlState.InvalidParameterValue, "format specifies argument 0, but arguments are numbered from 1");
            var widthAt = argument > 0 ? i + 1 : i;
            if (argument < 0)
                while (widthAt > 0 && char.IsAsciiDigit(template[widthAt - 1]))
                    widthAt--;
            i = widthAt;
            var isLeft = false;
            while (i < template.Length && template[i] == '-')
            {
                isLeft = true;
                i++;
            }
            var width = 0;
            if (i < template.Length && template[i] == '*')
            {
                i++;
                var widthArgument = ReadNumber(template, ref i) is { } stated && i < template.Length && template[i] == '$' ? stated : -1;
                if (widthArgument > 0)
                    i++;
                else
                    widthArgument = next++;
                if (widthArgument >= arguments.Length)
                    throw TooFew();
                width = arguments[widthArgument].IsNull ? 0 : PgTypes.Int4.Codec.Parse(Text(arguments, site, context, widthArgument), -1, context.Settings).AsInt32;
            }
            else
                width = ReadNumber(template, ref i) ?? 0;
            if (i >= template.Length)
                throw Unterminated();
            if (argument < 0)
                argument = next;
            next = argument + 1;
            var kind = template[i];
            if (kind is not ('s' or 'I' or 'L'))
                throw new PgError(SqlState.InvalidParameterValue, $"unrecognized format() type specifier \"{kind}\"") { Hint = "For a single \"%\" use \"%%\"." };
            if (argument >= arguments.Length)
                throw TooFew();
            Append(result, Converted(arguments, site, context, argument, kind), isLeft ? -width : width);
        }
        return result.ToString();
    }

    static PgError Unterminated() => new(SqlState.InvalidParameterValue, "unterminated format() type specifier") { Hint = "For a single \"%\" use \"%%\"." };
    static PgError TooFew() => new(SqlState.InvalidParameterValue, "too few arguments for format()");

    static int? ReadNumber(string template, ref int at)
    {
        var start = at;
        while (at < template.Length && char.IsAsciiDigit(template[at]))
            at++;
        return at == start ? null : int.TryParse(template.AsSpan(start, at - start), out var number) ? number : throw PgError.OutOfRange("number is out of range");
    }

    static string Text(ReadOnlySpan<Datum> arguments, CallSite site, EvaluationContext context, int index)
        => site.ArgumentTypes[index].Codec.ToText(arguments[index], context.Settings);

    static string Converted(ReadOnlySpan<Datum> arguments, CallSite site, EvaluationContext context, int index, char kind)
    {
        if (arguments[index].IsNull)
            return kind switch
            {
                'L' => "NULL",
                'I' => throw new PgError(SqlState.NullValueNotAllowed, "null values cannot be formatted as an SQL identifier"),
                _ => "",
            };
        var text = Text(arguments, site, context, index);
        return kind switch { 'I' => Identifiers.Quote(text), 'L' => Identifiers.QuoteLiteral(text), _ => text };
    }

    /// <summary>A negative width pads on the right.</summary>
    static void Append(StringBuilder result, string text, int width)
    {
        var padding = Math.Max(0, Math.Abs(width) - Utf8Text.Length(text));
        TextFunctions.CheckSize((long)result.Length + padding + text.Length);
        if (width > 0)
            Pad(result, padding);
        result.Append(text);
        if (width < 0)
            Pad(result, padding);
    }

    static void Pad(StringBuilder result, int count)
    {
        const int AtOnce = 1 << 20;
        for (; count > AtOnce; count -= AtOnce)
        {
            Interruption.Check();
            result.Append(' ', AtOnce);
        }
        result.Append(' ', count);
    }
}
