using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Lists of options in parentheses, of both styles: <c>name = value</c> and <c>name value</c>.</summary>
sealed class OptionRules(Grammar grammar) : Rules(grammar)
{
    /// <summary><c>(name [= value], …)</c>, names perhaps with a namespace.</summary>
    public ImmutableArray<Option> Definitions() => ListInParens(Definition);

    public ImmutableArray<Option> OptionalDefinitions(K introduction) => Accept(introduction) ? Definitions() : [];

    /// <summary><c>(name [value], …)</c></summary>
    public ImmutableArray<Option> Settings() => ListInParens(Setting);

    /// <summary>An option that a statement spells in words of its own.</summary>
    public static Option Flag(string name, int position) => new(name, null, position);

    public static Option Text(string name, string value, int position)
        => new(name, new OptionValue(OptionValueKind.String, value, [], position), position);

    public static Option Names(string name, ImmutableArray<string> items, int position)
        => new(name, new OptionValue(OptionValueKind.List, "", items, position), position);

    Option Definition()
    {
        var position = Position;
        var name = Label();
        string? space = null;
        if (Accept(TokenKind.Dot)) (space, name) = (name, Label());
        return new Option(name, Accept(TokenKind.Equal) ? Value() : null, position) { Namespace = space };
    }

    Option Setting()
    {
        var position = Position;
        var name = Label();
        var ends = At(TokenKind.Comma) || At(TokenKind.RightParen);
        if (AtReserved && !AtAny(K.True, K.False, K.On)) throw Error();
        return new Option(name, ends ? null : Value(), position);
    }

    bool AtReserved => At(TokenKind.Keyword) && Keywords.Category(Tokens.Current.Keyword) == KeywordCategory.Reserved;

    public OptionValue Value()
    {
        var position = Position;
        if (At(TokenKind.String)) return new OptionValue(OptionValueKind.String, StringLiteral(), [], position);
        if (AtNumber) return new OptionValue(OptionValueKind.Number, SignedNumber(), [], position);
        if (Accept(TokenKind.Star)) return new OptionValue(OptionValueKind.Star, "", [], position);
        if (At(TokenKind.LeftParen)) return new OptionValue(OptionValueKind.List, "", ListInParens(Word), position);
        if (!At(TokenKind.Identifier) && !At(TokenKind.Keyword))
            return new OptionValue(OptionValueKind.Name, Grammar.Expressions.AnyOperator().Name, [], position);
        if (AtReserved)
            return new OptionValue(OptionValueKind.Name, TakeName(), [], position);
        return NameOrType(position);
    }

    string Word() => At(TokenKind.String) ? StringLiteral() : Label();

    OptionValue NameOrType(int position)
    {
        var first = Tokens.Current;
        var mark = Tokens.Index;
        var isType = IsTypeOrFunctionName(first) || Grammar.Types.AtConstantType || At(K.Setof);
        if (!isType) return new OptionValue(OptionValueKind.Name, TakeName(), [], position);

        var type = Grammar.Types.FunctionType();
        var text = Tokens.Index == mark + 1 ? Tokens.NameOf(first) : Tokens.Sql[first.Start..Tokens.Previous.End];
        return new OptionValue(OptionValueKind.Name, text, [], position) { Type = type };
    }
}
