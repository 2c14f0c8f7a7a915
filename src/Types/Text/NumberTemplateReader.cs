using System.Text;

namespace PgVectorCompat.Types;

/// <summary>to_number: picks the digits, the point and the sign that a template says out of a text.</summary>
public static class NumberTemplateReader
{
    /// <summary>Raises 22P02 when there is no number, 0A000 for EEEE and RN.</summary>
    public static PgNumeric Read(string text, string format)
    {
        var template = NumberTemplate.Parse(format);
        if (template.IsScientific)
            throw new PgError(SqlState.FeatureNotSupported, "\"EEEE\" not supported for input");
        if (template.IsRoman)
            throw PgError.Unsupported("\"RN\" for input");

        var digits = new StringBuilder();
        var isNegative = false;
        var hasPoint = false;
        var at = 0;
        bool ReadSign()
        {
            if (at >= text.Length || text[at] is not ('-' or '+' or '<'))
                return false;
            isNegative |= text[at++] is '-' or '<';
            return true;
        }
        foreach (var node in template.Nodes)
        {
            if (at >= text.Length)
                break;
            switch (node.Pattern)
            {
                case NumberPattern.Nine or NumberPattern.Zero:
                    while (at < text.Length && text[at] == ' ')
                        at++;
                    if (digits.Length == 0)
                        ReadSign();
                    // A point may come earlier than the template has it.
                    if (at < text.Length && text[at] == '.' && !hasPoint && template.HasPoint)
                        break;
                    if (at < text.Length && char.IsAsciiDigit(text[at]))
                        digits.Append(text[at++]);
                    break;
                case NumberPattern.Point or NumberPattern.DecimalPoint:
                    if (digits.Length == 0)
                        ReadSign();
                    if (text[at] == '.' && !hasPoint)
                    {
                        hasPoint = true;
                        digits.Append('.');
                        at++;
                    }
                    break;
                case NumberPattern.Comma or NumberPattern.Group:
                    if (text[at] == ',')
                        at++;
                    break;
                case NumberPattern.Currency:
                    while (at < text.Length && !char.IsAsciiDigit(text[at]) && text[at] is not ('-' or '+' or '.' or ','))
                        at++;
                    break;
                case NumberPattern.Sign or NumberPattern.Minus or NumberPattern.Plus or NumberPattern.SignAnywhere:
                    if (!ReadSign() && text[at] == ' ')
                        at++;
                    break;
                case NumberPattern.Ordinal or NumberPattern.OrdinalLower:
                    at += 2;
                    break;
                case NumberPattern.Literal:
                    at++;
                    break;
            }
        }
        // A sign after the digits, where S, MI or PR let it stand.
        if (template.HasSign || template.IsBracket || template.HasMinus)
            ReadSign();
        if (!digits.ToString().AsSpan().ContainsAnyInRange('0', '9'))
            throw PgError.InvalidText("numeric", digits.Length == 0 ? " " : digits.ToString());
        var value = PgNumeric.Parse(digits.ToString());
        if (template.HasMultiply)
            value = NumericArithmetic.Multiply(value, NumericFunctions.Power(PgNumeric.Of(10), PgNumeric.Of(-template.Multiplied)));
        return isNegative ? NumericArithmetic.Negate(value) : value;
    }
}
