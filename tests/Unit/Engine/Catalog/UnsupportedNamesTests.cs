using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Types;
using Xunit;

namespace PgVectorCompat.Unit.Engine.Catalog;

/// <summary>The lists of what is not here do not name what is.</summary>
public class UnsupportedNamesTests
{
    [Fact]
    public void NoFunctionIsHere()
        => Assert.DoesNotContain(UnsupportedNames.Functions, name => BuiltinFunctions.FunctionsByName.GetValueOrDefault(name, []).Any(function => function.Extension is null));

    [Fact]
    public void NoRelationIsHere()
        => Assert.Empty(UnsupportedNames.Relations.Intersect(SystemTables.All.Select(table =>
            $"{(table.Schema == PgVectorCompat.Engine.WellKnownOids.PgCatalog ? "pg_catalog" : "information_schema")}.{table.Name}")));

    [Fact]
    public void NoTypeIsHere() => Assert.DoesNotContain(UnsupportedNames.Types, name => PgTypes.Find(name) is not null);

    [Fact]
    public void TheListsAreLong()
        => Assert.True(UnsupportedNames.Functions.Contains("to_tsvector") && UnsupportedNames.Relations.Contains("information_schema.sql_features") && UnsupportedNames.Types.Contains("inet"));
}
