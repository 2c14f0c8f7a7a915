using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>CREATE and ALTER FUNCTION, PROCEDURE; DO; CALL.</summary>
sealed class FunctionRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>The rest of CREATE, from FUNCTION or PROCEDURE.</summary>
    public CreateFunctionStatement Create(bool orReplace, int position)
    {
        var isProcedure = At(K.Procedure);
        Advance();
        var name = FunctionName();
        var parameters = Parameters();
        TypeName? returns = null;
        var returnsTable = false;
        if (!isProcedure && Accept(K.Returns))
        {
            returnsTable = Accept(K.Table);
            if (returnsTable) parameters = [.. parameters, .. ListInParens(TableColumn)];
            else returns = Grammar.Types.FunctionType();
        }

        var options = ImmutableArray.CreateBuilder<FunctionOption>();
        while (OptionalOption(isCreate: true) is { } option)
            options.Add(option);
        return new CreateFunctionStatement(name, isProcedure, orReplace, parameters, returns, options.DrainToImmutable(), position)
        {
            ReturnsTable = returnsTable,
            SqlBody = OptionalSqlBody(),
        };
    }

    FunctionParameter TableColumn()
    {
        var position = Position;
        return new FunctionParameter(TypeOrFunctionName(), ParameterMode.Table, Grammar.Types.FunctionType(), null, position);
    }

    /// <summary>Parameters in parentheses, perhaps none.</summary>
    public ImmutableArray<FunctionParameter> Parameters()
    {
        Expect(TokenKind.LeftParen);
        ImmutableArray<FunctionParameter> parameters = At(TokenKind.RightParen) ? [] : List(Parameter);
        Expect(TokenKind.RightParen);
        return parameters;
    }

    public FunctionParameter Parameter()
    {
        var position = Position;
        var mode = OptionalMode();
        string? name = null;
        if (AtParameterName) name = TakeName();
        mode ??= OptionalMode();
        var type = Grammar.Types.FunctionType();
        var value = Accept(K.Default) || Accept(TokenKind.Equal) ? Grammar.Expressions.Expression() : null;
        return new FunctionParameter(name, mode ?? ParameterMode.In, type, value, position);
    }

    ParameterMode? OptionalMode()
    {
        if (Accept(K.In)) return Accept(K.Out) ? ParameterMode.InOut : ParameterMode.In;
        if (Accept(K.Out)) return ParameterMode.Out;
        if (Accept(K.Inout)) return ParameterMode.InOut;
        return Accept(K.Variadic) ? ParameterMode.Variadic : null;
    }

    // A name is followed by a type; of "double precision" the second word begins none.
    bool AtParameterName
    {
        get
        {
            if (!IsTypeOrFunctionName(Tokens.Current)) return false;
            ref readonly var next = ref Tokens.Peek(1);
            if (next.Keyword is K.In or K.Out or K.Inout or K.Variadic or K.Setof) return true;
            if (IsTypeOrFunctionName(next)) return true;
            var mark = Tokens.Index;
            Advance();
            var isType = Grammar.Types.AtConstantType;
            Tokens.Rewind(mark);
            return isType;
        }
    }

    FunctionOption? OptionalOption(bool isCreate)
    {
        var position = Position;
        switch (Tokens.Current.Keyword)
        {
            case K.As when isCreate:
                Advance();
                return Of("as", [.. List(StringLiteral)]);
            case K.Language when isCreate:
                Advance();
                return Of("language", NonReservedWordOrString());
            case K.Window when isCreate:
                Advance();
                return Of("window", "true");
            case K.Transform when isCreate:
                Advance();
                return Of("transform", [.. List(TransformedType)]);
            case K.Immutable or K.Stable or K.Volatile:
                return Of("volatility", TakeName());
            case K.Strict:
                Advance();
                return Of("strict", "true");
            case K.Called:
                Advance();
                Expect(K.On, K.Null);
                Expect(K.Input);
                return Of("strict", "false");
            case K.Returns when NextIs(K.Null):
                Advance();
                Advance();
                Expect(K.On, K.Null);
                Expect(K.Input);
                return Of("strict", "true");
            case K.External or K.Security:
                Accept(K.External);
                Expect(K.Security);
                var definer = Accept(K.Definer);
                if (!definer) Expect(K.Invoker);
                return Of("security", definer ? "true" : "false");
            case K.Leakproof:
                Advance();
                return Of("leakproof", "true");
            case K.Not when NextIs(K.Leakproof):
                Advance();
                Advance();
                return Of("leakproof", "false");
            case K.Cost or K.Rows:
                return Of(TakeName(), SignedNumber());
            case K.Support:
                Advance();
                return Of("support", Name().ToString());
            case K.Parallel:
                Advance();
                return Of("parallel", ColumnId());
            case K.Set or K.Reset:
                return new FunctionOption("set", [], position) { Setting = Grammar.Settings.SetOrReset() };
            default:
                return null;
        }

        FunctionOption Of(string name, params ImmutableArray<string> values) => new(name, values, position);
    }

    string TransformedType()
    {
        Expect(K.For, K.Type);
        return Grammar.Types.Type().ToString();
    }

    /// <summary><c>RETURN expression</c> or <c>BEGIN ATOMIC … END</c>, as text, if it stands here.</summary>
    string? OptionalSqlBody()
    {
        var start = Tokens.Current.Start;
        if (Accept(K.Return))
            Grammar.Expressions.Expression();
        else if (At(K.Begin, K.Atomic))
        {
            Advance();
            Advance();
            while (!At(K.End))
            {
                if (At(K.Return))
                {
                    Advance();
                    Grammar.Expressions.Expression();
                }
                else
                    Grammar.Statements.Statement();
                Expect(TokenKind.Semicolon);
            }
            Advance();
        }
        else
            return null;
        return Tokens.Sql[start..Tokens.Previous.End];
    }

    /// <summary>The options of ALTER FUNCTION.</summary>
    public AlterFunctionStatement Alter(ObjectReference function, int position)
    {
        var options = ImmutableArray.CreateBuilder<FunctionOption>();
        while (OptionalOption(isCreate: false) is { } option)
            options.Add(option);
        if (options.Count == 0) throw Error();
        Accept(K.Restrict);
        return new AlterFunctionStatement(function, options.DrainToImmutable(), position);
    }

    public DoStatement Do()
    {
        var position = Expect(K.Do);
        string? body = null, language = null;
        do
        {
            if (At(TokenKind.String))
                body = body is null ? StringLiteral() : throw Redundant();
            else
            {
                Expect(K.Language);
                language = language is null ? NonReservedWordOrString() : throw Redundant();
            }
        }
        while (At(TokenKind.String) || At(K.Language));
        return new DoStatement(body ?? throw PgError.Syntax("no inline code specified"), language, position);
    }

    static PgError Redundant() => PgError.Syntax("conflicting or redundant options");

    public CallStatement Call()
    {
        var position = Expect(K.Call);
        var callPosition = Position;
        return new CallStatement(Grammar.Calls.Arguments(FunctionName(), callPosition), position);
    }
}
