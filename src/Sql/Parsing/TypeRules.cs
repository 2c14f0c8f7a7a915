using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Names of types.</summary>
sealed class TypeRules(Grammar grammar) : Rules(grammar)
{
    const string System = "pg_catalog";

    /// <summary>A type with its array bounds, perhaps SETOF.</summary>
    public TypeName Type()
    {
        var isSet = Accept(K.Setof);
        var type = Simple() with { IsSetOf = isSet };
        return Bounds(type);
    }

    /// <summary>A type, or <c>table.column%TYPE</c>: what functions take and return.</summary>
    public TypeName FunctionType()
    {
        var mark = Tokens.Index;
        var isSet = Accept(K.Setof);
        if (IsTypeOrFunctionName(Tokens.Current) && NextIs(TokenKind.Dot))
        {
            var position = Position;
            List<string> parts = [TakeName()];
            while (Accept(TokenKind.Dot))
                parts.Add(Label());
            if (At(TokenKind.Percent) && NextIs(K.Type))
            {
                Advance();
                Advance();
                return new TypeName(ToName(parts[..^1], position), [], position) { ColumnOfType = parts[^1], IsSetOf = isSet };
            }
        }
        Tokens.Rewind(mark);
        return Type();
    }

    TypeName Bounds(TypeName type)
    {
        if (Accept(K.Array))
        {
            int? bound = null;
            if (Accept(TokenKind.LeftBracket))
            {
                bound = IntegerLiteral();
                Expect(TokenKind.RightBracket);
            }
            return type with { ArrayDimensions = [bound] };
        }
        if (!At(TokenKind.LeftBracket)) return type;

        var bounds = ImmutableArray.CreateBuilder<int?>();
        while (Accept(TokenKind.LeftBracket))
        {
            bounds.Add(At(TokenKind.Integer) ? IntegerLiteral() : null);
            Expect(TokenKind.RightBracket);
        }
        return type with { ArrayDimensions = bounds.DrainToImmutable() };
    }

    TypeName Simple()
    {
        if (AtConstantType) return ConstantType(fieldsMayFollow: true);

        var position = Position;
        var first = TypeOrFunctionName();
        var name = At(TokenKind.Dot) ? NameAfter(first, position) : new QualifiedName(null, null, first, position);
        return new TypeName(name, Modifiers(), position);
    }

    /// <summary>Whether the token begins a type that SQL spells in words of its own.</summary>
    public bool AtConstantType => Tokens.Current.Keyword
        is K.Int or K.Integer or K.Smallint or K.Bigint or K.Real or K.Float or K.Double or K.Decimal or K.Dec or K.Numeric or K.Boolean
        or K.Bit or K.Character or K.Char or K.Varchar or K.National or K.Nchar or K.Timestamp or K.Time or K.Interval
        && !(At(K.Double) && !NextIs(K.Precision))
        && !(At(K.National) && !NextIs(K.Character) && !NextIs(K.Char));

    /// <summary>One of SQL's own types.</summary>
    /// <param name="fieldsMayFollow">Whether an interval's fields stand here; in a literal they stand after the string.</param>
    public TypeName ConstantType(bool fieldsMayFollow)
    {
        var position = Position;
        var word = Tokens.Current.Keyword;
        Advance();
        switch (word)
        {
            case K.Int or K.Integer: return Named("int4");
            case K.Smallint: return Named("int2");
            case K.Bigint: return Named("int8");
            case K.Real: return Named("float4");
            case K.Boolean: return Named("bool");
            case K.Float: return Named(FloatOf());
            case K.Decimal or K.Dec or K.Numeric: return Named("numeric", Modifiers());
            case K.Bit: return Bit();
            case K.Timestamp or K.Time: return DateTime(word);
            case K.Interval: return Interval(position, fieldsMayFollow);
            case K.Double:
                Expect(K.Precision);
                return Named("float8");
            default: return Character(word);
        }

        TypeName Named(string name, ImmutableArray<Expression> modifiers = default)
            => new(new QualifiedName(null, System, name, position), modifiers.IsDefault ? [] : modifiers, position);

        TypeName Bit()
        {
            if (Accept(K.Varying)) return Named("varbit", Modifiers());
            var modifiers = Modifiers();
            return Named("bit", modifiers.Length > 0 || !fieldsMayFollow ? modifiers : [new IntegerConstant(1, 0)]);
        }

        // char is char(1), but a literal of type char has any length.
        TypeName Character(K first)
        {
            if (first == K.National && !Accept(K.Character)) Expect(K.Char);
            var isVarying = first == K.Varchar || Accept(K.Varying);
            ImmutableArray<Expression> length = OptionalInteger();
            if (length.Length == 0 && !isVarying && fieldsMayFollow) length = [new IntegerConstant(1, 0)];
            return Named(isVarying ? "varchar" : "bpchar", length);
        }

        TypeName DateTime(K kind)
        {
            var precision = OptionalInteger();
            var withZone = Accept(K.With, K.Time);
            if (withZone || Accept(K.Without, K.Time)) Expect(K.Zone);
            return Named((kind, withZone) switch
            {
                (K.Time, false) => "time",
                (K.Time, true) => "timetz",
                (_, false) => "timestamp",
                _ => "timestamptz",
            }, precision);
        }
    }

    TypeName Interval(int position, bool fieldsMayFollow)
    {
        var type = new TypeName(new QualifiedName(null, System, "interval", position), [], position);
        if (At(TokenKind.LeftParen)) return type with { Modifiers = OptionalInteger() };
        return fieldsMayFollow ? WithIntervalFields(type) : type;
    }

    /// <summary>Optional <c>DAY TO SECOND(p)</c> and the like.</summary>
    public TypeName WithIntervalFields(TypeName type)
    {
        var from = FieldOf(Tokens.Current.Keyword);
        if (from == 0) return type;
        Advance();
        var to = from;
        if (At(K.To) && LastFields(from).HasFlag(FieldOf(Tokens.Peek(1).Keyword)) && FieldOf(Tokens.Peek(1).Keyword) != 0)
        {
            Advance();
            to = FieldOf(Tokens.Current.Keyword);
            Advance();
        }
        var modifiers = to == IntervalFields.Second ? OptionalInteger() : [];
        return type with { Interval = Between(from, to), Modifiers = modifiers };
    }

    static IntervalFields FieldOf(K keyword) => keyword switch
    {
        K.Year => IntervalFields.Year,
        K.Month => IntervalFields.Month,
        K.Day => IntervalFields.Day,
        K.Hour => IntervalFields.Hour,
        K.Minute => IntervalFields.Minute,
        K.Second => IntervalFields.Second,
        _ => IntervalFields.None,
    };

    static IntervalFields LastFields(IntervalFields from) => from switch
    {
        IntervalFields.Year => IntervalFields.Month,
        IntervalFields.Day => IntervalFields.Hour | IntervalFields.Minute | IntervalFields.Second,
        IntervalFields.Hour => IntervalFields.Minute | IntervalFields.Second,
        IntervalFields.Minute => IntervalFields.Second,
        _ => IntervalFields.None,
    };

    static IntervalFields Between(IntervalFields from, IntervalFields to)
    {
        ReadOnlySpan<IntervalFields> order =
        [
            IntervalFields.Year, IntervalFields.Month, IntervalFields.Day, IntervalFields.Hour, IntervalFields.Minute, IntervalFields.Second,
        ];
        var fields = IntervalFields.None;
        for (var i = order.IndexOf(from); i <= order.IndexOf(to); i++)
            fields |= order[i];
        return fields;
    }

    string FloatOf()
    {
        if (!At(TokenKind.LeftParen)) return "float8";
        var position = Tokens.Peek(1).Position;
        var bits = InParens(IntegerLiteral);
        return bits switch
        {
            < 1 => throw new PgError(SqlState.InvalidParameterValue, "precision for type float must be at least 1 bit") { Position = position },
            <= 24 => "float4",
            <= 53 => "float8",
            _ => throw new PgError(SqlState.InvalidParameterValue, "precision for type float must be less than 54 bits") { Position = position },
        };
    }

    ImmutableArray<Expression> OptionalInteger()
    {
        if (!Accept(TokenKind.LeftParen)) return [];
        var position = Position;
        var value = IntegerLiteral();
        Expect(TokenKind.RightParen);
        return [new IntegerConstant(value, position)];
    }

    /// <summary>The optional expressions in parentheses after a type's name.</summary>
    ImmutableArray<Expression> Modifiers() => OptionalListInParens(Grammar.Expressions.Expression);
}
