using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Statements that are recognised by their first words and not read further.</summary>
sealed class UnsupportedRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>CREATE of something, from its first word.</summary>
    public UnsupportedStatement Create(int position) => Rest("CREATE " + Words(), position);

    /// <summary>ALTER of something, from its first word.</summary>
    public UnsupportedStatement Alter(int position) => Rest("ALTER " + Words(), position);

    public UnsupportedStatement Import()
    {
        var position = Expect(K.Import);
        Expect(K.Foreign, K.Schema);
        return Rest("IMPORT FOREIGN SCHEMA", position);
    }

    /// <summary>Passes the rest of the statement.</summary>
    public UnsupportedStatement Rest(string feature, int position)
    {
        var depth = 0;
        while (!At(TokenKind.End) && !(At(TokenKind.Semicolon) && depth == 0))
        {
            if (At(TokenKind.LeftParen)) depth++;
            else if (At(TokenKind.RightParen) && --depth < 0) throw Error();
            Advance();
        }
        if (depth > 0) throw Error();
        return new UnsupportedStatement(feature, position);
    }

    string Words()
    {
        switch (Tokens.Current.Keyword)
        {
            case K.Trusted or K.Procedural when NextIs(K.Procedural) || NextIs(K.Language):
                Accept(K.Trusted);
                Accept(K.Procedural);
                Expect(K.Language);
                return "LANGUAGE";
            case K.Constraint:
                Advance();
                Expect(K.Trigger);
                return "TRIGGER";
            case K.Default when NextIs(K.Conversion):
                Advance();
                Advance();
                return "CONVERSION";
            case K.Operator when NextIs(K.Class):
                return Two("OPERATOR CLASS");
            case K.Operator when NextIs(K.Family):
                return Two("OPERATOR FAMILY");
            case K.Foreign when NextIs(K.Table):
                return Two("FOREIGN TABLE");
            case K.Foreign:
                Advance();
                Expect(K.Data, K.Wrapper);
                return "FOREIGN DATA WRAPPER";
            case K.User:
                return Two("USER MAPPING");
            case K.Event:
                Advance();
                Expect(K.Trigger);
                return "EVENT TRIGGER";
            case K.Access:
                Advance();
                Expect(K.Method);
                return "ACCESS METHOD";
            case K.Text:
                Advance();
                Expect(K.Search);
                if (!AtAny(K.Configuration, K.Dictionary, K.Parser, K.Template)) throw Error();
                return "TEXT SEARCH " + TakeName().ToUpperInvariant();
            case K.Large:
                Advance();
                Expect(K.Object);
                return "LARGE OBJECT";
            case K.Trigger or K.Rule or K.Policy or K.Aggregate or K.Operator or K.Cast or K.Collation or K.Conversion or K.Tablespace
                or K.Publication or K.Subscription or K.Server or K.Language or K.Statistics or K.Transform or K.Assertion:
                return TakeName().ToUpperInvariant();
            default:
                throw Error();
        }
    }

    string Two(string words)
    {
        Advance();
        Advance();
        return words;
    }
}
