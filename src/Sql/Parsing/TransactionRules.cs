using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Beginning and end of transactions, and savepoints.</summary>
sealed class TransactionRules(Grammar grammar) : Rules(grammar)
{
    public Statement Begin()
    {
        var position = Position;
        var isStart = Accept(K.Start);
        if (isStart) Expect(K.Transaction);
        else
        {
            Expect(K.Begin);
            SkipWork();
        }
        return new BeginStatement(isStart, Modes(required: false), position);
    }

    public Statement Commit()
    {
        var position = Position;
        var isCommit = At(K.Commit);
        Advance();
        if (isCommit && Accept(K.Prepared)) return new TwoPhaseStatement(TwoPhaseAction.Commit, StringLiteral(), position);
        SkipWork();
        return new CommitStatement(Chain(), position);
    }

    public Statement Rollback()
    {
        var position = Position;
        var isRollback = At(K.Rollback);
        Advance();
        if (isRollback && Accept(K.Prepared)) return new TwoPhaseStatement(TwoPhaseAction.Rollback, StringLiteral(), position);
        SkipWork();
        if (isRollback && Accept(K.To))
        {
            if (At(K.Savepoint) && IsColumnId(Tokens.Peek(1))) Advance();
            return new RollbackToStatement(ColumnId(), position);
        }
        return new RollbackStatement(Chain(), position);
    }

    public SavepointStatement Savepoint()
    {
        var position = Expect(K.Savepoint);
        return new SavepointStatement(ColumnId(), position);
    }

    public ReleaseStatement Release()
    {
        var position = Expect(K.Release);
        if (At(K.Savepoint) && IsColumnId(Tokens.Peek(1))) Advance();
        return new ReleaseStatement(ColumnId(), position);
    }

    void SkipWork()
    {
        if (!Accept(K.Work)) Accept(K.Transaction);
    }

    bool Chain()
    {
        if (!Accept(K.And)) return false;
        var chain = !Accept(K.No);
        Expect(K.Chain);
        return chain;
    }

    /// <summary>Transaction modes, with or without commas.</summary>
    public TransactionModes Modes(bool required)
    {
        var modes = new TransactionModes(null, null, null, Position);
        if (!AtMode) return required ? throw Error() : modes;
        do modes = Mode(modes);
        while (Accept(TokenKind.Comma) || AtMode);
        return modes;
    }

    bool AtMode => AtAny(K.Isolation, K.Read, K.Deferrable) || At(K.Not, K.Deferrable);

    TransactionModes Mode(TransactionModes modes)
    {
        if (Accept(K.Isolation))
        {
            Expect(K.Level);
            return modes with { Isolation = Isolation() };
        }
        if (Accept(K.Read))
        {
            var isReadOnly = Accept(K.Only);
            if (!isReadOnly) Expect(K.Write);
            return modes with { IsReadOnly = isReadOnly };
        }
        var isDeferrable = !Accept(K.Not);
        Expect(K.Deferrable);
        return modes with { IsDeferrable = isDeferrable };
    }

    IsolationLevel Isolation()
    {
        if (Accept(K.Serializable)) return IsolationLevel.Serializable;
        if (Accept(K.Repeatable))
        {
            Expect(K.Read);
            return IsolationLevel.RepeatableRead;
        }
        Expect(K.Read);
        if (Accept(K.Committed)) return IsolationLevel.ReadCommitted;
        Expect(K.Uncommitted);
        return IsolationLevel.ReadUncommitted;
    }
}
