using System.Collections.Immutable;
using System.Text;

namespace PgVectorCompat.Engine.Catalog;

/// <summary>The schemas that unqualified names are looked up in, resolved from the <c>search_path</c> setting.</summary>
public sealed class SearchPath
{
    SearchPath(ImmutableArray<uint> listed, ImmutableArray<uint> lookup, uint temporary, uint creation)
        => (Listed, Lookup, Temporary, Creation) = (listed, lookup, temporary, creation);

    /// <summary>The schemas that the setting names and that exist.</summary>
    public ImmutableArray<uint> Listed { get; }

    /// <summary>Where relations and types are looked up: pg_temp and pg_catalog first, unless listed elsewhere.</summary>
    public ImmutableArray<uint> Lookup { get; }

    /// <summary>The session's temporary schema; 0 while it has none. Functions and operators are never looked up there.</summary>
    public uint Temporary { get; }

    /// <summary>Where new objects go: the first listed schema that exists; 0 for none.</summary>
    public uint Creation { get; }

    /// <summary>Where functions and operators are looked up.</summary>
    public IEnumerable<uint> FunctionLookup => Lookup.Where(schema => schema != Temporary);

    /// <summary>Resolves the setting for one session.</summary>
    /// <param name="setting">The value of search_path.</param>
    /// <param name="userName">What <c>"$user"</c> stands for.</param>
    /// <param name="temporary">OID of the session's pg_temp_N, 0 when it has none.</param>
    public static SearchPath Resolve(CatalogSnapshot snapshot, string setting, string userName, uint temporary)
    {
        var listed = ImmutableArray.CreateBuilder<uint>();
        var role = snapshot.Shared.FindRole(userName)?.Oid ?? 0;
        foreach (var name in SplitNames(setting))
        {
            var found = name == "pg_temp" ? snapshot.Find<SchemaDefinition>(temporary) : snapshot.FindSchema(name == "$user" ? userName : name);
            // A schema that the role may not use is passed over.
            if (found is not null && !listed.Contains(found.Oid) && (found.Oid == temporary || Privileges.Has(snapshot, role, found, Rights.Usage)))
                listed.Add(found.Oid);
        }
        var lookup = listed.ToList();
        if (!lookup.Contains(WellKnownOids.PgCatalog))
            lookup.Insert(0, WellKnownOids.PgCatalog);
        if (temporary != 0 && !lookup.Contains(temporary))
            lookup.Insert(0, temporary);
        return new SearchPath(listed.ToImmutable(), [.. lookup], temporary, listed.FirstOrDefault());
    }

    /// <summary>Whether a name in this schema can be found without its schema (unless hidden by an earlier one).</summary>
    public bool Contains(uint schema) => Lookup.Contains(schema);

    /// <summary>Splits a list of names as SplitIdentifierString does: unquoted ones are folded to lower case, quotes are doubled inside quotes.</summary>
    public static List<string> SplitNames(string list)
    {
        var names = new List<string>();
        for (var at = 0; at < list.Length; at++)
        {
            while (at < list.Length && char.IsWhiteSpace(list[at]))
                at++;
            var name = new StringBuilder();
            if (at < list.Length && list[at] == '"')
            {
                for (at++; at < list.Length; at++)
                {
                    if (list[at] != '"')
                        name.Append(list[at]);
                    else if (at + 1 < list.Length && list[at + 1] == '"')
                        name.Append(list[at++]);
                    else
                        break;
                }
                at = list.IndexOf(',', Math.Min(at, list.Length - 1));
                if (at < 0)
                    at = list.Length;
            }
            else
            {
                for (; at < list.Length && list[at] != ','; at++)
                    name.Append(char.ToLowerInvariant(list[at]));
            }
            if (name.ToString().TrimEnd() is { Length: > 0 } trimmed)
                names.Add(trimmed);
        }
        return names;
    }
}
