using System.Collections.Immutable;
using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Copy;

/// <summary>Column lists of COPY, with PostgreSQL's errors about them.</summary>
internal static class CopyColumns
{
    /// <summary>
    /// Positions among the live columns of those listed; of all that are not generated when none are. Raises 42703, 42701 and 42P10.
    /// </summary>
    public static List<int> Positions(ImmutableArray<string> listed, Relation relation)
    {
        var live = relation.LiveColumns.ToList();
        if (listed.IsEmpty)
            return [.. Enumerable.Range(0, live.Count).Where(i => !live[i].IsGenerated)];
        var positions = new List<int>();
        foreach (var name in listed)
        {
            var at = live.FindIndex(column => column.Name == name);
            if (at < 0)
                throw CatalogErrors.UndefinedColumn(name, relation.Name);
            if (live[at].IsGenerated)
                throw new PgError(SqlState.InvalidColumnReference, $"column \"{name}\" is a generated column") { Detail = "Generated columns cannot be used in COPY." };
            if (positions.Contains(at))
                throw new PgError(SqlState.DuplicateColumn, $"column \"{name}\" specified more than once");
            positions.Add(at);
        }
        return positions;
    }

    /// <summary>Raises 42703 and 42P10 unless the columns that an option names are among those copied.</summary>
    public static void RequireGiven(ImmutableArray<string> named, string option, List<int> given, Relation relation)
    {
        foreach (var position in Positions(named, relation))
            if (!named.IsEmpty && !given.Contains(position))
                throw new PgError(SqlState.InvalidColumnReference, $"{option} column \"{relation.LiveColumns.ElementAt(position).Name}\" not referenced by COPY");
    }
}
