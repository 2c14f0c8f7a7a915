using System.Globalization;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>pg_settings.vartype.</summary>
public enum SettingKind { Bool, Integer, Real, String, Enum }

/// <summary>pg_settings.context: who may change a setting, and when.</summary>
public enum SettingContext { Internal, Postmaster, Sighup, Superuser, User }

/// <summary>A run-time setting ("GUC") and its rules.</summary>
/// <param name="Default">Its value as SHOW prints it.</param>
/// <param name="Unit">ms, s, min, kB, 8kB, or null: what a bare number means.</param>
public sealed record SettingDefinition(string Name, SettingKind Kind, string Default, SettingContext Context, string Description)
{
    public string? Unit { get; init; }
    public double Minimum { get; init; } = double.MinValue;
    public double Maximum { get; init; } = double.MaxValue;

    /// <summary>Allowed words of an enum.</summary>
    public string[] Words { get; init; } = [];

    /// <summary>Whether clients are told of changes by ParameterStatus.</summary>
    public bool IsReported { get; init; }

    /// <summary>The setting whose variable this name stands for; null for a setting of its own.</summary>
    public string? AliasOf { get; init; }

    /// <summary>Under which name the value is kept.</summary>
    public string Variable => AliasOf ?? Name;

    public string? ExtraDescription { get; init; }

    public string Category { get; init; } = "Client Connection Defaults / Statement Behavior";

    /// <summary>Further rules of a string setting: gives the value to keep, or raises 22023.</summary>
    public Func<string, string>? Check { get; init; }

    static readonly (string Unit, double InMilliseconds)[] Times = [("us", 0.001), ("ms", 1), ("s", 1000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];
    static readonly (string Unit, double InBytes)[] Sizes = [("B", 1), ("kB", 1024), ("8kB", 8192), ("MB", 1 << 20), ("GB", 1 << 30), ("TB", 1L << 40)];

    /// <summary>The value as it is kept: checked, and a number in the setting's unit. Raises 22023.</summary>
    public string Normalize(string value)
    {
        switch (Kind)
        {
            case SettingKind.Bool:
                return ParseBool(value) is { } flag ? flag ? "on" : "off"
                    : throw new PgError(SqlState.InvalidParameterValue, $"parameter \"{Name}\" requires a Boolean value");
            case SettingKind.Enum:
                return System.Array.Find(Words, word => word.Equals(value, StringComparison.OrdinalIgnoreCase))
                    ?? (Words.Contains("on") && ParseBool(value) is { } onOff ? onOff ? "on" : "off" : throw BadValue(value, $"Available values: {string.Join(", ", Words)}."));
            case SettingKind.Integer or SettingKind.Real:
                return Number(value);
            default:
                return Check is null ? value : Check(value);
        }
    }

    /// <summary>The value with a unit that suits its size, as SHOW prints it (<c>4MB</c>).</summary>
    public string Display(string value)
    {
        if (Kind is not (SettingKind.Integer or SettingKind.Real) || Unit is null || !double.TryParse(value, CultureInfo.InvariantCulture, out var number) || number <= 0)
            return value;
        var units = Times.Any(unit => unit.Unit == Unit) ? Times : Sizes;
        var inBase = number * System.Array.Find(units, unit => unit.Unit == Unit).Item2;
        foreach (var (unit, size) in units.Reverse())
            if (unit != "8kB" && unit != "us" && inBase % size == 0 && inBase >= size)
                return $"{(inBase / size).ToString(CultureInfo.InvariantCulture)}{unit}";
        return value + Unit;
    }

    string Number(string text)
    {
        var trimmed = text.Trim();
        var end = trimmed.Length;
        while (end > 0 && char.IsLetter(trimmed[end - 1])) end--;
        var unit = trimmed[end..];
        double number;
        if (Kind == SettingKind.Integer && trimmed.StartsWith("0x", StringComparison.OrdinalIgnoreCase) && long.TryParse(trimmed[2..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var hex))
            (number, unit) = (hex, "");
        else if (end == 0 || !double.TryParse(trimmed[..end].TrimEnd(), NumberStyles.Float, CultureInfo.InvariantCulture, out number) || !double.IsFinite(number))
            throw BadValue(text, null);
        if (unit.Length > 0)
        {
            var units = Unit is null ? [] : Times.Any(known => known.Unit == Unit) ? Times : Sizes;
            var at = System.Array.FindIndex(units, known => known.Unit == unit);
            if (at < 0)
                throw BadValue(text, Unit is null ? null : units == Times
                    ? "Valid units for this parameter are \"us\", \"ms\", \"s\", \"min\", \"h\", and \"d\"."
                    : "Valid units for this parameter are \"B\", \"kB\", \"MB\", \"GB\", and \"TB\".");
            number = number * units[at].Item2 / System.Array.Find(units, known => known.Unit == Unit).Item2;
        }
        if (Kind == SettingKind.Integer)
        {
            number = Math.Round(number, MidpointRounding.ToEven);
            if (number is > int.MaxValue or < int.MinValue)
                throw BadValue(text, "Value exceeds integer range.");
        }
        if (number < Minimum || number > Maximum)
            throw new PgError(SqlState.InvalidParameterValue, $"{WithUnit(number)} is outside the valid range for parameter \"{Name}\" ({WithUnit(Minimum)} .. {WithUnit(Maximum)})");
        return number.ToString(CultureInfo.InvariantCulture);
    }

    string WithUnit(double number) => number.ToString(CultureInfo.InvariantCulture) + (Unit is null ? "" : " " + Unit);

    public PgError BadValue(string value, string? hint) => new(SqlState.InvalidParameterValue, $"invalid value for parameter \"{Name}\": \"{value}\"") { Hint = hint };

    /// <summary>on/off, true/false, yes/no, 1/0 and their unambiguous prefixes, in any case.</summary>
    public static bool? ParseBool(string value)
    {
        var word = value.Trim().ToLowerInvariant();
        if (word.Length == 0) return null;
        if ("true".StartsWith(word, StringComparison.Ordinal) || "yes".StartsWith(word, StringComparison.Ordinal) || word is "on" or "1") return true;
        if ("false".StartsWith(word, StringComparison.Ordinal) || "no".StartsWith(word, StringComparison.Ordinal) || word is "off" or "of" or "0") return false;
        return null;
    }
}
