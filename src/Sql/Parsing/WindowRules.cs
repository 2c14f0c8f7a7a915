using System.Collections.Immutable;
using PgVectorCompat.Types;
using K = PgVectorCompat.Sql.Keyword;

namespace PgVectorCompat.Sql;

/// <summary>Windows and their frames.</summary>
sealed class WindowRules(Grammar grammar) : Rules(grammar)
{
    /// <summary>The optional WINDOW clause.</summary>
    public ImmutableArray<WindowSpecification> OptionalClause() => Accept(K.Window) ? List(Definition) : [];

    WindowSpecification Definition()
    {
        var position = Position;
        var name = ColumnId();
        Expect(K.As);
        return Specification(name, position);
    }

    /// <summary><c>(base PARTITION BY … ORDER BY … frame)</c></summary>
    public WindowSpecification Specification(string? name, int position)
    {
        Expect(TokenKind.LeftParen);
        var isBase = AtColumnId && !AtAny(K.Partition, K.Range, K.Rows, K.Groups);
        var baseName = isBase ? ColumnId() : null;
        ImmutableArray<Expression> partitionBy = [];
        if (At(K.Partition))
        {
            Advance();
            Expect(K.By);
            partitionBy = Grammar.Expressions.Expressions();
        }
        var orderBy = Grammar.Queries.OptionalOrderBy();
        var frame = AtAny(K.Range, K.Rows, K.Groups) ? Frame() : null;
        Expect(TokenKind.RightParen);
        return new WindowSpecification(name, baseName, partitionBy, orderBy, frame, position);
    }

    WindowFrame Frame()
    {
        var position = Position;
        var unit = At(K.Range) ? FrameUnit.Range : At(K.Rows) ? FrameUnit.Rows : FrameUnit.Groups;
        Advance();

        FrameBound start;
        FrameBound? end = null;
        if (Accept(K.Between))
        {
            start = Bound();
            Expect(K.And);
            end = Bound();
        }
        else
            start = Bound();
        CheckBounds(start, end);
        return new WindowFrame(unit, start, end, Exclusion(), position);
    }

    FrameBound Bound()
    {
        var position = Position;
        if (At(K.Unbounded) && (NextIs(K.Preceding) || NextIs(K.Following)))
        {
            Advance();
            var isStart = At(K.Preceding);
            Advance();
            return new FrameBound(isStart ? FrameBoundKind.UnboundedPreceding : FrameBoundKind.UnboundedFollowing, null, position);
        }
        if (At(K.Current, K.Row))
        {
            Advance();
            Advance();
            return new FrameBound(FrameBoundKind.CurrentRow, null, position);
        }
        var offset = Grammar.Expressions.Expression();
        if (Accept(K.Preceding)) return new FrameBound(FrameBoundKind.Preceding, offset, position);
        Expect(K.Following);
        return new FrameBound(FrameBoundKind.Following, offset, position);
    }

    static void CheckBounds(FrameBound start, FrameBound? end)
    {
        var last = end?.Kind ?? FrameBoundKind.CurrentRow;
        var wrong = (start.Kind, last) switch
        {
            (FrameBoundKind.UnboundedFollowing, _) => "frame start cannot be UNBOUNDED FOLLOWING",
            (_, FrameBoundKind.UnboundedPreceding) => "frame end cannot be UNBOUNDED PRECEDING",
            (FrameBoundKind.Following, _) when end is null => "frame starting from following row cannot end with current row",
            (FrameBoundKind.CurrentRow, FrameBoundKind.Preceding) => "frame starting from current row cannot have preceding rows",
            (FrameBoundKind.Following, FrameBoundKind.Preceding or FrameBoundKind.CurrentRow)
                => "frame starting from following row cannot have preceding rows",
            _ => null,
        };
        if (wrong is not null)
            throw new PgError(SqlState.WindowingError, wrong)
            {
                Position = start.Kind == FrameBoundKind.UnboundedFollowing ? start.Position : (end ?? start).Position,
            };
    }

    FrameExclusion Exclusion()
    {
        if (!Accept(K.Exclude)) return FrameExclusion.NoOthers;
        if (Accept(K.Current))
        {
            Expect(K.Row);
            return FrameExclusion.CurrentRow;
        }
        if (Accept(K.Group)) return FrameExclusion.Group;
        if (Accept(K.Ties)) return FrameExclusion.Ties;
        Expect(K.No, K.Others);
        return FrameExclusion.NoOthers;
    }
}
