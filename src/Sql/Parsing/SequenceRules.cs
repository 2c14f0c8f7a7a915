using System.Collections.Immutable;
using System.Globalization;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Options of sequences, wherever they stand.</summary>
sealed class SequenceRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>Zero or more options.</summary>
    public ImmutableArray<SequenceOption> OptionList()
    {
        var options = ImmutableArray.CreateBuilder<SequenceOption>();
        while (OptionalOption() is { } option)
            options.Add(option);
        return options.DrainToImmutable();
    }

    /// <summary>Optional parentheses with one or more options.</summary>
    public ImmutableArray<SequenceOption> OptionsInParens()
    {
        if (!Accept(TokenKind.LeftParen)) return [];
        var options = OptionList();
        if (options.Length == 0) throw Error();
        Expect(TokenKind.RightParen);
        return options;
    }

    public SequenceOption? OptionalOption()
    {
        var position = Position;
        switch (Tokens.Current.Keyword)
        {
            case K.As:
                Advance();
                return new SequenceOption(SequenceOptionKind.As, null, true, position) { Type = Grammar.Types.Type() };
            case K.Cache:
                Advance();
                return Number(SequenceOptionKind.Cache);
            case K.Cycle:
                Advance();
                return new SequenceOption(SequenceOptionKind.Cycle, null, true, position);
            case K.Increment:
                Advance();
                Accept(K.By);
                return Number(SequenceOptionKind.Increment);
            case K.Maxvalue:
                Advance();
                return Number(SequenceOptionKind.MaxValue);
            case K.Minvalue:
                Advance();
                return Number(SequenceOptionKind.MinValue);
            case K.No:
                Advance();
                return Negative();
            case K.Start:
                Advance();
                Accept(K.With);
                return Number(SequenceOptionKind.Start);
            case K.Restart:
                Advance();
                var hasValue = Accept(K.With) || AtNumber;
                return hasValue ? Number(SequenceOptionKind.Restart) : new SequenceOption(SequenceOptionKind.Restart, null, true, position);
            case K.Owned:
                Advance();
                Expect(K.By);
                return new SequenceOption(SequenceOptionKind.OwnedBy, null, true, position) { Name = DottedName() };
            case K.Sequence when NextIs(K.Name):
                Advance();
                Advance();
                return new SequenceOption(SequenceOptionKind.SequenceName, null, true, position) { Name = DottedName() };
            case K.Logged or K.Unlogged:
                var isLogged = At(K.Logged);
                Advance();
                return new SequenceOption(SequenceOptionKind.Logged, null, isLogged, position);
            default:
                return null;
        }

        SequenceOption Number(SequenceOptionKind kind)
        {
            var at = Position;
            var text = SignedNumber();
            if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
                throw PgError.InvalidText("bigint", text).At(at);
            return new SequenceOption(kind, value, true, position);
        }

        SequenceOption Negative()
        {
            var kind = Tokens.Current.Keyword switch
            {
                K.Maxvalue => SequenceOptionKind.MaxValue,
                K.Minvalue => SequenceOptionKind.MinValue,
                K.Cycle => SequenceOptionKind.Cycle,
                _ => throw Error(),
            };
            Advance();
            return new SequenceOption(kind, null, false, position);
        }
    }

    ImmutableArray<string> DottedName()
    {
        List<string> parts = [ColumnId()];
        while (Accept(TokenKind.Dot))
            parts.Add(Label());
        return [.. parts];
    }
}
