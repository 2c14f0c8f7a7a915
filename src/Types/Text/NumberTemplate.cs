using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace PgVectorCompat.Types;

enum NumberPattern { Literal, Nine, Zero, Comma, Group, Point, DecimalPoint, Currency, Sign, Minus, Plus, SignAnywhere, Roman, RomanLower, Ordinal, OrdinalLower, Multiply, Other }

readonly record struct NumberTemplateNode(NumberPattern Pattern, string Text);

/// <summary>A template of to_char and to_number for numbers, and what its patterns say together.</summary>
sealed class NumberTemplate
{
    static readonly (string Word, NumberPattern Pattern)[] Words =
    [
        ("EEEE", NumberPattern.Other), ("FM", NumberPattern.Other), ("MI", NumberPattern.Minus), ("PL", NumberPattern.Plus), ("PR", NumberPattern.Other),
        ("RN", NumberPattern.Roman), ("SG", NumberPattern.SignAnywhere), ("SP", NumberPattern.Other), ("TH", NumberPattern.Ordinal), (",", NumberPattern.Comma),
        (".", NumberPattern.Point), ("0", NumberPattern.Zero), ("9", NumberPattern.Nine), ("B", NumberPattern.Other), ("C", NumberPattern.Other),
        ("D", NumberPattern.DecimalPoint), ("G", NumberPattern.Group), ("L", NumberPattern.Currency), ("S", NumberPattern.Sign), ("V", NumberPattern.Multiply),
    ];

    static readonly ConcurrentDictionary<string, NumberTemplate> Cache = new();

    public ImmutableArray<NumberTemplateNode> Nodes { get; private init; } = [];

    /// <summary>Digits before and after the point, and after V.</summary>
    public int Before { get; private set; }
    public int After { get; private set; }
    public int Multiplied { get; private set; }

    /// <summary>Index of the first digit written as 0, -1 for none; and the number of digits up to the last such.</summary>
    public int ZeroStart { get; private set; } = -1;
    public int ZeroEnd { get; private set; }

    public bool HasPoint { get; private set; }
    public bool IsFill { get; private set; }
    public bool IsBracket { get; private set; }
    public bool IsScientific { get; private set; }
    public bool IsRoman { get; private set; }
    public bool HasMinus { get; private set; }
    public bool HasPlus { get; private set; }
    public bool HasMultiply { get; private set; }

    /// <summary>Whether S is in the template, and whether it stands before the digits.</summary>
    public bool HasSign { get; private set; }
    public bool IsSignFirst { get; private set; }

    /// <summary>Raises 42601 for patterns that exclude each other.</summary>
    public static NumberTemplate Parse(string text)
    {
        if (Cache.TryGetValue(text, out var known))
            return known;
        if (Cache.Count > 500)
            Cache.Clear();
        return Cache[text] = Split(text);
    }

    static NumberTemplate Split(string text)
    {
        var nodes = ImmutableArray.CreateBuilder<NumberTemplateNode>();
        var words = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            if (text[at] == '"')
            {
                for (at++; at < text.Length && text[at] != '"'; at++)
                {
                    if (text[at] == '\\' && at + 1 < text.Length)
                        at++;
                    nodes.Add(new(NumberPattern.Literal, text[at].ToString()));
                }
                at++;
                continue;
            }
            var entry = Array.Find(Words, entry => text.AsSpan(at).StartsWith(entry.Word, StringComparison.OrdinalIgnoreCase));
            if (entry.Word is null)
            {
                nodes.Add(new(NumberPattern.Literal, text[at++].ToString()));
                continue;
            }
            var pattern = char.IsLower(text[at]) ? entry.Pattern switch
            {
                NumberPattern.Roman => NumberPattern.RomanLower,
                NumberPattern.Ordinal => NumberPattern.OrdinalLower,
                var same => same,
            } : entry.Pattern;
            nodes.Add(new(pattern, entry.Word));
            at += entry.Word.Length;
        }
        var template = new NumberTemplate { Nodes = nodes.ToImmutable() };
        foreach (var node in template.Nodes)
            template.Take(node);
        if (template is { HasSign: true, IsSignFirst: true } && template.Before == template._signAt)
            template.IsSignFirst = false;
        return template;
    }

    int _signAt;

    static PgError Syntax(string message) => PgError.Syntax(message);

    void Take(NumberTemplateNode node)
    {
        if (IsScientific && node.Pattern != NumberPattern.Literal)
            throw Syntax("\"EEEE\" must be the last pattern used");
        switch (node.Pattern)
        {
            case NumberPattern.Nine:
                if (IsBracket)
                    throw Syntax("\"9\" must be ahead of \"PR\"");
                CountDigit();
                break;
            case NumberPattern.Zero:
                if (IsBracket)
                    throw Syntax("\"0\" must be ahead of \"PR\"");
                if (ZeroStart < 0 && !HasPoint)
                    ZeroStart = Before;
                CountDigit();
                ZeroEnd = Before + After;
                break;
            case NumberPattern.Point or NumberPattern.DecimalPoint:
                if (HasPoint)
                    throw Syntax("multiple decimal points");
                if (HasMultiply)
                    throw Syntax("cannot use \"V\" and decimal point together");
                HasPoint = true;
                break;
            case NumberPattern.Sign:
                if (HasSign)
                    throw Syntax("cannot use \"S\" twice");
                if (HasPlus || HasMinus || IsBracket)
                    throw Syntax("cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
                HasSign = true;
                IsSignFirst = !HasPoint;
                _signAt = Before;
                break;
            case NumberPattern.Minus or NumberPattern.Plus or NumberPattern.SignAnywhere:
                if (HasSign)
                    throw Syntax($"cannot use \"S\" and \"{node.Text}\" together");
                HasMinus |= node.Pattern != NumberPattern.Plus;
                HasPlus |= node.Pattern != NumberPattern.Minus;
                break;
            case NumberPattern.Roman or NumberPattern.RomanLower:
                IsRoman = true;
                break;
            case NumberPattern.Multiply:
                if (HasPoint)
                    throw Syntax("cannot use \"V\" and decimal point together");
                HasMultiply = true;
                break;
            case NumberPattern.Other when node.Text == "FM":
                IsFill = true;
                break;
            case NumberPattern.Other when node.Text == "PR":
                if (HasSign || HasPlus || HasMinus)
                    throw Syntax("cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
                IsBracket = true;
                break;
            case NumberPattern.Other when node.Text == "EEEE":
                if (IsFill || HasSign || IsBracket || HasMinus || HasPlus || IsRoman || HasMultiply)
                    throw new PgError(SqlState.SyntaxError, "\"EEEE\" is incompatible with other formats")
                    {
                        Detail = "\"EEEE\" may only be used together with digit and decimal point patterns.",
                    };
                IsScientific = true;
                break;
        }
    }

    void CountDigit()
    {
        if (HasMultiply)
            Multiplied++;
        else if (HasPoint)
            After++;
        else
            Before++;
    }
}
