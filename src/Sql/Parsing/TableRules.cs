using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>CREATE TABLE and CREATE TABLE AS.</summary>
sealed class TableRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>Optional TEMPORARY or UNLOGGED.</summary>
    public TablePersistence Persistence()
    {
        if (Accept(K.Unlogged)) return TablePersistence.Unlogged;
        if ((At(K.Local) || At(K.Global)) && (NextIs(K.Temp) || NextIs(K.Temporary))) Advance();
        return Accept(K.Temp) || Accept(K.Temporary) ? TablePersistence.Temporary : TablePersistence.Permanent;
    }

    /// <summary>The rest of CREATE TABLE or CREATE TABLE AS, from the word TABLE.</summary>
    public Statement Create(TablePersistence persistence, int position)
    {
        Expect(K.Table);
        var ifNotExists = IfNotExists();
        var name = Name();
        if (IsTableAs) return TableAs(name, persistence, ifNotExists, position);

        var table = new CreateTableStatement(name, [], position) { IfNotExists = ifNotExists, Persistence = persistence };
        if (Accept(K.Of))
            table = table with { OfType = TypeOfTable(), Elements = OptionalListInParens(TypedElement) };
        else if (Accept(K.Partition))
        {
            Expect(K.Of);
            table = table with { PartitionOf = Name(), Elements = OptionalListInParens(TypedElement), Bound = Bound() };
        }
        else
        {
            Expect(TokenKind.LeftParen);
            if (!At(TokenKind.RightParen)) table = table with { Elements = List(Element) };
            Expect(TokenKind.RightParen);
            if (Accept(K.Inherits)) table = table with { Inherits = ListInParens(Name) };
        }

        return table with
        {
            PartitionBy = At(K.Partition) ? PartitionBy() : null,
            AccessMethod = OptionalAccessMethod(),
            Options = OptionalStorage(),
            OnCommit = OptionalOnCommit(),
            Tablespace = OptionalTablespace(),
        };
    }

    TypeName TypeOfTable()
    {
        var name = Name();
        return new TypeName(name, [], name.Position);
    }

    // The names of CREATE TABLE AS have no types.
    bool IsTableAs => AtAny(K.As, K.Using, K.With, K.Without, K.On, K.Tablespace)
        || (At(TokenKind.LeftParen) && IsColumnId(Tokens.Peek(1)) && Tokens.Peek(2).Kind is TokenKind.Comma or TokenKind.RightParen);

    CreateTableAsStatement TableAs(QualifiedName name, TablePersistence persistence, bool ifNotExists, int position)
    {
        var columns = OptionalNamesInParens();
        var accessMethod = OptionalAccessMethod();
        var options = OptionalStorage();
        var onCommit = OptionalOnCommit();
        var tablespace = OptionalTablespace();
        Expect(K.As);
        return new CreateTableAsStatement(name, columns, Source(), position)
        {
            Persistence = persistence,
            IfNotExists = ifNotExists,
            AccessMethod = accessMethod,
            Options = options,
            OnCommit = onCommit,
            Tablespace = tablespace,
            WithData = OptionalWithData(),
        };
    }

    Statement Source()
    {
        var position = Position;
        return At(K.Execute) ? Grammar.Sessions.Execute() : new QueryStatement(Grammar.Queries.Query(), position);
    }

    /// <summary>Optional WITH DATA or WITH NO DATA; true unless the latter.</summary>
    public bool OptionalWithData()
    {
        if (!Accept(K.With)) return true;
        var without = Accept(K.No);
        Expect(K.Data);
        return !without;
    }

    public string? OptionalAccessMethod() => Accept(K.Using) ? ColumnId() : null;

    /// <summary>Optional <c>WITH (…)</c>, or <c>WITHOUT OIDS</c>, which means nothing any more.</summary>
    public ImmutableArray<Option> OptionalStorage()
    {
        if (Accept(K.Without, K.Oids)) return [];
        return Grammar.Options.OptionalDefinitions(K.With);
    }

    public OnCommit OptionalOnCommit()
    {
        if (!Accept(K.On)) return OnCommit.None;
        Expect(K.Commit);
        if (Accept(K.Drop)) return OnCommit.Drop;
        var delete = Accept(K.Delete);
        if (!delete) Expect(K.Preserve);
        Expect(K.Rows);
        return delete ? OnCommit.DeleteRows : OnCommit.PreserveRows;
    }

    public string? OptionalTablespace() => Accept(K.Tablespace) ? ColumnId() : null;

    TableElement Element()
    {
        if (At(K.Like)) return Like();
        if (Grammar.Constraints.AtTableConstraint) return Grammar.Constraints.OfTable();
        return Column();
    }

    TableElement TypedElement()
    {
        if (Grammar.Constraints.AtTableConstraint) return Grammar.Constraints.OfTable();
        var position = Position;
        var name = ColumnId();
        Accept(K.With, K.Options);
        return Grammar.Constraints.OfColumn(new ColumnDefinition(name, null, [], position));
    }

    /// <summary>A column with its type and constraints.</summary>
    public ColumnDefinition Column()
    {
        var position = Position;
        var column = new ColumnDefinition(ColumnId(), Grammar.Types.Type(), [], position);
        if (Accept(K.Storage)) column = column with { Storage = StorageName() };
        if (Accept(K.Compression)) column = column with { Compression = StorageName() };
        if (At(K.Options)) throw PgError.Unsupported("OPTIONS of a column", Position);
        return Grammar.Constraints.OfColumn(column);
    }

    /// <summary>What follows STORAGE or COMPRESSION.</summary>
    public string StorageName() => Accept(K.Default) ? "default" : ColumnId();

    LikeClause Like()
    {
        var position = Expect(K.Like);
        var table = Name();
        var including = LikeOptions.None;
        while (AtAny(K.Including, K.Excluding))
        {
            var adds = At(K.Including);
            Advance();
            var option = Tokens.Current.Keyword switch
            {
                K.Comments => LikeOptions.Comments,
                K.Compression => LikeOptions.Compression,
                K.Constraints => LikeOptions.Constraints,
                K.Defaults => LikeOptions.Defaults,
                K.Generated => LikeOptions.Generated,
                K.Identity => LikeOptions.Identity,
                K.Indexes => LikeOptions.Indexes,
                K.Statistics => LikeOptions.Statistics,
                K.Storage => LikeOptions.Storage,
                K.All => LikeOptions.All,
                _ => throw Error(),
            };
            Advance();
            including = adds ? including | option : including & ~option;
        }
        return new LikeClause(table, including, position);
    }

    PartitionClause PartitionBy()
    {
        var position = Expect(K.Partition);
        Expect(K.By);
        var word = ColumnId();
        var strategy = word switch
        {
            "list" => PartitionStrategy.List,
            "range" => PartitionStrategy.Range,
            "hash" => PartitionStrategy.Hash,
            _ => throw new PgError(SqlState.InvalidParameterValue, $"unrecognized partitioning strategy \"{word}\""),
        };
        return new PartitionClause(strategy, ListInParens(Grammar.Indexes.Element), position);
    }

    /// <summary><c>FOR VALUES …</c> or DEFAULT.</summary>
    public PartitionBound Bound()
    {
        var position = Position;
        if (Accept(K.Default)) return new DefaultPartition(position);
        Expect(K.For, K.Values);
        if (Accept(K.In)) return new ListPartition(InParens(Grammar.Expressions.Expressions), position);
        if (Accept(K.From))
        {
            var from = InParens(Grammar.Expressions.Expressions);
            Expect(K.To);
            return new RangePartition(from, InParens(Grammar.Expressions.Expressions), position);
        }
        Expect(K.With);
        return HashBound(position);
    }

    HashPartition HashBound(int position)
    {
        int? modulus = null, remainder = null;
        Expect(TokenKind.LeftParen);
        do
        {
            var at = Position;
            var name = NonReservedWord();
            switch (name)
            {
                case "modulus" when modulus is null:
                    modulus = IntegerLiteral();
                    break;
                case "remainder" when remainder is null:
                    remainder = IntegerLiteral();
                    break;
                case "modulus" or "remainder":
                    throw new PgError(SqlState.DuplicateObject, $"{name} for hash partition provided more than once") { Position = at };
                default:
                    throw PgError.Syntax($"unrecognized hash partition bound specification \"{name}\"", at);
            }
        }
        while (Accept(TokenKind.Comma));
        Expect(TokenKind.RightParen);
        return new HashPartition(
            modulus ?? throw PgError.Syntax("modulus for hash partition must be specified"),
            remainder ?? throw PgError.Syntax("remainder for hash partition must be specified"),
            position);
    }
}
