using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Constraints of columns, tables and domains.</summary>
sealed class ConstraintRules(Grammar grammar) : Rules(grammar)
{
    public bool AtTableConstraint
        => AtAny(K.Constraint, K.Check, K.Unique, K.Primary, K.Foreign) || (At(K.Exclude) && (NextIs(K.Using) || NextIs(TokenKind.LeftParen)));

    /// <summary>The column with all that follows its type.</summary>
    public ColumnDefinition OfColumn(ColumnDefinition column)
    {
        QualifiedName? collation = null;
        var constraints = ImmutableArray.CreateBuilder<Constraint>();
        while (true)
        {
            var position = Position;
            if (Accept(K.Collate))
            {
                if (collation is not null) throw PgError.Syntax("multiple COLLATE clauses not allowed", position);
                collation = Name();
            }
            else if (AtTiming)
                ApplyTiming(constraints);
            else if (ColumnConstraint() is { } constraint)
                constraints.Add(constraint);
            else
                return column with { Constraints = constraints.DrainToImmutable(), Collation = collation };
        }
    }

    /// <summary>One constraint of a column or domain, or null when none follows.</summary>
    public Constraint? ColumnConstraint()
    {
        var position = Position;
        var name = Accept(K.Constraint) ? ColumnId() : null;
        var word = Tokens.Current.Keyword;
        switch (word)
        {
            case K.Not:
                Advance();
                Expect(K.Null);
                return new NotNullConstraint(name, position);
            case K.Null:
                Advance();
                return new NullableConstraint(name, position);
            case K.Default:
                Advance();
                return new DefaultConstraint(name, Grammar.Expressions.Restricted(), position);
            case K.Check:
                Advance();
                var check = new CheckConstraint(name, InParens(Grammar.Expressions.Expression), position);
                return Accept(K.No, K.Inherit) ? check with { IsNoInherit = true } : check;
            case K.Unique or K.Primary:
                return Unique(name, position, isColumn: true);
            case K.References:
                return References(name, [], position);
            case K.Generated:
                return Generated(name, position);
            default:
                return name is null ? null : throw Error();
        }
    }

    Constraint Generated(string? name, int position)
    {
        Advance();
        var whenPosition = Position;
        var isAlways = Accept(K.Always);
        if (!isAlways) Expect(K.By, K.Default);
        Expect(K.As);
        if (Accept(K.Identity)) return new IdentityConstraint(name, isAlways, Grammar.Sequences.OptionsInParens(), position);

        if (!At(TokenKind.LeftParen)) throw Error();
        var value = InParens(Grammar.Expressions.Expression);
        Expect(K.Stored);
        if (!isAlways) throw PgError.Syntax("for a generated column, GENERATED ALWAYS must be specified", whenPosition);
        return new GeneratedConstraint(name, value, position);
    }

    UniqueConstraint Unique(string? name, int position, bool isColumn)
    {
        var isPrimary = At(K.Primary);
        Advance();
        if (isPrimary) Expect(K.Key);
        if (!isColumn && Accept(K.Using))
        {
            Expect(K.Index);
            return new UniqueConstraint(name, isPrimary, [], position) { UsingIndex = ColumnId() };
        }
        var nullsNotDistinct = !isPrimary && OptionalNullsNotDistinct();
        return new UniqueConstraint(name, isPrimary, isColumn ? [] : NamesInParens(), position)
        {
            NullsNotDistinct = nullsNotDistinct,
            Include = !isColumn && Accept(K.Include) ? NamesInParens() : [],
            Options = Grammar.Options.OptionalDefinitions(K.With),
            Tablespace = OptionalIndexTablespace(),
        };
    }

    /// <summary>Optional NULLS [NOT] DISTINCT.</summary>
    public bool OptionalNullsNotDistinct()
    {
        if (!At(K.Nulls)) return false;
        Advance();
        var isNot = Accept(K.Not);
        Expect(K.Distinct);
        return isNot;
    }

    string? OptionalIndexTablespace()
    {
        if (!Accept(K.Using)) return null;
        Expect(K.Index, K.Tablespace);
        return ColumnId();
    }

    ForeignKeyConstraint References(string? name, ImmutableArray<string> columns, int position)
    {
        Expect(K.References);
        var table = Name();
        var key = new ForeignKeyConstraint(name, columns, table, OptionalNamesInParens(), position);
        if (At(K.Match)) key = key with { Match = Match() };
        while (At(K.On))
        {
            Advance();
            if (Accept(K.Update))
            {
                var updatePosition = Position;
                var (action, actionColumns) = Action();
                if (actionColumns.Length > 0)
                    throw new PgError(SqlState.FeatureNotSupported,
                        $"a column list with {(action == ForeignKeyAction.SetNull ? "SET NULL" : "SET DEFAULT")} is only supported for ON DELETE actions")
                    {
                        Position = updatePosition,
                    };
                key = key with { OnUpdate = action };
            }
            else
            {
                Expect(K.Delete);
                var (action, actionColumns) = Action();
                key = key with { OnDelete = action, OnDeleteColumns = actionColumns };
            }
        }
        return key;
    }

    ForeignKeyMatch Match()
    {
        var position = Expect(K.Match);
        if (Accept(K.Full)) return ForeignKeyMatch.Full;
        if (Accept(K.Partial))
            throw new PgError(SqlState.FeatureNotSupported, "MATCH PARTIAL not yet implemented") { Position = position };
        Expect(K.Simple);
        return ForeignKeyMatch.Simple;
    }

    (ForeignKeyAction Action, ImmutableArray<string> Columns) Action()
    {
        if (Accept(K.Restrict)) return (ForeignKeyAction.Restrict, []);
        if (Accept(K.Cascade)) return (ForeignKeyAction.Cascade, []);
        if (Accept(K.No))
        {
            Expect(K.Action);
            return (ForeignKeyAction.NoAction, []);
        }
        Expect(K.Set);
        var action = Accept(K.Null) ? ForeignKeyAction.SetNull : ForeignKeyAction.SetDefault;
        if (action == ForeignKeyAction.SetDefault) Expect(K.Default);
        return (action, OptionalNamesInParens());
    }

    /// <summary>A constraint of a table or domain, with its timing.</summary>
    public Constraint OfTable()
    {
        var position = Position;
        var name = Accept(K.Constraint) ? ColumnId() : null;
        switch (Tokens.Current.Keyword)
        {
            case K.Check:
                Advance();
                return WithAttributes(new CheckConstraint(name, InParens(Grammar.Expressions.Expression), position), "CHECK");
            case K.Unique:
                return WithAttributes(Unique(name, position, isColumn: false), "UNIQUE");
            case K.Primary:
                return WithAttributes(Unique(name, position, isColumn: false), "PRIMARY KEY");
            case K.Exclude:
                return WithAttributes(Exclusion(name, position), "EXCLUDE");
            case K.Foreign:
                Advance();
                Expect(K.Key);
                return WithAttributes(References(name, NamesInParens(), position), "FOREIGN KEY");
            default:
                throw Error();
        }
    }

    ExclusionConstraint Exclusion(string? name, int position)
    {
        Advance();
        var accessMethod = Grammar.Tables.OptionalAccessMethod();
        var elements = ListInParens(ExclusionElement);
        ImmutableArray<string> include = Accept(K.Include) ? NamesInParens() : [];
        var options = Grammar.Options.OptionalDefinitions(K.With);
        var tablespace = OptionalIndexTablespace();
        var where = Accept(K.Where) ? InParens(Grammar.Expressions.Expression) : null;
        return new ExclusionConstraint(name, accessMethod, elements, where, position)
        {
            Include = include,
            Options = options,
            Tablespace = tablespace,
        };
    }

    ExclusionElement ExclusionElement()
    {
        var position = Position;
        var element = Grammar.Indexes.Element();
        Expect(K.With);
        var name = At(K.Operator) ? Grammar.Expressions.QualifiedOperator() : Grammar.Expressions.SchemaAndOperator();
        return new ExclusionElement(element, name, position);
    }

    bool AtTiming => At(K.Deferrable) || At(K.Initially) || At(K.Not, K.Deferrable);

    void ApplyTiming(ImmutableArray<Constraint>.Builder constraints)
    {
        var position = Position;
        var words = At(K.Not) ? "NOT DEFERRABLE" : At(K.Deferrable) ? "DEFERRABLE" : NextIs(K.Deferred) ? "INITIALLY DEFERRED" : "INITIALLY IMMEDIATE";
        if (constraints.Count == 0 || constraints[^1] is not (UniqueConstraint or ForeignKeyConstraint or ExclusionConstraint))
            throw PgError.Syntax($"misplaced {words} clause", position);
        constraints[^1] = WithAttributes(constraints[^1], "");
    }

    /// <summary>Reads DEFERRABLE, INITIALLY, NOT VALID, NO INHERIT in any order.</summary>
    public Constraint WithAttributes(Constraint constraint, string kind)
    {
        var seen = new Attributes();
        while (true)
        {
            var position = Position;
            if (Accept(K.Deferrable)) Once(ref seen.Deferrable, true);
            else if (Accept(K.Not, K.Deferrable)) Once(ref seen.Deferrable, false);
            else if (At(K.Initially))
            {
                Advance();
                var deferred = Accept(K.Deferred);
                if (!deferred) Expect(K.Immediate);
                Once(ref seen.Deferred, deferred);
            }
            else if (Accept(K.Not, K.Valid)) seen.NotValid = true;
            else if (Accept(K.No, K.Inherit)) seen.NoInherit = true;
            else break;

            void Once(ref bool? attribute, bool value)
            {
                if (attribute == !value) throw PgError.Syntax("conflicting constraint properties", position);
                attribute = value;
            }
            if (seen is { Deferrable: false, Deferred: true })
                throw PgError.Syntax("constraint declared INITIALLY DEFERRED must be DEFERRABLE", position);
            RejectUnfit(constraint, kind, seen);
        }
        return constraint with
        {
            IsDeferrable = seen.Deferrable ?? (seen.Deferred == true || constraint.IsDeferrable),
            IsInitiallyDeferred = seen.Deferred ?? constraint.IsInitiallyDeferred,
            IsNotValid = seen.NotValid,
            IsNoInherit = seen.NoInherit || constraint.IsNoInherit,
        };
    }

    struct Attributes
    {
        public bool? Deferrable;
        public bool? Deferred;
        public bool NotValid;
        public bool NoInherit;
    }

    static void RejectUnfit(Constraint constraint, string kind, Attributes seen)
    {
        if (kind.Length == 0) return;
        var mark = constraint switch
        {
            CheckConstraint when seen.Deferrable == true || seen.Deferred == true => "DEFERRABLE",
            not (CheckConstraint or ForeignKeyConstraint) when seen.NotValid => "NOT VALID",
            not CheckConstraint when seen.NoInherit => "NO INHERIT",
            _ => null,
        };
        if (mark is not null)
            throw new PgError(SqlState.FeatureNotSupported, $"{kind} constraints cannot be marked {mark}");
    }
}
