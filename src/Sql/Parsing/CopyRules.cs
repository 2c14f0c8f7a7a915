using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>COPY, with the options' three generations of syntax.</summary>
sealed class CopyRules(Grammar grammar) : Rules(grammar)
{
    public CopyStatement Copy()
    {
        var position = Expect(K.Copy);
        if (At(TokenKind.LeftParen))
        {
            Advance();
            var query = Grammar.Data.Preparable();
            Expect(TokenKind.RightParen);
            Expect(K.To);
            return Rest(new CopyStatement(null, [], query, false, null, false, [], null, position), []);
        }

        var options = ImmutableArray.CreateBuilder<Option>();
        var binary = Position;
        if (Accept(K.Binary)) options.Add(OptionRules.Text("format", "binary", binary));
        var table = Name();
        var columns = OptionalNamesInParens();
        var isFrom = Accept(K.From);
        if (!isFrom) Expect(K.To);
        return Rest(new CopyStatement(table, columns, null, isFrom, null, false, [], null, position), options);
    }

    CopyStatement Rest(CopyStatement copy, IEnumerable<Option> before)
    {
        var isProgram = Accept(K.Program);
        var isStandard = Accept(K.Stdin) || Accept(K.Stdout);
        if (isStandard && isProgram) throw PgError.Syntax("STDIN/STDOUT not allowed with PROGRAM");
        var file = isStandard ? null : StringLiteral();

        List<Option> options = [.. before];
        var position = Position;
        if (copy.Table is not null && AtAny(K.Delimiters, K.Using))
        {
            Accept(K.Using);
            Expect(K.Delimiters);
            options.Add(OptionRules.Text("delimiter", StringLiteral(), position));
        }
        Accept(K.With);
        if (At(TokenKind.LeftParen))
            options.AddRange(Grammar.Options.Settings());
        else
        {
            while (OldOption() is { } option)
                options.Add(option);
        }

        var wherePosition = Position;
        var where = copy.Table is not null ? Grammar.Queries.OptionalWhere() : null;
        if (where is not null && !copy.IsFrom)
            throw new PgError(SqlState.SyntaxError, "WHERE clause not allowed with COPY TO") { Position = wherePosition };
        return copy with { FileName = file, IsProgram = isProgram, Options = [.. options], Where = where };
    }

    /// <summary>One option as written before PostgreSQL 9.0, under its name of today.</summary>
    Option? OldOption()
    {
        var position = Position;
        var word = Tokens.Current.Keyword;
        switch (word)
        {
            case K.Binary or K.Csv:
                Advance();
                return OptionRules.Text("format", Keywords.Word(word), position);
            case K.Freeze or K.Header:
                Advance();
                return OptionRules.Flag(Keywords.Word(word), position);
            case K.Delimiter or K.Null or K.Quote or K.Escape:
                Advance();
                Accept(K.As);
                return OptionRules.Text(Keywords.Word(word), StringLiteral(), position);
            case K.Encoding:
                Advance();
                return OptionRules.Text("encoding", StringLiteral(), position);
            case K.Force:
                Advance();
                return ForceOption(position);
            default:
                return null;
        }
    }

    Option ForceOption(int position)
    {
        if (Accept(K.Quote))
        {
            return Accept(TokenKind.Star)
                ? new Option("force_quote", new OptionValue(OptionValueKind.Star, "", [], position), position)
                : OptionRules.Names("force_quote", List(ColumnId), position);
        }
        var name = Accept(K.Not) ? "force_not_null" : "force_null";
        Expect(K.Null);
        return OptionRules.Names(name, List(ColumnId), position);
    }
}
