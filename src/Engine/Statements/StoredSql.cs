using PgVectorCompat.Engine.Catalog;
using PgVectorCompat.Engine.SystemViews;
using PgVectorCompat.Sql;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>
/// Expressions and queries that the catalog keeps as text. In their stored form every name carries its schema and relations in
/// <c>'x'::regclass</c> are numbers, so that they mean the same under any search path; shown, they are as short as the reader's path allows.
/// </summary>
public static class StoredSql
{
    /// <summary>The expression with its names pinned down, as text to store.</summary>
    public static string Store(Expression expression, NameResolver names) => SqlWriter.Write(Pin(expression, names));

    public static string Store(Query query, NameResolver names) => SqlWriter.Write(Pin(query, names));

    /// <summary>A stored expression as pg_get_expr shows it.</summary>
    public static string Show(string stored, NameResolver names) => SqlWriter.Write(Unpin(SqlParser.ParseExpression(stored), names));

    /// <summary>A stored query as pg_get_viewdef shows it, without the closing semicolon.</summary>
    public static string ShowQuery(string stored, NameResolver names) => SqlWriter.Write(Unpin(SqlParser.ParseQuery(stored), names));

    /// <summary>OIDs of the sequences and tables that an expression names as regclass.</summary>
    public static IEnumerable<uint> RegclassConstants(string stored)
    {
        var found = new List<uint>();
        SyntaxRewriter.Visit(SqlParser.ParseExpression(stored), node =>
        {
            if (node is CastExpression { Operand: StringConstant text, Type.Name.Name: "regclass" } && uint.TryParse(text.Value, out var oid))
                found.Add(oid);
        });
        return found;
    }

    static T Pin<T>(T tree, NameResolver names) where T : Node
    {
        var ctes = new HashSet<string>();
        SyntaxRewriter.Visit(tree, node =>
        {
            if (node is CommonTableExpression cte)
                ctes.Add(cte.Name);
        });
        return SyntaxRewriter.Rewrite(tree, node => node switch
        {
            TableReference { Name: { Schema: null } name } reference when !ctes.Contains(name.Name) => reference with { Name = PinRelation(name, names) },
            TypeName { Name: { Schema: null } name } type when names.FindType(null, name.Name) is { } found
                => type with { Name = name with { Schema = SchemaOf(names.Snapshot.SchemaOfType(found), names) } },
            FunctionCall { Function: { Schema: null } name } call => PinFunction(call, name, names),
            CastExpression { Operand: StringConstant text, Type.Name.Name: "regclass" } cast => cast with { Operand = PinRegclass(text, names) },
            BinaryOperator { Operator: { Schema: null } op } binary => binary with { Operator = PinOperator(op, names) },
            UnaryOperator { Operator: { Schema: null } op } unary => unary with { Operator = PinOperator(op, names) },
            _ => node,
        });
    }

    static T Unpin<T>(T tree, NameResolver names) where T : Node => SyntaxRewriter.Rewrite(tree, node => node switch
    {
        TableReference { Alias: { Columns.IsEmpty: true } alias } same when alias.Name == same.Name.Name => Unpin(same with { Alias = null }, names),
        TableReference { Name: { Schema: { } schema } name } reference when names.FindRelation(name with { Schema = null }) is SchemaObject found
            && found.Schema == names.FindSchema(schema) => reference with { Name = name with { Schema = null } },
        TableReference { Name: { Schema: { } schema } name } reference when names.FindRelation(name with { Schema = null }) is SystemTable found
            && found.Schema == names.FindSchema(schema) => reference with { Name = name with { Schema = null } },
        TypeName { Name: { Schema: { } schema } name } type when schema != "pg_catalog" && names.FindType(null, name.Name) is { } found
            && names.Snapshot.SchemaOfType(found) == names.FindSchema(schema) => type with { Name = name with { Schema = null } },
        FunctionCall { IsSqlSyntax: false, Function: { Schema: { } schema } name } call
            when names.Path.Contains(names.FindSchema(schema)) => call with { Function = name with { Schema = null } },
        CastExpression { Operand: StringConstant text, Type.Name.Name: "regclass" } cast
            when uint.TryParse(text.Value, out var oid) && names.Snapshot.Find<SchemaObject>(oid) is { } relation
            => cast with { Operand = text with { Value = names.DisplayName(relation) } },
        BinaryOperator { Operator: { Schema: { } schema } op } binary when names.Path.Contains(names.FindSchema(schema))
            => binary with { Operator = op with { Schema = null } },
        UnaryOperator { Operator: { Schema: { } schema } op } unary when names.Path.Contains(names.FindSchema(schema))
            => unary with { Operator = op with { Schema = null } },
        _ => node,
    });

    static QualifiedName PinRelation(QualifiedName name, NameResolver names) => names.FindRelation(name) switch
    {
        SchemaObject found => name with { Schema = names.SchemaName(found.Schema) },
        SystemTable found => name with { Schema = names.SchemaName(found.Schema) },
        _ => name,
    };

    static FunctionCall PinFunction(FunctionCall call, QualifiedName name, NameResolver names)
    {
        var schemas = names.FindFunctions(null, name.Name).Select(names.Snapshot.SchemaOf).Distinct().ToList();
        // Built-in functions stay bare: pg_catalog is on every path. A name that several schemas have stays as it was written.
        var pinned = schemas is [var only] && only != WellKnownOids.PgCatalog
            ? call with { Function = name with { Schema = names.SchemaName(only) } }
            : call;
        // The argument of nextval and kin is a regclass although it looks like text.
        return name.Name is "nextval" or "currval" or "setval" && pinned.Arguments is [{ Value: StringConstant text } first, ..]
            ? pinned with { Arguments = pinned.Arguments.SetItem(0, first with { Value = new CastExpression(PinRegclass(text, names), RegclassName, 0) }) }
            : pinned;
    }

    static readonly TypeName RegclassName = new(new QualifiedName(null, null, "regclass", 0), [], 0);

    static StringConstant PinRegclass(StringConstant text, NameResolver names)
    {
        if (uint.TryParse(text.Value, out _))
            return text;
        return names.FindRelation(RelationNames.Parse(text.Value)) is SchemaObject found ? text with { Value = found.Oid.ToString() } : text;
    }

    static OperatorName PinOperator(OperatorName op, NameResolver names)
    {
        var schemas = names.FindOperators(null, op.Name).Select(found => names.Snapshot.SchemaOf(found.Function)).Distinct().ToList();
        return schemas is [var only] && only != WellKnownOids.PgCatalog ? op with { Schema = names.SchemaName(only) } : op;
    }

    static string? SchemaOf(uint schema, NameResolver names) => schema is 0 or WellKnownOids.PgCatalog ? null : names.SchemaName(schema);
}

/// <summary>Relation names inside strings, as regclass input takes them: <c>schema.name</c>, folded and unquoted like identifiers.</summary>
public static class RelationNames
{
    /// <summary>Raises 42602 when the text is no name.</summary>
    public static QualifiedName Parse(string text)
    {
        var parts = Split(text);
        return parts.Count switch
        {
            1 => new QualifiedName(null, null, parts[0], 0),
            2 => new QualifiedName(null, parts[0], parts[1], 0),
            3 => new QualifiedName(parts[0], parts[1], parts[2], 0),
            _ => throw new PgError(SqlState.InvalidName, "invalid name syntax"),
        };
    }

    static List<string> Split(string text)
    {
        var parts = new List<string>();
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            var part = new System.Text.StringBuilder();
            if (at < text.Length && text[at] == '"')
            {
                for (at++; at < text.Length; at++)
                {
                    if (text[at] != '"')
                        part.Append(text[at]);
                    else if (at + 1 < text.Length && text[at + 1] == '"')
                        part.Append(text[at++]);
                    else
                        break;
                }
                at++;
            }
            else
            {
                for (; at < text.Length && text[at] != '.' && !char.IsWhiteSpace(text[at]); at++)
                    part.Append(char.ToLowerInvariant(text[at]));
            }
            if (part.Length == 0)
                throw new PgError(SqlState.InvalidName, "invalid name syntax");
            parts.Add(part.ToString());
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at >= text.Length)
                return parts;
            if (text[at++] != '.')
                throw new PgError(SqlState.InvalidName, "invalid name syntax");
        }
    }
}
