using System.Collections.Immutable;
using System.Globalization;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>What all parts of the grammar share: tests of the current token, lists, and the several kinds of names.</summary>
abstract class Rules(Grammar grammar)
{
    protected Grammar Grammar { get; } = grammar;
    protected TokenCursor Tokens { get; } = grammar.Tokens;

    protected int Position => Tokens.Current.Position;

    protected bool At(TokenKind kind) => Tokens.Current.Kind == kind;

    protected bool At(K keyword) => Tokens.Current.Keyword == keyword;

    protected bool At(K first, K second) => At(first) && Tokens.Peek(1).Keyword == second;

    protected bool AtAny(params ReadOnlySpan<K> keywords) => At(TokenKind.Keyword) && keywords.Contains(Tokens.Current.Keyword);

    protected bool NextIs(TokenKind kind) => Tokens.Peek(1).Kind == kind;

    protected bool NextIs(K keyword) => Tokens.Peek(1).Keyword == keyword;

    protected void Advance() => Tokens.Advance();

    protected bool Accept(TokenKind kind)
    {
        if (!At(kind)) return false;
        Advance();
        return true;
    }

    protected bool Accept(K keyword)
    {
        if (!At(keyword)) return false;
        Advance();
        return true;
    }

    /// <summary>Takes both words or neither.</summary>
    protected bool Accept(K first, K second)
    {
        if (!At(first, second)) return false;
        Advance();
        Advance();
        return true;
    }

    /// <summary>Takes a name that is no key word of PostgreSQL 15, such as an option of a later version.</summary>
    protected bool AcceptWord(string word)
    {
        if (!At(TokenKind.Identifier) || Tokens.NameOf(Tokens.Current) != word) return false;
        Advance();
        return true;
    }

    /// <summary>Takes the token or raises a syntax error; the token's position.</summary>
    protected int Expect(TokenKind kind)
    {
        var position = Position;
        if (!Accept(kind)) throw Error();
        return position;
    }

    protected int Expect(K keyword)
    {
        var position = Position;
        if (!Accept(keyword)) throw Error();
        return position;
    }

    protected void Expect(K first, K second)
    {
        Expect(first);
        Expect(second);
    }

    /// <summary>42601 at the current token.</summary>
    protected PgError Error() => Tokens.SyntaxError();

    /// <summary>One or more items with commas between.</summary>
    protected ImmutableArray<T> List<T>(Func<T> item)
    {
        var first = item();
        if (!At(TokenKind.Comma)) return [first];

        var items = ImmutableArray.CreateBuilder<T>();
        items.Add(first);
        while (Accept(TokenKind.Comma))
            items.Add(item());
        return items.DrainToImmutable();
    }

    /// <summary>A list in parentheses.</summary>
    protected ImmutableArray<T> ListInParens<T>(Func<T> item)
    {
        Expect(TokenKind.LeftParen);
        var items = List(item);
        Expect(TokenKind.RightParen);
        return items;
    }

    /// <summary>A list in parentheses, or nothing.</summary>
    protected ImmutableArray<T> OptionalListInParens<T>(Func<T> item) => At(TokenKind.LeftParen) ? ListInParens(item) : [];

    protected T InParens<T>(Func<T> content)
    {
        Expect(TokenKind.LeftParen);
        var result = content();
        Expect(TokenKind.RightParen);
        return result;
    }

    /// <summary>Whether the token may name a column or table.</summary>
    protected static bool IsColumnId(in Token token)
        => token.Kind == TokenKind.Identifier
        || (token.Kind == TokenKind.Keyword && Keywords.Category(token.Keyword) is KeywordCategory.Unreserved or KeywordCategory.ColumnName);

    /// <summary>Whether the token may name a type or function.</summary>
    protected static bool IsTypeOrFunctionName(in Token token)
        => token.Kind == TokenKind.Identifier
        || (token.Kind == TokenKind.Keyword && Keywords.Category(token.Keyword) is KeywordCategory.Unreserved or KeywordCategory.TypeOrFunctionName);

    protected bool AtColumnId => IsColumnId(Tokens.Current);

    /// <summary>A name of a column, table, schema, role or the like.</summary>
    protected string ColumnId()
    {
        if (!AtColumnId) throw Error();
        return TakeName();
    }

    protected string TypeOrFunctionName()
    {
        if (!IsTypeOrFunctionName(Tokens.Current)) throw Error();
        return TakeName();
    }

    /// <summary>A name in a place where even reserved words are names: after a dot, after AS.</summary>
    protected string Label()
    {
        if (!At(TokenKind.Identifier) && !At(TokenKind.Keyword)) throw Error();
        return TakeName();
    }

    /// <summary>A name of any but a reserved kind: what PostgreSQL calls NonReservedWord.</summary>
    protected string NonReservedWord()
    {
        if (!At(TokenKind.Identifier) && !(At(TokenKind.Keyword) && Keywords.Category(Tokens.Current.Keyword) != KeywordCategory.Reserved))
            throw Error();
        return TakeName();
    }

    protected string NonReservedWordOrString() => At(TokenKind.String) ? StringLiteral() : NonReservedWord();

    protected string TakeName()
    {
        var name = Tokens.NameOf(Tokens.Current);
        Advance();
        return name;
    }

    /// <summary>A dotted name of one to three parts.</summary>
    protected QualifiedName Name()
    {
        var position = Position;
        var first = ColumnId();
        return At(TokenKind.Dot) ? NameAfter(first, position) : new QualifiedName(null, null, first, position);
    }

    /// <summary>The rest of a dotted name whose first part was taken.</summary>
    protected QualifiedName NameAfter(string first, int position)
    {
        List<string> parts = [first];
        while (Accept(TokenKind.Dot))
            parts.Add(Label());
        return ToName(parts, position);
    }

    protected static QualifiedName ToName(IReadOnlyList<string> parts, int position) => parts.Count switch
    {
        1 => new QualifiedName(null, null, parts[0], position),
        2 => new QualifiedName(null, parts[0], parts[1], position),
        3 => new QualifiedName(parts[0], parts[1], parts[2], position),
        _ => throw PgError.Syntax($"improper qualified name (too many dotted names): {string.Join('.', parts)}", position),
    };

    /// <summary>A function's name: one part may be a word that names functions, more parts begin with a column's kind of name.</summary>
    protected QualifiedName FunctionName()
    {
        if (NextIs(TokenKind.Dot)) return Name();
        var position = Position;
        return new QualifiedName(null, null, TypeOrFunctionName(), position);
    }

    protected ImmutableArray<string> NamesInParens() => ListInParens(ColumnId);

    protected ImmutableArray<string> OptionalNamesInParens() => OptionalListInParens(ColumnId);

    protected string StringLiteral()
    {
        if (!At(TokenKind.String)) throw Error();
        var value = Tokens.StringOf(Tokens.Current);
        Advance();
        return value;
    }

    /// <summary>An unsigned integer that fits int4.</summary>
    protected int IntegerLiteral()
    {
        if (!At(TokenKind.Integer) || !int.TryParse(Tokens.TextOf(Tokens.Current), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            throw Error();
        Advance();
        return value;
    }

    protected int SignedInteger()
    {
        if (Accept(TokenKind.Minus)) return -IntegerLiteral();
        Accept(TokenKind.Plus);
        return IntegerLiteral();
    }

    protected bool AtNumber => At(TokenKind.Integer) || At(TokenKind.Decimal)
        || ((At(TokenKind.Plus) || At(TokenKind.Minus)) && (NextIs(TokenKind.Integer) || NextIs(TokenKind.Decimal)));

    /// <summary>A number with optional sign, as text.</summary>
    protected string SignedNumber()
    {
        if (!AtNumber) throw Error();
        var sign = At(TokenKind.Minus) ? "-" : "";
        if (At(TokenKind.Plus) || At(TokenKind.Minus)) Advance();
        var digits = Tokens.TextOf(Tokens.Current).ToString();
        Advance();
        return sign + digits;
    }

    /// <summary>Optional CASCADE or RESTRICT.</summary>
    protected DropBehavior Behavior()
    {
        if (Accept(K.Cascade)) return DropBehavior.Cascade;
        Accept(K.Restrict);
        return DropBehavior.Restrict;
    }

    protected bool IfExists()
    {
        if (!At(K.If)) return false;
        Advance();
        Expect(K.Exists);
        return true;
    }

    /// <summary>IF NOT EXISTS; IF alone may be a name.</summary>
    protected bool IfNotExists()
    {
        if (!At(K.If, K.Not)) return false;
        Advance();
        Advance();
        Expect(K.Exists);
        return true;
    }
}
