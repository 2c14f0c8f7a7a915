using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>SET, RESET, SHOW.</summary>
sealed class SettingRules(Grammar grammar) : Rules(grammar)
{
    public Statement Set()
    {
        var position = Expect(K.Set);
        if (At(K.Constraints) && !NextIs(TokenKind.Equal) && !NextIs(K.To)) return Constraints(position);

        var isLocal = AtScope(K.Local);
        if (isLocal || (AtScope(K.Session) && !NextIs(K.Authorization) && !NextIs(K.Characteristics))) Advance();

        if (At(K.Transaction) && !NextIs(TokenKind.Equal) && !NextIs(K.To))
        {
            Advance();
            if (Accept(K.Snapshot)) return new SetSnapshotStatement(StringLiteral(), position);
            return new SetTransactionStatement(Grammar.Transactions.Modes(required: true), false, position);
        }
        if (At(K.Session, K.Characteristics))
        {
            Advance();
            Advance();
            Expect(K.As, K.Transaction);
            return new SetTransactionStatement(Grammar.Transactions.Modes(required: true), true, position);
        }
        return Rest(isLocal, position);
    }

    bool AtScope(K word) => At(word) && !NextIs(TokenKind.Equal) && !NextIs(K.To) && !NextIs(TokenKind.Dot);

    /// <summary>SET or RESET of one setting, as part of ALTER ROLE, ALTER DATABASE, CREATE FUNCTION.</summary>
    public SetStatement SetOrReset()
    {
        var position = Position;
        if (At(K.Reset)) return Reset();
        Expect(K.Set);
        return Rest(false, position);
    }

    SetStatement Rest(bool isLocal, int position)
    {
        if (!NextIs(TokenKind.Equal) && !NextIs(K.To) && !NextIs(K.From) && !NextIs(TokenKind.Dot) && Special(isLocal, position) is { } special)
            return special;

        var name = SettingName();
        if (Accept(K.From))
        {
            Expect(K.Current);
            return new SetStatement(SetKind.FromCurrent, name, [], isLocal, position);
        }
        if (!Accept(TokenKind.Equal)) Expect(K.To);
        return Accept(K.Default)
            ? new SetStatement(SetKind.Default, name, [], isLocal, position)
            : new SetStatement(SetKind.Value, name, List(Value), isLocal, position);
    }

    /// <summary>The settings that SET spells in words of their own.</summary>
    SetStatement? Special(bool isLocal, int position)
    {
        switch (Tokens.Current.Keyword)
        {
            case K.Time when NextIs(K.Zone):
                Advance();
                Advance();
                return Zone(isLocal, position);
            case K.Catalog:
                Advance();
                var catalog = Position;
                StringLiteral();
                throw new PgError(SqlState.FeatureNotSupported, "current database cannot be changed") { Position = catalog };
            case K.Schema:
                Advance();
                return ToText("search_path", StringLiteral());
            case K.Names:
                Advance();
                if (At(TokenKind.String)) return ToText("client_encoding", StringLiteral());
                Accept(K.Default);
                return new SetStatement(SetKind.Default, "client_encoding", [], isLocal, position);
            case K.Role:
                Advance();
                return ToText("role", NonReservedWordOrString());
            case K.Session when NextIs(K.Authorization):
                Advance();
                Advance();
                return Accept(K.Default)
                    ? new SetStatement(SetKind.Default, "session_authorization", [], isLocal, position)
                    : ToText("session_authorization", NonReservedWordOrString());
            case K.Xml when NextIs(K.Option):
                Advance();
                Advance();
                var isDocument = Accept(K.Document);
                if (!isDocument) Expect(K.Content);
                return ToText("xmloption", isDocument ? "DOCUMENT" : "CONTENT");
            default:
                return null;
        }

        SetStatement ToText(string name, string value)
            => new(SetKind.Value, name, [new StringConstant(value, Tokens.Previous.Position)], isLocal, position);
    }

    SetStatement Zone(bool isLocal, int position)
    {
        if (Accept(K.Default) || Accept(K.Local)) return new SetStatement(SetKind.Default, "timezone", [], isLocal, position);

        var valuePosition = Position;
        Expression value;
        if (At(K.Interval))
        {
            value = Grammar.Primaries.Primary();
            if (value is CastExpression { Type.Interval: var fields } && fields != IntervalFields.None
                && (fields & ~(IntervalFields.Hour | IntervalFields.Minute)) != 0)
                throw PgError.Syntax("time zone interval must be HOUR or HOUR TO MINUTE", valuePosition);
        }
        else if (AtNumber)
            value = PrimaryRules.Number(SignedNumber(), valuePosition);
        else if (At(TokenKind.Identifier))
            value = new StringConstant(TakeName(), valuePosition);
        else
            value = new StringConstant(StringLiteral(), valuePosition);
        return new SetStatement(SetKind.Value, "timezone", [value], isLocal, position);
    }

    /// <summary>One value: a number, a string, or a word taken as its text.</summary>
    public Expression Value()
    {
        var position = Position;
        if (AtNumber) return PrimaryRules.Number(SignedNumber(), position);
        if (AtAny(K.True, K.False, K.On)) return new StringConstant(TakeName(), position);
        return new StringConstant(NonReservedWordOrString(), position);
    }

    string SettingName()
    {
        var name = ColumnId();
        while (Accept(TokenKind.Dot))
            name += "." + ColumnId();
        return name;
    }

    SetConstraintsStatement Constraints(int position)
    {
        Expect(K.Constraints);
        ImmutableArray<QualifiedName> names = Accept(K.All) ? [] : List(Name);
        var isDeferred = Accept(K.Deferred);
        if (!isDeferred) Expect(K.Immediate);
        return new SetConstraintsStatement(names, isDeferred, position);
    }

    public SetStatement Reset()
    {
        var position = Expect(K.Reset);
        return Accept(K.All)
            ? new SetStatement(SetKind.ResetAll, "", [], false, position)
            : new SetStatement(SetKind.Reset, NameOrWords(), [], false, position);
    }

    public ShowStatement Show()
    {
        var position = Expect(K.Show);
        return new ShowStatement(Accept(K.All) ? null : NameOrWords(), position);
    }

    string NameOrWords()
    {
        if (Accept(K.Time, K.Zone)) return "timezone";
        if (Accept(K.Session, K.Authorization)) return "session_authorization";
        if (Accept(K.Transaction, K.Isolation))
        {
            Expect(K.Level);
            return "transaction_isolation";
        }
        return SettingName();
    }
}
