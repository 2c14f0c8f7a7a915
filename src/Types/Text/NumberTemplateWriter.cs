using System.Globalization;
using System.Text;

namespace PgVectorCompat.Types;

/// <summary>to_char for numbers: PostgreSQL's walk over the template, digit by digit.</summary>
public sealed class NumberTemplateWriter
{
    readonly NumberTemplate _template;
    readonly StringBuilder _result = new();

    // The number without sign (#### when it does not fit), and where in it we are.
    readonly string _number;
    readonly bool _isNegative;
    readonly int _spacesBefore;

    // Last digit worth showing under FM, -1 without one.
    readonly int _lastRelevant = -1;
    readonly int _count;
    int _at;
    int _digit;
    bool _signWritten;
    bool _inNumber;

    NumberTemplateWriter(NumberTemplate template, string number, bool isNegative, int spacesBefore)
    {
        (_template, _number, _isNegative, _spacesBefore) = (template, number, isNegative, spacesBefore);
        // MI, PL and SG write the sign themselves, except that PL alone leaves a minus to the number.
        _signWritten = template.HasPlus || template.HasMinus ? !(template.HasPlus && !template.HasMinus) : !isNegative && template.IsFill && !template.HasSign;
        _count = template.After + template.Before + template.Multiplied - 1;
        if (template.IsFill && template.HasPoint)
        {
            _lastRelevant = LastRelevant(number);
            // Zeros that the template demands stay.
            if (_lastRelevant >= 0 && template.ZeroEnd > spacesBefore)
                _lastRelevant = Math.Max(_lastRelevant, Math.Min(number.Length - 1, template.ZeroEnd - spacesBefore));
        }
        if (!_signWritten && spacesBefore == 0)
            _count++;
    }

    static int LastRelevant(string number)
    {
        var point = number.IndexOf('.', StringComparison.Ordinal);
        if (point < 0)
            return -1;
        var last = point;
        for (var i = point + 1; i < number.Length; i++)
            if (number[i] != '0')
                last = i;
        return last;
    }

    /// <summary>A numeric or an integer by a template. Raises 42601 for bad templates.</summary>
    public static string Write(PgNumeric value, string format) => Write(value, format, maxDigits: null);

    /// <summary>A float; at most 15 digits (6 for a float4) are shown.</summary>
    public static string Write(double value, bool isSingle, string format)
    {
        var template = NumberTemplate.Parse(format);
        if (!double.IsFinite(value))
            return Special(double.IsNaN(value) ? PgNumeric.NaN : value > 0 ? PgNumeric.PositiveInfinity : PgNumeric.NegativeInfinity, template);
        if (template.IsScientific)
            return Scientific(PgNumeric.Parse(value.ToString("E" + template.After, CultureInfo.InvariantCulture)), template);
        return Write(PgNumeric.Parse(value.ToString("F20", CultureInfo.InvariantCulture)), format, isSingle ? 6 : 15);
    }

    static string Write(PgNumeric value, string format, int? maxDigits)
    {
        var template = NumberTemplate.Parse(format);
        if (template.IsRoman)
            return Roman(value, template);
        if (!value.IsFinite)
            return Special(value, template);
        if (template.IsScientific)
            return Scientific(value, template);
        if (template.HasMultiply)
            value = NumericArithmetic.Multiply(value, PgNumeric.Of(PowersOfTen.Big(template.Multiplied), 0));
        var scale = template.After;
        if (maxDigits is { } limit)
        {
            // What the type cannot hold precisely is not shown.
            var whole = NumericArithmetic.Truncate(NumericArithmetic.Abs(value)).ToString().Length;
            scale = whole >= limit ? 0 : Math.Min(scale, limit - whole);
        }
        var rounded = NumericArithmetic.Round(value, scale);
        var number = NumericArithmetic.Abs(rounded).ToString();
        var pre = template.Before + template.Multiplied;
        var point = number.IndexOf('.', StringComparison.Ordinal);
        var length = point < 0 ? number.Length : point;
        if (length > pre)
            number = new string('#', pre) + (template.HasPoint ? "." + new string('#', template.After) : "");
        return new NumberTemplateWriter(template, number, value.Sign < 0, Math.Max(0, pre - length)).Run();
    }

    static string Special(PgNumeric value, NumberTemplate template)
    {
        if (template.IsScientific)
            return " " + new string('#', template.Before) + "." + new string('#', template.After + 4);
        // The word takes the digits' place when it fits.
        var word = value.IsNaN ? "NaN" : "Infinity";
        var pre = template.Before + template.Multiplied;
        var shown = word.Length <= pre ? word : new string('#', pre) + (template.HasPoint ? "." + new string('#', template.After) : "");
        return new NumberTemplateWriter(template, shown, value.Sign < 0, Math.Max(0, pre - word.Length)).Run();
    }

    static string Scientific(PgNumeric value, NumberTemplate template)
    {
        if (!value.IsFinite)
            return Special(value, template);
        var exponent = value.LeadingExponent;
        var size = NumericArithmetic.Abs(value);
        // The digits as d.ddd, where rounding may carry into one more.
        var mantissa = Shift(size, -exponent).Rescale(template.After);
        if (PgNumeric.Compare(mantissa, PgNumeric.Of(10)) >= 0)
            mantissa = Shift(size, -++exponent).Rescale(template.After);
        return $"{(value.Sign < 0 ? '-' : ' ')}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    static PgNumeric Shift(PgNumeric value, int powerOfTen)
        => powerOfTen >= 0 ? NumericArithmetic.Multiply(value, PgNumeric.Of(PowersOfTen.Big(powerOfTen), 0)) : PgNumeric.Of(value.Unscaled, value.Scale - powerOfTen);

    static string Roman(PgNumeric value, NumberTemplate template)
    {
        const int width = 15;
        var isLower = template.Nodes.Any(node => node.Pattern == NumberPattern.RomanLower);
        var number = value.IsFinite && NumericArithmetic.Round(value).TryGetSmall(out var small) ? small : 0;
        if (number is < 1 or > 3999)
            return new string('#', width);
        var text = new StringBuilder();
        foreach (var (size, letters) in (ReadOnlySpan<(int, string)>)
            [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")])
        {
            for (; number >= size; number -= size)
                text.Append(letters);
        }
        var roman = isLower ? text.ToString().ToLowerInvariant() : text.ToString();
        return template.IsFill ? roman : roman.PadLeft(width);
    }

    string Run()
    {
        foreach (var node in _template.Nodes)
        {
            switch (node.Pattern)
            {
                case NumberPattern.Nine or NumberPattern.Zero or NumberPattern.Point or NumberPattern.DecimalPoint:
                    Digit(node.Pattern);
                    break;
                case NumberPattern.Comma or NumberPattern.Group:
                    if (_inNumber)
                        _result.Append(',');
                    else if (!_template.IsFill)
                        _result.Append(' ');
                    break;
                case NumberPattern.Currency:
                    _result.Append(' ');
                    break;
                case NumberPattern.Minus:
                    if (_isNegative)
                        _result.Append('-');
                    else if (!_template.IsFill)
                        _result.Append(' ');
                    break;
                case NumberPattern.Plus:
                    if (!_isNegative)
                        _result.Append('+');
                    else if (!_template.IsFill)
                        _result.Append(' ');
                    break;
                case NumberPattern.SignAnywhere:
                    _result.Append(_isNegative ? '-' : '+');
                    break;
                case NumberPattern.Ordinal or NumberPattern.OrdinalLower:
                    if (!_isNegative && !_template.HasPoint && !_number.StartsWith('#'))
                        _result.Append(DateTimeTemplateWriter.OrdinalSuffix(long.Parse(_number[^Math.Min(2, _number.Length)..], CultureInfo.InvariantCulture), node.Pattern == NumberPattern.Ordinal));
                    break;
                case NumberPattern.Literal:
                    _result.Append(node.Text);
                    break;
            }
        }
        return _result.ToString();
    }

    char Current => _at < _number.Length ? _number[_at] : '\0';

    /// <summary>A lone zero before the point is shown as a blank.</summary>
    bool IsLeadingZero => _template.ZeroStart < 0 && _at == 0 && Current == '0' && _template.After != 0;

    bool EndsAtPoint => _lastRelevant >= 0 && _number[_lastRelevant] == '.';

    void Digit(NumberPattern pattern)
    {
        _inNumber = false;
        var startsHere = _digit >= _spacesBefore || (_template.ZeroStart >= 0 && _template.ZeroStart == _digit);
        if (!_signWritten && startsHere && (!IsLeadingZero || EndsAtPoint))
            WriteSign();

        var isZeroFilled = _template.ZeroStart >= 0 && _template.ZeroStart <= _digit;
        if (_digit < _spacesBefore && !isZeroFilled)
        {
            if (!_template.IsFill)
                _result.Append(' ');
        }
        else if (_digit < _spacesBefore)
        {
            _result.Append('0');
            _inNumber = true;
        }
        else
        {
            WriteCurrent(pattern);
            if (_at < _number.Length)
                _at++;
        }

        var end = _count + (_spacesBefore > 0 ? 1 : 0) + (_template.HasPoint ? 1 : 0);
        if (_lastRelevant >= 0 && _lastRelevant == _at)
            end = _digit;
        if (_digit + 1 == end)
        {
            if (_signWritten && _template.IsBracket)
                _result.Append(_isNegative ? '>' : ' ');
            else if (_template is { HasSign: true, IsSignFirst: false })
                _result.Append(_isNegative ? '-' : '+');
        }
        _digit++;
    }

    void WriteSign()
    {
        if (_template.HasSign)
        {
            if (!_template.IsSignFirst)
                return;
            _result.Append(_isNegative ? '-' : '+');
        }
        else if (_template.IsBracket)
            _result.Append(_isNegative ? '<' : ' ');
        else if (_isNegative)
            _result.Append('-');
        else if (!_template.IsFill)
            _result.Append(' ');
        _signWritten = true;
    }

    void WriteCurrent(NumberPattern pattern)
    {
        if (Current == '.')
        {
            if (_lastRelevant < 0 || !EndsAtPoint || _template.IsFill)
                _result.Append('.');
            return;
        }
        if (_lastRelevant >= 0 && _at > _lastRelevant && pattern != NumberPattern.Zero)
            return;
        if (IsLeadingZero)
        {
            if (!_template.IsFill)
                _result.Append(' ');
            else if (EndsAtPoint)
                _result.Append('0');
            return;
        }
        if (Current != '\0')
        {
            _result.Append(Current);
            _inNumber = true;
        }
    }
}
