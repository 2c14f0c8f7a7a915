using System.Collections.Immutable;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Naming objects of any kind: the words of the kind, then the name as the kind demands.</summary>
sealed class ObjectRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>The kind that the words name, or null (and nothing read) when they name none.</summary>
    public ObjectKind? OptionalKind()
    {
        var first = Tokens.Current.Keyword;
        var second = Tokens.Peek(1).Keyword;
        var third = Tokens.Peek(2).Keyword;
        var (kind, words) = (first, second) switch
        {
            (K.Access, K.Method) => (ObjectKind.AccessMethod, 2),
            (K.Event, K.Trigger) => (ObjectKind.EventTrigger, 2),
            (K.Foreign, K.Data) when third == K.Wrapper => (ObjectKind.ForeignDataWrapper, 3),
            (K.Foreign, K.Table) => (ObjectKind.ForeignTable, 2),
            (K.Foreign, K.Server) => (ObjectKind.Server, 2),
            (K.Large, K.Object) => (ObjectKind.LargeObject, 2),
            (K.Materialized, K.View) => (ObjectKind.MaterializedView, 2),
            (K.Operator, K.Class) => (ObjectKind.OperatorClass, 2),
            (K.Operator, K.Family) => (ObjectKind.OperatorFamily, 2),
            (K.Procedural, K.Language) => (ObjectKind.Language, 2),
            (K.Text, K.Search) => (TextSearch(third), 3),
            (K.User, K.Mapping) => (ObjectKind.UserMapping, 2),
            (K.Aggregate, _) => (ObjectKind.Aggregate, 1),
            (K.Cast, _) => (ObjectKind.Cast, 1),
            (K.Collation, _) => (ObjectKind.Collation, 1),
            (K.Column, _) => (ObjectKind.Column, 1),
            (K.Constraint, _) => (ObjectKind.Constraint, 1),
            (K.Conversion, _) => (ObjectKind.Conversion, 1),
            (K.Database, _) => (ObjectKind.Database, 1),
            (K.Domain, _) => (ObjectKind.Domain, 1),
            (K.Extension, _) => (ObjectKind.Extension, 1),
            (K.Function, _) => (ObjectKind.Function, 1),
            (K.Index, _) => (ObjectKind.Index, 1),
            (K.Language, _) => (ObjectKind.Language, 1),
            (K.Operator, _) => (ObjectKind.Operator, 1),
            (K.Parameter, _) => (ObjectKind.Parameter, 1),
            (K.Policy, _) => (ObjectKind.Policy, 1),
            (K.Procedure, _) => (ObjectKind.Procedure, 1),
            (K.Publication, _) => (ObjectKind.Publication, 1),
            (K.Role or K.User or K.Group, _) => (ObjectKind.Role, 1),
            (K.Routine, _) => (ObjectKind.Routine, 1),
            (K.Rule, _) => (ObjectKind.Rule, 1),
            (K.Schema, _) => (ObjectKind.Schema, 1),
            (K.Sequence, _) => (ObjectKind.Sequence, 1),
            (K.Server, _) => (ObjectKind.Server, 1),
            (K.Statistics, _) => (ObjectKind.Statistics, 1),
            (K.Subscription, _) => (ObjectKind.Subscription, 1),
            (K.Table, _) => (ObjectKind.Table, 1),
            (K.Tablespace, _) => (ObjectKind.Tablespace, 1),
            (K.Transform, _) => (ObjectKind.Transform, 1),
            (K.Trigger, _) => (ObjectKind.Trigger, 1),
            (K.Type, _) => (ObjectKind.Type, 1),
            (K.View, _) => (ObjectKind.View, 1),
            _ => (default(ObjectKind), 0),
        };
        for (var i = 0; i < words; i++)
            Advance();
        return words > 0 ? kind : null;
    }

    ObjectKind TextSearch(K word) => word switch
    {
        K.Configuration => ObjectKind.TextSearchConfiguration,
        K.Dictionary => ObjectKind.TextSearchDictionary,
        K.Parser => ObjectKind.TextSearchParser,
        K.Template => ObjectKind.TextSearchTemplate,
        _ => throw Error(),
    };

    public ObjectKind Kind()
    {
        if (OptionalKind() is { } kind) return kind;
        if (AtAny(K.Access, K.Event, K.Foreign, K.Large, K.Materialized)) Advance();
        throw Error();
    }

    /// <summary>One object of the kind.</summary>
    public ObjectReference Reference(ObjectKind kind)
    {
        var position = Position;
        switch (kind)
        {
            case ObjectKind.Function or ObjectKind.Procedure or ObjectKind.Routine:
                return Routine(kind);
            case ObjectKind.Aggregate:
                return Aggregate();
            case ObjectKind.Operator:
                return Operator();
            case ObjectKind.Cast:
                return Cast(position);
            case ObjectKind.Type or ObjectKind.Domain:
                var type = Grammar.Types.Type();
                return new ObjectReference(kind, type.Name, position) { Type = type };
            case ObjectKind.Column:
                return Column(position);
            case ObjectKind.Constraint or ObjectKind.Trigger or ObjectKind.Rule or ObjectKind.Policy:
                return Member(kind, position);
            case ObjectKind.OperatorClass or ObjectKind.OperatorFamily:
                var name = Name();
                Expect(K.Using);
                return new ObjectReference(kind, name, position) { Method = ColumnId() };
            case ObjectKind.Transform:
                Expect(K.For);
                var transformed = Grammar.Types.Type();
                Expect(K.Language);
                return new ObjectReference(kind, transformed.Name, position) { Type = transformed, Method = ColumnId() };
            case ObjectKind.UserMapping:
                Expect(K.For);
                var user = NonReservedWord();
                Expect(K.Server);
                return new ObjectReference(kind, new QualifiedName(null, null, user, position), position) { Method = ColumnId() };
            case ObjectKind.LargeObject:
                return new ObjectReference(kind, new QualifiedName(null, null, SignedNumber(), position), position);
            case ObjectKind.Role:
                return new ObjectReference(kind, new QualifiedName(null, null, NonReservedWord(), position), position);
            default:
                return new ObjectReference(kind, Name(), position);
        }
    }

    ObjectReference Column(int position)
    {
        List<string> parts = [ColumnId()];
        while (Accept(TokenKind.Dot))
            parts.Add(Label());
        if (parts.Count == 1) throw Types.PgError.Syntax("column name must be qualified");
        return new ObjectReference(ObjectKind.Column, new QualifiedName(null, null, parts[^1], position), position)
        {
            Owner = ToName(parts[..^1], position),
        };
    }

    ObjectReference Member(ObjectKind kind, int position)
    {
        var name = new QualifiedName(null, null, ColumnId(), position);
        Expect(K.On);
        if (kind == ObjectKind.Constraint && At(K.Domain) && IsColumnId(Tokens.Peek(1)))
        {
            Advance();
            kind = ObjectKind.DomainConstraint;
        }
        return new ObjectReference(kind, name, position) { Owner = Name() };
    }

    ObjectReference Cast(int position)
    {
        Expect(TokenKind.LeftParen);
        var source = Grammar.Types.Type();
        Expect(K.As);
        var target = Grammar.Types.Type();
        Expect(TokenKind.RightParen);
        return new ObjectReference(ObjectKind.Cast, source.Name, position) { Type = source, TargetType = target };
    }

    /// <summary>A function, with the types of its arguments if written; those of OUT arguments do not count.</summary>
    public ObjectReference Routine(ObjectKind kind)
    {
        var position = Position;
        var name = FunctionName();
        if (!At(TokenKind.LeftParen)) return new ObjectReference(kind, name, position);

        var parameters = Grammar.Functions.Parameters();
        return new ObjectReference(kind, name, position) { Arguments = InputTypes(parameters) };
    }

    static ImmutableArray<TypeName?> InputTypes(ImmutableArray<FunctionParameter> parameters)
        => [.. parameters.Where(p => p.Mode is not (ParameterMode.Out or ParameterMode.Table)).Select(p => p.Type)];

    ObjectReference Aggregate()
    {
        var position = Position;
        var name = FunctionName();
        Expect(TokenKind.LeftParen);
        ImmutableArray<FunctionParameter> parameters = [];
        if (!Accept(TokenKind.Star))
        {
            if (!At(K.Order)) parameters = List(Grammar.Functions.Parameter);
            if (Accept(K.Order))
            {
                Expect(K.By);
                parameters = [.. parameters, .. List(Grammar.Functions.Parameter)];
            }
        }
        Expect(TokenKind.RightParen);
        return new ObjectReference(ObjectKind.Aggregate, name, position) { Arguments = InputTypes(parameters) };
    }

    ObjectReference Operator()
    {
        var position = Position;
        var name = Grammar.Expressions.SchemaAndOperator();
        Expect(TokenKind.LeftParen);
        var left = OperandType();
        Expect(TokenKind.Comma);
        var right = OperandType();
        Expect(TokenKind.RightParen);
        return new ObjectReference(ObjectKind.Operator, new QualifiedName(null, name.Schema, name.Name, position), position)
        {
            Arguments = [left, right],
        };
    }

    TypeName? OperandType() => Accept(K.None) ? null : Grammar.Types.Type();

    public Statement Drop()
    {
        var position = Expect(K.Drop);
        if (At(K.Owned)) return Grammar.Roles.DropOwned(position);

        var isRole = AtAny(K.Role, K.User, K.Group) && !NextIs(K.Mapping);
        if (AtAny(K.Column, K.Constraint, K.Large, K.Parameter)) throw Error();
        var kind = Kind();
        if (isRole)
        {
            var roleExists = IfExists();
            return new DropRoleStatement(List(Grammar.Roles.Role), roleExists, position);
        }

        var isConcurrent = kind == ObjectKind.Index && Accept(K.Concurrently);
        var ifExists = IfExists();
        var objects = List(() => Reference(kind));
        if (kind == ObjectKind.Database) return new DropStatement(kind, objects, ifExists, DropBehavior.Restrict, false, position) { Force = Force() };
        return new DropStatement(kind, objects, ifExists, Behavior(), isConcurrent, position);
    }

    bool Force()
    {
        Accept(K.With);
        if (!At(TokenKind.LeftParen)) return false;
        return ListInParens(() => Expect(K.Force)).Length > 0;
    }

    public CommentStatement Comment()
    {
        var position = Expect(K.Comment);
        Expect(K.On);
        var reference = Reference(Kind());
        Expect(K.Is);
        return new CommentStatement(reference, Accept(K.Null) ? null : StringLiteral(), position);
    }

    public SecurityLabelStatement SecurityLabel()
    {
        var position = Expect(K.Security);
        Expect(K.Label);
        var provider = Accept(K.For) ? NonReservedWordOrString() : null;
        Expect(K.On);
        var reference = Reference(Kind());
        Expect(K.Is);
        return new SecurityLabelStatement(reference, provider, Accept(K.Null) ? null : StringLiteral(), position);
    }
}
