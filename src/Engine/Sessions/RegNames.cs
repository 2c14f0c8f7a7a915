using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Sessions;

/// <summary>What the reg* types' names mean in a session.</summary>
internal sealed class RegNames(Session session) : IRegNames
{
    NameResolver Names => session.NewNames();

    public uint Resolve(RegKind kind, string text)
    {
        var names = Names;
        switch (kind)
        {
            case RegKind.Type:
                var type = Sql.SqlParser.ParseType(text);
                // Positions are those of the statement, which has the name in a literal.
                return names.ResolveType(type with { Name = type.Name with { Position = 0 }, Position = 0 }).Type.Oid;
            case RegKind.Role:
                return names.Snapshot.Shared.FindRole(Single(text))?.Oid ?? throw new PgError(SqlState.UndefinedObject, $"role \"{Single(text)}\" does not exist");
            case RegKind.Namespace:
                return names.RequireSchema(Single(text));
            case RegKind.Class:
                var relation = Qualified(text);
                return names.FindRelation(relation) switch
                {
                    CatalogObject found => found.Oid,
                    SystemViews.SystemTable system => system.Oid,
                    _ => throw CatalogErrors.UndefinedRelation(relation with { Position = 0 }),
                };
            case RegKind.Function or RegKind.FunctionWithArguments:
                return Function(names, kind, text).Oid;
            case RegKind.Operator or RegKind.OperatorWithArguments:
                return Operator(names, text).Oid;
            default:
                throw PgError.Unsupported($"the name of a {kind} as a value");
        }
    }

    static Function Function(NameResolver names, RegKind kind, string text)
    {
        var open = text.IndexOf('(');
        var name = Qualified(kind == RegKind.FunctionWithArguments && open > 0 ? text[..open] : text);
        var candidates = names.FindFunctions(name.Schema, name.Name).ToList();
        if (kind == RegKind.FunctionWithArguments)
        {
            if (open < 0)
                throw new PgError(SqlState.InvalidTextRepresentation, "expected a left parenthesis");
            var written = text[(open + 1)..].TrimEnd().TrimEnd(')');
            var types = written.Trim().Length == 0 ? [] : written.Split(',').Select(type => names.ResolveType(Sql.SqlParser.ParseType(type.Trim())).Type).ToList();
            candidates.RemoveAll(function => !function.Arguments.SequenceEqual(types));
        }
        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw new PgError(SqlState.UndefinedFunction, $"function \"{text}\" does not exist"),
            _ => throw new PgError(SqlState.AmbiguousFunction, $"more than one function named \"{text}\""),
        };
    }

    static Operator Operator(NameResolver names, string text)
    {
        var open = text.IndexOf('(');
        var name = (open > 0 ? text[..open] : text).Trim();
        var candidates = names.FindOperators(null, name).ToList();
        if (open > 0)
        {
            var written = text[(open + 1)..].TrimEnd().TrimEnd(')').Split(',');
            if (written.Length == 2)
            {
                var left = written[0].Trim().Equals("none", StringComparison.OrdinalIgnoreCase) ? null : names.ResolveType(Sql.SqlParser.ParseType(written[0].Trim())).Type;
                var right = names.ResolveType(Sql.SqlParser.ParseType(written[1].Trim())).Type;
                candidates.RemoveAll(op => op.Left != left || op.Right != right);
            }
        }
        return candidates.Count switch
        {
            1 => candidates[0],
            0 => throw new PgError(SqlState.UndefinedFunction, $"operator does not exist: {text}"),
            _ => throw new PgError(SqlState.AmbiguousFunction, $"more than one operator named {name}"),
        };
    }

    static string Single(string text) => Qualified(text).Name;

    /// <summary>A name of one or two parts, quoted or not.</summary>
    static Sql.QualifiedName Qualified(string text)
        => Statements.RelationNames.Parse(text);

    public string? NameOf(RegKind kind, uint oid)
    {
        var names = Names;
        switch (kind)
        {
            case RegKind.Type:
                return names.FindType(oid) is { } type ? names.FormatType(type) : null;
            case RegKind.Role:
                return names.Snapshot.Shared.FindRole(oid) is { } role ? Identifier.Quote(role.Name) : null;
            case RegKind.Namespace:
                return names.Snapshot.Find<SchemaDefinition>(oid) is { } schema ? Identifier.Quote(schema.Name) : null;
            case RegKind.Class:
                return names.Snapshot.Find<SchemaObject>(oid) is { } relation ? names.DisplayName(relation)
                    : SystemViews.SystemTables.Find(oid) is { } system ? system.Schema == WellKnownOids.PgCatalog ? system.Name : $"{names.SchemaName(system.Schema)}.{system.Name}" : null;
            case RegKind.Function:
                return BuiltinFunctions.Functions.FirstOrDefault(function => function.Oid == oid)?.Name ?? SystemViews.FunctionOids.NameOf(oid);
            case RegKind.FunctionWithArguments:
                return BuiltinFunctions.Functions.FirstOrDefault(function => function.Oid == oid) is { } found ? $"{Identifier.Quote(found.Name)}({string.Join(',', found.Arguments.Select(type => names.FormatType(type)))})" : null;
            case RegKind.Operator:
                return BuiltinFunctions.Operators.FirstOrDefault(op => op.Oid == oid)?.Name;
            case RegKind.OperatorWithArguments:
                return BuiltinFunctions.Operators.FirstOrDefault(op => op.Oid == oid) is { } known ? $"{known.Name}({(known.Left is null ? "NONE" : names.FormatType(known.Left))},{names.FormatType(known.Right)})" : null;
            default:
                return null;
        }
    }
}
