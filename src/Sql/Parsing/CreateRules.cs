using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>CREATE, by what is created.</summary>
sealed class CreateRules(Grammar grammar) : Rules(grammar)
{
    public Statement Create()
    {
        var position = Expect(K.Create);
        var orReplace = At(K.Or);
        if (orReplace)
        {
            Advance();
            Expect(K.Replace);
        }
        var mark = Position;
        var persistence = Grammar.Tables.Persistence();
        var isPersistent = mark != Position;

        var word = Tokens.Current.Keyword;
        return word switch
        {
            K.View or K.Recursive => View(orReplace, persistence, position),
            K.Table when !orReplace => Grammar.Tables.Create(persistence, position),
            K.Sequence when !orReplace => Sequence(persistence, position),
            K.Materialized when !orReplace && persistence != TablePersistence.Temporary => MaterializedView(persistence, position),
            _ when isPersistent => throw Error(),
            K.Function or K.Procedure => Grammar.Functions.Create(orReplace, position),
            K.Aggregate or K.Rule or K.Trigger or K.Constraint or K.Trusted or K.Procedural or K.Language or K.Transform
                => Grammar.Unsupported.Create(position),
            _ when orReplace => throw Error(),
            K.Unique or K.Index => Grammar.Indexes.Create(position),
            K.Schema => Schema(position),
            K.Database => Database(position),
            K.User when NextIs(K.Mapping) => Grammar.Unsupported.Create(position),
            K.Role or K.User or K.Group => Grammar.Roles.Create(position),
            K.Extension => Extension(position),
            K.Type => Type(position),
            K.Domain => Domain(position),
            _ => Grammar.Unsupported.Create(position),
        };
    }

    CreateViewStatement View(bool orReplace, TablePersistence persistence, int position)
    {
        var isRecursive = Accept(K.Recursive);
        Expect(K.View);
        var name = Name();
        var columns = isRecursive ? NamesInParens() : OptionalNamesInParens();
        var options = Grammar.Options.OptionalDefinitions(K.With);
        Expect(K.As);
        var query = Grammar.Queries.Query();
        return new CreateViewStatement(name, columns, query, position)
        {
            OrReplace = orReplace,
            Persistence = persistence,
            IsRecursive = isRecursive,
            Options = options,
            CheckOption = CheckOption(isRecursive),
        };
    }

    ViewCheckOption CheckOption(bool isRecursive)
    {
        if (!At(K.With)) return ViewCheckOption.None;
        var position = Position;
        Advance();
        var isLocal = Accept(K.Local);
        if (!isLocal) Accept(K.Cascaded);
        Expect(K.Check, K.Option);
        if (isRecursive)
            throw new PgError(SqlState.FeatureNotSupported, "WITH CHECK OPTION not supported on recursive views") { Position = position };
        return isLocal ? ViewCheckOption.Local : ViewCheckOption.Cascaded;
    }

    CreateTableAsStatement MaterializedView(TablePersistence persistence, int position)
    {
        Expect(K.Materialized, K.View);
        var ifNotExists = IfNotExists();
        var name = Name();
        var columns = OptionalNamesInParens();
        var accessMethod = Grammar.Tables.OptionalAccessMethod();
        var options = Grammar.Tables.OptionalStorage();
        var tablespace = Grammar.Tables.OptionalTablespace();
        Expect(K.As);
        var sourcePosition = Position;
        var source = new QueryStatement(Grammar.Queries.Query(), sourcePosition);
        return new CreateTableAsStatement(name, columns, source, position)
        {
            IsMaterializedView = true,
            IfNotExists = ifNotExists,
            Persistence = persistence,
            AccessMethod = accessMethod,
            Options = options,
            Tablespace = tablespace,
            WithData = Grammar.Tables.OptionalWithData(),
        };
    }

    public RefreshMaterializedViewStatement Refresh()
    {
        var position = Expect(K.Refresh);
        Expect(K.Materialized, K.View);
        var isConcurrent = Accept(K.Concurrently);
        var name = Name();
        return new RefreshMaterializedViewStatement(name, isConcurrent, Grammar.Tables.OptionalWithData(), position);
    }

    CreateSequenceStatement Sequence(TablePersistence persistence, int position)
    {
        Expect(K.Sequence);
        var ifNotExists = IfNotExists();
        var name = Name();
        return new CreateSequenceStatement(name, Grammar.Sequences.OptionList(), position)
        {
            IfNotExists = ifNotExists,
            Persistence = persistence,
        };
    }

    CreateSchemaStatement Schema(int position)
    {
        Expect(K.Schema);
        var ifNotExists = IfNotExists();
        var name = At(K.Authorization) ? null : ColumnId();
        var owner = name is null || At(K.Authorization) ? Authorization() : null;
        var elements = ImmutableArray.CreateBuilder<Statement>();
        while (AtAny(K.Create, K.Grant))
        {
            var element = Position;
            elements.Add(Grammar.Statements.Statement());
            if (ifNotExists)
                throw new PgError(SqlState.FeatureNotSupported, "CREATE SCHEMA IF NOT EXISTS cannot include schema elements") { Position = element };
        }
        return new CreateSchemaStatement(name, owner, ifNotExists, elements.DrainToImmutable(), position);
    }

    RoleName Authorization()
    {
        Expect(K.Authorization);
        return Grammar.Roles.Role();
    }

    CreateDatabaseStatement Database(int position)
    {
        Expect(K.Database);
        var name = ColumnId();
        Accept(K.With);
        return new CreateDatabaseStatement(name, DatabaseOptions(), position);
    }

    /// <summary>Zero or more <c>name [=] value</c> of CREATE and ALTER DATABASE.</summary>
    public ImmutableArray<Option> DatabaseOptions()
    {
        var options = ImmutableArray.CreateBuilder<Option>();
        while (At(TokenKind.Identifier) || AtAny(K.Connection, K.Encoding, K.Location, K.Owner, K.Tablespace, K.Template))
        {
            var position = Position;
            string name;
            if (Accept(K.Connection))
            {
                Expect(K.Limit);
                name = "connection_limit";
            }
            else
                name = TakeName();
            Accept(TokenKind.Equal);
            OptionValue? value;
            if (Accept(K.Default)) value = null;
            else if (AtNumber) value = new OptionValue(OptionValueKind.Number, SignedNumber(), [], position);
            else if (AtAny(K.True, K.False, K.On)) value = new OptionValue(OptionValueKind.Name, TakeName(), [], position);
            else value = new OptionValue(OptionValueKind.String, NonReservedWordOrString(), [], position);
            options.Add(new Option(name, value, position));
        }
        return options.DrainToImmutable();
    }

    CreateExtensionStatement Extension(int position)
    {
        Expect(K.Extension);
        var ifNotExists = IfNotExists();
        var name = ColumnId();
        Accept(K.With);
        var options = ImmutableArray.CreateBuilder<Option>();
        while (true)
        {
            var at = Position;
            if (Accept(K.Schema)) options.Add(OptionRules.Text("schema", ColumnId(), at));
            else if (Accept(K.Version)) options.Add(OptionRules.Text("new_version", NonReservedWordOrString(), at));
            else if (Accept(K.Cascade)) options.Add(OptionRules.Flag("cascade", at));
            else if (At(K.From)) throw new PgError(SqlState.FeatureNotSupported, "CREATE EXTENSION ... FROM is no longer supported") { Position = at };
            else return new CreateExtensionStatement(name, ifNotExists, options.DrainToImmutable(), position);
        }
    }

    Statement Type(int position)
    {
        Expect(K.Type);
        var name = Name();
        if (!Accept(K.As)) return Grammar.Unsupported.Rest("CREATE TYPE of a base type", position);
        if (Accept(K.Enum))
        {
            Expect(TokenKind.LeftParen);
            ImmutableArray<string> labels = At(TokenKind.RightParen) ? [] : List(StringLiteral);
            Expect(TokenKind.RightParen);
            return new CreateEnumStatement(name, labels, position);
        }
        if (At(K.Range)) return Grammar.Unsupported.Rest("CREATE TYPE AS RANGE", position);

        Expect(TokenKind.LeftParen);
        ImmutableArray<ColumnDefinition> attributes = At(TokenKind.RightParen) ? [] : List(Attribute);
        Expect(TokenKind.RightParen);
        return new CreateCompositeTypeStatement(name, attributes, position);
    }

    /// <summary>A column of a composite type.</summary>
    public ColumnDefinition Attribute()
    {
        var position = Position;
        var column = new ColumnDefinition(ColumnId(), Grammar.Types.Type(), [], position);
        return Accept(K.Collate) ? column with { Collation = Name() } : column;
    }

    CreateDomainStatement Domain(int position)
    {
        Expect(K.Domain);
        var name = Name();
        Accept(K.As);
        var type = Grammar.Types.Type();
        var column = Grammar.Constraints.OfColumn(new ColumnDefinition("", type, [], position));
        return new CreateDomainStatement(name, type, column.Constraints, position) { Collation = column.Collation };
    }
}
