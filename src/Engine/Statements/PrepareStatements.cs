using PgVectorCompat.Engine.Binding;
using PgVectorCompat.Engine.Execution;
using PgVectorCompat.Engine.Functions;
using PgVectorCompat.Engine.Planning;
using PgVectorCompat.Engine.Sessions;
using PgVectorCompat.Types;

namespace PgVectorCompat.Engine.Statements;

/// <summary>PREPARE, EXECUTE and DEALLOCATE; the protocol's statements share their name space.</summary>
internal static class PrepareStatements
{
    public static string Prepare(Sql.PrepareStatement e, UtilityCall call)
    {
        var session = call.Session;
        session.Statements.RequireFree(e.Name);
        if (!Plannable.Is(e.Body) && e.Body is not Sql.QueryStatement)
            throw PgError.Syntax("utility statements cannot be prepared", e.Body.Position);
        var names = call.Context.Names;
        var prepared = new PreparedStatement(e.Name, call.Portal.Statement.Text, e.Body, [.. e.Types.Select(type => (PgType?)names.ResolveType(type).Type)])
        {
            PreparedAt = session.StatementTimestamp,
            FromSql = true,
        };
        call.Runner.Analyze(prepared);
        session.Statements.Add(prepared);
        return "PREPARE";
    }

    /// <summary>Runs the statement in the place of EXECUTE, with its tag.</summary>
    public static string? Execute(Sql.ExecuteStatement e, UtilityCall call)
    {
        var portal = call.Portal.Inner ??= new Portal("", call.Session.Statements.Get(e.Name), Arguments(e, call), call.Portal.Formats);
        return call.Runner.Run(portal, call.MaxRows, call.Describe);
    }

    /// <summary>The prepared query with its arguments in it, for CREATE TABLE AS EXECUTE. Raises 42809 when it is no query.</summary>
    public static Sql.QueryStatement AsQuery(Sql.ExecuteStatement e, UtilityCall call)
    {
        var prepared = call.Session.Statements.Get(e.Name);
        if (prepared.Statement is not Sql.QueryStatement query)
            throw new PgError(SqlState.WrongObjectType, "prepared statement is not a SELECT");
        var arguments = Arguments(e, call);
        return SyntaxRewriter.Rewrite(query, node => node is Sql.ParameterExpression { Number: var number } ? Constant(arguments[number - 1], prepared.Parameters[number - 1]) : node);

        Sql.CastExpression Constant(Datum value, PgType type) => new(
            value.IsNull ? new Sql.NullConstant(0) : new Sql.StringConstant(type.Codec.ToText(value, call.Session.TypeSettings), 0), Sql.SqlParser.ParseType(type.ToString()), 0);
    }

    public static Datum[] Arguments(Sql.ExecuteStatement e, UtilityCall call)
    {
        var prepared = call.Session.Statements.Get(e.Name);
        call.Runner.Analyze(prepared);
        if (e.Arguments.Length != prepared.Parameters.Length)
            throw new PgError(SqlState.SyntaxError, $"wrong number of parameters for prepared statement \"{e.Name}\"")
            {
                Detail = $"Expected {prepared.Parameters.Length} parameters but got {e.Arguments.Length}.",
            };
        return [.. e.Arguments.Select((argument, i) => Evaluate(argument, prepared.Parameters[i], i + 1, call))];
    }

    static Datum Evaluate(Sql.Expression argument, PgType type, int number, UtilityCall call)
    {
        var context = call.Session.NewBindingContext(call.Portal.Statement.Parameters);
        var binder = new ExpressionBinder(context, Scope.Empty(), "EXECUTE parameters");
        var bound = binder.Bind(argument);
        if (BoundTree.Any(bound, node => node is BoundSubquery))
            throw new PgError(SqlState.FeatureNotSupported, "cannot use subquery in EXECUTE parameter") { Position = Sql.Location.Of(argument) };
        var value = binder.Coercion.Coerce(bound, type, -1, CastContext.Assignment, argument.Position, () => new PgError(
            SqlState.DatatypeMismatch, $"parameter ${number} of type {bound.Type} cannot be coerced to the expected type {type}")
        { Hint = "You will need to rewrite or cast the expression." });
        if (BoundTree.Any(value, node => node is BoundSubquery))
            throw new PgError(SqlState.FeatureNotSupported, "cannot use subquery in EXECUTE parameter") { Position = argument.Position };
        return call.Session.Evaluate(value, call.Parameters);
    }

    public static string Deallocate(Sql.DeallocateStatement e, UtilityCall call)
    {
        if (e.Name is null)
        {
            call.Session.Statements.Clear();
            return "DEALLOCATE ALL";
        }
        call.Session.Statements.Get(e.Name);
        call.Session.Statements.Remove(e.Name);
        return "DEALLOCATE";
    }
}
