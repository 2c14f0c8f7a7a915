using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Prepared statements, cursors, notifications, DISCARD, LOAD.</summary>
sealed class SessionRules(Grammar grammar) : Rules(grammar)
{
    public Statement Prepare()
    {
        var position = Expect(K.Prepare);
        if (At(K.Transaction) && NextIs(TokenKind.String))
        {
            Advance();
            return new TwoPhaseStatement(TwoPhaseAction.Prepare, StringLiteral(), position);
        }
        var name = ColumnId();
        var types = OptionalListInParens(Grammar.Types.Type);
        Expect(K.As);
        return new PrepareStatement(name, types, Grammar.Data.Preparable(), position);
    }

    public ExecuteStatement Execute()
    {
        var position = Expect(K.Execute);
        var name = ColumnId();
        return new ExecuteStatement(name, OptionalListInParens(Grammar.Expressions.Expression), position);
    }

    public DeallocateStatement Deallocate()
    {
        var position = Expect(K.Deallocate);
        if (At(K.Prepare) && (IsColumnId(Tokens.Peek(1)) || NextIs(K.All))) Advance();
        return new DeallocateStatement(Accept(K.All) ? null : ColumnId(), position);
    }

    public DeclareCursorStatement Declare()
    {
        var position = Expect(K.Declare);
        var name = ColumnId();
        var isBinary = false;
        bool? isScroll = null, isInsensitive = null;
        while (!At(K.Cursor))
        {
            if (Accept(K.Binary)) isBinary = true;
            else if (Accept(K.Scroll)) isScroll = true;
            else if (Accept(K.No, K.Scroll)) isScroll = false;
            else if (Accept(K.Insensitive)) isInsensitive = true;
            else if (Accept(K.Asensitive)) isInsensitive = false;
            else throw Error();
        }
        Expect(K.Cursor);
        var withHold = Accept(K.With, K.Hold);
        if (!withHold) Accept(K.Without, K.Hold);
        Expect(K.For);
        return new DeclareCursorStatement(name, Grammar.Queries.Query(), position)
        {
            IsBinary = isBinary,
            IsScroll = isScroll,
            IsInsensitive = isInsensitive,
            WithHold = withHold,
        };
    }

    /// <summary>FETCH and MOVE.</summary>
    public FetchStatement Fetch()
    {
        var position = Position;
        var isMove = At(K.Move);
        Advance();

        // A direction's word may also be the cursor's name, when nothing follows it.
        var endsNext = NextIs(TokenKind.End) || NextIs(TokenKind.Semicolon);
        var (direction, count) = endsNext ? (FetchDirection.Forward, 1) : Direction();
        if (!Accept(K.From)) Accept(K.In);
        return new FetchStatement(ColumnId(), direction, count, isMove, position);
    }

    (FetchDirection Direction, long Count) Direction()
    {
        if (Accept(K.Next)) return (FetchDirection.Forward, 1);
        if (Accept(K.Prior)) return (FetchDirection.Backward, 1);
        if (Accept(K.First)) return (FetchDirection.Absolute, 1);
        if (Accept(K.Last)) return (FetchDirection.Absolute, -1);
        if (Accept(K.Absolute)) return (FetchDirection.Absolute, SignedInteger());
        if (Accept(K.Relative)) return (FetchDirection.Relative, SignedInteger());
        if (Accept(K.All)) return (FetchDirection.Forward, long.MaxValue);
        if (AtNumber) return (FetchDirection.Forward, SignedInteger());
        if (!At(K.Forward) && !At(K.Backward)) return (FetchDirection.Forward, 1);

        var direction = At(K.Forward) ? FetchDirection.Forward : FetchDirection.Backward;
        Advance();
        if (Accept(K.All)) return (direction, long.MaxValue);
        return (direction, AtNumber ? SignedInteger() : 1);
    }

    public CloseStatement Close()
    {
        var position = Expect(K.Close);
        return new CloseStatement(Accept(K.All) ? null : ColumnId(), position);
    }

    public ListenStatement Listen()
    {
        var position = Expect(K.Listen);
        return new ListenStatement(ColumnId(), position);
    }

    public UnlistenStatement Unlisten()
    {
        var position = Expect(K.Unlisten);
        return new UnlistenStatement(Accept(TokenKind.Star) ? null : ColumnId(), position);
    }

    public NotifyStatement Notify()
    {
        var position = Expect(K.Notify);
        return new NotifyStatement(ColumnId(), Accept(TokenKind.Comma) ? StringLiteral() : null, position);
    }

    public DiscardStatement Discard()
    {
        var position = Expect(K.Discard);
        var target = Tokens.Current.Keyword switch
        {
            K.All => DiscardTarget.All,
            K.Plans => DiscardTarget.Plans,
            K.Sequences => DiscardTarget.Sequences,
            K.Temp or K.Temporary => DiscardTarget.Temporary,
            _ => throw Error(),
        };
        Advance();
        return new DiscardStatement(target, position);
    }

    public LoadStatement Load()
    {
        var position = Expect(K.Load);
        return new LoadStatement(StringLiteral(), position);
    }
}
