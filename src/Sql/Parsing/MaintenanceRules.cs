using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>EXPLAIN, VACUUM, ANALYZE, CLUSTER, LOCK.</summary>
sealed class MaintenanceRules(Grammar grammar) : Rules(grammar)
{
    public ExplainStatement Explain()
    {
        var position = Expect(K.Explain);
        List<Option> options = [];
        if (At(TokenKind.LeftParen) && !AtQueryInParens)
            options.AddRange(Grammar.Options.Settings());
        else
        {
            if (At(K.Analyze) || At(K.Analyse)) options.Add(Flag("analyze"));
            if (At(K.Verbose)) options.Add(Flag("verbose"));
        }
        return new ExplainStatement(Explained(), [.. options], position);
    }

    bool AtQueryInParens
    {
        get
        {
            var ahead = 0;
            while (Tokens.Peek(ahead).Kind == TokenKind.LeftParen)
                ahead++;
            return Tokens.Peek(ahead).Keyword is K.Select or K.Values or K.With or K.Table;
        }
    }

    Statement Explained()
    {
        if (Grammar.Data.AtPreparable) return Grammar.Data.Preparable();
        if (!AtAny(K.Create, K.Declare, K.Execute, K.Refresh)) throw Error();
        var word = Tokens.Current;
        var statement = Grammar.Statements.Statement();
        return statement is CreateTableAsStatement or DeclareCursorStatement or ExecuteStatement or RefreshMaterializedViewStatement
            ? statement
            : throw Tokens.SyntaxError(word);
    }

    Option Flag(string name)
    {
        var position = Position;
        Advance();
        return OptionRules.Flag(name, position);
    }

    public VacuumStatement Vacuum()
    {
        var position = Expect(K.Vacuum);
        List<Option> options = [];
        if (At(TokenKind.LeftParen))
            options.AddRange(Grammar.Options.Settings());
        else
        {
            if (At(K.Full)) options.Add(Flag("full"));
            if (At(K.Freeze)) options.Add(Flag("freeze"));
            if (At(K.Verbose)) options.Add(Flag("verbose"));
            if (At(K.Analyze) || At(K.Analyse)) options.Add(Flag("analyze"));
        }
        return new VacuumStatement(true, Targets(), [.. options], position);
    }

    public VacuumStatement Analyze()
    {
        var position = Position;
        Advance();
        ImmutableArray<Option> options = At(TokenKind.LeftParen) ? Grammar.Options.Settings() : At(K.Verbose) ? [Flag("verbose")] : [];
        return new VacuumStatement(false, Targets(), options, position);
    }

    ImmutableArray<VacuumTarget> Targets() => AtColumnId ? List(Target) : [];

    VacuumTarget Target()
    {
        var name = Name();
        return new VacuumTarget(name, OptionalNamesInParens(), name.Position);
    }

    public ClusterStatement Cluster()
    {
        var position = Expect(K.Cluster);
        ImmutableArray<Option> options = At(TokenKind.LeftParen) ? Grammar.Options.Settings() : At(K.Verbose) ? [Flag("verbose")] : [];
        if (!AtColumnId) return new ClusterStatement(null, null, options, position);

        var name = Name();
        if (Accept(K.Using)) return new ClusterStatement(name, ColumnId(), options, position);
        if (name.Schema is null && Accept(K.On)) return new ClusterStatement(Name(), name.Name, options, position);
        return new ClusterStatement(name, null, options, position);
    }

    public CheckpointStatement Checkpoint() => new(Expect(K.Checkpoint));

    public LockTableStatement Lock()
    {
        var position = Expect(K.Lock);
        Accept(K.Table);
        var tables = List(Grammar.From.Relation);
        var mode = TableLockMode.AccessExclusive;
        if (Accept(K.In))
        {
            mode = Mode();
            Expect(K.Mode);
        }
        return new LockTableStatement(tables, mode, Accept(K.Nowait), position);
    }

    TableLockMode Mode()
    {
        if (Accept(K.Access))
        {
            if (Accept(K.Share)) return TableLockMode.AccessShare;
            Expect(K.Exclusive);
            return TableLockMode.AccessExclusive;
        }
        if (Accept(K.Row))
        {
            if (Accept(K.Share)) return TableLockMode.RowShare;
            Expect(K.Exclusive);
            return TableLockMode.RowExclusive;
        }
        if (Accept(K.Exclusive)) return TableLockMode.Exclusive;
        Expect(K.Share);
        if (Accept(K.Update))
        {
            Expect(K.Exclusive);
            return TableLockMode.ShareUpdateExclusive;
        }
        if (!Accept(K.Row)) return TableLockMode.Share;
        Expect(K.Exclusive);
        return TableLockMode.ShareRowExclusive;
    }
}
