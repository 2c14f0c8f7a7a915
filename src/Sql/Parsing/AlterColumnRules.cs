using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>The actions of <c>ALTER [COLUMN] name …</c> in ALTER TABLE.</summary>
sealed class AlterColumnRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>The rest of the action, after its word ALTER.</summary>
    public AlterTableAction Alter(int position)
    {
        if (!Accept(K.Column)) Accept(K.Attribute);
        if (At(TokenKind.Integer))
        {
            var number = SignedNumber();
            Expect(K.Set, K.Statistics);
            return new AlterColumnStatistics(number, SignedInteger(), position);
        }

        var column = ColumnId();
        if (Accept(K.Type)) return Type(column, position);
        if (Accept(K.Drop)) return Drop(column, position);
        if (Accept(K.Add)) return AddIdentity(column, position);
        if (Accept(K.Reset)) return new AlterColumnOptions(column, true, Grammar.Options.Definitions(), position);
        if (At(K.Options)) throw Types.PgError.Unsupported("OPTIONS of a column", Position);
        if (At(K.Restart) || (At(K.Set) && AtIdentityOption)) return AlterIdentity(column, position);
        Expect(K.Set);
        return Set(column, position);
    }

    bool AtIdentityOption => Tokens.Peek(1).Keyword is K.Generated or K.Increment or K.Minvalue or K.Maxvalue or K.No or K.Start or K.Restart
        or K.Cache or K.Cycle or K.Owned or K.As or K.Sequence;

    AlterTableAction Set(string column, int position)
    {
        if (Accept(K.Data))
        {
            Expect(K.Type);
            return Type(column, position);
        }
        if (Accept(K.Default)) return new AlterColumnDefault(column, Grammar.Expressions.Expression(), position);
        if (Accept(K.Not))
        {
            Expect(K.Null);
            return new AlterColumnNotNull(column, true, position);
        }
        if (Accept(K.Statistics)) return new AlterColumnStatistics(column, SignedInteger(), position);
        if (Accept(K.Storage)) return new AlterColumnStorage(column, Grammar.Tables.StorageName(), position);
        if (Accept(K.Compression)) return new AlterColumnCompression(column, Grammar.Tables.StorageName(), position);
        return new AlterColumnOptions(column, false, Grammar.Options.Definitions(), position);
    }

    AlterTableAction Drop(string column, int position)
    {
        if (Accept(K.Default)) return new AlterColumnDefault(column, null, position);
        if (Accept(K.Not))
        {
            Expect(K.Null);
            return new AlterColumnNotNull(column, false, position);
        }
        if (Accept(K.Expression)) return new DropColumnExpression(column, IfExists(), position);
        Expect(K.Identity);
        return new DropIdentity(column, IfExists(), position);
    }

    AlterColumnType Type(string column, int position)
    {
        var type = Grammar.Types.Type();
        var collation = Accept(K.Collate) ? Name() : null;
        var conversion = Accept(K.Using) ? Grammar.Expressions.Expression() : null;
        return new AlterColumnType(column, type, collation, conversion, Behavior(), position);
    }

    AddIdentity AddIdentity(string column, int position)
    {
        var identityPosition = Expect(K.Generated);
        var isAlways = Accept(K.Always);
        if (!isAlways) Expect(K.By, K.Default);
        Expect(K.As, K.Identity);
        var identity = new IdentityConstraint(null, isAlways, Grammar.Sequences.OptionsInParens(), identityPosition);
        return new AddIdentity(column, identity, position);
    }

    AlterIdentity AlterIdentity(string column, int position)
    {
        bool? isAlways = null;
        List<SequenceOption> options = [];
        while (true)
        {
            if (At(K.Set) && NextIs(K.Generated))
            {
                Advance();
                Advance();
                isAlways = Accept(K.Always);
                if (isAlways == false) Expect(K.By, K.Default);
            }
            else if (At(K.Restart) || At(K.Set))
            {
                Accept(K.Set);
                options.Add(Grammar.Sequences.OptionalOption() ?? throw Error());
            }
            else
                return new AlterIdentity(column, isAlways, [.. options], position);
        }
    }
}
