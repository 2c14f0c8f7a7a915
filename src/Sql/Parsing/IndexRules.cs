using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>CREATE INDEX and REINDEX.</summary>
sealed class IndexRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>The rest of CREATE INDEX, from UNIQUE or INDEX.</summary>
    public CreateIndexStatement Create(int position)
    {
        var isUnique = Accept(K.Unique);
        Expect(K.Index);
        var isConcurrent = Accept(K.Concurrently);
        var ifNotExists = IfNotExists();
        var name = At(K.On) && !ifNotExists ? null : ColumnId();
        Expect(K.On);
        var table = Grammar.From.Relation();
        var method = Grammar.Tables.OptionalAccessMethod();
        return new CreateIndexStatement(name, table, ListInParens(Element), position)
        {
            IsUnique = isUnique,
            IsConcurrent = isConcurrent,
            IfNotExists = ifNotExists,
            AccessMethod = method,
            Include = Accept(K.Include) ? ListInParens(Element) : [],
            NullsNotDistinct = Grammar.Constraints.OptionalNullsNotDistinct(),
            Options = Grammar.Options.OptionalDefinitions(K.With),
            Tablespace = Grammar.Tables.OptionalTablespace(),
            Where = Grammar.Queries.OptionalWhere(),
        };
    }

    /// <summary>A key: a column, a call, or an expression in parentheses, with what orders it.</summary>
    public IndexElement Element()
    {
        var position = Position;
        IndexElement element;
        if (At(TokenKind.LeftParen))
            element = new IndexElement(null, InParens(Grammar.Expressions.Expression), position);
        else if (Grammar.Calls.AtSpecial)
            element = new IndexElement(null, Grammar.Calls.Special(), position);
        else if (NextIs(TokenKind.LeftParen) || NextIs(TokenKind.Dot))
            element = new IndexElement(null, Grammar.Calls.Arguments(FunctionName(), position), position);
        else
            element = new IndexElement(ColumnId(), null, position);

        if (Accept(K.Collate)) element = element with { Collation = Name() };
        if (AtColumnId && !At(K.Nulls))
            element = element with { OperatorClass = Name(), OperatorClassOptions = At(TokenKind.LeftParen) ? Grammar.Options.Definitions() : [] };
        bool? descending = Accept(K.Desc) ? true : Accept(K.Asc) ? false : null;
        return element with { Descending = descending, NullsFirst = Grammar.Queries.OptionalNulls() };
    }

    public ReindexStatement Reindex()
    {
        var position = Expect(K.Reindex);
        List<Option> options = At(TokenKind.LeftParen) ? [.. Grammar.Options.Settings()] : [];
        var kind = Tokens.Current.Keyword switch
        {
            K.Index => ObjectKind.Index,
            K.Table => ObjectKind.Table,
            K.Schema => ObjectKind.Schema,
            K.Database or K.System => ObjectKind.Database,
            _ => throw Error(),
        };
        var isSystem = At(K.System);
        Advance();
        var concurrently = Position;
        if (Accept(K.Concurrently)) options.Add(OptionRules.Flag("concurrently", concurrently));
        var isNamed = kind is ObjectKind.Index or ObjectKind.Table;
        QualifiedName? name = null;
        if (isNamed || AtColumnId)
        {
            var namePosition = Position;
            name = isNamed ? Name() : new QualifiedName(null, null, ColumnId(), namePosition);
        }
        return new ReindexStatement(kind, isSystem, name, [.. options], position);
    }
}
