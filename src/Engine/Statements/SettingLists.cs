using System.Collections.Immutable;
using PgVectorCompat.Sql;

namespace PgVectorCompat.Engine.Statements;

/// <summary>Settings that roles and databases carry (ALTER ROLE, ALTER DATABASE … SET).</summary>
static class SettingLists
{
    public static readonly ImmutableSortedDictionary<string, string> None = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The settings after a SET or RESET.</summary>
    public static ImmutableSortedDictionary<string, string> Change(ImmutableSortedDictionary<string, string> settings, SetStatement change, StatementContext context) => change.Kind switch
    {
        SetKind.Value => settings.SetItem(change.Name, context.CheckSetting(change)),
        SetKind.FromCurrent => settings.SetItem(change.Name, context.CurrentSetting(change.Name)),
        SetKind.ResetAll => None,
        _ => settings.Remove(change.Name),
    };
}
